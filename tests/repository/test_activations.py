from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octops.declare.file import SourceFile, blob_id
from octops.repository import Repository
from octops.repository.activations import Meaning
from tests.repository.sandbox import ENVIRON, Sandbox, git


def meaning(path: str, content: bytes) -> Meaning | None:
    """Files of these tests are `key=value` lines; a line without `=` makes a file unreadable."""
    lines = content.decode().splitlines()
    if any("=" not in line for line in lines):
        return None
    keys = dict(line.split("=", 1) for line in lines)
    return Meaning(schedule=keys.get("at"), timezone=keys.get("zone", ""), status=keys.get("status", "active"))


def activations(directory: Path, *paths: str) -> Mapping[str, int]:
    """Seconds since 1970, by path, for the files as they lie on disk."""
    repository = Repository.open(directory, environ=ENVIRON)
    assert repository is not None
    known = [*paths, "octops.yaml"]
    found = {path: (directory / path).read_bytes() for path in known if (directory / path).exists()}
    wanted = {path: SourceFile(path, content, blob_id(content)) for path, content in found.items()}
    return {path: int(at.timestamp()) for path, at in repository.activations(wanted, meaning, revision="HEAD").items()}


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox.create(tmp_path / "work")


def test_a_new_task_counts_from_the_commit_that_added_it(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"tasks/b.yaml": "at=1"}, at=2000)

    assert activations(sandbox.top, "tasks/a.yaml", "tasks/b.yaml") == {"tasks/a.yaml": 1000, "tasks/b.yaml": 2000}


def test_the_result_is_an_aware_instant(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None
    wanted = {"tasks/a.yaml": SourceFile("tasks/a.yaml", b"at=1", blob_id(b"at=1"))}

    assert repository.activations(wanted, meaning) == {"tasks/a.yaml": datetime.fromtimestamp(1000, UTC)}


@pytest.mark.parametrize("changed", ["at=2", "at=1\nzone=Europe/Berlin", "at=1\nstatus=paused"])
def test_a_change_of_schedule_zone_or_status_starts_anew(sandbox: Sandbox, changed: str) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"tasks/a.yaml": changed}, at=2000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 2000}


def test_a_change_of_the_prompt_does_not_move_it(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1\nprompt=x"}, at=1000)
    sandbox.commit({"tasks/a.yaml": "at=2\nprompt=x"}, at=2000)
    sandbox.commit({"tasks/a.yaml": "at=2\nprompt=y"}, at=3000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 2000}


def test_a_schedule_that_went_and_came_back_counts_from_its_return(sandbox: Sandbox) -> None:
    for at, text in ((1000, "at=1"), (2000, "at=2"), (3000, "at=1")):
        sandbox.commit({"tasks/a.yaml": text}, at=at)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 3000}


def test_a_branch_counts_from_its_merge_not_from_its_commits(sandbox: Sandbox) -> None:
    sandbox.commit({"octops.yaml": "zone=UTC"}, at=500)
    sandbox.git("checkout", "--quiet", "-b", "topic")
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.git("checkout", "--quiet", "main")
    sandbox.commit({"other": ""}, at=2000)
    sandbox.merge("topic", at=4000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 4000}


def test_a_later_merge_of_something_else_does_not_move_it(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.git("checkout", "--quiet", "-b", "topic")
    sandbox.commit({"tasks/b.yaml": "at=1"}, at=2000)
    sandbox.git("checkout", "--quiet", "main")
    sandbox.commit({"other": ""}, at=2500)
    sandbox.merge("topic", at=3000)

    assert activations(sandbox.top, "tasks/a.yaml", "tasks/b.yaml") == {"tasks/a.yaml": 1000, "tasks/b.yaml": 3000}


def test_the_projects_zone_moves_the_tasks_that_inherit_it(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/own.yaml": "at=1\nzone=UTC", "tasks/none.yaml": "at=1"}, at=1000)
    sandbox.commit({"octops.yaml": "zone=Europe/Berlin"}, at=2000)
    sandbox.commit({"octops.yaml": "zone=Europe/Berlin\nbudget=1"}, at=3000)

    assert activations(sandbox.top, "tasks/own.yaml", "tasks/none.yaml") == {
        "tasks/own.yaml": 1000,
        "tasks/none.yaml": 2000,
    }


def test_writing_down_the_zone_that_was_inherited_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.commit({"octops.yaml": "zone=Asia/Tokyo", "tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"octops.yaml": "zone=UTC", "tasks/a.yaml": "at=1\nzone=Asia/Tokyo"}, at=2000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 1000}


def test_utc_written_in_a_new_octops_yaml_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"octops.yaml": "zone=UTC"}, at=2000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 1000}


def test_a_task_moved_to_another_folder_keeps_its_time(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"tasks/team/a.yaml": "at=1\nprompt=y"}, at=2000, remove=("tasks/a.yaml",))

    assert activations(sandbox.top, "tasks/team/a.yaml") == {"tasks/team/a.yaml": 1000}


def test_a_task_deleted_and_written_again_counts_from_its_return(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({}, at=2000, remove=("tasks/a.yaml",))
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=3000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 3000}


def test_a_file_that_was_broken_counts_from_its_repair(sandbox: Sandbox) -> None:
    for at, text in ((1000, "at=1"), (2000, "broken"), (3000, "at=1")):
        sandbox.commit({"tasks/a.yaml": text}, at=at)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 3000}


@pytest.mark.parametrize(("text", "found"), [("at=1\nprompt=new", {"tasks/a.yaml": 1000}), ("at=9", {})])
def test_an_uncommitted_change_counts_only_when_it_changes_the_meaning(
    sandbox: Sandbox, text: str, found: dict[str, int]
) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.write({"tasks/a.yaml": text})

    assert activations(sandbox.top, "tasks/a.yaml") == found


def test_an_uncommitted_task_is_not_in_the_result(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.write({"tasks/b.yaml": "at=1"})

    assert activations(sandbox.top, "tasks/a.yaml", "tasks/b.yaml") == {"tasks/a.yaml": 1000}


def test_an_uncommitted_zone_of_the_project_leaves_out_the_tasks_that_inherit_it(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1", "tasks/own.yaml": "at=1\nzone=UTC"}, at=1000)
    sandbox.write({"octops.yaml": "zone=Europe/Berlin"})

    assert activations(sandbox.top, "tasks/a.yaml", "tasks/own.yaml") == {"tasks/own.yaml": 1000}


def test_what_lies_behind_a_shallow_boundary_is_not_guessed(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.commit({"tasks/old.yaml": "at=1"}, at=1000)
    sandbox.commit({"other": "1"}, at=2000)
    sandbox.commit({"tasks/new.yaml": "at=1"}, at=3000)
    sandbox.commit({"other": "2"}, at=4000)
    git(tmp_path, "clone", "--quiet", "--depth=3", sandbox.top.as_uri(), "shallow")

    assert activations(tmp_path / "shallow", "tasks/old.yaml", "tasks/new.yaml") == {"tasks/new.yaml": 3000}


def test_a_partial_clone_answers_where_it_needs_no_old_file(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"tasks/edited.yaml": "at=1\nprompt=x"}, at=2000)
    sandbox.commit({"tasks/edited.yaml": "at=2"}, at=3000)
    sandbox.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", sandbox.top.as_uri(), "partial")

    assert activations(tmp_path / "partial", "tasks/a.yaml", "tasks/edited.yaml") == {"tasks/a.yaml": 1000}


def test_in_a_sub_folder_paths_are_those_of_the_project(sandbox: Sandbox) -> None:
    sandbox.commit({"bots/tasks/a.yaml": "at=1", "tasks/a.yaml": "at=1"}, at=1000)
    sandbox.commit({"tasks/a.yaml": "at=2"}, at=2000)

    assert activations(sandbox.top / "bots", "tasks/a.yaml") == {"tasks/a.yaml": 1000}


def test_paths_that_are_no_plain_text_do_not_confuse_the_rest(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/ä b\n:c.yaml": "at=1", "tasks/a.yaml": "at=1"}, at=1000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 1000}


def test_a_change_taken_back_before_its_merge_was_never_in_force(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "at=1"}, at=1000)
    sandbox.git("checkout", "--quiet", "-b", "topic")
    sandbox.commit({"tasks/a.yaml": "at=2"}, at=2000)
    sandbox.commit({"tasks/a.yaml": "at=1\nprompt=x"}, at=3000)
    sandbox.git("checkout", "--quiet", "main")
    sandbox.commit({"other": ""}, at=3500)
    sandbox.merge("topic", at=4000)

    assert activations(sandbox.top, "tasks/a.yaml") == {"tasks/a.yaml": 1000}
