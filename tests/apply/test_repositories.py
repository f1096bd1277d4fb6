"""octops in all kinds of clones: the ledger is written, and nothing of the user's is touched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apply.world import MORNING, World, slot, world
from tests.kit import GitProject

TASK = f"prompt: Tell the news.\nschedule: {MORNING}\n"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": TASK, "notes.md": "one\n"}, remote=True) as made:
        yield made


def as_it_is(made: World) -> World:
    return made


def detached(made: World) -> World:
    made.project.git("checkout", "-q", "--detach")
    return made


def shallow(made: World) -> World:
    """Since when a schedule counts cannot be read there: it is when apply first saw the task."""
    made.commit({"notes.md": "two\n"})
    root = made.project.root.parent / "shallow"
    made.project.git("clone", "-q", "--depth=1", f"file://{made.remote}", str(root))
    here = replace(made, project=GitProject(root))
    assert here.apply(now="2026-03-01T13:00Z").code == 0
    return here


def blobless(made: World) -> World:
    made.git("config", "uploadpack.allowFilter", "true")
    root = made.project.root.parent / "blobless"
    made.project.git("clone", "-q", "--filter=blob:none", f"file://{made.remote}", str(root))
    return replace(made, project=GitProject(root))


def worktree(made: World) -> World:
    root = made.project.root.parent / "beside"
    made.project.git("worktree", "add", "-q", "-b", "side", str(root))
    return replace(made, project=GitProject(root))


def signed(made: World) -> World:
    for key in ("commit.gpgsign", "tag.gpgsign", "push.gpgsign"):
        made.project.git("config", key, "true")
    made.project.git("config", "gpg.program", "/bin/false")
    return made


def dirty(made: World) -> World:
    made.project.write({"notes.md": "two\n", "new.txt": "new\n", "staged.txt": "staged\n"})
    made.project.git("add", "staged.txt")
    return made


def line_ends(made: World) -> World:
    made.project.git("config", "core.autocrlf", "true")
    made.project.write(
        {".gitattributes": "* text eol=crlf\n*.json -diff export-ignore\n", ".gitignore": "*.json\n*.md\n"}
    )
    return made


def hooked(made: World) -> World:
    names = ("pre-commit", "commit-msg", "post-commit", "pre-push", "reference-transaction", "post-checkout")
    for name in names:
        hook = made.project.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> {made.project.root.parent}/ran\nexit 1\n")
        hook.chmod(0o755)
    return made


def protected_main(made: World) -> World:
    refusing(made, "refs/heads/main")
    return made


def refusing(made: World, ref: str) -> None:
    assert made.remote is not None
    hook = made.remote / "hooks/pre-receive"
    refuse = f'[ "$ref" = {ref} ] && echo "{ref} is protected" >&2 && exit 1'
    hook.write_text(f"#!/bin/sh\nwhile read old new ref; do {refuse}\ndone\nexit 0\n")
    hook.chmod(0o755)


KINDS = (as_it_is, detached, shallow, blobless, worktree, signed, dirty, line_ends, hooked, protected_main)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_run_is_recorded_on_the_remote_and_nothing_else_is_touched(
    made: World, kind: Callable[[World], World]
) -> None:
    here = kind(made)
    before, main = state(here.project), here.git("rev-parse", "main")
    outcome = here.apply()
    assert outcome.code == 0, outcome.err
    assert here.record(slot("digest"))["status"] == "completed"
    assert (state(here.project), here.git("rev-parse", "main")) == (before, main)
    assert not (made.project.root.parent / "ran").exists()


def state(project: GitProject) -> dict[str, str]:
    """Everything of the user's that an apply could touch."""
    where = Path(project.git("rev-parse", "--path-format=absolute", "--git-dir"))
    common = Path(project.git("rev-parse", "--path-format=absolute", "--git-common-dir"))
    index = (where / "index").read_bytes()
    files = {
        str(path.relative_to(project.root)): path.read_bytes()
        for folder, folders, names in os.walk(project.root)
        if folders is not None and ".git" not in Path(folder).parts
        for path in (Path(folder, name) for name in names)
    }
    return {
        "head": (where / "HEAD").read_text(),
        "config": (common / "config").read_text(),
        "hooks": repr(sorted(map(str, (common / "hooks").glob("*")))),
        "index": hashlib.sha256(index).hexdigest(),
        "refs": project.git("for-each-ref"),
        "files": repr(sorted(files.items())),
        "status": project.git("--no-optional-locks", "status", "--porcelain"),
    }


def test_without_a_git_identity_octops_signs_with_its_own_name(made: World) -> None:
    nobody = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "")
    assert made.apply(**nobody).code == 0
    assert made.git("log", "-1", "--format=%an %cn", "octops/runs") == "octops octops"


@pytest.mark.parametrize("arguments", [(), ("--only", "runs")], ids=["first apply", "definitions known"])
def test_a_remote_that_refuses_the_ledger_ends_the_apply_before_anything_is_spent(
    made: World, arguments: tuple[str, ...]
) -> None:
    if arguments:
        assert made.apply("--only", "definitions").code == 0
    refusing(made, "refs/heads/octops/runs")
    outcome = made.apply(*arguments)
    assert (outcome.code, made.server.journal, made.records()) == (1, [], {})
    assert "error[push-refused]" in outcome.err
    assert "refs/heads/octops/runs is protected" in outcome.err
    assert "Traceback" not in outcome.err
    assert "Apply complete!" not in outcome.out


def test_a_remote_that_cannot_be_reached_ends_the_apply_before_anything_is_spent(made: World) -> None:
    made.project.git("remote", "set-url", "origin", str(made.project.root.parent / "gone.git"))
    outcome = made.apply()
    assert (outcome.code, made.server.journal, made.ledger_files()) == (1, [], [])
    assert "error[remote-unreachable]" in outcome.err


def test_a_run_by_hand_that_cannot_be_claimed_starts_nothing(made: World) -> None:
    refusing(made, "refs/heads/octops/runs")
    outcome = made.octops("run", "digest", "--name", "now")
    assert (outcome.code, made.server.journal) == (1, [])
    assert "error[push-refused]" in outcome.err


def test_a_second_clone_finds_done_what_the_first_has_done(made: World) -> None:
    assert made.apply().code == 0
    root = made.project.root.parent / "second"
    made.project.git("clone", "-q", str(made.remote), str(root))
    second = replace(made, project=GitProject(root))
    outcome = second.apply(now="2026-03-02T09:00Z")
    assert (outcome.code, len(made.server.journal)) == (0, 1)
    assert "No changes." in outcome.out


def test_records_that_are_not_to_be_pushed_stay_in_the_clone(made: World) -> None:
    text = (made.project.root / "octops.yaml").read_text()
    made.commit({"octops.yaml": text.replace("pushes_per_minute: 60", "push: false")}, at="2026-03-01T13:00:00Z")
    assert made.apply().code == 0
    assert made.git("for-each-ref", "refs/heads/octops") == ""
    assert made.project.git("show", "octops/runs:runs/2026/03/02/digest--20260302T080000Z.json")


def test_outside_git_there_is_no_place_for_records(tmp_path: Path, made: World) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "octops.yaml").write_bytes((made.project.root / "octops.yaml").read_bytes())
    (folder / "tasks").mkdir()
    (folder / "tasks/digest.yaml").write_text(TASK)
    outcome = replace(made, project=GitProject(folder)).apply()
    assert (outcome.code, "error[no-repository]" in outcome.err, made.server.journal) == (1, True, [])
    assert "Traceback" not in outcome.err


def test_runs_that_were_recorded_are_told_though_the_definitions_could_not_be_written(made: World) -> None:
    assert made.remote is not None
    made.commit({f"tasks/t{number}.yaml": TASK for number in range(5)})
    hook = made.remote / "hooks/pre-receive"
    hook.write_text('#!/bin/sh\n[ -e refused ] && exit 0\ntouch refused\necho "not now" >&2\nexit 1\n')
    hook.chmod(0o755)
    outcome = made.apply("--parallelism", "1")
    assert (outcome.code, len(made.records())) == (3, 3), outcome.err
    assert "Definitions: 0 added" in outcome.out
    assert "Runs: 3 completed" in outcome.out
    assert "not now" in outcome.err
