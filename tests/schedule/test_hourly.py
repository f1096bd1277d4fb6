from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.timetable import fires, hourly, local_day, shows


@pytest.mark.parametrize(
    ("name", "day", "at", "count"),
    [
        ("America/New_York", "2026-03-08", ":30", 23),
        ("America/New_York", "2026-11-01", ":30", 25),
        ("Europe/Berlin", "2026-03-29", ":00", 23),
        ("Europe/Berlin", "2026-10-25", ":00", 25),
        ("Europe/Berlin", "2026-10-26", ":00", 24),
        # Lord Howe moves by half an hour: 02:00-02:29 is skipped, 01:30-01:59 comes twice.
        ("Australia/Lord_Howe", "2026-10-04", ":15", 23),
        ("Australia/Lord_Howe", "2026-10-04", ":45", 24),
        ("Australia/Lord_Howe", "2026-04-05", ":15", 24),
        ("Australia/Lord_Howe", "2026-04-05", ":45", 25),
        ("Pacific/Apia", "2011-12-29", ":00", 24),
        ("Pacific/Apia", "2011-12-30", ":00", 0),
        ("Pacific/Apia", "2011-12-31", ":00", 24),
        ("Africa/Casablanca", "2026-02-15", ":00", 25),
        ("Africa/Casablanca", "2026-03-22", ":00", 23),
        # Chatham: 02:45-03:44 comes twice in April and is skipped in September.
        ("Pacific/Chatham", "2026-04-05", ":50", 25),
        ("Pacific/Chatham", "2026-04-05", ":10", 25),
        ("Pacific/Chatham", "2026-09-27", ":50", 23),
        ("America/Havana", "2026-03-08", ":00", 23),
        ("America/Havana", "2026-11-01", ":00", 24),
        ("America/Vancouver", "2026-11-01", ":00", 24),
        ("America/St_Johns", "2010-11-06", ":30", 25),
    ],
)
def test_every_hour_fires_whenever_the_clock_shows_the_minute(name: str, day: str, at: str, count: int) -> None:
    assert len(local_day(hourly(at=at), name, day)) == count


def test_every_few_hours_count_from_the_first_monday_of_2024() -> None:
    # 30 hours after 2024-01-01 00:00, and so on; the time of day wanders.
    assert fires(hourly(30, ":15"), "UTC", "2024-01-01T00:00", "2024-01-04T00:00") == [
        "2024-01-01T00:15",
        "2024-01-02T06:15",
        "2024-01-03T12:15",
    ]


def test_they_count_backwards_too() -> None:
    found = fires(hourly(30, ":15"), "UTC", "2023-12-29T00:00", "2024-01-01T00:00")
    assert found == ["2023-12-29T12:15", "2023-12-30T18:15"]


def test_an_anchor_gives_the_hour_too() -> None:
    found = fires(hourly(6, "08:10"), "UTC", "2026-06-01T00:00", "2026-06-02T00:00")
    assert found == ["2026-06-01T02:10", "2026-06-01T08:10", "2026-06-01T14:10", "2026-06-01T20:10"]


@pytest.mark.parametrize(
    ("every", "second"), [(6, "2026-06-03T14:00"), (36, "2026-06-04T20:00"), (1, "2026-06-03T09:00")]
)
def test_with_a_start_the_first_slot_is_the_anchor_on_that_date(every: int, second: str) -> None:
    schedule = hourly(every, "08:00", start=date(2026, 6, 3))
    assert fires(schedule, "UTC", "2026-01-01T00:00", "2026-06-05T00:00")[:2] == ["2026-06-03T08:00", second]


@pytest.mark.parametrize("every", [1, 2])
def test_the_end_is_the_last_local_date(every: int) -> None:
    schedule = hourly(every, ":00", start=date(2026, 6, 3), end=date(2026, 6, 3))
    found = shows(schedule, "America/New_York", "2026-01-01T00:00", "2027-01-01T00:00")
    assert (found[0], found[-1], len(found)) == ("2026-06-03T00:00", f"2026-06-03T{24 - every}:00", 24 // every)


def test_every_few_hours_fire_once_for_each_time_of_the_wall_clock() -> None:
    # 02:00 does not exist and becomes 03:00 EDT, so 04:00 is only an hour later.
    found = shows(hourly(2), "America/New_York", "2026-03-08T04:30", "2026-03-08T10:00")
    assert found == ["2026-03-08T00:00", "2026-03-08T03:00", "2026-03-08T04:00", "2026-03-08T06:00"]


def test_every_few_hours_do_not_repeat_in_an_hour_that_comes_back() -> None:
    # 01:00 comes at 05:00Z and again at 06:00Z; 03:00 is 08:00Z.
    found = fires(hourly(2, "01:00"), "America/New_York", "2026-11-01T04:00", "2026-11-01T09:00")
    assert found == ["2026-11-01T05:00", "2026-11-01T08:00"]


def test_every_twenty_four_hours_is_daily() -> None:
    found = shows(hourly(24, "08:00"), "Europe/Berlin", "2026-03-27T12:00", "2026-03-30T12:00")
    assert found == ["2026-03-28T08:00", "2026-03-29T08:00", "2026-03-30T08:00"]
