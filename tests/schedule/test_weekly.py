from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.timetable import fires, weekly


def test_it_fires_on_its_days_in_the_order_of_the_week() -> None:
    schedule = weekly("friday monday", "09:00")
    assert fires(schedule, "UTC", "2026-03-01T00:00", "2026-03-10T00:00") == [
        "2026-03-02T09:00",
        "2026-03-06T09:00",
        "2026-03-09T09:00",
    ]


@pytest.mark.parametrize(
    ("day", "date_of_week"),
    [
        ("monday", "2026-03-02"),
        ("tuesday", "2026-03-03"),
        ("wednesday", "2026-03-04"),
        ("thursday", "2026-03-05"),
        ("friday", "2026-03-06"),
        ("saturday", "2026-03-07"),
        ("sunday", "2026-03-08"),
    ],
)
def test_days_have_their_english_names(day: str, date_of_week: str) -> None:
    found = fires(weekly(day, "12:00"), "UTC", "2026-03-02T00:00", "2026-03-09T00:00")
    assert found == [f"{date_of_week}T12:00"]


def test_every_second_week_counts_from_the_first_monday_of_2024() -> None:
    # 1 January 2024 is week 0; 2 March 2026 is week 113, 9 March week 114.
    schedule = weekly("monday sunday", "09:00", every=2)
    assert fires(schedule, "UTC", "2026-03-01T12:00", "2026-03-25T00:00") == [
        "2026-03-09T09:00",
        "2026-03-15T09:00",
        "2026-03-23T09:00",
    ]


def test_weeks_before_2024_are_counted_too() -> None:
    found = fires(weekly("monday", "09:00", every=2), "UTC", "2023-12-01T00:00", "2024-01-02T00:00")
    assert found == ["2023-12-04T09:00", "2023-12-18T09:00", "2024-01-01T09:00"]


def test_with_a_start_weeks_count_from_the_week_it_stands_in() -> None:
    # Wednesday 4 March 2026: its Monday is past, its Friday counts, the next Monday is two weeks after 2 March.
    schedule = weekly("monday friday", "09:00", every=2, start=date(2026, 3, 4))
    assert fires(schedule, "UTC", "2026-01-01T00:00", "2026-03-21T00:00") == [
        "2026-03-06T09:00",
        "2026-03-16T09:00",
        "2026-03-20T09:00",
    ]


def test_the_end_is_inclusive() -> None:
    schedule = weekly("monday", "09:00", end=date(2026, 3, 9))
    assert fires(schedule, "UTC", "2026-03-01T00:00", "2026-05-01T00:00") == ["2026-03-02T09:00", "2026-03-09T09:00"]


def test_days_are_those_of_the_local_calendar() -> None:
    # Monday 08:00 in Auckland is Sunday in UTC.
    assert fires(weekly("monday", "08:00"), "Pacific/Auckland", "2026-07-01T00:00", "2026-07-08T00:00") == [
        "2026-07-05T20:00"
    ]


@pytest.mark.parametrize(
    ("name", "at", "after", "expected"),
    [
        ("America/New_York", "02:30", "2026-03-08T00:00", "2026-03-08T07:00"),
        ("America/New_York", "01:30", "2026-11-01T00:00", "2026-11-01T05:30"),
        ("Europe/Berlin", "02:30", "2026-10-25T00:00", "2026-10-25T00:30"),
    ],
)
def test_change_sundays_fire_once(name: str, at: str, after: str, expected: str) -> None:
    assert fires(weekly("sunday", at), name, after, f"{after[:10]}T23:00") == [expected]
