from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from octops.model.history import Head, History, Samples
from octops.model.ids import SkillId
from octops.model.plan import Change, Estimate
from octops.model.project import ModelAlias, Price, Project, Settings, Skill
from octops.model.task import Frequency, Schedule, Task, TaskStatus
from octops.plan.estimate import ANSWER_TOKENS
from octops.tokens import estimate_tokens
from tests.plan.kit import EVERY_MINUTE, HOURLY, NEW_YORK, head, plan_of, project, task

NOW = "2026-02-02T12:00+00:00"
PRICE = Price(input_per_million=1_000_000, output_per_million=2_000_000)
SETTINGS = Settings(models={"m": ModelAlias(model="some/model", price=PRICE), "dark": ModelAlias(model="some/other")})
PROMPT = "Write a long and winding story. " * 40


def one(**changes: Any) -> Task:
    return task(**{"prompt": PROMPT, "model": "m", **changes})


def within(of: Task, **changes: Any) -> Project:
    return project(of, **{"settings": SETTINGS, **changes})


def change(after: Task, known: Head | None = None) -> Change:
    history = History(heads={after.id: known} if known else {})
    (found,) = plan_of(within(after), NOW, history).changes
    return found


def estimate(of: Task) -> Estimate:
    found = change(of).estimate
    assert found is not None
    return found


def samples(*costs: float | None) -> Samples:
    numbers = range(1, len(costs) + 1)
    return Samples(
        input_tokens=tuple(1000 * number for number in numbers),
        output_tokens=tuple(10 * number for number in numbers),
        cost_usd=costs,
    )


def test_without_past_runs_the_text_tells() -> None:
    tokens = estimate_tokens(PROMPT)
    found = estimate(one())
    assert (found.input_tokens, found.output_tokens, found.basis) == (tokens, ANSWER_TOKENS, "text")
    assert found.cost_usd == tokens + 2 * ANSWER_TOKENS


def test_skills_are_sent_too() -> None:
    skill = Skill(id=SkillId("s"), path="skills/s.md", text="Be brief. " * 50)
    using = one(skills=(skill.id,))
    (found,) = plan_of(within(using, skills={skill.id: skill}), NOW).changes
    assert found.estimate is not None
    assert found.estimate.input_tokens == estimate_tokens(PROMPT) + estimate_tokens(skill.text)


def test_an_unknown_price_is_not_zero() -> None:
    found = estimate(one(model="dark"))
    assert (found.cost_usd, found.month_usd) == (None, None)


@pytest.mark.parametrize(
    ("changes", "runs"),
    [
        ({}, 30),
        ({"schedule": HOURLY}, 720),
        ({"schedule": EVERY_MINUTE}, 43_200),
        ({"schedule": None}, 0),
        ({"status": TaskStatus.PAUSED}, 0),
        ({"schedule": Schedule(frequency=Frequency.WEEKLY, days=("monday",), at=("09:00",))}, 5),
        ({"schedule": Schedule(frequency=Frequency.CRON, cron="0 9 1 1 *")}, 0),
    ],
)
def test_a_month_counts_the_slots_of_the_next_thirty_days(changes: dict[str, Any], runs: int) -> None:
    found = estimate(one(**changes))
    assert found.runs_per_month == pytest.approx(runs, rel=1e-3)
    assert found.month_usd == pytest.approx(runs * (found.cost_usd or 0), rel=1e-3)


def test_a_task_that_never_runs_costs_nothing_whatever_its_price() -> None:
    assert estimate(one(model="dark", schedule=None)).month_usd == 0


def test_medians_of_past_runs_win() -> None:
    before = one()
    known = head(before, within(before), NOW, samples=samples(5.0, 1.0, 3.0))
    found = change(replace(before, owner="somebody"), known).estimate
    assert found is not None
    assert (found.input_tokens, found.output_tokens, found.cost_usd, found.basis) == (2000, 20, 3.0, "ledger")


def test_the_median_of_an_even_number_lies_between() -> None:
    before = one()
    known = head(before, within(before), NOW, samples=samples(1.0, 2.0, 4.0, 9.0))
    found = change(replace(before, owner="somebody"), known).estimate
    assert found is not None
    assert (found.input_tokens, found.cost_usd) == (2500, 3.0)


def test_two_past_runs_are_too_few() -> None:
    before = one()
    known = head(before, within(before), NOW, samples=samples(5.0, 1.0))
    found = change(replace(before, owner="somebody"), known).estimate
    assert found is not None
    assert found.basis == "text"


def test_a_longer_prompt_adds_to_what_past_runs_read() -> None:
    before = one()
    longer = replace(before, prompt=PROMPT * 2)
    found = change(longer, head(before, within(before), NOW, samples=samples(5.0, 1.0, 3.0))).estimate
    assert found is not None
    asked = 2000 + estimate_tokens(PROMPT * 2) - estimate_tokens(PROMPT)
    assert (found.input_tokens, found.cost_usd) == (asked, asked + 2 * 20)


def test_another_model_has_another_price() -> None:
    before = one()
    known = head(before, within(before), NOW, samples=samples(5.0, 1.0, 3.0))
    found = change(replace(before, model="dark"), known).estimate
    assert found is not None
    assert (found.input_tokens, found.cost_usd) == (2000, None)


def test_past_runs_of_unknown_cost_are_priced() -> None:
    before = one()
    known = head(before, within(before), NOW, samples=samples(None, None, None))
    found = change(replace(before, owner="somebody"), known).estimate
    assert found is not None
    assert found.cost_usd == 2000 + 2 * 20


def test_before_and_after_differ_by_what_changed() -> None:
    before = one()
    found = change(replace(before, schedule=HOURLY), head(before, within(before), NOW))
    assert found.estimate is not None
    assert found.estimate_before is not None
    assert (found.estimate_before.runs_per_month, found.estimate.runs_per_month) == (30, 720)
    assert found.estimate_before.cost_usd == found.estimate.cost_usd


@pytest.mark.parametrize(
    "schedule",
    [
        "daily",
        {"frequency": "never"},
        {"frequency": "daily"},
        {"frequency": "daily", "at": ["25:99"]},
        {"frequency": "daily", "at": [5]},
        {"frequency": "weekly", "at": ["09:00"], "days": ["caturday"]},
        {"frequency": "hourly", "at": [":00"], "every": 0},
        {"frequency": "hourly", "at": [":00"], "every": "often"},
        {"frequency": "cron", "cron": "nonsense"},
        {"frequency": "once", "date": "2026-13-45", "at": ["09:00"]},
    ],
)
def test_a_ledger_that_tells_nonsense_is_survived(schedule: Any) -> None:
    before = one()
    known = head(before, within(before), NOW)
    broken = replace(known.definition, document={**known.definition.document, "schedule": schedule}, hash="", facets={})
    found = change(before, replace(known, definition=broken)).estimate_before
    assert found is not None
    assert found.runs_per_month == 0


def test_a_schedule_comes_back_from_the_ledger_as_it_was() -> None:
    weekly = Schedule(
        frequency=Frequency.WEEKLY,
        at=("09:00",),
        days=("monday", "friday"),
        every=2,
        deadline_seconds=60,
        start=date(2026, 1, 1),
    )
    before = one(schedule=weekly, timezone=NEW_YORK)
    found = change(replace(before, prompt="Other."), head(before, within(before), NOW))
    assert found.estimate is not None
    assert found.estimate_before is not None
    assert found.estimate_before.runs_per_month == found.estimate.runs_per_month > 0
