from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from octops.model.history import History
from octops.model.plan import RunAction
from octops.model.task import CatchUp, Frequency, Overlap, Schedule
from octops.plan.calendar import LISTED
from octops.plan.due import Timetable, spread_of
from octops.schedule.slots import slots
from tests.plan.kit import (
    DAILY,
    EVERY_MINUTE,
    HOURLY,
    applied,
    at,
    head,
    open_run,
    plan_at,
    plan_of,
    project,
    task,
)

ONCE = Schedule(frequency=Frequency.ONCE, date=at("2026-02-02").date(), at=("18:00",), deadline_seconds=86_400)


def test_a_slot_that_has_come_runs() -> None:
    assert plan_at("2026-02-02T23:00+00:00", last="2026-02-01T23:00+00:00") == ["digest@20260202T230000Z"]


def test_a_slot_never_runs_early() -> None:
    assert plan_at("2026-02-02T22:59:59+00:00", last="2026-02-01T23:00+00:00") == []


def test_a_slot_with_a_record_is_not_due_again() -> None:
    assert plan_at("2026-02-02T23:30+00:00", last="2026-02-02T23:00+00:00") == []


def test_a_paused_task_is_never_due() -> None:
    assert plan_at("2026-02-10T00:00+00:00", last="2026-02-01T23:00+00:00", active=False) == []


def test_a_task_without_a_schedule_is_never_due() -> None:
    assert plan_at("2026-02-10T00:00+00:00", last="2026-02-01T23:00+00:00", schedule=None) == []


def test_after_a_long_pause_only_the_latest_slot_runs() -> None:
    assert plan_at("2026-02-04T00:00+00:00", last="2026-02-01T23:00+00:00") == [
        "skip superseded digest@20260202T230000Z (1)",
        "digest@20260203T230000Z",
    ]


@pytest.mark.parametrize(
    ("policy", "now", "expected"),
    [
        pytest.param({}, "2026-02-02T23:00", ["digest@20260202T230000Z"], id="latest: the only one"),
        pytest.param(
            {},
            "2026-02-06T23:00",
            ["skip superseded digest@20260205T230000Z (4)", "digest@20260206T230000Z"],
            id="latest: older ones share a skip",
        ),
        pytest.param(
            {"deadline_seconds": 2 * 86_400},
            "2026-02-06T23:00",
            [
                "skip deadline digest@20260203T230000Z (2)",
                "skip superseded digest@20260205T230000Z (2)",
                "digest@20260206T230000Z",
            ],
            id="latest: too old comes before superseded",
        ),
        pytest.param(
            {"deadline_seconds": 3600},
            "2026-02-07T00:30",
            ["skip deadline digest@20260206T230000Z (5)"],
            id="latest: everything too old",
        ),
        pytest.param(
            {"deadline_seconds": 3600},
            "2026-02-07T00:00",
            ["skip deadline digest@20260205T230000Z (4)", "digest@20260206T230000Z"],
            id="latest: exactly as old as the deadline still runs",
        ),
        pytest.param(
            {"catch_up": CatchUp.ALL},
            "2026-02-04T23:00",
            ["digest@20260202T230000Z", "digest@20260203T230000Z", "digest@20260204T230000Z"],
            id="all: oldest first",
        ),
        pytest.param(
            {"catch_up": CatchUp.ALL, "max_catch_up": 2},
            "2026-02-05T23:00",
            [
                "skip superseded digest@20260203T230000Z (2)",
                "digest@20260204T230000Z",
                "digest@20260205T230000Z",
            ],
            id="all: the newest max_catch_up",
        ),
        pytest.param(
            {"catch_up": CatchUp.ALL, "deadline_seconds": 86_400},
            "2026-02-05T23:00",
            ["skip deadline digest@20260203T230000Z (2)", "digest@20260204T230000Z", "digest@20260205T230000Z"],
            id="all: not beyond the deadline",
        ),
        pytest.param(
            {"catch_up": CatchUp.NONE}, "2026-02-03T00:00", ["digest@20260202T230000Z"], id="none: at the end of grace"
        ),
        pytest.param(
            {"catch_up": CatchUp.NONE},
            "2026-02-03T00:01",
            ["skip grace digest@20260202T230000Z (1)"],
            id="none: after grace",
        ),
        pytest.param(
            {"catch_up": CatchUp.NONE},
            "2026-02-05T23:30",
            ["skip grace digest@20260204T230000Z (3)", "digest@20260205T230000Z"],
            id="none: older ones are past grace",
        ),
        pytest.param(
            {"catch_up": CatchUp.NONE, "grace_seconds": 2 * 86_400},
            "2026-02-05T23:30",
            [
                "skip grace digest@20260203T230000Z (2)",
                "skip superseded digest@20260204T230000Z (1)",
                "digest@20260205T230000Z",
            ],
            id="none: of several within grace the newest",
        ),
        pytest.param(
            {"catch_up": CatchUp.NONE, "grace_seconds": 0},
            "2026-02-02T23:00",
            ["digest@20260202T230000Z"],
            id="none: no grace, on time",
        ),
    ],
)
def test_catch_up_decides_what_is_made_up_for(policy: dict[str, Any], now: str, expected: list[str]) -> None:
    assert plan_at(f"{now}+00:00", last="2026-02-01T23:00+00:00", **policy) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-02-03T22:59+00:00", ["digest@20260202T230000Z"]),
        ("2026-02-03T23:01+00:00", ["skip deadline digest@20260202T230000Z (1)"]),
    ],
)
def test_a_once_task_runs_within_its_deadline(now: str, expected: list[str]) -> None:
    assert plan_at(now, last="2026-01-01T00:00+00:00", schedule=ONCE) == expected


@pytest.mark.parametrize(
    ("zone", "schedule", "last", "now", "expected"),
    [
        pytest.param(
            "Europe/Berlin",
            "02:30",
            "2026-03-28T12:00+00:00",
            "2026-03-29T01:47+00:00",
            ["digest@20260329T010000Z"],
            id="clocks go forward over it: the first instant after the gap",
        ),
        pytest.param(
            "Europe/Berlin",
            "02:30",
            "2026-10-24T12:00+00:00",
            "2026-10-25T02:00+00:00",
            ["digest@20261025T003000Z"],
            id="clocks go back: the first of two",
        ),
        pytest.param(
            "Europe/Berlin",
            "02:30",
            "2026-10-25T00:30+00:00",
            "2026-10-25T02:00+00:00",
            [],
            id="clocks go back: not the second of two",
        ),
        pytest.param(
            "America/New_York",
            "18:00",
            "2026-03-06T23:00+00:00",
            "2026-03-08T23:00+00:00",
            ["skip superseded digest@20260307T230000Z (1)", "digest@20260308T220000Z"],
            id="the day the clocks change is an hour shorter",
        ),
        pytest.param(
            "Pacific/Apia",
            "09:00",
            "2011-12-29T19:00+00:00",
            "2011-12-30T20:00+00:00",
            ["skip superseded digest@20111230T100000Z (1)", "digest@20111230T190000Z"],
            id="the slot of a date that never was is missed like any other",
        ),
    ],
)
def test_a_late_tick_around_a_clock_change_finds_the_slot(
    zone: str, schedule: str, last: str, now: str, expected: list[str]
) -> None:
    daily = Schedule(frequency=Frequency.DAILY, at=(schedule,))
    assert plan_at(now, last=last, zone=zone, schedule=daily) == expected


def runs_of(now: str, activated: str, **changes: Any) -> list[Any]:
    one = task(**changes)
    return list(plan_of(project(one), now, activations={one.id: at(activated)}).runs)


def test_a_task_merged_at_0855_and_first_ticked_at_0940_still_runs_its_0900() -> None:
    nine = Schedule(frequency=Frequency.DAILY, at=("09:00",))
    (run,) = runs_of("2026-02-02T09:40+00:00", "2026-02-02T08:55+00:00", schedule=nine, timezone="UTC")
    assert (run.id, run.lateness_seconds) == ("digest@20260202T090000Z", 40 * 60)


@pytest.mark.parametrize(("activated", "due"), [("2026-02-02T23:00:00+00:00", 1), ("2026-02-02T23:00:01+00:00", 0)])
def test_a_slot_at_the_very_moment_of_activation_counts(activated: str, due: int) -> None:
    assert len(runs_of("2026-02-02T23:30+00:00", activated)) == due


@pytest.mark.parametrize(("minutes", "reason"), [(0, "due"), (10, "due"), (11, "late"), (600, "late")])
def test_a_run_is_late_after_ten_minutes(minutes: int, reason: str) -> None:
    now = at("2026-02-02T23:00+00:00") + timedelta(minutes=minutes)
    (run,) = runs_of(now.isoformat(), "2026-02-02T00:00+00:00")
    assert (run.reason, run.lateness_seconds, run.is_catch_up) == (reason, 60 * minutes, False)


def test_a_run_that_makes_up_for_skipped_slots_catches_up() -> None:
    _, run = runs_of("2026-02-03T23:00+00:00", "2026-02-02T00:00+00:00")
    assert (run.reason, run.is_catch_up) == ("due", True)


def test_a_run_whose_successor_has_passed_catches_up() -> None:
    everything = replace(DAILY, catch_up=CatchUp.ALL)
    runs = runs_of("2026-02-03T23:00+00:00", "2026-02-02T00:00+00:00", schedule=everything)
    assert [(run.reason, run.is_catch_up) for run in runs] == [("catch_up", True), ("due", False)]


def test_a_run_knows_the_slot_before_it() -> None:
    (run,) = runs_of("2026-02-02T23:00+00:00", "2026-02-02T00:00+00:00")
    assert run.window_start == at("2026-02-01T23:00+00:00")


def test_a_slot_older_than_one_that_ran_is_superseded() -> None:
    planned = plan_at("2026-02-03T23:30+00:00", last="2026-02-01T23:00+00:00", settled=["2026-02-03T23:00+00:00"])
    assert planned == ["skip superseded digest@20260202T230000Z (1)"]


def test_all_runs_a_slot_older_than_one_that_ran() -> None:
    planned = plan_at(
        "2026-02-03T23:30+00:00",
        last="2026-02-01T23:00+00:00",
        settled=["2026-02-03T23:00+00:00"],
        catch_up=CatchUp.ALL,
    )
    assert planned == ["digest@20260202T230000Z"]


RUNNING = open_run("2026-02-02T23:00+00:00", lease_until="2026-02-03T23:30+00:00")
NAMED = open_run(name="by-hand", lease_until="2026-02-03T23:30+00:00")


@pytest.mark.parametrize(
    ("policy", "running", "expected"),
    [
        pytest.param({}, RUNNING, ["blocked overlap digest@20260203T230000Z (0)"], id="wait"),
        pytest.param({"overlap": Overlap.SKIP}, RUNNING, ["skip overlap digest@20260203T230000Z (1)"], id="skip"),
        pytest.param(
            {},
            NAMED,
            ["skip superseded digest@20260202T230000Z (1)", "blocked overlap digest@20260203T230000Z (0)"],
            id="a named run counts too",
        ),
        pytest.param(
            {"overlap": Overlap.SKIP, "catch_up": CatchUp.ALL},
            NAMED,
            ["skip overlap digest@20260203T230000Z (2)"],
            id="several share a skip",
        ),
    ],
)
def test_a_slot_meets_an_earlier_run_that_goes_on(policy: dict[str, Any], running: Any, expected: list[str]) -> None:
    now, last = "2026-02-03T23:30+00:00", "2026-02-01T23:00+00:00"
    assert plan_at(now, last=last, open_runs=[running], **policy) == expected


def test_a_slot_that_is_being_run_is_not_planned() -> None:
    planned = plan_at("2026-02-02T23:30+00:00", last="2026-02-01T23:00+00:00", open_runs=[RUNNING])
    assert planned == []


def test_an_older_slot_than_the_one_being_run_is_superseded() -> None:
    running = open_run("2026-02-03T23:00+00:00", lease_until="2026-02-04T00:00+00:00")
    planned = plan_at("2026-02-03T23:30+00:00", last="2026-02-01T23:00+00:00", open_runs=[running])
    assert planned == ["skip superseded digest@20260202T230000Z (1)"]


def spread(id_: str, seconds: int) -> timedelta:
    return spread_of(Timetable(task=task(id_).id, schedule=replace(DAILY, spread_seconds=seconds), zone="UTC"))


def test_a_spread_task_waits_for_its_own_moment_and_keeps_its_slot() -> None:
    delay = spread("digest", 3600)
    slot = at("2026-02-02T23:00+00:00")
    before = plan_at(str(slot + delay - timedelta(seconds=1)), last="2026-02-01T23:00+00:00", spread_seconds=3600)
    after = plan_at(str(slot + delay), last="2026-02-01T23:00+00:00", spread_seconds=3600)
    assert (delay > timedelta(0), before, after) == (True, [], ["digest@20260202T230000Z"])


def test_a_spread_run_is_not_late_for_its_slot_but_for_its_moment() -> None:
    one = task(schedule=replace(DAILY, spread_seconds=3600))
    now = at("2026-02-02T23:00+00:00") + spread("digest", 3600) + timedelta(seconds=5)
    (run,) = plan_of(project(one), str(now), activations={one.id: at("2026-02-02T00:00+00:00")}).runs
    assert (run.due_at, run.lateness_seconds, run.reason) == (now - timedelta(seconds=5), 5, "due")


def test_spreads_differ_between_tasks_and_stay_within_the_bound() -> None:
    delays = {spread(f"task-{number}", 600) for number in range(200)}
    assert len(delays) > 100
    assert max(delays) <= timedelta(seconds=600)


def test_a_year_of_missed_minutes_is_a_short_plan() -> None:
    minutely = replace(EVERY_MINUTE, deadline_seconds=10 * 365 * 86_400)
    skip, run = runs_of("2026-02-02T00:00:30+00:00", "2025-02-02T00:00+00:00", schedule=minutely)
    assert (run.id, len(skip.covers)) == ("digest@20260202T000000Z", LISTED - 1)
    assert skip.covers_from == at("2025-02-02T00:00+00:00")


def test_where_every_missed_slot_is_named_there_is_nothing_to_add() -> None:
    skip, _ = runs_of("2026-02-02T00:00:30+00:00", "2026-02-01T23:00+00:00", schedule=EVERY_MINUTE)
    assert (len(skip.covers), skip.covers_from) == (60, None)


def test_what_a_short_plan_leaves_out_is_settled_all_the_same() -> None:
    one = task(schedule=EVERY_MINUTE)
    declared = project(one)
    first = plan_of(declared, "2026-02-02T00:00+00:00", activations={one.id: at("2025-02-02T00:00+00:00")})
    history = applied(first, declared, History())
    assert plan_of(declared, "2026-02-02T00:00+00:00", history).runs == ()


def test_every_slot_is_run_skipped_or_blocked_exactly_once() -> None:
    chance = random.Random(7)
    for _ in range(120):
        schedule = replace(
            chance.choice([DAILY, HOURLY, Schedule(frequency=Frequency.CRON, cron="*/20 6-9 * * *")]),
            catch_up=chance.choice(list(CatchUp)),
            overlap=chance.choice(list(Overlap)),
            max_catch_up=chance.randint(1, 20),
            deadline_seconds=chance.choice([3600, 86_400, 7 * 86_400]),
            grace_seconds=chance.choice([0, 600, 7200]),
        )
        activated = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 5000))
        now = activated + timedelta(minutes=chance.randint(0, 12_000))
        one = task(schedule=schedule)
        declared = project(one)
        elapsed = list(slots(schedule, one.timezone, after=activated - timedelta(minutes=1), until=now))
        ended = tuple(sorted(chance.sample(elapsed, k=len(elapsed) // 5)))
        busy = [open_run(name="by-hand", lease_until=str(now))] if chance.random() < 0.3 else []
        known = head(one, declared, str(activated), settled=ended)
        plan = plan_of(declared, str(now), History(heads={one.id: known}, open_runs=tuple(busy)))
        named = [slot for run in plan.runs for slot in (run.covers or (run.scheduled_at,)) if slot]
        assert sorted(named) == [slot for slot in elapsed if slot not in ended]


def test_after_an_apply_nothing_is_due() -> None:
    chance = random.Random(11)
    for _ in range(50):
        one = task(schedule=replace(HOURLY, catch_up=chance.choice(list(CatchUp)), max_catch_up=chance.randint(1, 9)))
        declared = project(one)
        now = datetime(2026, 3, 8, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 5000))
        since = {one.id: now - timedelta(minutes=chance.randint(0, 20_000))}
        history = applied(plan_of(declared, str(now), activations=since), declared, History())
        assert plan_of(declared, str(now), history).empty


def test_no_run_comes_before_its_slot_or_twice_however_often_the_timer_ticks() -> None:
    chance = random.Random(3)
    one = task(schedule=HOURLY)
    declared, history = project(one), History()
    now = datetime(2026, 3, 7, tzinfo=UTC)
    since, done = {one.id: now}, []
    for _ in range(200):
        now += timedelta(minutes=chance.randint(1, 200))
        plan = plan_of(declared, str(now), history, activations=since)
        done += [run.scheduled_at for run in plan.runs if run.action is RunAction.RUN]
        assert all(run.scheduled_at <= now for run in plan.runs if run.scheduled_at)
        history = applied(plan, declared, history)
    assert len(done) == len(set(done)) > 100
