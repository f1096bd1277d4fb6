"""The packaged example keeps the schemas, also for a reader that knows only YAML 1.1."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from octops.app.demonstrating import TASKS
from octops.declare.load import declare
from octops.declare.worktree import read_worktree
from octops.plan.effects import effects
from octops.schemas import schema
from tests.kit import ROOT

EXAMPLES = ROOT / "examples"
FOLDERS = {"tasks": "task", "skills": "skill", "sources": "source", "destinations": "destination"}
COMMENT = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)


def kind_of(path: Path) -> str:
    parts = path.relative_to(EXAMPLES).parts
    return FOLDERS[parts[0]] if len(parts) > 1 else "octops"


def declared() -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((EXAMPLES / folder).rglob("*")) if path.is_file()]
    return [EXAMPLES / "octops.yaml", *found]


def front(path: Path) -> str:
    """The YAML of a file: all of it, or the front matter of Markdown."""
    text = path.read_text(encoding="utf-8")
    return text.split("---\n", 2)[1] if path.suffix == ".md" else text


def value(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(front(path))
    if path.suffix == ".md" and kind_of(path) == "task":
        document["prompt"] = path.read_text(encoding="utf-8").split("---\n", 2)[2]
    return document


def all_of(folder: str) -> dict[str, dict[str, Any]]:
    return {
        path.parent.name if path.name == "SKILL.md" else path.stem: value(path)
        for path in declared()
        if path.relative_to(EXAMPLES).parts[0] == folder
    }


def named(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


@pytest.mark.parametrize("path", declared(), ids=named)
def test_every_file_keeps_its_schema(path: Path) -> None:
    jsonschema.Draft202012Validator(schema(kind_of(path))).validate(value(path))


@pytest.mark.parametrize("path", declared(), ids=named)
def test_every_file_tells_editors_where_its_schema_is(path: Path) -> None:
    comment = COMMENT.search(front(path))

    assert comment is not None
    assert (path.parent / comment[1]).resolve() == ROOT / "schemas" / f"{kind_of(path)}.schema.json"


@pytest.mark.parametrize(("name", "task"), all_of("tasks").items())
def test_every_task_uses_only_what_there_is(name: str, task: dict[str, Any]) -> None:
    for folder in ("sources", "skills", "destinations"):
        ids = {item for item in task.get(folder, ()) if isinstance(item, str)}
        assert ids <= all_of(folder).keys()
    assert {call["source"] for call in task.get("prefetch", ())} <= {*task.get("sources", ())}


@pytest.mark.parametrize(("name", "task"), all_of("tasks").items())
def test_every_task_has_the_sources_its_skills_need(name: str, task: dict[str, Any]) -> None:
    needed = {
        source for skill in task.get("skills", ()) for source in all_of("skills")[skill].get("required_sources", ())
    }
    assert needed <= {*task.get("sources", ())}


@pytest.mark.parametrize("folder", ["skills", "sources", "destinations"])
def test_nothing_stands_there_unused(folder: str) -> None:
    used = {item for task in all_of("tasks").values() for item in task.get(folder, ()) if isinstance(item, str)}
    assert used == all_of(folder).keys()


def test_the_example_shows_every_way_to_write_a_file() -> None:
    names = {named(path) for path in declared()}
    tasks = all_of("tasks").values()

    assert {"skills/writing-style/SKILL.md", "skills/release-notes.md", "tasks/release-notes.md"} <= names
    assert any("schedule" not in task for task in tasks)
    assert any(task.get("output", {}).get("format") == "json" for task in tasks)
    assert any(isinstance(item, dict) for task in tasks for item in task.get("destinations", ()))


def test_files_the_local_sources_read_are_there() -> None:
    for source in all_of("sources").values():
        if source["type"] == "local":
            folder = EXAMPLES / source.get("path", ".")
            assert all(any(folder.glob(pattern)) for pattern in source["include"])


def test_plain_http_is_allowed_where_the_webhook_goes() -> None:
    allowed = value(EXAMPLES / "octops.yaml")["network"]["allow"]
    url = all_of("destinations")["notice-board"]["url"]
    assert url.removeprefix("http://").split("/")[0] in allowed


def test_reading_it_gives_no_remark_at_all() -> None:
    assert declare(read_worktree(EXAMPLES)).diagnostics == ()


def test_it_has_the_tasks_that_every_team_knows() -> None:
    tasks = declare(read_worktree(EXAMPLES)).project.tasks

    assert {"weekly-change-digest", "support-triage", "release-notes", "announce-page"} <= tasks.keys()
    assert tasks["announce-page"].schedule is None
    assert tasks["announce-page"].parameters["url"].required


def test_a_fresh_machine_can_run_every_active_task_up_to_its_delivery() -> None:
    project = declare(read_worktree(EXAMPLES)).project
    started = {id_ for id_, task in project.tasks.items() if task.active and effects(task, project).commands}
    assert started == set()


@pytest.mark.parametrize("name", TASKS)
def test_what_the_demo_runs_is_given_its_material(name: str) -> None:
    """Small models do better with it at hand than with tools to call."""
    assert all_of("tasks")[name]["prefetch"]
