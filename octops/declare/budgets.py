"""Whether the limits on money can be kept: a model without a known price is not asked while there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Pointer, Problem
from octops.errors import Severity
from octops.model.project import ModelAlias, Settings
from octops.prices import known_price


def budget_problems(tasks: Iterable[DeclaredTask], known: Known) -> Iterator[Problem]:
    """Of the limits in octops.yaml: each model that active tasks name, once."""
    cap = _cap(known.settings)
    if not cap or not known.unsure.isdisjoint(("models", "defaults", "budget")):
        return
    named = (it.task.model or known.settings.default_model for it in tasks if it.task.active)
    for name in dict.fromkeys(named):
        yield from _unkept(name, cap, known.settings)


def limit_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """Of a task's own limit, where octops.yaml has none that says so already."""
    task = declared.task
    if known.unsure.isdisjoint(("models", "defaults", "budget")) and not _cap(known.settings):
        yield from _unkept(task.model or known.settings.default_model, ("limits", "cost_usd"), known.settings)


def _cap(settings: Settings) -> Pointer:
    """The way to the first of them."""
    caps: dict[Pointer, float | None] = {
        ("budget", "run_usd"): settings.budget.run_usd,
        ("budget", "day_usd"): settings.budget.day_usd,
        ("budget", "month_usd"): settings.budget.month_usd,
        ("defaults", "limits", "cost_usd"): settings.default_limits.cost_usd,
    }
    return next((way for way, limit in caps.items() if limit is not None), ())


def _unkept(name: str, cap: Pointer, settings: Settings) -> Iterator[Problem]:
    unknown = _unpriced(name, settings)
    if unknown:
        limit = ".".join(map(str, cap))
        alias = name if name in settings.models else "<alias>"
        yield Problem(
            severity=Severity.WARNING,
            code="unknown-price",
            summary=f"the price of `{unknown}` is not known, and without it `{limit}` cannot be kept: "
            "its runs fail before it is asked",
            detail=f"set `price` under `models.{alias}` in octops.yaml, or take the limit away",
            place=At(path=cap),
        )


def _unpriced(name: str, settings: Settings) -> str:
    """The first of a model and its fallbacks whose price nobody knows; empty for a name that cannot be meant."""
    seen: set[str] = set()
    while name and name not in seen and (name in settings.models or "/" in name):
        seen.add(name)
        alias = settings.models.get(name) or ModelAlias(model=name)
        if known_price(alias) is None:
            return alias.model
        name = alias.fallback
    return ""
