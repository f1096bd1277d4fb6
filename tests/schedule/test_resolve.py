from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest

from octops.schedule.resolve import at_times, once_each, resolve
from octops.schedule.window import between
from octops.schedule.zone import zone
from tests.schedule.timetable import daily, instant

TABLE = [
    # New York, 8 March 2026: 02:00 EST becomes 03:00 EDT at 07:00Z.
    ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59"),
    ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
    ("America/New_York", "2026-03-08T02:59", "2026-03-08T07:00"),
    ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
    ("America/New_York", "2026-03-08T03:01", "2026-03-08T07:01"),
    # 1 November 2026: 02:00 EDT becomes 01:00 EST at 06:00Z.
    ("America/New_York", "2026-11-01T00:59", "2026-11-01T04:59"),
    ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00"),
    ("America/New_York", "2026-11-01T01:59", "2026-11-01T05:59"),
    ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
    # Berlin: 02:00 CET becomes 03:00 CEST, 03:00 CEST becomes 02:00 CET, both at 01:00Z.
    ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30"),
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
    # Lord Howe: 02:00+11 becomes 01:30+10:30 on 5 April, 02:00+10:30 becomes 02:30+11 on 4 October.
    ("Australia/Lord_Howe", "2026-04-05T01:15", "2026-04-04T14:15"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T01:59", "2026-10-03T15:29"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:45", "2026-10-03T15:45"),
    # Apia went from 29 December 2011 24:00-10 to 31 December 00:00+14, at 30 December 10:00Z.
    ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
    ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-30T18:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-31T08:00", "2011-12-30T18:00"),
    # Casablanca leaves +01 for Ramadan: 15 February 02:00Z to 22 March 02:00Z in 2026.
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),
    ("Africa/Casablanca", "2026-02-15T03:00", "2026-02-15T03:00"),
    ("Africa/Casablanca", "2026-03-22T01:59", "2026-03-22T01:59"),
    ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
    ("Africa/Casablanca", "2026-03-22T03:30", "2026-03-22T02:30"),
    # Chatham: 03:45+13:45 becomes 02:45+12:45 on 5 April, 02:45 becomes 03:45 on 27 September, both at 14:00Z.
    ("Pacific/Chatham", "2026-04-05T02:44", "2026-04-04T12:59"),
    ("Pacific/Chatham", "2026-04-05T03:00", "2026-04-04T13:15"),
    ("Pacific/Chatham", "2026-04-05T03:45", "2026-04-04T15:00"),
    ("Pacific/Chatham", "2026-09-27T02:44", "2026-09-26T13:59"),
    ("Pacific/Chatham", "2026-09-27T03:00", "2026-09-26T14:00"),
    ("Pacific/Chatham", "2026-09-27T03:45", "2026-09-26T14:00"),
    # Havana skips midnight itself: 8 March 2026 begins at 01:00, which is 05:00Z.
    ("America/Havana", "2026-03-08T00:00", "2026-03-08T05:00"),
    ("America/Havana", "2026-03-08T00:59", "2026-03-08T05:00"),
    # No change on 1 November 2026 in either: Cuba and British Columbia keep summer time.
    ("America/Havana", "2026-11-01T00:30", "2026-11-01T04:30"),
    ("America/Havana", "2026-11-02T12:00", "2026-11-02T16:00"),
    ("America/Vancouver", "2026-11-01T01:30", "2026-11-01T08:30"),
    ("America/Vancouver", "2026-11-01T02:30", "2026-11-01T09:30"),
    # Monrovia was 44 minutes 30 seconds behind until 7 January 1972: slots are whole minutes, never early.
    ("Africa/Monrovia", "1970-01-01T12:00", "1970-01-01T12:45"),
    ("Africa/Monrovia", "1972-01-07T00:10", "1972-01-07T00:45"),
]


@pytest.mark.parametrize(("name", "local", "expected"), TABLE)
def test_a_nominal_time_is_one_instant(name: str, local: str, expected: str) -> None:
    assert resolve(datetime.fromisoformat(local), zone(name)) == instant(expected)


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("America/New_York", "2026-03-07T12:00"),
        ("America/New_York", "2026-10-31T12:00"),
        ("Australia/Lord_Howe", "2026-04-04T02:00"),
        ("Australia/Lord_Howe", "2026-10-03T02:00"),
        ("Pacific/Apia", "2011-12-29T20:00"),
        ("America/St_Johns", "2010-11-06T12:00"),
        ("Pacific/Chatham", "2026-04-04T02:00"),
    ],
)
def test_it_is_the_first_instant_whose_clock_has_got_there(name: str, begin: str) -> None:
    minutes = [instant(begin) + timedelta(minutes=past) for past in range(30 * 60)]
    clocks = [minute.astimezone(zone(name)).replace(tzinfo=None) for minute in minutes]
    chosen = random.Random(name)
    for _ in range(100):
        local = max(clocks[0], clocks[0] + timedelta(minutes=chosen.randrange(28 * 60)))
        expected = next(minute for minute, clock in zip(minutes, clocks, strict=True) if clock >= local)
        assert resolve(local, zone(name)) == expected


def test_two_nominal_times_at_one_instant_are_one_slot() -> None:
    new_york = zone("America/New_York")
    window = between(daily(), new_york, instant("2026-03-08T00:00"), instant("2026-03-09T00:00"))
    nominal = [datetime(2026, 3, 8, 2, 0), datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 3, 0)]
    assert list(once_each(nominal, new_york, window)) == [instant("2026-03-08T07:00")]


def test_the_first_instant_asked_for_is_left_out_and_the_last_is_kept() -> None:
    utc = zone("UTC")
    window = between(daily(), utc, instant("2026-01-01T08:00"), instant("2026-01-01T10:00"))
    nominal = [datetime(2026, 1, 1, hour) for hour in range(24)]
    assert list(once_each(nominal, utc, window)) == [instant("2026-01-01T09:00"), instant("2026-01-01T10:00")]


def test_it_stops_at_the_first_time_past_the_window() -> None:
    utc = zone("UTC")
    window = between(daily(), utc, instant("2026-01-01T00:00"), instant("2026-01-01T01:30"))
    nominal = iter([datetime(2026, 1, 1, hour) for hour in (1, 2, 3)])
    list(once_each(nominal, utc, window))
    assert next(nominal) == datetime(2026, 1, 1, 3)


def test_times_come_date_by_date() -> None:
    days, times = (date(2026, 1, 1), date(2026, 1, 2)), (time(6), time(18))
    assert [moment.isoformat()[8:13] for moment in at_times(days, times)] == ["01T06", "01T18", "02T06", "02T18"]
