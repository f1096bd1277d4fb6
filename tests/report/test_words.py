from __future__ import annotations

import pytest

from octops.report.words import REASONS, count, duration, lateness, local_time, money, per_month, reason
from tests.report.samples import at


@pytest.mark.parametrize(("number", "words"), [(0, "0 tasks"), (1, "1 task"), (2, "2 tasks"), (10_000, "10,000 tasks")])
def test_things_are_counted(number: int, words: str) -> None:
    assert count(number, "task") == words


def test_an_odd_plural_is_given() -> None:
    assert [count(number, "task is", "tasks are") for number in (1, 2)] == ["1 task is", "2 tasks are"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (-5, "0 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (47 * 60, "47 minutes"),
        (3600, "1 hour"),
        (3601, "1 hour"),
        (3660, "1 hour 1 minute"),
        (2 * 86_400 + 3 * 3600 + 59, "2 days 3 hours"),
        (86_400 + 59 * 60, "1 day"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "on time"), (59, "on time"), (60, "1 minute late"), (2820, "47 minutes late")]
)
def test_lateness_is_told_from_the_first_minute(seconds: int, words: str) -> None:
    assert lateness(seconds) == words


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (None, "unknown"),
        (0.0, "$0.00"),
        (0.000_01, "under $0.0001"),
        (0.000_1, "$0.0001"),
        (0.0042, "$0.0042"),
        (0.0111, "$0.011"),
        (0.333, "$0.33"),
        (1.005, "$1.00"),
        (12_345.678, "$12,345.68"),
    ],
)
def test_money_has_as_many_digits_as_it_needs(usd: float | None, words: str) -> None:
    assert money(usd) == words


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (0.5, "0.5 runs a month"),
        (1, "1 run a month"),
        (4.29, "4.3 runs a month"),
        (30, "30 runs a month"),
        (8640.4, "8,640 runs a month"),
    ],
)
def test_how_often_is_told_by_the_month(runs: float, words: str) -> None:
    assert per_month(runs) == words


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2026-03-02T08:00", "Europe/Berlin", "2026-03-02 09:00 CET (08:00 UTC)"),
        ("2026-07-02T08:00", "Europe/Berlin", "2026-07-02 10:00 CEST (08:00 UTC)"),
        ("2026-03-01T23:30", "Europe/Berlin", "2026-03-02 00:30 CET (2026-03-01 23:30 UTC)"),
        ("2026-03-02T08:00", "Australia/Lord_Howe", "2026-03-02 19:00 +11 (08:00 UTC)"),
        ("2026-03-02T08:00", "UTC", "2026-03-02 08:00 UTC"),
        ("2026-03-02T08:00", "", "2026-03-02 08:00 UTC"),
    ],
)
def test_an_instant_is_told_in_its_zone_and_in_utc(instant: str, zone: str, words: str) -> None:
    assert local_time(at(instant), zone) == words


def test_a_known_reason_is_a_sentence() -> None:
    assert reason("superseded") == "a newer slot of the task takes its place"


def test_a_reason_nobody_knows_stands_for_itself() -> None:
    assert reason("moon_phase") == "moon phase"


@pytest.mark.parametrize("word", REASONS)
def test_every_reason_is_a_sentence_that_can_follow_a_colon(word: str) -> None:
    assert " " in reason(word)
    assert not reason(word).endswith(".")
