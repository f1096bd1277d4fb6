from __future__ import annotations

from dataclasses import replace

import pytest

from octops.model.plan import Change, ChangeAction, Effects, SecretUse
from octops.report.attention import attention
from tests.report.samples import ESTIMATE, delete, update


def quiet() -> Change:
    return replace(update(), new_effects=Effects(), estimate=ESTIMATE, estimate_before=ESTIMATE)


def test_a_change_that_reaches_nothing_new_needs_no_eyes() -> None:
    assert attention(quiet()) == ()


def test_the_most_far_reaching_kinds_come_first() -> None:
    effects = Effects(
        models=("m",),
        tools=("t",),
        hosts=("h",),
        commands=("c",),
        reads=("r",),
        secrets=(SecretUse(name="KEY", goes_to="host h"),),
        recipients=("to",),
        caps=("cost $2.00", "turns 50"),
    )
    assert [point.sentence for point in attention(replace(quiet(), new_effects=effects))] == [
        "new recipient to",
        "new host h",
        "new command c",
        "new secret KEY goes to host h",
        "new tool t",
        "new files r",
        "new model m",
        "new limits cost $2.00, turns 50",
    ]


def test_a_deleted_task_needs_eyes() -> None:
    assert [point.kind for point in attention(delete())] == ["deleted"]


@pytest.mark.parametrize(
    ("before", "after", "jump"),
    [
        (2.0, 12.5, "it will cost about $12.50 a month instead of $2.00"),
        (2.0, 3.0, "it will cost about $3.00 a month instead of $2.00"),
        (2.0, 2.9, ""),
        (10.0, 14.0, ""),
        (0.01, 0.9, ""),
        (12.0, 2.0, ""),
        (None, 12.0, ""),
        (2.0, None, "its cost was about $2.00 a month and is now unknown"),
        (None, None, ""),
    ],
)
def test_a_month_that_costs_much_more_needs_eyes(before: float | None, after: float | None, jump: str) -> None:
    change = replace(
        quiet(), estimate=replace(ESTIMATE, month_usd=after), estimate_before=replace(ESTIMATE, month_usd=before)
    )
    assert [point.sentence for point in attention(change)] == ([jump] if jump else [])


def test_a_new_task_has_no_cost_jump() -> None:
    assert attention(replace(quiet(), action=ChangeAction.CREATE, estimate_before=None)) == ()
