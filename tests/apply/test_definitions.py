"""`octops apply` and what it keeps of tasks: nothing here asks a model, so nothing here waits for one."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import KEY, MORNING, NOW, START, World, slot, world
from tests.kit import ROOT, clean_environment

QUIET = "2026-03-01T13:00Z"
"""An hour after the first commit, long before the first slot."""
DIGEST = f"prompt: Tell the news.\nschedule: {MORNING}\n"
REPORT = "prompt: Write a report about the whole week and everything in it.\n"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": DIGEST, "tasks/report.yaml": REPORT}) as made:
        yield made


@pytest.fixture
def applied(made: World) -> World:
    assert made.apply(now=QUIET).code == 0
    return made


def test_the_first_apply_adds_the_definitions_and_the_second_finds_nothing(made: World) -> None:
    first, second = made.apply(now=QUIET), made.apply(now=QUIET)
    assert (first.code, second.code) == (0, 0)
    assert "Definitions: 2 added, 0 changed, 0 destroyed." in first.out
    assert "No changes." in second.out
    assert "Definitions: 0 added, 0 changed, 0 destroyed. Runs: 0 completed" in second.out


def test_an_apply_that_finds_nothing_writes_nothing(applied: World) -> None:
    before = applied.git("rev-parse", "octops/runs")
    applied.apply(now=QUIET)
    assert applied.git("rev-parse", "octops/runs") == before


def test_an_edited_prompt_is_an_update_that_says_so_and_leaves_the_activation(applied: World) -> None:
    before = applied.heads()["digest"]
    applied.commit({"tasks/digest.yaml": DIGEST.replace("news", "weather")}, at="2026-03-01T13:30:00Z")
    outcome = applied.apply(now="2026-03-01T14:00Z")
    after = applied.heads()["digest"]
    assert "# task.digest will be updated in-place" in outcome.out
    assert "modified: prompt" in outcome.out
    assert "Definitions: 0 added, 1 changed, 0 destroyed." in outcome.out
    assert before["activated_at"] == after["activated_at"] == START
    assert before["definition"] != after["definition"]


def test_an_edited_schedule_is_activated_by_its_commit(applied: World) -> None:
    applied.commit({"tasks/digest.yaml": DIGEST.replace("08:00", "09:00")}, at="2026-03-01T13:30:00Z")
    applied.apply(now="2026-03-01T14:00Z")
    assert applied.heads()["digest"]["activated_at"] == "2026-03-01T13:30:00Z"


def test_a_deleted_file_is_shown_and_its_head_stays_until_it_is_pruned(applied: World) -> None:
    (applied.project.root / "tasks/report.yaml").unlink()
    applied.project.commit(at="2026-03-01T13:30:00Z")
    kept = applied.apply(now="2026-03-01T14:00Z")
    assert "# task.report will be destroyed" in kept.out
    assert "its head stays until `octops apply --prune`" in kept.out
    assert sorted(applied.heads()) == ["digest", "report"]
    pruned = applied.apply("--prune", now="2026-03-01T14:00Z")
    assert "Definitions: 0 added, 0 changed, 1 destroyed." in pruned.out
    assert sorted(applied.heads()) == ["digest"]


def test_a_project_without_any_task_is_refused_unless_it_is_meant(applied: World) -> None:
    for name in ("digest", "report"):
        (applied.project.root / f"tasks/{name}.yaml").unlink()
    applied.project.commit(at="2026-03-01T13:30:00Z")
    refused = applied.apply("--prune", now="2026-03-01T14:00Z")
    assert (refused.code, "error[empty-project]" in refused.err, "--allow-empty" in refused.err) == (1, True, True)
    assert len(applied.heads()) == 2
    assert applied.apply("--prune", "--allow-empty", now="2026-03-01T14:00Z").code == 0
    assert applied.heads() == {}


def test_a_moved_task_keeps_what_its_head_knows(applied: World) -> None:
    (applied.project.root / "tasks/digest.yaml").rename(applied.project.root / "tasks/news.yaml")
    before = applied.heads()["digest"]
    text = (applied.project.root / "octops.yaml").read_text()
    applied.commit({"octops.yaml": text + "moved: [{from: digest, to: news}]\n"}, at="2026-03-01T13:30:00Z")
    outcome = applied.apply(now="2026-03-01T14:00Z")
    assert outcome.code == 0, outcome.err
    assert "Definitions: 1 moved, 0 added, 0 changed, 0 destroyed." in outcome.out
    heads = applied.heads()
    assert sorted(heads) == ["news", "report"]
    assert heads["news"]["activated_at"] == before["activated_at"]


def test_one_chosen_task_is_applied_and_the_others_are_left(made: World) -> None:
    outcome = made.apply("--task", "digest", now=QUIET)
    assert "Definitions: 1 added" in outcome.out
    assert list(made.heads()) == ["digest"]


def test_an_unknown_task_is_an_error_with_a_suggestion(made: World) -> None:
    outcome = made.apply("--task", "digset", now=QUIET)
    assert (outcome.code, "did you mean `digest`?" in outcome.err, made.ledger_files()) == (1, True, [])


def test_only_definitions_leaves_what_is_due_for_later(made: World) -> None:
    assert made.apply("--only", "definitions").code == 0
    assert sorted(made.heads()) == ["digest", "report"]
    assert (made.records(), made.open_claims(), made.server.journal) == ({}, [], [])


def test_only_runs_starts_nothing_the_ledger_has_no_definition_of(made: World) -> None:
    outcome = made.apply("--only", "runs")
    assert (outcome.code, made.heads(), made.records(), made.server.journal) == (0, {}, {}, [])


def test_a_time_before_what_the_ledger_tells_of_is_refused(applied: World) -> None:
    outcome = applied.apply(now="2026-03-01T12:30Z")
    assert (outcome.code, "error[ledger-newer]" in outcome.err) == (1, True), outcome.err
    assert "2026-03-01 13:00 UTC" in outcome.err


def test_without_a_terminal_and_without_approval_nothing_is_done(made: World) -> None:
    outcome = made.octops("apply", "--now", QUIET)
    assert (outcome.code, made.ledger_files()) == (1, [])
    assert "there is no terminal to ask on" in outcome.err
    assert "--auto-approve" in outcome.err


def test_without_a_terminal_an_apply_that_finds_nothing_needs_no_approval(applied: World) -> None:
    assert applied.octops("apply", "--now", QUIET).code == 0


@pytest.mark.parametrize(
    ("typed", "code", "heads"),
    [("yes\n", 0, 2), ("no\n", 1, 0), ("y\n", 1, 0), ("\n", 1, 0), ("\x04", 130, 0), ("\x03", 130, 0)],
    ids=["yes", "no", "y", "nothing", "end of input", "interrupt"],
)
def test_on_a_terminal_only_yes_approves(made: World, typed: str, code: int, heads: int) -> None:
    told, ended = on_a_terminal(made, typed)
    assert (ended, len(made.heads())) == (code, heads)
    assert "Only `yes` will be accepted to approve." in told
    assert "Plan: 2 to add" in told


def test_on_a_terminal_what_goes_on_is_shown_while_it_does(made: World) -> None:
    told, code = on_a_terminal(made, "yes\n", now=NOW, TEST_KEY=KEY)
    assert code == 0
    assert f"{slot('digest')}: started" in told
    assert f"{slot('digest')}: completed, 15 tokens" in told
    assert "Runs: 1 completed, 0 failed, 0 skipped." in told


def on_a_terminal(made: World, typed: str, *, now: str = QUIET, **environment: str) -> tuple[str, int]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "octops", "apply", "--now", now],
        cwd=made.project.root,
        env=clean_environment(made.project.root.parent / "home", PYTHONPATH=str(ROOT), TERM="xterm", **environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_take_the_terminal,
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            break
        if not read:
            break
        before, told = told, told + read
        if b"Enter a value" in told and b"Enter a value" not in before:
            # A signal between the question and the reading of the answer is only noticed with the answer.
            time.sleep(1)
            os.write(ours, typed.encode())
    os.close(ours)
    return told.decode(), process.wait(30)


def _take_the_terminal() -> None:
    # A shell's background job, as a test may be, has this signal switched off.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_the_json_of_an_apply_is_one_document_with_what_was_done(made: World) -> None:
    outcome = made.apply("--format", "json", now=QUIET)
    document = json.loads(outcome.out)
    assert [it["address"] for it in document["definitions"]] == ["task.digest", "task.report"]
    assert (document["runs"], document["diagnostics"]) == ([], [])


def test_an_apply_with_nothing_due_leaves_the_model_and_tool_libraries_alone(applied: World) -> None:
    script = (
        "import sys; from octops.cli import dispatch; code = dispatch(sys.argv[1:]);"
        "heavy = {'litellm', 'mcp', 'httpx', 'git', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "apply", "--auto-approve", "--now", QUIET],
        cwd=applied.project.root,
        env=clean_environment(applied.project.root.parent / "home", PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_slots_missed_too_long_are_recorded_as_skipped_with_all_they_stand_for(made: World) -> None:
    made.commit({"tasks/digest.yaml": DIGEST.replace("daily", "daily, catch_up: none, grace: 10m")})
    assert made.apply(now="2026-03-04T12:00Z").code == 0
    record = made.record(slot("digest", day=4))
    assert (record["status"], record["reason"], record["trigger"]) == ("skipped", "grace", "schedule")
    assert record["covers"] == [f"2026-03-0{day}T08:00:00Z" for day in (2, 3, 4)]
    assert made.server.journal == []
    assert "No changes." in made.octops("plan", "--now", "2026-03-04T12:00Z").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--parallelism", "0"), "1<=x<=256"),
        (("--max-cost", "-1"), "x>=0"),
        (("--max-cost", "inf"), "is not an amount"),
        (("--max-cost", "nan"), "is not an amount"),
        (("--deadline", "soon"), "`soon` is not a length of time"),
        (("--only", "everything"), "everything"),
        (("no-such-plan.json",), "cannot read `no-such-plan.json`"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_meant_is_refused_with_exit_code_1(made: World, arguments: tuple[str, ...], words: str) -> None:
    outcome = made.apply(*arguments)
    assert (outcome.code, words in outcome.err, made.ledger_files()) == (1, True, [])
