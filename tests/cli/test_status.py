from __future__ import annotations

import json
from typing import Any

import pytest

from octops.ledger.claims import Take
from octops.ledger.definitions import Prune
from octops.ledger.documents import encode
from octops.model.ids import TaskId
from octops.model.run import DeliveryStatus, Record
from octops.repository.commits import Draft
from tests.cli.past import apply_tasks, at, claim, delivery, failed, ledger_of, record, requested, write_records
from tests.kit import SMALL_PROJECT, GitProject, git_project

SLOT_OF_TODAY = "2026-03-02T17:00"
AFTER_IT = "2026-03-02T17:05Z"
ACTIVATED = at("2026-03-01T12:00")


def told(project: GitProject, *arguments: str, now: str = AFTER_IT, code: int = 0) -> dict[str, Any]:
    """The daily digest's health; `--check` exits with `code`."""
    outcome = project.octops("status", "--check", "--format", "json", "--now", now, *arguments)
    assert (outcome.code, outcome.err) == (code, "")
    found: dict[str, Any] = {it["task"]: it for it in json.loads(outcome.out)["tasks"]}["daily-digest"]
    return found


def after(project: GitProject, *records: Record) -> GitProject:
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest"], ACTIVATED)
    write_records(ledger, records)
    return project


def test_a_task_that_ran_is_well_and_tells_its_last_and_next_run(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"), record(SLOT_OF_TODAY))
    found = told(project, now="2026-03-02T20:00Z")
    assert (found["health"], found["overdue"], found["failures"]) == ("ok", [], 0)
    assert found["last_run"]["run"] == "daily-digest@20260302T170000Z"
    assert found["next_slot"] == "2026-03-03T17:00:00Z"


@pytest.mark.parametrize(
    ("now", "more", "health"),
    [
        ("2026-03-02T17:10Z", [], "ok"),
        ("2026-03-02T17:11Z", [], "overdue"),
        ("2026-03-02T18:11Z", ["--overdue-after", "2h"], "ok"),
        ("2026-03-02T19:01Z", ["--overdue-after", "2h"], "overdue"),
    ],
)
def test_a_slot_without_a_record_is_overdue_after_a_while(
    project: GitProject, now: str, more: list[str], health: str
) -> None:
    after(project, record("2026-03-01T17:00"))
    found = told(project, *more, now=now, code=3 if health == "overdue" else 0)
    assert found["health"] == health
    assert [it["run"] for it in found["overdue"]] == (["daily-digest@20260302T170000Z"] if health == "overdue" else [])


def test_after_a_long_silence_one_slot_speaks_for_the_missed_ones(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"))
    found = told(project, now="2026-03-05T18:00Z", code=3)
    assert [it["run"] for it in found["overdue"]] == ["daily-digest@20260305T170000Z"]


def test_a_slot_that_will_never_be_caught_up_is_overdue_all_the_same(project: GitProject) -> None:
    task = str(SMALL_PROJECT["tasks/daily-digest.yaml"]).replace('at: "18:00"', 'at: "18:00", catch_up: none')
    project.write({"tasks/daily-digest.yaml": task})
    project.commit(at="2026-03-01T12:00:00Z")
    found = told(project, now="2026-03-02T20:00Z", code=3)
    assert [(it["action_reason"], it["slots"]) for it in found["overdue"]] == [("grace", 2)]


def test_a_task_nobody_has_applied_yet_is_overdue_too(project: GitProject) -> None:
    assert told(project, now="2026-03-02T18:00Z", code=3)["health"] == "overdue"


def test_failed_runs_in_a_row_are_counted_until_one_succeeds(project: GitProject) -> None:
    after(project, failed("2026-03-01T17:00"), failed(SLOT_OF_TODAY))
    found = told(project, code=3)
    assert (found["health"], found["failures"]) == ("failing", 2)
    write_records(ledger_of(project), [record("again")])
    assert told(project)["health"] == "ok"


def test_an_answer_that_did_not_arrive_is_not_well(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"))
    lost = delivery(DeliveryStatus.FAILED, error="the server answered 503")
    write_records(ledger_of(project), [record(SLOT_OF_TODAY, deliveries=(lost,))])
    assert told(project, code=3)["health"] == "undelivered"
    shown = project.octops("status", "--now", AFTER_IT).out
    assert "undelivered: daily-digest@20260302T170000Z to team: https://hooks.example.com/team: the server" in shown


def test_a_run_at_work_is_told(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"))
    ledger_of(project).write([Take(claim=claim("daily-digest@20260302T170000Z", slot=SLOT_OF_TODAY))])
    found = told(project)
    assert (found["health"], [it["run"] for it in found["running"]]) == ("running", ["daily-digest@20260302T170000Z"])


def test_a_run_that_was_asked_for_and_not_started_is_told(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"))
    ledger_of(project).write([Take(claim=requested("daily-digest@later", at=at("2026-03-02T16:30")))])
    found = told(project, now="2026-03-02T16:40Z")
    assert (found["health"], found["running"]) == ("pending", [])
    assert [it["run"] for it in found["pending"]] == ["daily-digest@later"]
    shown = project.octops("status", "--now", "2026-03-02T16:40Z").out
    asked = "asked for 2026-03-02 17:30 CET (16:30 UTC): the next `octops apply` starts it"
    assert f"pending: daily-digest@later, {asked}" in shown


def test_a_slot_with_a_record_is_not_overdue_though_its_head_was_broken_by_hand(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"), record(SLOT_OF_TODAY))
    ledger = ledger_of(project)
    ledger.write([Prune(task=TaskId("daily-digest"))])
    apply_tasks(ledger, ["daily-digest"], ACTIVATED)
    outcome = project.octops("status", "--check", "--format", "json", "--now", "2026-03-02T20:00Z")
    document = json.loads(outcome.out)
    (digest,) = document["tasks"]
    assert (outcome.code, digest["health"], digest["overdue"]) == (0, "ok", [])
    assert digest["last_run"]["run"] == "daily-digest@20260302T170000Z"
    assert [it["code"] for it in document["diagnostics"]] == ["forgetful-head"]


def test_a_paused_task_is_never_overdue_or_failing(project: GitProject) -> None:
    after(project, failed("2026-03-01T17:00"))
    project.write({"tasks/daily-digest.yaml": SMALL_PROJECT["tasks/daily-digest.yaml"] + "status: paused\n"})  # type: ignore[operator]
    assert told(project, now="2026-03-09T00:00Z")["health"] == "paused"


def test_without_check_the_exit_code_says_nothing(project: GitProject) -> None:
    outcome = project.octops("status", "--now", "2026-03-02T18:00Z")
    assert outcome.code == 0
    assert "1 task: 1 overdue." in outcome.out


def test_people_are_told_what_is_overdue_and_what_fails(project: GitProject) -> None:
    after(project, failed("2026-03-01T17:00"))
    shown = project.octops("status", "--now", "2026-03-02T18:00Z").out
    assert "failed (timeout)  2026-03-01 18:04 CET (17:04 UTC)" in shown
    assert "overdue: daily-digest@20260302T170000Z, 1 hour late: its slot has come and nothing ran it in time" in shown
    assert "failing: daily-digest has 1 failed run in a row: the model did not answer within 60 seconds" in shown


@pytest.mark.parametrize(("started", "newest"), [("2026-03-02T16:00", "20260302T170000Z"), ("2026-03-02T17:02", "zzz")])
def test_the_newest_of_slots_and_named_runs_is_the_last(project: GitProject, started: str, newest: str) -> None:
    after(project, record("2026-03-01T17:00"), record(SLOT_OF_TODAY), record("zzz", started_at=at(started)))
    assert told(project)["last_run"]["run"] == f"daily-digest@{newest}"


def test_a_claim_that_was_left_beside_its_record_is_no_run_at_work(project: GitProject) -> None:
    after(project, record("2026-03-01T17:00"))
    ledger = ledger_of(project)
    ledger.write([Take(claim=claim("daily-digest@20260302T170000Z", slot=SLOT_OF_TODAY))])
    path = "runs/2026/03/02/daily-digest--20260302T170000Z.json"
    draft = Draft(
        parent=ledger.tip,
        files={path: encode(record(SLOT_OF_TODAY))},
        message="by hand",
        committed_at=at(SLOT_OF_TODAY),
        identity=ledger.branch.identity,
    )
    ledger.branch.move(ledger.tip, ledger.branch.build(draft))
    assert told(project)["health"] == "ok"


def test_outside_git_there_is_nothing_to_tell(tmp_path: object) -> None:
    folder = GitProject(tmp_path / "plain").write(SMALL_PROJECT)  # type: ignore[operator]
    outcome = folder.octops("status")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[no-repository]" in outcome.err


def test_a_task_without_a_schedule_that_never_ran_is_new(tmp_path_factory: pytest.TempPathFactory) -> None:
    files = {"tasks/daily-digest.yaml": "prompt: x\nmodel: openai/gpt-5\n"}
    project = git_project(tmp_path_factory.mktemp("new"), files)
    found = told(project, now="2030-01-01T00:00Z")
    assert (found["health"], found["last_run"], found["next_slot"]) == ("new", None, None)
