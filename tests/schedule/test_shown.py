from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from octops.schedule.shown import whenever_shown
from octops.schedule.window import LATEST, between
from octops.schedule.zone import zone
from tests.schedule.timetable import daily, instant


def every_date(day: date) -> date:
    return day


def shown(minutes: set[int], name: str, after: str, until: str) -> list[str]:
    window = between(daily(), zone(name), instant(after), instant(until))
    return [slot.astimezone(zone(name)).isoformat() for slot in whenever_shown(minutes, every_date, zone(name), window)]


def test_an_hour_that_comes_back_fires_twice() -> None:
    assert shown({30}, "America/New_York", "2026-11-01T04:45", "2026-11-01T08:00") == [
        "2026-11-01T01:30:00-04:00",
        "2026-11-01T01:30:00-05:00",
        "2026-11-01T02:30:00-05:00",
    ]


def test_an_hour_that_is_skipped_does_not_fire() -> None:
    assert shown({30}, "America/New_York", "2026-03-08T06:00", "2026-03-08T08:00") == [
        "2026-03-08T01:30:00-05:00",
        "2026-03-08T03:30:00-04:00",
    ]


def test_half_an_hour_that_is_skipped_drops_only_its_own_minutes() -> None:
    # Lord Howe, 4 October 2026: 02:00 becomes 02:30.
    assert shown({15, 45}, "Australia/Lord_Howe", "2026-10-03T14:30", "2026-10-03T17:00") == [
        "2026-10-04T01:15:00+10:30",
        "2026-10-04T01:45:00+10:30",
        "2026-10-04T02:45:00+11:00",
        "2026-10-04T03:15:00+11:00",
        "2026-10-04T03:45:00+11:00",
    ]


def test_half_an_hour_that_comes_back_repeats_only_its_own_minutes() -> None:
    # Lord Howe, 5 April 2026: 02:00 becomes 01:30.
    assert shown({15, 45}, "Australia/Lord_Howe", "2026-04-04T14:00", "2026-04-04T16:30") == [
        "2026-04-05T01:15:00+11:00",
        "2026-04-05T01:45:00+11:00",
        "2026-04-05T01:45:00+10:30",
        "2026-04-05T02:15:00+10:30",
        "2026-04-05T02:45:00+10:30",
    ]


def test_a_date_that_comes_back_after_midnight_counts_again() -> None:
    # Newfoundland, 7 November 2010: 00:01 becomes 23:01 of the 6th, at 02:31Z.
    newfoundland = zone("America/St_Johns")
    window = between(daily(), newfoundland, instant("2010-11-07T01:00"), instant("2010-11-08T00:00"))

    def sixth(day: date) -> date | None:
        return date(2010, 11, 6) if day <= date(2010, 11, 6) else None

    slots = [slot.astimezone(newfoundland) for slot in whenever_shown({0, 30}, sixth, newfoundland, window)]
    assert [f"{slot:%d %H:%M %z}" for slot in slots] == ["06 23:00 -0230", "06 23:30 -0230", "06 23:30 -0330"]


def test_a_date_that_comes_back_hours_later_counts_again() -> None:
    # Casey, 5 March 2010: 02:00+11 becomes 23:00+08 of the 4th, at 15:00Z.
    casey = zone("Antarctica/Casey")
    window = between(daily(end=date(2010, 3, 4)), casey, instant("2010-03-04T12:00"), instant("2010-03-05T12:00"))
    slots = [slot.astimezone(casey) for slot in whenever_shown({30}, every_date, casey, window)]
    assert [f"{slot:%d %H:%M %z}" for slot in slots] == ["04 23:30 +1100", "04 23:30 +0800"]


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("America/New_York", "2026-11-01T00:00"),
        ("Australia/Lord_Howe", "2026-04-04T00:00"),
        ("Australia/Lord_Howe", "2026-10-03T00:00"),
        ("Pacific/Apia", "2011-12-30T00:00"),
        ("Pacific/Chatham", "2026-04-04T00:00"),
        ("America/St_Johns", "2010-11-06T12:00"),
        ("Africa/Monrovia", "1972-01-06T12:00"),
        ("Asia/Kathmandu", "2026-01-01T00:00"),
    ],
)
@pytest.mark.parametrize("minutes", [{0}, {45}, {59}, {15, 45}, set(range(60))], ids=str)
def test_it_is_every_minute_of_utc_whose_local_clock_shows_it(name: str, begin: str, minutes: set[int]) -> None:
    start = instant(begin)
    clock = [start + timedelta(minutes=past) for past in range(1, 36 * 60 + 1)]
    expected = [moment for moment in clock if moment.astimezone(zone(name)).minute in minutes]
    window = between(daily(), zone(name), start, clock[-1])
    assert list(whenever_shown(minutes, every_date, zone(name), window)) == expected


def test_only_dates_between_start_and_end_count() -> None:
    kiritimati = zone("Pacific/Kiritimati")
    schedule = daily(start=date(2026, 5, 2), end=date(2026, 5, 2))
    window = between(schedule, kiritimati, instant("2026-04-01T00:00"), instant("2026-06-01T00:00"))
    slots = list(whenever_shown({0}, every_date, kiritimati, window))
    # Kiritimati is 14 hours ahead.
    assert (slots[0], slots[-1], len(slots)) == (instant("2026-05-01T10:00"), instant("2026-05-02T09:00"), 24)


def test_far_dates_are_reached_without_walking_there() -> None:
    asked: list[date] = []

    def far(day: date) -> date | None:
        asked.append(day)
        return max(day, date(9000, 1, 1))

    utc = zone("UTC")
    window = between(daily(), utc, instant("2026-01-01T00:00"), LATEST)
    assert next(whenever_shown({0}, far, utc, window)) == datetime(9000, 1, 1, tzinfo=window.after.tzinfo)
    assert len(asked) < 20


def test_it_ends_when_no_date_will_come() -> None:
    utc = zone("UTC")
    window = between(daily(), utc, instant("2026-01-01T00:00"), LATEST)
    assert list(whenever_shown({0}, lambda day: None, utc, window)) == []
