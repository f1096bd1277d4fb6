from __future__ import annotations

import pytest

from tests.declare.written import around, diagnostics

NOBODY = "version: 1\nmodels: {default: openai/nobody-knows-it, own: anthropic/claude-sonnet-4-5}\n"
PRICED = (
    "version: 1\nmodels: {default: {model: openai/own, price: {input_per_million: 1, output_per_million: 2}}}\n"
    "budget: {run_usd: 1}\n"
)


def said(settings: str, task: str) -> list[str]:
    written = around(**{"octops.yaml": settings, "tasks/daily-digest.yaml": task})
    return [
        f"{it.severity} {it.location.filename}:{it.location.line}:{it.location.column} {it.summary}; {it.detail}"
        for it in diagnostics(written)
        if it.code == "unknown-price" and it.location
    ]


@pytest.mark.parametrize(
    ("more", "place", "limit"),
    [
        ("budget: {run_usd: 0.5}\n", "3:19", "budget.run_usd"),
        ("budget: {month_usd: 5}\n", "3:21", "budget.month_usd"),
        ("defaults: {limits: {cost_usd: 0.5}}\n", "3:31", "defaults.limits.cost_usd"),
    ],
)
def test_a_budget_that_cannot_be_kept_is_told_once_for_each_model(more: str, place: str, limit: str) -> None:
    (problem,) = said(NOBODY + more, "prompt: Go.\n")
    assert problem == (
        f"warning octops.yaml:{place} the price of `openai/nobody-knows-it` is not known, and without it `{limit}` "
        "cannot be kept: its runs fail before it is asked; "
        "set `price` under `models.default` in octops.yaml, or take the limit away"
    )


def test_a_limit_of_a_task_is_told_in_the_task() -> None:
    (problem,) = said(NOBODY, "prompt: Go.\nlimits: {cost_usd: 0.5}\n")
    assert problem.startswith("warning tasks/daily-digest.yaml:2:20 the price of `openai/nobody-knows-it` is not known")


@pytest.mark.parametrize(
    ("settings", "task"),
    [
        (NOBODY, "prompt: Go.\n"),
        (NOBODY + "budget: {run_usd: 1}\n", "prompt: Go.\nmodel: own\n"),
        (NOBODY + "budget: {run_usd: 1}\n", "prompt: Go.\nstatus: paused\n"),
        (PRICED, "prompt: Go.\n"),
    ],
)
def test_where_there_is_no_limit_or_a_price_nothing_is_said(settings: str, task: str) -> None:
    assert said(settings, task) == []
