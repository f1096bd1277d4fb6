from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.timetable import cron, fires, local_day, shows


@pytest.mark.parametrize("hours", ["*", "*/1", "0-23", ",".join(str(hour) for hour in range(24))])
@pytest.mark.parametrize(
    ("name", "day", "minute", "count"),
    [
        ("America/New_York", "2026-03-08", 30, 23),
        ("America/New_York", "2026-11-01", 30, 25),
        ("Australia/Lord_Howe", "2026-10-04", 15, 23),
        ("Australia/Lord_Howe", "2026-04-05", 45, 25),
        ("Pacific/Chatham", "2026-04-05", 50, 25),
        ("Pacific/Apia", "2011-12-30", 0, 0),
    ],
)
def test_all_hours_fire_whenever_the_clock_shows_the_minute(
    hours: str, name: str, day: str, minute: int, count: int
) -> None:
    assert len(local_day(cron(f"{minute} {hours} * * *"), name, day)) == count


@pytest.mark.parametrize(
    ("name", "day", "text", "expected"),
    [
        # 02:00 and 02:30 do not exist: both are 03:00, and so is the 03:00 of its own.
        ("America/New_York", "2026-03-08", "0,30 1-3 * * *", ["01:00", "01:30", "03:00", "03:30"]),
        ("America/New_York", "2026-11-01", "0,30 0-2 * * *", ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30"]),
        ("Europe/Berlin", "2026-10-25", "30 2 * * *", ["02:30"]),
        ("Australia/Lord_Howe", "2026-10-04", "15,45 1-2 * * *", ["01:15", "01:45", "02:30", "02:45"]),
        ("Australia/Lord_Howe", "2026-04-05", "15,45 1-2 * * *", ["01:15", "01:45", "02:15", "02:45"]),
        ("Pacific/Chatham", "2026-04-05", "50 2 * * *", ["02:50"]),
        ("Pacific/Chatham", "2026-09-27", "50 2,3 * * *", ["03:45", "03:50"]),
        ("Africa/Casablanca", "2026-02-15", "30 2 * * *", ["02:30"]),
        ("Africa/Casablanca", "2026-03-22", "30 2 * * *", ["03:00"]),
    ],
)
def test_fewer_hours_fire_once_for_each_nominal_time(name: str, day: str, text: str, expected: list[str]) -> None:
    assert local_day(cron(text), name, day) == expected


def test_of_a_time_that_comes_twice_the_first_fires() -> None:
    found = fires(cron("30 1 * * *"), "America/New_York", "2026-11-01T00:00", "2026-11-02T00:00")
    assert found == ["2026-11-01T05:30"]


def test_days_restrict_all_hours_too() -> None:
    found = shows(cron("0 * 1 11 *"), "America/New_York", "2026-01-01T00:00", "2027-10-01T00:00")
    assert (found[0], found[-1], len(found)) == ("2026-11-01T00:00", "2026-11-01T23:00", 25)


def test_weekdays_are_those_of_the_local_calendar() -> None:
    found = fires(cron("0 8 * * MON"), "Pacific/Auckland", "2026-07-01T00:00", "2026-07-08T00:00")
    assert found == ["2026-07-05T20:00"]


def test_a_day_of_month_that_fell_out_fires_after_the_gap() -> None:
    assert fires(cron("0 9 30 12 *"), "Pacific/Apia", "2011-12-01T00:00", "2012-01-31T00:00") == ["2011-12-30T10:00"]


@pytest.mark.parametrize("hours", ["*", "9"])
def test_start_and_end_are_local_dates_and_both_count(hours: str) -> None:
    schedule = cron(f"0 {hours} * * *", start=date(2026, 5, 2), end=date(2026, 5, 3))
    found = shows(schedule, "Pacific/Kiritimati", "2026-01-01T00:00", "2027-01-01T00:00")
    assert {moment[:10] for moment in found} == {"2026-05-02", "2026-05-03"}


def test_what_check_refuses_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="five fields"):
        fires(cron("0 0 8 * * *"), "UTC", "2026-01-01T00:00", "2026-02-01T00:00")
