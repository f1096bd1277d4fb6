"""Line ends of Windows, in the files of the project and in those of the ledger, change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apply.world import MORNING, NOW, World, slot, world
from tests.kit import GitProject

RUN = slot("digest")
FILES = {
    "tasks/digest.md": f"---\nschedule: {MORNING}\nskills: [style]\nsources: [docs]\n"
    "prefetch: [{source: docs, tool: read_file, arguments: {path: notes.md}}]\n"
    'destinations: [{type: file, path: "answers/<<scheduled_date>>.md"}]\n---\nTell the news.\n\nOne line each.\n',
    "tasks/plain.yaml": "prompt: |\n  First line.\n  Second line.\n",
    "skills/style/SKILL.md": "---\nname: style\ndescription: How we write\n---\nShort.\nPlain.\n",
    "sources/docs.yaml": "type: local\npath: docs\n",
    "docs/notes.md": "One.\nTwo.\n",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, FILES, remote=True) as made:
        yield made


def with_windows_line_ends(made: World) -> World:
    """A clone as git for Windows makes it."""
    root = made.project.root.parent / "windows"
    made.project.git("clone", "-q", "-c", "core.autocrlf=true", str(made.remote), str(root))
    assert b"\r\n" in (root / "tasks/digest.md").read_bytes()
    return replace(made, project=GitProject(root))


def test_a_clone_with_windows_line_ends_plans_what_another_does(made: World) -> None:
    plans = [
        json.loads(it.octops("plan", "--now", NOW, "--format", "json").out)
        for it in (made, with_windows_line_ends(made))
    ]
    assert plans[0] == plans[1]
    assert plans[1]["octops"]["dirty"] is False


def test_what_was_applied_with_one_kind_of_line_ends_is_unchanged_with_the_other(made: World) -> None:
    windows = with_windows_line_ends(made)
    assert windows.apply().code == 0
    for here in (made, windows):
        assert "No changes." in here.octops("plan", "--now", NOW).out
    made.apply("--only", "definitions")
    assert "No changes." in windows.octops("plan", "--now", NOW).out


def test_the_model_and_the_ledger_get_plain_line_ends(made: World) -> None:
    windows = with_windows_line_ends(made)
    assert windows.apply().code == 0
    sent = [message["content"] for message in windows.server.journal[0].body["messages"]]
    assert "Tell the news.\n\nOne line each." in sent[-1]
    assert not any("\r" in text for text in sent)
    assert all("\r" not in windows.ledger_text(path) for path in windows.ledger_files())
    assert windows.record(RUN)["status"] == "completed"


@pytest.mark.parametrize("command", [("validate",), ("render", "digest", "--now", NOW), ("slots",)], ids=" ".join)
def test_commands_that_read_say_the_same(made: World, command: tuple[str, ...]) -> None:
    one, other = (it.octops(*command) for it in (made, with_windows_line_ends(made)))
    assert (one.code, one.out, one.err) == (other.code, other.out, other.err)


def test_files_that_were_committed_with_windows_line_ends_are_read(made: World) -> None:
    files = {path: text.replace("\n", "\r\n") for path, text in FILES.items()}
    settings = (made.project.root / "octops.yaml").read_text().replace("\n", "\r\n")
    made.project.git("config", "core.autocrlf", "false")
    for path, text in {**files, "octops.yaml": settings}.items():
        (made.project.root / path).write_bytes(text.encode())
    made.project.commit(at="2026-03-01T12:30:00Z")
    assert made.octops("validate").code == 0
    assert made.apply().code == 0
    assert "\r" not in made.server.journal[0].body["messages"][-1]["content"]


def all_of_the_ledger_with_windows_line_ends(made: World) -> None:
    for path in made.ledger_files():
        if path.endswith((".json", ".md")):
            made.rewrite(path, (made.ledger_text(path) + "\n").replace("\n", "\r\n").encode())


def test_a_ledger_somebody_gave_windows_line_ends_is_still_read_and_written(made: World) -> None:
    assert made.apply().code == 0
    all_of_the_ledger_with_windows_line_ends(made)
    assert "No changes." in made.octops("plan", "--now", NOW).out
    shown = made.octops("show", RUN)
    assert (shown.code, shown.err) == (0, "")
    assert RUN in made.octops("runs").out
    assert made.octops("state", "doctor").err == ""
    outcome = made.apply(now="2026-03-03T08:10Z")
    assert (outcome.code, outcome.err.count("warning")) == (0, 0), outcome.err
    assert made.record(slot("digest", 3))["status"] == "completed"
    assert made.heads()["digest"]["settled_until"] == "2026-03-03T08:00:00Z"


def test_a_claim_somebody_gave_windows_line_ends_is_finished(made: World) -> None:
    assert made.octops("run", "digest", "--name", "later", "--no-wait", "--now", NOW).code == 0
    all_of_the_ledger_with_windows_line_ends(made)
    assert made.apply().code == 0
    assert made.record("digest@later")["status"] == "completed"
    assert made.open_claims() == []


@pytest.mark.parametrize("content", [b"\r\n", b"{\r\n", b'{"run": "digest\r\n"}\r\n', b"\xff\xfe{\x00}\x00"])
def test_what_cannot_be_read_any_more_is_named_with_a_cure_and_the_rest_goes_on(made: World, content: bytes) -> None:
    assert made.apply().code == 0
    path = f"runs/2026/03/02/digest--{RUN.partition('@')[2]}.json"
    made.rewrite(path, content)
    listed = made.octops("runs")
    assert (listed.code, "warning[corrupt-ledger-file]" in listed.err) == (0, True)
    assert f"`{path}`" in listed.err
    assert "restore it from the branch's history" in listed.err
    assert made.apply(now="2026-03-03T08:10Z").code == 0
    assert len(made.server.journal) == 2
