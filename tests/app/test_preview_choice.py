from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from octops.app.preview_choice import choose
from octops.errors import OctopsError
from octops.model.ids import SourceId
from octops.model.project import Project, Source
from octops.model.task import Frequency, Limits, Output, Parameter, Prefetch, Schedule, Task, TaskStatus
from octops.plan.reconcile import compare
from octops.report.preview import Preview
from tests.plan.kit import DAILY, at, project, task

NOW = at("2026-03-02T12:00+00:00")
WEB = Source(id=SourceId("web"), path="sources/web.yaml", type="local", config={})
OTHER = Schedule(frequency=Frequency.DAILY, at=("07:00",))


def chosen(
    before: list[Task], after: list[Task], *ids: str, now: datetime = NOW, **parameters: str
) -> dict[str, Preview]:
    old, new = (project(*tasks, sources={WEB.id: WEB}) for tasks in (before, after))
    return dict(choose(new, compare(old, new, now, tzdata="x").changes, ids, parameters, now))


def reason(changes: dict[str, Any], **parameters: str) -> str:
    first = task(prompt="Write as <<task_name>>.") if "name" in changes else task()
    return chosen([first], [replace(first, **changes)], **parameters)["digest"].reason


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Other."},
        {"model": "local/other"},
        {"variables": {"a": "b"}},
        {"output": Output(format="json")},
        {"limits": Limits(turns=1)},
        {"sources": (WEB.id,)},
        {"prefetch": (Prefetch(source=WEB.id, tool="read"),)},
        {"parameters": {"a": Parameter(default="b")}},
        {"status": TaskStatus.PAUSED, "prompt": "Other."},
        {"schedule": OTHER, "prompt": "Other."},
        {"name": "Other"},
    ],
    ids=lambda changes: " and ".join(changes),
)
def test_a_change_the_model_can_notice_is_previewed(changes: dict[str, Any]) -> None:
    assert reason(changes) == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schedule": OTHER}, "only its schedule changed"),
        ({"status": TaskStatus.PAUSED}, "only its status changed"),
        ({"schedule": None, "tags": ("a",)}, "only its schedule and tags changed"),
        (
            {"description": "x", "retry_attempts": 1, "deliver": "on_change", "owner": "ada"},
            "only its description, retry",
        ),
        ({"timezone": "UTC"}, "only its timezone changed"),
        ({"prompt": "x", "parameters": {"url": Parameter()}}, "it needs `--param url=…`"),
        (
            {"prompt": "x", "parameters": {"a": Parameter(required=True, default="x"), "b": Parameter()}},
            "it needs `--param a",
        ),
    ],
)
def test_other_changes_are_left_out_with_the_reason(changes: dict[str, Any], told: str) -> None:
    assert reason(changes).startswith(told)


@pytest.mark.parametrize(
    ("prompt", "prefetch", "told"),
    [
        ("Of <<scheduled_date>>.", (), ""),
        ("Of today.", (Prefetch(source=WEB.id, tool="read", arguments={"paths": ["<<current_date>>.md"]}),), ""),
        ("Of \\<<scheduled_date>>.", (), "only its timezone changed"),
    ],
)
def test_another_zone_is_noticed_where_a_time_is_named(prompt: str, prefetch: tuple[Prefetch, ...], told: str) -> None:
    first = task(prompt=prompt, prefetch=prefetch)
    assert chosen([first], [replace(first, timezone="UTC")])["digest"].reason == told


def test_a_parameter_that_is_given_lets_the_task_run() -> None:
    assert reason({"prompt": "x", "parameters": {"url": Parameter()}}, url="y") == ""


def test_a_parameter_that_no_task_to_be_run_declares_is_refused() -> None:
    with pytest.raises(OctopsError, match="no task to be previewed declares a parameter `url`"):
        reason({"prompt": "x"}, url="y")


def test_a_deleted_a_new_and_a_renamed_task() -> None:
    renamed = replace(project().settings, moved={"old": "new"})
    before = project(task("old"), task("gone"))
    after = Project(tasks={it.id: it for it in (task("fresh"), task("new"))}, settings=renamed)
    found = choose(after, compare(before, after, NOW, tzdata="x").changes, (), {}, NOW)
    assert {id_: it.reason for id_, it in found.items()} == {
        "fresh": "",
        "gone": "it is deleted",
        "new": "it is only renamed",
    }


def test_the_slot_is_the_newest_one_and_the_run_has_its_id() -> None:
    found = chosen([], [task(), task("asked", schedule=None)])
    assert (found["digest"].run, found["digest"].scheduled_at) == (
        "digest@20260301T230000Z",
        at("2026-03-01T23:00+00:00"),
    )
    assert (found["asked"].run, found["asked"].scheduled_at) == ("asked@preview", None)


def test_a_schedule_that_has_not_begun_is_previewed_as_of_now() -> None:
    later = replace(DAILY, start=at("2026-04-01").date())
    assert chosen([], [task(schedule=later)])["digest"].run == "digest@preview"


def test_chosen_tasks_narrow_it_and_unknown_ones_are_refused() -> None:
    before, after = [task("a"), task("b"), task("c")], [task("a", prompt="x"), task("b", prompt="x"), task("c")]
    found = chosen(before, after, "c", "a")
    assert {id_: it.reason for id_, it in found.items()} == {"a": "", "c": "it has not changed"}
    with pytest.raises(OctopsError, match="there is no task `d`"):
        chosen(before, after, "a", "d")
    assert chosen(before, after[:2], "c")["c"].reason == "it is deleted"
