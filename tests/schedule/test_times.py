from __future__ import annotations

from datetime import time

import pytest

from octops.schedule.times import WEEKDAYS, anchor_time, clock_time, clock_times, crowded


@pytest.mark.parametrize(
    ("text", "expected"), [("00:00", time(0)), ("08:05", time(8, 5)), ("19:30", time(19, 30)), ("23:59", time(23, 59))]
)
def test_a_time_is_two_digits_a_colon_and_two_digits(text: str, expected: time) -> None:
    assert clock_time(text) == expected


@pytest.mark.parametrize(
    "text", ["", "8:00", "24:00", "12:60", "12", ":15", "12:00:00", "12:00 ", "12:00\n", "0x:00", "1２:00", "-1:00"]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day"):
        clock_time(text)


def test_times_are_sorted_and_come_once() -> None:
    assert clock_times(("18:00", "06:30", "18:00")) == (time(6, 30), time(18))


@pytest.mark.parametrize(
    ("at", "expected"),
    [((), time(0)), ((":15",), time(0, 15)), (("08:00",), time(8)), (("22:45",), time(22, 45))],
)
def test_an_anchor_is_a_minute_or_a_time(at: tuple[str, ...], expected: time) -> None:
    assert anchor_time(at) == expected


@pytest.mark.parametrize("text", [":60", ":5", "15", "8:00", ":150"])
def test_other_anchors_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day"):
        anchor_time((text,))


def test_weekdays_begin_on_monday() -> None:
    assert (WEEKDAYS[0], WEEKDAYS[6]) == ("monday", "sunday")


@pytest.mark.parametrize(
    ("minutes", "cycle", "expected"),
    [
        ([], 60, False),
        ([0], 60, False),
        ([0, 5], 60, False),
        ([0, 4], 60, True),
        ([58, 2], 60, True),
        ([58, 2], 1440, False),
        ([1438, 2], 1440, True),
        ([7, 7], 60, False),
    ],
)
def test_crowded_means_two_within_five_minutes_round_the_clock(minutes: list[int], cycle: int, expected: bool) -> None:
    assert crowded(minutes, cycle=cycle) is expected
