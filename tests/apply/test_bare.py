"""octops inside a bare repository: every file is read as HEAD has it, and nothing of git's own is a file to read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apply.world import MORNING, NOW, World, slot, world
from tests.kit import ROOT, GitProject

SERVERS = ROOT / "tests/apply/servers"
FILES = {
    "tasks/digest.yaml": f"""\
prompt: Tell the news.
schedule: {MORNING}
sources: [docs]
skills: [style]
prefetch:
  - {{source: docs, tool: read_file, arguments: {{path: docs/notes.md}}}}
  - {{source: docs, tool: list_files}}
destinations: [{{type: file, path: "answers/<<scheduled_date>>.md"}}]
""",
    "skills/style.md": "---\nname: style\ndescription: How we write\n---\nShort.\n",
    "sources/docs.yaml": "type: local\npath: .\n",
    "docs/notes.md": "The harbour opens at nine.\n",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, FILES, remote=True) as made:
        yield made


def bare_of(made: World, *, remote: bool = True) -> World:
    """A bare clone beside the project, with octops started inside it."""
    root = made.project.root.parent / "bare.git"
    made.project.git("clone", "-q", "--bare", str(made.remote), str(root))
    here = replace(made, project=GitProject(root))
    if not remote:
        here.project.git("remote", "remove", "origin")
        return replace(here, remote=root)
    return here


def room(made: World) -> dict[str, str]:
    """Temporary files of octops that go with the test."""
    folder = made.project.root.parent / "tmp"
    folder.mkdir(exist_ok=True)
    return {"TMPDIR": str(folder)}


def prompts(made: World) -> str:
    return json.dumps([asked.body["messages"] for asked in made.server.journal])


def test_a_plan_there_is_the_plan_of_a_clone_with_files(made: World) -> None:
    plans = [json.loads(it.octops("plan", "--now", NOW, "--format", "json").out) for it in (made, bare_of(made))]
    assert plans[0] == plans[1]
    assert plans[1]["octops"]["dirty"] is False


@pytest.mark.parametrize("remote", [True, False], ids=["with a remote", "alone"])
def test_a_run_there_reads_the_files_of_the_commit_and_is_recorded(made: World, remote: bool) -> None:
    here = bare_of(made, remote=remote)
    outcome = here.apply(**room(here))
    assert outcome.code == 0, outcome.err
    assert here.record(slot("digest"))["status"] == "completed"
    assert "The harbour opens at nine." in prompts(here)
    assert "Short." in prompts(here)
    assert "answers/2026-03-02.md" in here.ledger_files()


def test_what_the_model_can_list_there_is_the_project_and_nothing_of_gits(made: World) -> None:
    here = bare_of(made)
    here.project.git("config", "http.extraheader", "AUTHORIZATION: basic c2VjcmV0")
    assert here.apply(**room(here)).code == 0
    told = prompts(here)
    assert "tasks/digest.yaml" in told
    for gits in ("HEAD", "packed-refs", "config", "c2VjcmV0", "objects/"):
        assert gits not in told


def test_gits_own_files_cannot_be_prefetched_there(made: World) -> None:
    task = FILES["tasks/digest.yaml"].replace("docs/notes.md", "config")
    made.commit({"tasks/digest.yaml": task}, at="2026-03-01T13:00:00Z")
    here = bare_of(made)
    assert here.apply(**room(here)).code == 3
    assert here.record(slot("digest"))["failure"]["kind"] == "source"
    assert here.server.journal == []


def test_a_server_that_is_a_file_of_the_project_is_started_there(made: World) -> None:
    source = f"type: mcp\ntransport: stdio\ncommand: {sys.executable}\nargs: [servers/one.py]\n"
    task = f"prompt: Tell.\nschedule: {MORNING}\nsources: [own]\n"
    files = {
        "sources/own.yaml": source,
        "tasks/served.yaml": task,
        "servers/one.py": (SERVERS / "calculator.py").read_text(),
    }
    made.commit(files, at="2026-03-01T13:00:00Z")
    here = bare_of(made)
    outcome = here.apply("--task", "served", **room(here))
    assert outcome.code == 0, outcome.err
    assert here.asked("default")[0].body["tools"]


def test_the_next_run_there_reads_what_was_pushed_since(made: World) -> None:
    here = bare_of(made)
    assert here.apply(**room(here)).code == 0
    made.commit({"docs/notes.md": "The harbour is closed.\n"}, at="2026-03-02T12:00:00Z")
    here.project.git("fetch", "-q", "origin", "main:main")
    assert here.apply(now="2026-03-03T08:10Z", **room(here)).code == 0
    assert "The harbour is closed." in prompts(here)


def test_no_copy_of_the_files_is_left_behind(made: World, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    here = bare_of(made)
    assert here.cold("apply", "--auto-approve", "--now", NOW, TMPDIR=str(temporary)).code == 0
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ("validate",),
        ("runs",),
        ("status", "--now", NOW),
        ("slots",),
        ("render", "digest", "--now", NOW),
        ("state", "doctor"),
        ("doctor", "--now", NOW),
        ("cost",),
        ("run", "digest", "--name", "now", "--now", NOW),
        ("plan", "--base", "HEAD"),
        ("plan", "--ref", "main", "--now", NOW),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_every_command_that_reads_or_runs_works_there(made: World, command: tuple[str, ...]) -> None:
    here = bare_of(made)
    outcome = here.octops(*command, **room(here))
    assert (outcome.code, "error" in outcome.err) == (0, False), outcome.err


@pytest.mark.parametrize(
    "command",
    [
        ("init",),
        ("new", "task", "more", "--text", "More."),
        ("fmt",),
    ],
    ids=lambda command: command[0],
)
def test_nothing_is_written_among_gits_files(made: World, command: tuple[str, ...]) -> None:
    here = bare_of(made)
    before = sorted(path.name for path in here.project.root.iterdir())
    outcome = here.octops(*command, **room(here))
    assert (outcome.code, "Traceback" in outcome.err) == (1, False), outcome.out
    assert sorted(path.name for path in here.project.root.iterdir()) == before


def test_a_work_tree_of_a_bare_repository_is_a_work_tree(made: World) -> None:
    here = bare_of(made)
    root = made.project.root.parent / "tree"
    here.project.git("worktree", "add", "-q", str(root), "main")
    tree = replace(here, project=GitProject(root))
    outcome = tree.apply()
    assert outcome.code == 0, outcome.err
    assert "The harbour opens at nine." in prompts(tree)


def test_a_variable_that_names_a_repository_is_not_followed(made: World, tmp_path: Path) -> None:
    """Hooks set GIT_DIR for everything they start: octops works where it is told to by `-C`, and nowhere else."""
    here = bare_of(made)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    outcome = replace(here, project=GitProject(folder)).octops("plan", "--now", NOW, GIT_DIR=str(here.project.root))
    assert (outcome.code, "error[no-project]" in outcome.err) == (1, True)


def test_a_repository_with_no_commit_yet_is_told(tmp_path: Path, made: World) -> None:
    root = tmp_path / "empty.git"
    made.project.git("init", "-q", "--bare", str(root))
    outcome = replace(made, project=GitProject(root)).octops("plan")
    assert (outcome.code, "Traceback" in outcome.err) == (1, False), outcome.err
