from __future__ import annotations

from datetime import date

import pytest

from octops.errors import Severity
from octops.model.task import Frequency, Schedule
from octops.schedule.check import check
from octops.schedule.slots import next_slot
from octops.schedule.window import EARLIEST
from tests.schedule.timetable import cron, daily, hourly, named, once, weekly


def found(schedule: Schedule) -> list[tuple[str, str]]:
    return [(problem.code, problem.key) for problem in check(schedule, "Europe/Berlin")]


@pytest.mark.parametrize(
    "schedule",
    [
        once("2026-04-01", "09:00"),
        once("2026-04-01", "09:00", start=date(2026, 4, 1), end=date(2026, 4, 1)),
        hourly(),
        hourly(5, "08:00"),
        Schedule(frequency=Frequency.HOURLY),
        daily("18:00"),
        daily("06:00", "18:00"),
        daily("18:00", start=date(2026, 1, 1)),
        daily("18:00", start=date(2026, 1, 1), end=date(2026, 1, 1)),
        weekly("monday friday", "09:00", every=2),
        cron("30 8 * * MON-FRI"),
    ],
    ids=named,
)
def test_these_are_fine_and_have_slots(schedule: Schedule) -> None:
    assert found(schedule) == []
    assert next_slot(schedule, "Europe/Berlin", EARLIEST) is not None


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(frequency=Frequency.ONCE), [("missing-key", "date"), ("missing-key", "at")]),
        (Schedule(frequency=Frequency.DAILY), [("missing-key", "at")]),
        (Schedule(frequency=Frequency.WEEKLY), [("missing-key", "days"), ("missing-key", "at")]),
        (Schedule(frequency=Frequency.CRON), [("missing-key", "cron")]),
        (daily("24:00", "8:00", "09:00"), [("bad-time", "at"), ("bad-time", "at")]),
        (daily(":15"), [("bad-time", "at")]),
        (hourly(at=":75"), [("bad-time", "at")]),
        (Schedule(frequency=Frequency.HOURLY, at=(":15", ":45")), [("bad-time", "at")]),
        (weekly("monday mon", "09:00"), [("unknown-day", "days")]),
        (weekly("monday", "09:00", every=0), [("bad-every", "every")]),
        (hourly(-1), [("bad-every", "every")]),
        (hourly(10**9), [("bad-every", "every")]),
        (cron("0 0 30 2 *"), [("cron-never", "cron")]),
        (daily("09:00", start=date(2026, 2, 2), end=date(2026, 2, 1)), [("empty-period", "end")]),
        (weekly("monday", "09:00", start=date(2026, 3, 3), end=date(2026, 3, 8)), [("no-slot", "end")]),
        (cron("0 0 29 2 *", start=date(2026, 1, 1), end=date(2027, 1, 1)), [("no-slot", "end")]),
        (once("2026-04-01", "09:00", start=date(2026, 4, 2)), [("no-slot", "start")]),
        (once("2026-04-01", "09:00", end=date(2026, 3, 2)), [("no-slot", "end")]),
    ],
    ids=named,
)
def test_these_are_errors(schedule: Schedule, expected: list[tuple[str, str]]) -> None:
    assert found(schedule) == expected
    assert {problem.severity for problem in check(schedule, "Europe/Berlin")} == {Severity.ERROR}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (daily("09:00", "09:04"), [("often", "at")]),
        (daily("23:59", "00:01"), [("often", "at")]),
        (cron("* * * * *"), [("often", "cron")]),
        (cron("0 0 13 * FRI"), [("cron-either-day", "cron")]),
    ],
    ids=named,
)
def test_these_are_warnings(schedule: Schedule, expected: list[tuple[str, str]]) -> None:
    assert found(schedule) == expected
    assert {problem.severity for problem in check(schedule, "Europe/Berlin")} == {Severity.WARNING}


def test_several_mistakes_are_told_together() -> None:
    schedule = weekly("moonday", "9", every=-2, start=date(2026, 2, 2), end=date(2026, 2, 1))
    assert {code for code, _ in found(schedule)} == {"unknown-day", "bad-time", "bad-every"}


def test_midnight_is_written_as_the_start_of_a_day() -> None:
    assert "`00:00`" in check(daily("24:00"), "UTC")[0].detail


def test_an_unknown_zone_is_somebody_elses_matter() -> None:
    assert check(daily("09:00", start=date(2026, 1, 1), end=date(2026, 1, 2)), "Mars/Olympus") == ()


@pytest.mark.parametrize(
    "schedule",
    [
        cron("99 0 * * *"),
        cron("0 0 30 2 *"),
        daily("25:00"),
        daily(),
        weekly("mon", "9:00"),
        hourly(0),
        cron("* * * * *"),
    ],
    ids=named,
)
def test_problems_read_like_the_rest_of_octops(schedule: Schedule) -> None:
    for problem in check(schedule, "UTC"):
        assert problem.summary
        assert problem.detail
        assert not problem.summary.endswith(".")
        assert not problem.detail.endswith(".")
        assert not problem.summary[0].isupper()
