"""Applied = reviewed: a saved plan is carried out exactly, or refused whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from octops.schemas import schema
from tests.apply.world import MORNING, NOW, World, slot, world
from tests.kit import Outcome

DIGEST = f"prompt: Tell the news.\nschedule: {MORNING}\n"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": DIGEST, "tasks/other.yaml": "prompt: Other.\n"}) as made:
        assert made.octops("plan", "-o", "plan.json", "--now", NOW).code == 0
        yield made


def saved(made: World, *arguments: str) -> Outcome:
    return made.octops("apply", "plan.json", *arguments)


def refused(made: World) -> str:
    """What is said to a plan that is refused; nothing was asked and nothing written."""
    before = made.ledger_files()
    outcome = saved(made)
    assert (outcome.code, made.server.journal, made.ledger_files()) == (1, [], before)
    assert "Saved plan is stale" in outcome.err
    return outcome.err


def test_a_saved_plan_is_carried_out_without_being_asked_for_again(made: World) -> None:
    outcome = saved(made, "--now", "2026-03-02T08:50Z")
    assert outcome.code == 0, outcome.err
    assert sorted(made.heads()) == ["digest", "other"]
    assert list(made.records()) == [slot("digest")]
    assert made.record(slot("digest"))["started_at"] >= "2026-03-02T08:50:00Z"


def test_a_saved_plan_runs_what_was_due_when_it_was_made_and_nothing_more(made: World) -> None:
    assert saved(made, "--only", "definitions", "--now", "2026-03-05T12:00Z").code == 0
    made.octops("plan", "-o", "plan.json", "--now", NOW)
    assert saved(made, "--now", "2026-03-05T12:00Z").code == 0
    assert list(made.records()) == [slot("digest")]


def test_a_saved_plan_is_not_applied_by_a_machine_whose_clock_is_behind_the_ledgers(made: World) -> None:
    assert saved(made, "--only", "definitions", "--now", NOW).code == 0
    made.ledger_from_the_future()
    made.octops("plan", "-o", "plan.json", "--now", NOW)
    outcome = saved(made, "--now", "2099-06-01T12:00Z")
    assert (outcome.code, "error[clock-behind]" in outcome.err, made.records()) == (1, True, {}), outcome.err


def test_a_saved_plan_is_not_applied_at_a_time_before_what_the_ledger_tells_of(made: World) -> None:
    assert saved(made, "--only", "definitions", "--now", NOW).code == 0
    made.octops("plan", "-o", "plan.json", "--now", NOW)
    outcome = saved(made, "--now", "2026-03-01T12:00Z")
    assert (outcome.code, "error[ledger-newer]" in outcome.err, made.records()) == (1, True, {}), outcome.err


def test_a_second_apply_of_the_same_plan_is_refused(made: World) -> None:
    assert saved(made, "--only", "definitions", "--now", NOW).code == 0
    told = refused(made)
    assert "`task.digest` differs from the saved plan" in told or "`task.digest` is not to be done any more" in told


def test_a_plan_is_stale_after_a_commit(made: World) -> None:
    before = made.project.git("rev-parse", "HEAD")
    made.commit({"tasks/other.yaml": "prompt: Something else.\n"}, at="2026-03-01T13:00:00Z")
    after = made.project.git("rev-parse", "HEAD")
    told = refused(made)
    assert "`task.other` differs from the saved plan" in told
    assert f"the saved plan was made for revision `{before[:12]}`, and this is revision `{after[:12]}`" in told


def test_a_plan_is_stale_when_a_file_was_edited_and_not_committed(made: World) -> None:
    made.project.write({"tasks/other.yaml": "prompt: Something else.\n"})
    assert "`task.other` differs from the saved plan" in refused(made)


def drop(document: dict[str, Any]) -> None:
    document["run_changes"] = []


def run_twice(document: dict[str, Any]) -> None:
    copy = {**document["run_changes"][0], "address": "run.other@20260302T080000Z", "task": "other"}
    document["run_changes"].append(copy)


def other_prompt(document: dict[str, Any]) -> None:
    document["resource_changes"][0]["change"]["after"]["prompt"] = "Delete everything."


def hide_effects(document: dict[str, Any]) -> None:
    document["run_changes"][0]["effects"] = {}


@pytest.mark.parametrize("edit", [drop, run_twice, other_prompt, hide_effects])
def test_a_plan_edited_by_hand_is_refused(made: World, edit: Callable[[dict[str, Any]], None]) -> None:
    path = made.project.root / "plan.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    told = refused(made)
    assert "stale-action" in told


def at_no_zone(document: dict[str, Any]) -> None:
    document["octops"]["now"] = "2026-03-02T08:47:00"


def at_the_end_of_time(document: dict[str, Any]) -> None:
    document["octops"]["now"] = "9999-12-31T23:59:59Z"


@pytest.mark.parametrize("edit", [at_no_zone, at_the_end_of_time])
def test_a_plan_of_a_time_that_is_none_is_refused(made: World, edit: Callable[[dict[str, Any]], None]) -> None:
    path = made.project.root / "plan.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    outcome = saved(made)
    assert (outcome.code, "`plan.json` is not a saved plan" in outcome.err) == (1, True), outcome.err


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"octops": {}}', '{"octops": {"base": "", "now": "soon"}}'])
def test_a_file_that_is_no_plan_is_told_from_one(made: World, content: str) -> None:
    made.project.write({"plan.json": content})
    outcome = saved(made)
    assert (outcome.code, "`plan.json` is not a saved plan" in outcome.err) == (1, True)


def test_a_plan_between_two_commits_cannot_be_applied(made: World) -> None:
    made.octops("plan", "--base", "HEAD", "-o", "plan.json")
    outcome = saved(made)
    assert (outcome.code, "compares two commits" in outcome.err) == (1, True)


def test_the_saved_plan_keeps_its_schema_before_and_after_an_apply(made: World) -> None:
    import jsonschema_rs

    check = jsonschema_rs.Draft202012Validator(schema("plan"))
    plans = [(made.project.root / "plan.json").read_text()]
    made.apply("--only", "definitions")
    (made.project.root / "tasks/other.yaml").unlink()
    plans.append(made.octops("plan", "--format", "json", "--now", NOW).out)
    assert [list(check.iter_errors(json.loads(plan))) for plan in plans] == [[], []]


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("budget", "", "budget: {day_usd: 100}\n"),
        ("parallelism", "parallelism: 2\n", "parallelism: 200\n"),
        ("network", 'network: {allow: ["', 'network: {allow: ["evil.example:80", "'),
        ("records", "pushes_per_minute: 60", "pushes_per_minute: 60, branch: elsewhere"),
        ("apply", "", "apply: {forks: true}\n"),
        ("variables", "", "variables: {color: red}\n"),
    ],
)
def test_settings_that_no_task_tells_of_make_a_plan_stale_and_are_named(
    made: World, key: str, before: str, after: str
) -> None:
    """The work tree is not committed either time: its revision and that it differs say nothing."""
    path = made.project.root / "octops.yaml"
    text = path.read_text() + "# edited\n"
    text += "" if before in text else before
    path.write_text(text)
    assert made.octops("plan", "-o", "plan.json", "--now", NOW).code == 0
    path.write_text(text.replace(before, after) if before else text + after)
    told = refused(made)
    assert f"`{key}` in octops.yaml says something else now" in told
    assert told.count("stale-action") == 1


def test_a_setting_that_is_spelled_otherwise_and_means_the_same_leaves_a_plan_fresh(made: World) -> None:
    path = made.project.root / "octops.yaml"
    path.write_text(path.read_text() + "# edited\n")
    assert made.octops("plan", "-o", "plan.json", "--now", NOW).code == 0
    path.write_text(path.read_text() + "parallelism: 8\nbudget: {}\ntimezone: UTC\n")
    assert saved(made, "--now", "2026-03-02T08:50Z").code == 0


def without_settings(document: dict[str, Any]) -> None:
    del document["octops"]["settings"]


def other_settings(document: dict[str, Any]) -> None:
    document["octops"]["settings"]["budget"] = "0" * 64


@pytest.mark.parametrize("edit", [without_settings, other_settings])
def test_a_plan_that_does_not_say_its_settings_is_refused(made: World, edit: Callable[[dict[str, Any]], None]) -> None:
    path = made.project.root / "plan.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    assert "settings" in refused(made) or edit is other_settings


def test_the_same_files_ledger_and_clock_save_the_same_bytes(made: World) -> None:
    first = (made.project.root / "plan.json").read_bytes()
    made.octops("plan", "-o", "again.json", "--now", NOW)
    assert (made.project.root / "again.json").read_bytes() == first
