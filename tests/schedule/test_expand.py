from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from octops.schedule.expand import expand


@pytest.mark.parametrize(
    ("text", "minutes", "hours"),
    [
        ("5 8 * * *", {5}, {8}),
        ("*/20 8-12/2 * * *", {0, 20, 40}, {8, 10, 12}),
        ("0,30,30 1,23 * * *", {0, 30}, {1, 23}),
        ("* * * * *", set(range(60)), set(range(24))),
    ],
)
def test_minutes_and_hours_are_sets(text: str, minutes: set[int], hours: set[int]) -> None:
    assert expand(text).minutes == minutes
    assert expand(text).hours == hours


def test_times_are_every_minute_of_the_hours_ascending() -> None:
    times = [f"{moment:%H:%M}" for moment in expand("30,0 17,9 * * *").times]
    assert times == ["09:00", "09:30", "17:00", "17:30"]


@pytest.mark.parametrize("hours", ["*", "*/1", "0-23", "0-23/1", "0-11,12-23", ",".join(map(str, range(24)))])
def test_all_hours_are_all_hours_however_they_are_spelled(hours: str) -> None:
    assert expand(f"0 {hours} * * *").every_hour


@pytest.mark.parametrize("hours", ["0-22", "1-23", "*/2", "0"])
def test_fewer_hours_are_not_all(hours: str) -> None:
    assert not expand(f"0 {hours} * * *").every_hour


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # March 2026 begins on a Sunday.
        ("0 0 1,15 * *", [1, 15]),
        ("0 0 L * *", [31]),
        ("0 0 1,L * *", [1, 31]),
        ("0 0 * * MON", [2, 9, 16, 23, 30]),
        ("0 0 * * 7", [1, 8, 15, 22, 29]),
        ("0 0 * * 0", [1, 8, 15, 22, 29]),
        ("0 0 * * 5-7", [1, 6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29]),
        ("0 0 * * MON#2", [9]),
        ("0 0 * * SUN#5", [29]),
        ("0 0 * * 7#1,SAT#4", [1, 28]),
        ("0 0 * * WED#5", []),
        ("0 0 13 * FRI", [6, 13, 20, 27]),
        ("0 0 2 * MON", [2, 9, 16, 23, 30]),
        ("0 0 L * SUN", [1, 8, 15, 22, 29, 31]),
        ("0 0 */10 * *", [1, 11, 21, 31]),
        ("0 0 1-31/15 * SAT", [1, 7, 14, 16, 21, 28, 31]),
        ("0 0 * 3 *", list(range(1, 32))),
        ("0 0 * JAN-MAR *", list(range(1, 32))),
        ("0 0 * 4 *", []),
    ],
)
def test_dates_of_march_2026(text: str, expected: list[int]) -> None:
    fields = expand(text)
    assert [day for day in range(1, 32) if fields.matches(date(2026, 3, day))] == expected


@pytest.mark.parametrize(("year", "last"), [(2026, 28), (2028, 29), (2100, 28)])
def test_the_last_day_of_february_moves(year: int, last: int) -> None:
    fields = expand("0 0 L 2 *")
    assert fields.next_date(date(year, 2, 1), date.max) == date(year, 2, last)


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("0 0 29 2 *", date(2026, 1, 1), date(2028, 2, 29)),
        ("0 0 29 2 *", date(2096, 3, 1), date(2104, 2, 29)),
        ("0 0 * 2 SUN#5", date(2032, 3, 1), date(2060, 2, 29)),
        ("0 0 1 1 *", date(2026, 1, 1), date(2026, 1, 1)),
        ("0 0 1 1 *", date(2026, 1, 2), date(2027, 1, 1)),
        ("0 0 30 2 *", date(9000, 1, 1), None),
        ("0 0 1 1 *", date(9999, 12, 2), None),
        ("0 0 31 12 *", date(9999, 12, 2), None),
    ],
)
def test_the_next_date_is_found_or_is_none(text: str, day: date, expected: date | None) -> None:
    assert expand(text).next_date(day, date(9999, 12, 30)) == expected


def test_the_next_date_stops_at_the_last_one_asked_for() -> None:
    fields = expand("0 0 15 * *")
    assert fields.next_date(date(2026, 1, 1), date(2026, 1, 15)) == date(2026, 1, 15)
    assert fields.next_date(date(2026, 1, 1), date(2026, 1, 14)) is None


def test_the_next_date_is_the_first_one_that_matches() -> None:
    chosen = random.Random(5)
    for text in ("0 0 29-31 * *", "0 0 * 6-8 TUE,THU", "0 0 L 1,4 SAT", "0 0 * * FRI#1,FRI#3"):
        fields = expand(text)
        for _ in range(20):
            day = date(2026, 1, 1) + timedelta(days=chosen.randrange(1500))
            later = (day + timedelta(days=past) for past in range(800))
            assert fields.next_date(day, date(2099, 1, 1)) == next(other for other in later if fields.matches(other))


def test_fields_mean_what_their_ranges_and_steps_say() -> None:
    chosen = random.Random(7)
    for _ in range(200):
        low = chosen.randrange(0, 58)
        high = chosen.randrange(low + 1, 60)
        step = chosen.randrange(1, high - low + 1)
        alone = chosen.randrange(60)
        fields = expand(f"{low}-{high}/{step},{alone} 0 * * *")
        assert fields.minutes == {*range(low, high + 1, step), alone}


@pytest.mark.parametrize("text", ["0 0 * * 5-1", "0 0 0 * * *", "H 0 * * *", "0 0 13 * FRI#2"])
def test_what_the_grammar_refuses_has_no_meaning(text: str) -> None:
    with pytest.raises(ValueError, match=r"`|fields"):
        expand(text)
