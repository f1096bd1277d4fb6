from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.timetable import fires, once


def test_it_fires_on_its_date_at_its_time() -> None:
    schedule = once("2026-04-01", "09:00")
    assert fires(schedule, "Europe/Berlin", "2020-01-01T00:00", "2100-01-01T00:00") == ["2026-04-01T07:00"]


def test_it_fires_at_every_time_of_its_date() -> None:
    schedule = once("2026-04-01", "18:00", "09:00")
    found = fires(schedule, "UTC", "2020-01-01T00:00", "2100-01-01T00:00")
    assert found == ["2026-04-01T09:00", "2026-04-01T18:00"]


def test_a_date_that_was_skipped_resolves_to_the_first_instant_after_it() -> None:
    schedule = once("2011-12-30", "08:00", "20:00")
    assert fires(schedule, "Pacific/Apia", "2011-12-01T00:00", "2012-02-01T00:00") == ["2011-12-30T10:00"]


@pytest.mark.parametrize(
    ("after", "until"),
    [("2026-04-01T07:00", "2100-01-01T00:00"), ("2020-01-01T00:00", "2026-04-01T06:59")],
    ids=["past", "not yet"],
)
def test_it_does_not_fire_outside_what_is_asked(after: str, until: str) -> None:
    assert fires(once("2026-04-01", "09:00"), "Europe/Berlin", after, until) == []


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), 1),
        (date(2026, 4, 2), None, 0),
        (None, date(2026, 3, 31), 0),
    ],
)
def test_start_and_end_are_inclusive(start: date | None, end: date | None, count: int) -> None:
    schedule = once("2026-04-01", "09:00", start=start, end=end)
    assert len(fires(schedule, "UTC", "2020-01-01T00:00", "2100-01-01T00:00")) == count
