from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octops.model.ids import RunId, TaskId, Value
from octops.model.project import Project, Settings
from octops.model.task import Frequency, Parameter, Schedule, Task
from octops.run.variables import check_parameters, moment, variables_for
from octops.template import BUILT_INS

DAILY = Schedule(frequency=Frequency.DAILY, at=("18:00",))


def task(
    *,
    name: str = "Daily digest",
    schedule: Schedule | None = DAILY,
    variables: dict[str, Value] | None = None,
    parameters: dict[str, Parameter] | None = None,
) -> Task:
    return Task(
        id=TaskId("daily-digest"),
        path="tasks/daily-digest.yaml",
        prompt="",
        name=name,
        schedule=schedule,
        variables=variables or {},
        parameters=parameters or {},
    )


def built_ins(
    zone: str,
    slot: str,
    *,
    now: str = "2026-12-31T12:00:00Z",
    before: str = "",
    previous: str = "",
    catch_up: bool = False,
) -> dict[str, str]:
    def instant(text: str) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    texts = moment(
        task(),
        ZoneInfo(zone),
        run=RunId("daily-digest@x"),
        now=datetime.fromisoformat(now),
        scheduled_at=instant(slot),
        window_start=instant(before),
        previous_run_at=instant(previous),
        is_catch_up=catch_up,
    )
    return dict(texts)


@pytest.mark.parametrize(
    ("zone", "slot", "at", "day", "time"),
    [
        ("UTC", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00+00:00", "2026-03-02", "08:00"),
        # 02:30 does not exist: the first instant after the gap.
        ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00", "2026-03-08", "03:00"),
        ("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30:00-04:00", "2026-11-01", "01:30"),
        # The second 01:30 of that night.
        ("America/New_York", "2026-11-01T06:30:00Z", "2026-11-01T01:30:00-05:00", "2026-11-01", "01:30"),
        ("Europe/Berlin", "2026-03-29T00:59:00Z", "2026-03-29T01:59:00+01:00", "2026-03-29", "01:59"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00", "2026-03-29", "03:00"),
        ("Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25T00:30:00+02:00", "2026-10-25", "00:30"),
        ("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-05T01:45:00+10:30", "2026-04-05", "01:45"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-04T02:30:00+11:00", "2026-10-04", "02:30"),
        ("Pacific/Chatham", "2026-09-26T13:59:00Z", "2026-09-27T02:44:00+12:45", "2026-09-27", "02:44"),
        ("Pacific/Chatham", "2026-09-26T14:00:00Z", "2026-09-27T03:45:00+13:45", "2026-09-27", "03:45"),
        # Apia had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29T23:59:00-10:00", "2011-12-29", "23:59"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00", "2011-12-31", "00:00"),
    ],
)
def test_the_slot_is_told_in_the_local_time_of_the_task(zone: str, slot: str, at: str, day: str, time: str) -> None:
    texts = built_ins(zone, slot, before=slot, previous=slot, now=slot)
    assert texts["timezone"] == zone
    instants = ("scheduled_at", "window_start", "window_end", "previous_run_at", "now")
    assert [texts[name] for name in instants] == [at] * len(instants)
    assert (texts["scheduled_date"], texts["current_date"]) == (day, day)
    assert (texts["scheduled_time"], texts["current_time"]) == (time, time)


def test_a_late_run_is_about_the_day_of_its_slot_and_only_now_tells_the_real_time() -> None:
    texts = built_ins("Europe/Berlin", "2026-10-24T16:00:00Z", now="2026-10-26T09:12:30.5Z")
    assert (texts["current_date"], texts["current_time"]) == ("2026-10-24", "18:00")
    assert texts["now"] == "2026-10-26T10:12:30+01:00"


def test_the_window_goes_from_the_slot_before_to_this_slot() -> None:
    texts = built_ins("America/New_York", "2026-03-08T22:00:00Z", before="2026-03-07T23:00:00Z")
    assert (texts["window_start"], texts["window_end"]) == ("2026-03-07T18:00:00-05:00", "2026-03-08T18:00:00-04:00")


def test_the_previous_run_is_not_the_slot_before() -> None:
    texts = built_ins("UTC", "2026-03-08T18:00:00Z", before="2026-03-07T18:00:00Z", previous="2026-03-01T18:00:00Z")
    assert texts["previous_run_at"] == "2026-03-01T18:00:00+00:00"


def test_a_run_without_a_slot_is_about_now() -> None:
    texts = built_ins("Europe/Berlin", "", now="2026-06-01T22:30:15Z")
    assert texts["scheduled_at"] == texts["window_end"] == texts["now"] == "2026-06-02T00:30:15+02:00"
    assert (texts["scheduled_date"], texts["current_time"]) == ("2026-06-02", "00:30")


def test_with_everything_known_every_built_in_has_a_text() -> None:
    slot = "2026-03-02T08:00:00Z"
    texts = built_ins("UTC", slot, before=slot, previous=slot)
    assert texts.keys() == BUILT_INS
    assert all(texts.values())


def test_what_a_first_run_cannot_know_is_left_out_rather_than_empty() -> None:
    assert BUILT_INS - built_ins("UTC", "2026-03-02T08:00:00Z").keys() == {"previous_run_at", "window_start"}


@pytest.mark.parametrize(("catch_up", "text"), [(True, "true"), (False, "false")])
def test_catching_up_is_said_in_words(catch_up: bool, text: str) -> None:
    assert built_ins("UTC", "2026-03-02T08:00:00Z", catch_up=catch_up)["is_catch_up"] == text


@pytest.mark.parametrize(
    ("declared", "name", "frequency"),
    [(task(), "Daily digest", "daily"), (task(name="", schedule=None), "daily-digest", "manual")],
)
def test_the_task_is_named_and_its_frequency_told(declared: Task, name: str, frequency: str) -> None:
    texts = moment(declared, ZoneInfo("UTC"), run=RunId("daily-digest@try-1"), now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (texts["task_name"], texts["frequency"], texts["run_id"]) == (name, frequency, "daily-digest@try-1")


@settings(deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca"]
    ),
)
def test_every_instant_can_be_read_back(naive: datetime, zone: str) -> None:
    slot = naive.replace(tzinfo=UTC, microsecond=0)
    texts = moment(task(), ZoneInfo(zone), run=RunId("x"), now=slot + timedelta(days=3), scheduled_at=slot)
    read = datetime.fromisoformat(texts["scheduled_at"])
    assert read == slot
    assert date.fromisoformat(texts["current_date"]) == read.date()


def test_the_task_wins_over_the_project_parameters_over_the_task_and_built_ins_over_all() -> None:
    project = Project(tasks={}, settings=Settings(variables={"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "now": 1}))
    parameters = {"c": Parameter(default="3"), "d": Parameter(default="3"), "now": Parameter(default="3")}
    declared = task(variables={"b": 2, "c": 2, "d": 2, "now": 2}, parameters=parameters)
    variables = variables_for(project, declared, {"now": "5"}, {"d": "4", "now": "4", "e": "4", "f": "4"})
    assert variables == {"a": 1, "b": 2, "c": "3", "d": "4", "e": 1, "now": "5"}


PARAMETERS = {
    "city": Parameter(description="where to look"),
    "country": Parameter(required=True),
    "units": Parameter(default="metric"),
    "days": Parameter(required=True, default="3"),
}


@pytest.mark.parametrize(
    ("given_parameters", "told"),
    [
        ({"city": "Ulm", "country": "DE", "days": "1"}, []),
        ({"city": "Ulm", "country": "DE", "days": "1", "units": "imperial"}, []),
        ({"city": "", "country": "DE"}, ["missing-parameter: task `daily-digest` needs parameter `days`"]),
        (
            {"country": "DE", "days": "1"},
            ["missing-parameter: task `daily-digest` needs parameter `city`"],
        ),
        (
            {"city": "Ulm", "county": "DE", "country": "DE", "days": "1"},
            ["unknown-parameter: task `daily-digest` declares no parameter `county`"],
        ),
        (
            {"zzz": "1", "country": "DE", "days": "1"},
            [
                "unknown-parameter: task `daily-digest` declares no parameter `zzz`",
                "missing-parameter: task `daily-digest` needs parameter `city`",
            ],
        ),
    ],
)
def test_undeclared_and_missing_parameters_are_told_together(given_parameters: dict[str, str], told: list[str]) -> None:
    found = check_parameters(task(parameters=PARAMETERS), given_parameters)
    assert [f"{diagnostic.code}: {diagnostic.summary}" for diagnostic in found] == told


@pytest.mark.parametrize(
    ("parameters", "given_parameters", "cure"),
    [
        (PARAMETERS, {"citty": "x", "city": "x", "country": "x", "days": "1"}, "did you mean `city`?"),
        ({"a": Parameter(default="")}, {"zzz": "x"}, "it declares `a`"),
        ({}, {"zzz": "x"}, "declare it under `parameters` in tasks/daily-digest.yaml"),
        ({"city": Parameter(description="where to look")}, {}, "add `--param city=…` (where to look)"),
        ({"city": Parameter()}, {}, "add `--param city=…`"),
    ],
)
def test_a_wrong_parameter_comes_with_its_cure(
    parameters: dict[str, Parameter], given_parameters: dict[str, str], cure: str
) -> None:
    [diagnostic] = check_parameters(task(parameters=parameters), given_parameters)
    assert diagnostic.detail == cure
