from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from octops.model.task import Frequency, Schedule
from octops.schedule.slots import FREQUENCIES, next_slot, previous_slot, slots
from octops.schedule.zone import zone
from tests.schedule.timetable import cron, daily, hourly, instant, named, once, weekly

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "America/St_Johns",
    "America/Havana",
    "Asia/Beirut",
)
SCHEDULES = (
    once("2026-03-08", "02:30", "03:00"),
    hourly(at=":59"),
    hourly(1, "08:30", start=date(2026, 3, 8)),
    hourly(2, ":30"),
    hourly(7, "02:15", start=date(2026, 3, 1), end=date(2026, 11, 30)),
    daily("00:00", "01:30", "02:00", "02:30", "03:00"),
    daily("23:30", end=date(2026, 10, 4)),
    weekly("sunday saturday", "02:30", "01:30"),
    weekly("sunday", "02:15", every=3),
    cron("*/15 * * * *"),
    cron("59 */3 * * *"),
    cron("45 * * * SUN"),
    cron("30 1-3 1-8 * *"),
    cron("15,45 0-22 * 3,4,10,11 SUN#1,SUN#2"),
    cron("0 12 L * *"),
)
CHANGES = (
    "2011-12-30T10:00",
    "2010-11-07T02:31",
    "2026-02-15T02:00",
    "2026-03-08T07:00",
    "2026-03-22T02:00",
    "2026-03-29T01:00",
    "2026-04-04T14:30",
    "2026-09-26T14:00",
    "2026-10-03T15:30",
    "2026-10-25T01:00",
    "2026-11-01T06:00",
)


def spans(seed: int, count: int) -> Iterator[tuple[Schedule, str, datetime, datetime]]:
    """Schedules and zones with a span of some days around a change of clocks."""
    chosen = random.Random(seed)
    for _ in range(count):
        near = instant(chosen.choice(CHANGES))
        after = near - timedelta(minutes=chosen.randrange(4000), seconds=chosen.randrange(60))
        yield chosen.choice(SCHEDULES), chosen.choice(ZONES), after, near + timedelta(minutes=chosen.randrange(4000))


def test_every_frequency_has_its_function() -> None:
    assert set(FREQUENCIES) == set(Frequency)


def test_slots_are_whole_minutes_of_utc_strictly_ascending_within_what_is_asked() -> None:
    for schedule, name, after, until in spans(1, 400):
        found = list(slots(schedule, name, after=after, until=until))
        assert all(earlier < later for earlier, later in pairwise(found))
        assert all(after < slot <= until for slot in found)
        assert all(slot.tzinfo is UTC and slot.second == slot.microsecond == 0 for slot in found)


def test_two_spans_give_the_slots_of_the_whole() -> None:
    chosen = random.Random(2)
    for schedule, name, after, until in spans(2, 400):
        between = after + (until - after) * chosen.random()
        halves = [
            *slots(schedule, name, after=after, until=between),
            *slots(schedule, name, after=between, until=until),
        ]
        assert halves == list(slots(schedule, name, after=after, until=until))


def test_a_slot_may_be_the_border_of_two_spans() -> None:
    for schedule, name, after, until in spans(3, 100):
        whole = list(slots(schedule, name, after=after, until=until))
        for slot in whole[:3]:
            rest = list(slots(schedule, name, after=slot, until=until))
            assert rest == whole[whole.index(slot) + 1 :]


def test_a_daily_time_fires_exactly_once_for_every_date() -> None:
    chosen = random.Random(4)
    for name in ZONES:
        at = f"{chosen.randrange(24):02}:{chosen.randrange(60):02}"
        found = slots(daily(at), name, after=instant("2026-01-01T12:00"), until=instant("2027-01-01T12:00"))
        dates = [slot.astimezone(zone(name)).date() for slot in found]
        assert len(dates) > 363
        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("near", ["2026-03-08T07:00", "2026-04-04T14:30", "2026-10-03T15:30", "2026-11-01T06:00"])
@pytest.mark.parametrize("every", [2, 3])
def test_every_nominal_time_fires_when_the_clock_first_gets_there(name: str, near: str, every: int) -> None:
    after, until = instant(near) - timedelta(days=2), instant(near) + timedelta(days=2)
    step = timedelta(minutes=1)
    clock = after - timedelta(days=1)
    reached = clock.astimezone(zone(name)).replace(tzinfo=None)
    expected = []
    while clock < until:
        clock += step
        shown = clock.astimezone(zone(name)).replace(tzinfo=None)
        passed = [reached + past * step for past in range(1, (shown - reached) // step + 1)]
        if clock > after and any(moment.minute == 30 and moment.hour % every == 0 for moment in passed):
            expected.append(clock)
        reached = max(reached, shown)
    assert list(slots(cron(f"30 */{every} * * *"), name, after=after, until=until)) == expected


def test_slots_are_computed_as_they_are_taken() -> None:
    endless = slots(cron("* * * * *"), "UTC", after=instant("2026-01-01T00:00"), until=datetime.max.replace(tzinfo=UTC))
    assert [f"{slot:%H:%M}" for slot in islice(endless, 3)] == ["00:01", "00:02", "00:03"]


def test_seconds_of_the_borders_never_make_a_slot_early() -> None:
    just_after = instant("2026-01-01T08:00") + timedelta(microseconds=1)
    just_before = instant("2026-01-02T08:00") - timedelta(microseconds=1)
    assert list(slots(daily("08:00"), "UTC", after=just_after, until=just_before)) == []


def test_an_empty_or_reversed_span_has_no_slots() -> None:
    at = instant("2026-01-01T08:00")
    for schedule in SCHEDULES:
        assert list(slots(schedule, "UTC", after=at, until=at)) == []
        assert list(slots(schedule, "UTC", after=at, until=at - timedelta(days=9))) == []


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        slots(daily("08:00"), "Mars/Olympus", after=instant("2026-01-01T00:00"), until=instant("2026-02-01T00:00"))


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (daily("08:00"), "2026-01-01T08:00", "2026-01-02T08:00"),
        (cron("0 0 29 2 *"), "2026-01-01T00:00", "2028-02-29T00:00"),
        (cron("0 0 29 2 *"), "2096-03-01T00:00", "2104-02-29T00:00"),
        (cron("0 * 29 2 *"), "2028-02-29T23:00", "2032-02-29T00:00"),
        (cron("0 0 * 2 SUN#5"), "2088-03-01T00:00", "2128-02-29T00:00"),
        (once("2999-01-01", "00:00"), "2026-01-01T00:00", "2999-01-01T00:00"),
        (hourly(start=date(2999, 1, 1)), "2026-01-01T00:00", "2999-01-01T00:00"),
        (weekly("monday", "00:00", every=10_000), "2026-01-01T00:00", "2215-08-28T00:00"),
        (daily("08:00", end=date(2026, 1, 1)), "2026-01-01T08:00", None),
        (hourly(end=date(2026, 1, 1)), "2026-01-01T23:00", None),
        (cron("0 * * * *", end=date(2026, 1, 1)), "2026-01-01T23:00", None),
        (once("2026-01-01", "08:00"), "2026-01-01T08:00", None),
        (cron("0 0 30 2 *"), "2026-01-01T00:00", None),
        (cron("0 * 30 2 *"), "2026-01-01T00:00", None),
    ],
    ids=named,
)
def test_the_next_slot_is_the_first_after_or_none(schedule: Schedule, after: str, expected: str | None) -> None:
    assert next_slot(schedule, "UTC", instant(after)) == (instant(expected) if expected else None)


@pytest.mark.parametrize(
    ("schedule", "before", "expected"),
    [
        (daily("08:00"), "2026-01-02T08:00", "2026-01-01T08:00"),
        (daily("08:00"), "2026-01-02T08:01", "2026-01-02T08:00"),
        (cron("0 0 29 2 *"), "2026-01-01T00:00", "2024-02-29T00:00"),
        (cron("* * * 1 *"), "2026-12-01T00:00", "2026-01-31T23:59"),
        (once("1999-01-01", "00:00"), "2026-01-01T00:00", "1999-01-01T00:00"),
        (daily("08:00", end=date(1970, 1, 1)), "2026-01-01T00:00", "1970-01-01T08:00"),
        (daily("08:00", start=date(2026, 1, 1)), "2026-01-01T08:00", None),
        (once("2026-01-01", "08:00"), "2026-01-01T08:00", None),
        (cron("0 0 30 2 *"), "2026-01-01T00:00", None),
    ],
    ids=named,
)
def test_the_previous_slot_is_the_last_strictly_before_or_none(
    schedule: Schedule, before: str, expected: str | None
) -> None:
    assert previous_slot(schedule, "UTC", instant(before)) == (instant(expected) if expected else None)


def test_previous_and_next_agree_with_the_list() -> None:
    for schedule, name, after, until in spans(6, 150):
        listed = list(slots(schedule, name, after=after, until=until))
        for earlier, later in islice(pairwise(listed), 5):
            assert next_slot(schedule, name, earlier) == later
            assert previous_slot(schedule, name, later) == earlier


@pytest.mark.parametrize(
    "name", ["Pacific/Chatham", "Pacific/Apia", "Asia/Manila", "America/Juneau", "Africa/Monrovia"]
)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=named)
def test_the_edges_of_the_calendar_do_not_raise(schedule: Schedule, name: str) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert previous_slot(schedule, name, first) is None
    assert next_slot(schedule, name, last) is None
    assert list(islice(slots(schedule, name, after=first, until=first + timedelta(days=9)), 9)) is not None
    assert list(islice(slots(schedule, name, after=last - timedelta(days=9), until=last), 9)) is not None


@pytest.mark.parametrize("day", [date.min, date.max])
def test_schedules_at_the_edges_of_the_calendar_do_not_raise(day: date) -> None:
    now = instant("2026-01-01T00:00")
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        for start, end in ((day, None), (None, day), (day, day)):
            for schedule in (
                once(day.isoformat(), "00:00", "23:59", start=start, end=end),
                hourly(1, "23:59", start=start, end=end),
                hourly(5, "23:59", start=start, end=end),
                daily("00:00", "23:59", start=start, end=end),
                weekly("monday sunday", "23:59", every=9_999, start=start, end=end),
                cron("59 * * * *", start=start, end=end),
                cron("59 23 31 12 *", start=start, end=end),
            ):
                next_slot(schedule, name, now)
                previous_slot(schedule, name, now)
