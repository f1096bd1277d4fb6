from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from octops.ledger.claims import Take
from octops.ledger.results import Store
from octops.repository.commits import Draft
from octops.schemas import schema
from tests.cli.past import (
    NOW,
    apply_tasks,
    at,
    claim,
    delivery,
    failed,
    ledger_of,
    record,
    requested,
    skipped,
    talk,
    write_records,
)
from tests.kit import ROOT, SMALL_PROJECT, GitProject, clean_environment, git_project

TALK = "daily-digest@20260302T170000Z"
ANSWER = "Fine \x1b[31mred\x07\n::error::x\n\n  two  "


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> GitProject:
    project = git_project(tmp_path_factory.mktemp("past"), SMALL_PROJECT)
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest", "weekly-report"])
    write_records(
        ledger,
        [
            skipped("2026-02-27T17:00", covers=(at("2026-02-26T17:00"), at("2026-02-27T17:00"))),
            skipped(
                "2026-02-28T17:00",
                covers=(at("2026-02-27T18:00"), at("2026-02-28T17:00")),
                covers_from=at("2025-02-27T17:00"),
                task="weekly-report",
            ),
            failed("2026-03-01T17:00"),
            talk(),
            record("hostile", task="weekly-report", text=ANSWER),
        ],
    )
    held = claim("weekly-report@held", claimed_at=NOW + timedelta(days=36500))
    stored = claim("weekly-report@stored", claimed_at=NOW)
    ledger.write([Take(claim=held), Take(claim=stored), Take(claim=requested("weekly-report@asked"))])
    answer = record("stored", task="weekly-report", deliveries=(delivery(),))
    ledger.write([Store(run=stored.run, nonce=stored.nonce, answer=answer)])
    return project


def test_a_run_is_shown_whole(past: GitProject) -> None:
    outcome = past.octops("show", TALK)
    assert (outcome.code, outcome.err) == (0, "")
    for said in (
        f"{TALK} completed",
        "2026-03-02 18:00 CET (17:00 UTC), 4 minutes 11 seconds late",
        "  Write short sentences.",
        "  Compile the key updates of 2026-03-02.",
        'changelog__read_file {"path": "CHANGELOG.md"} (0.5 s)',
        "      - merged",
        "answer (markdown):\n  Three changes were **merged**.",
        "team: https://hooks.example.com/team delivered",
        "202 accepted",
        "9f2c1e0d5b7a4c3f8e6d1a2b3c4d5e6f70819203",
        "skill writing-style",
    ):
        assert said in outcome.out


def test_a_failed_run_says_why_and_what_to_do(past: GitProject) -> None:
    shown = past.octops("show", "daily-digest@20260301T170000Z").out
    assert "error[timeout]: the model did not answer within 60 seconds\n" in shown
    assert "= help: raise `limits.seconds`, or choose a faster model" in shown


def test_a_skipped_run_says_for_which_slots_and_why(past: GitProject) -> None:
    shown = past.octops("show", "daily-digest@20260227T170000Z").out
    assert "a newer slot of the task takes its place" in shown
    assert "2 slots, from 2026-02-26 18:00 CET (17:00 UTC) to 2026-02-27 18:00 CET (17:00 UTC)" in shown
    assert "usage" not in shown


def test_a_slot_that_was_passed_over_with_others_is_told_by_the_record_of_them_all(past: GitProject) -> None:
    slot, covering = "daily-digest@20260226T170000Z", "daily-digest@20260227T170000Z"
    told = f"the slot of `{slot}` was passed over together with others: `{covering}` is the record of them all"
    shown = past.octops("show", slot)
    assert shown.out == past.octops("show", covering).out
    assert f"note[covered]: {told}\n" in shown.err
    assert told in past.octops("logs", slot).err
    document = json.loads(past.octops("show", slot, "--format", "json").out)
    assert (document["run"]["run"], [it["code"] for it in document["diagnostics"]]) == (covering, ["covered"])


def test_a_slot_too_old_to_be_listed_is_told_by_the_record_that_ended_it(past: GitProject) -> None:
    covering = "weekly-report@20260228T170000Z"
    shown = past.octops("show", "weekly-report@20250601T170000Z")
    assert f"`{covering}` is the record of them all" in shown.err
    assert "more than 2 slots, from 2025-02-27 18:00 CET (17:00 UTC)" in shown.out
    assert past.octops("show", "weekly-report@20250101T170000Z").code == 1
    assert "skipped (superseded, more than 2 slots)" in past.octops("runs", "weekly-report").out


@pytest.mark.parametrize(
    "run",
    [
        TALK,
        *(f"{name}T170000Z" for name in ("daily-digest@20260301", "daily-digest@20260227", "weekly-report@20260228")),
    ],
)
def test_programs_get_the_record_as_the_schema_describes_it(past: GitProject, run: str) -> None:
    document = json.loads(past.octops("show", run, "--format", "json").out)
    assert document["diagnostics"] == []
    assert document["run"]["run"] == run
    assert list(Draft202012Validator(schema("run")).iter_errors(document["run"])) == []


def test_a_task_alone_means_its_newest_run(past: GitProject) -> None:
    document = json.loads(past.octops("show", "daily-digest", "--format", "json").out)
    assert document["run"]["run"] == TALK


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("daily-digest@20260302T1700", f"did you mean `{TALK}`?"),
        ("daily-digest@2026022", "did you mean `daily-digest@20260227T170000Z`?"),
        ("daily-digest@20260302T180000Z", f"did you mean `{TALK}`?"),
        ("weekly-report@hostle", "did you mean `weekly-report@hostile`?"),
        ("weekly-report@hel", "did you mean `weekly-report@held`?"),
        ("weekly-report@zzzzzzzzz", "`octops runs weekly-report` lists the runs of that task"),
        ("daily-digets@20260302T170000Z", "did you mean a run of `daily-digest`?"),
        ("daily-digets", "did you mean `daily-digest`?"),
        ("nothing-like-it@x", "`octops runs` lists them"),
        ("../../secret@x", "there is no run `../../secret@x`"),
        ("daily-digest@../x", "there is no run `daily-digest@../x`"),
        ("daily-digest@", f"did you mean `{TALK}`?"),
    ],
)
def test_a_run_that_is_not_there_is_answered_with_the_one_that_was_meant(past: GitProject, run: str, said: str) -> None:
    outcome = past.octops("show", run)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_an_empty_ledger_has_nothing_to_show(project: GitProject) -> None:
    for word in ("daily-digest", TALK):
        outcome = project.octops("show", word)
        assert (outcome.code, outcome.out) == (1, "")
        assert "Traceback" not in outcome.err


def test_a_task_that_has_not_run_is_not_answered_with_itself(project: GitProject) -> None:
    apply_tasks(ledger_of(project), ["daily-digest"])
    outcome = project.octops("show", "daily-digest")
    assert outcome.code == 1
    assert "it has not run yet: `octops run daily-digest` runs it now" in outcome.err


def test_a_run_at_work_is_shown_as_running(past: GitProject) -> None:
    shown = past.octops("show", "weekly-report@held").out
    assert shown.startswith("weekly-report@held running\n")
    assert "the model is being asked" in shown
    assert "runner-7" in shown
    assert "ended" not in shown
    assert "nonce" not in shown


def test_a_run_whose_runner_is_gone_says_who_takes_it_over(past: GitProject) -> None:
    shown = past.octops("show", "weekly-report@stored").out
    assert "the answer is stored and waits to be delivered" in shown
    assert "the next `octops apply` takes the run over" in shown
    assert "Three changes were **merged**." in shown


def test_a_run_nobody_has_started_says_who_asked_for_it_and_who_starts_it(past: GitProject) -> None:
    shown = past.octops("show", "weekly-report@asked").out
    assert shown.startswith("weekly-report@asked pending\n")
    assert "asked for  2026-03-02 18:30 CET (17:30 UTC) by runner-7" in shown
    assert "nobody has started it; the next `octops apply` does" in shown
    for untrue in ("lease", "started  ", "the model is being asked", "takes the run over"):
        assert untrue not in shown


def test_programs_get_a_run_nobody_has_started_as_pending(past: GitProject) -> None:
    run = json.loads(past.octops("show", "weekly-report@asked", "--format", "json").out)["run"]
    assert (run["status"], run["claim"]["phase"], run["claim"]["abandoned"]) == ("pending", "requested", False)
    assert (run.get("started_at"), "finished_at" in run) == (None, False)


def test_programs_get_a_running_run_with_its_claim_and_without_its_nonce(past: GitProject) -> None:
    text = past.octops("show", "weekly-report@held", "--format", "json").out
    run = json.loads(text)["run"]
    assert (run["status"], run["claim"]["phase"], run["claim"]["runner"]) == ("running", "claimed", "runner-7")
    assert "finished_at" not in run
    assert "nonce-of" not in text


def test_the_answer_alone_is_exactly_what_the_model_said(past: GitProject) -> None:
    assert past.octops("show", "weekly-report@hostile", "--output").out == ANSWER
    assert past.octops("show", "weekly-report@stored", "--output").out == "Three changes were **merged**."


def test_on_a_terminal_the_answer_cannot_act(past: GitProject) -> None:
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "octops", "show", "weekly-report@hostile", "--output"],
        cwd=past.root,
        env=clean_environment(past.root.parent / "home", PYTHONPATH=str(ROOT)),
        stdout=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert r"Fine \x1b[31mred\x07" in shown


@pytest.mark.parametrize(
    "run", ["weekly-report@held", "daily-digest@20260301T170000Z", "daily-digest@20260227T170000Z"]
)
def test_a_run_without_an_answer_writes_nothing(past: GitProject, run: str) -> None:
    outcome = past.octops("show", run, "--output")
    assert (outcome.code, outcome.out) == (1, "")
    assert f"error[no-answer]: run `{run}` has no answer" in outcome.err


def test_a_corrupt_record_is_named(project: GitProject) -> None:
    ledger = ledger_of(project)
    write_records(ledger, [record()])
    path = "runs/2026/03/02/daily-digest--20260302T170000Z.json"
    draft = Draft(parent=ledger.tip, files={path: b"{"}, message="x", committed_at=NOW, identity=ledger.branch.identity)
    ledger.branch.move(ledger.tip, ledger.branch.build(draft))
    outcome = project.octops("show", TALK)
    assert outcome.code == 1
    assert f"error[corrupt-ledger-file]: `{path}`" in outcome.err


def test_a_run_cut_off_in_the_middle_keeps_its_facts(project: GitProject) -> None:
    ledger = ledger_of(project)
    write_records(ledger, [replace(talk(), parameters={"url": "https://example.com"}, attempt=2)])
    shown = project.octops("show", "daily-digest").out
    assert "parameter  url=https://example.com" in shown
    assert "schedule, attempt 2" in shown
