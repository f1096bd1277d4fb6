from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from octops.schedule.window import EARLIEST, LATEST, between
from octops.schedule.zone import zone
from tests.schedule.timetable import daily, instant

BERLIN = zone("Europe/Berlin")


def test_instants_are_rounded_down_to_whole_minutes_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    after = datetime(2026, 1, 1, 9, 0, 59, 999, tzinfo=tokyo)
    window = between(daily(), BERLIN, after, after + timedelta(seconds=1))
    assert (window.after, window.until) == (instant("2026-01-01T00:00"), instant("2026-01-01T00:01"))


def test_the_local_clock_is_read_at_its_beginning() -> None:
    window = between(daily(), BERLIN, instant("2026-07-01T22:30"), instant("2026-07-03T00:00"))
    assert window.since == datetime(2026, 7, 2, 0, 30)
    assert window.first == date(2026, 7, 2)


def test_the_dates_of_the_schedule_narrow_it() -> None:
    schedule = daily(start=date(2026, 7, 10), end=date(2026, 7, 12))
    window = between(schedule, BERLIN, instant("2026-07-01T00:00"), instant("2026-08-01T00:00"))
    assert (window.first, window.end) == (date(2026, 7, 10), date(2026, 7, 12))


def test_without_an_end_it_reaches_a_day_past_its_last_instant_for_zones_ahead_of_utc() -> None:
    window = between(daily(), zone("Pacific/Kiritimati"), instant("2026-07-01T00:00"), instant("2026-07-02T23:00"))
    assert window.end == date(2026, 7, 3)


def test_instants_at_the_edge_of_the_calendar_are_moved_inside() -> None:
    first, last = datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.max.replace(tzinfo=BERLIN)
    window = between(daily(), BERLIN, first, last)
    assert (window.after, window.until) == (EARLIEST, LATEST)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        between(daily(), BERLIN, datetime(2026, 1, 1), LATEST)
