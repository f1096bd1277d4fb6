from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.timetable import daily, fires


@pytest.mark.parametrize(
    ("name", "at", "after", "expected"),
    [
        # 18:00 is 23:00Z before 8 March 2026 and 22:00Z after.
        ("America/New_York", "18:00", "2026-03-07T00:00", ["2026-03-07T23:00", "2026-03-08T22:00", "2026-03-09T22:00"]),
        ("America/New_York", "02:30", "2026-03-07T00:00", ["2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30"]),
        ("America/New_York", "01:30", "2026-10-31T00:00", ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"]),
        ("Europe/Berlin", "02:30", "2026-03-28T00:00", ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]),
        ("Europe/Berlin", "02:30", "2026-10-24T00:00", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
        (
            "Australia/Lord_Howe",
            "02:15",
            "2026-10-02T12:00",
            ["2026-10-02T15:45", "2026-10-03T15:30", "2026-10-04T15:15"],
        ),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-03T12:00",
            ["2026-04-03T14:45", "2026-04-04T14:45", "2026-04-05T15:15"],
        ),
        # Apia: 29 December at -10, the skipped 30th at the end of the gap, the 31st at +14.
        ("Pacific/Apia", "12:00", "2011-12-29T12:00", ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"]),
        (
            "Africa/Casablanca",
            "02:30",
            "2026-02-14T00:00",
            ["2026-02-14T01:30", "2026-02-15T01:30", "2026-02-16T02:30"],
        ),
        (
            "Africa/Casablanca",
            "02:30",
            "2026-03-21T00:00",
            ["2026-03-21T02:30", "2026-03-22T02:00", "2026-03-23T01:30"],
        ),
        ("Pacific/Chatham", "03:00", "2026-04-03T12:00", ["2026-04-03T13:15", "2026-04-04T13:15", "2026-04-05T14:15"]),
        ("Pacific/Chatham", "03:00", "2026-09-25T12:00", ["2026-09-25T14:15", "2026-09-26T14:00", "2026-09-27T13:15"]),
    ],
)
def test_change_days_move_the_instant_and_never_the_count(name: str, at: str, after: str, expected: list[str]) -> None:
    until = f"{expected[-1][:10]}T23:59"
    assert fires(daily(at), name, after, until) == expected


def test_times_that_fall_into_one_gap_are_one_slot() -> None:
    found = fires(daily("02:00", "02:30", "03:00"), "America/New_York", "2026-03-08T00:00", "2026-03-09T00:00")
    assert found == ["2026-03-08T07:00"]


def test_midnight_of_a_skipped_date_and_of_the_next_are_one_slot() -> None:
    found = fires(daily("00:00"), "Pacific/Apia", "2011-12-29T00:00", "2012-01-01T00:00")
    assert found == ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]


def test_start_and_end_are_local_dates_and_both_count() -> None:
    schedule = daily("00:00", "23:59", start=date(2026, 5, 2), end=date(2026, 5, 3))
    # Kiritimati is 14 hours ahead of UTC.
    assert fires(schedule, "Pacific/Kiritimati", "2026-01-01T00:00", "2027-01-01T00:00") == [
        "2026-05-01T10:00",
        "2026-05-02T09:59",
        "2026-05-02T10:00",
        "2026-05-03T09:59",
    ]
