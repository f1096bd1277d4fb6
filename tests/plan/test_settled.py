from __future__ import annotations

from collections.abc import Sequence

import pytest

from octops.plan.settled import settled_until
from tests.plan.kit import HOURLY, at, head, project, task


def hour(number: int) -> str:
    return f"2026-02-02T{number:02d}:00+00:00"


@pytest.mark.parametrize(
    ("until", "settled", "ended", "skipped", "expected"),
    [
        pytest.param(None, [], [], [], None, id="nothing"),
        pytest.param(None, [], [5], [], 5, id="the first slot since activation"),
        pytest.param(None, [], [6], [], None, id="a gap after activation"),
        pytest.param(5, [], [6, 7], [], 7, id="slots that follow each other"),
        pytest.param(5, [], [7], [], 5, id="a gap"),
        pytest.param(5, [7, 8], [6], [], 8, id="a gap that is filled"),
        pytest.param(5, [7], [9], [], 5, id="two gaps"),
        pytest.param(5, [7], [], [9], 9, id="a skip ends all before it"),
        pytest.param(5, [7], [11], [9], 9, id="a skip, then a gap"),
        pytest.param(5, [7], [10], [9], 10, id="a skip, then no gap"),
        pytest.param(5, [7], [7, 7], [4], 5, id="again, and an older skip"),
        pytest.param(3, [], [5], [], 5, id="settled before the schedule was activated"),
    ],
)
def test_slots_are_settled_up_to_the_first_gap(
    until: int | None, settled: Sequence[int], ended: Sequence[int], skipped: Sequence[int], expected: int | None
) -> None:
    one = task(schedule=HOURLY, timezone="UTC")
    before = head(
        one,
        project(one),
        hour(5),
        settled_until=at(hour(until)) if until else None,
        settled=tuple(at(hour(number)) for number in settled),
    )
    found = settled_until(
        before,
        [at(hour(number)) for number in ended],
        skipped=[at(hour(number)) for number in skipped],
        schedule=HOURLY,
        zone="UTC",
    )
    assert found == (at(hour(expected)) if expected else None)


def test_slots_of_an_earlier_schedule_leave_no_gap() -> None:
    one = task(schedule=HOURLY, timezone="UTC")
    before = head(one, project(one), hour(5), settled=(at("2026-02-02T05:30+00:00"),))
    assert settled_until(before, [at(hour(5)), at(hour(6))], schedule=HOURLY, zone="UTC") == at(hour(6))


def test_without_a_schedule_only_a_skip_settles() -> None:
    one = task(schedule=None)
    before = head(one, project(one), hour(5))
    assert settled_until(before, [at(hour(5))], schedule=None, zone="UTC") is None
