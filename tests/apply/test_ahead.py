"""An apply that was told a wrong time: the slots until then have ended, and nobody has run them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.apply.world import MORNING, NOW, World, slot, world

WRONG = "2099-03-02T08:10Z"
SAID = "slots after 2026-03-03 09:00 UTC count as ended and will not run: `digest` up to 2099-03-02 08:00 UTC"
NEXT_DAY = "2026-03-03T09:00Z"
COMMANDS = [("plan",), ("status",), ("state", "doctor")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    files = {"tasks/digest.yaml": f"prompt: News.\nschedule: {MORNING}\n", "tasks/by-hand.yaml": "prompt: Report.\n"}
    with world(tmp_path_factory.mktemp("ahead"), files) as made:
        first = made.apply(now=NOW)
        assert (first.code, "clock-ahead" in first.err) == (0, False)
        assert made.octops("status", "--now", NEXT_DAY).err == ""
        yield made


@pytest.fixture(scope="module")
def judged(made: World) -> World:
    """By a saved plan, which keeps its time; asked in vain before, without one."""
    saved = str(made.project.root.parent / "plan.json")
    assert made.octops("plan", "-o", saved, "--now", WRONG).code == 0
    for arguments, code in ((("--now", WRONG), 1), ((saved,), 0)):
        outcome = made.octops("apply", *arguments)
        assert (outcome.code, "warning[clock-ahead]" in outcome.err) == (code, True), outcome.err
        assert "every slot up to then ends with this apply" in outcome.err
    return made


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_everybody_who_looks_is_told_which_slots_will_not_run(judged: World, command: tuple[str, ...]) -> None:
    outcome = judged.octops(*command, "--now", NEXT_DAY)
    assert (outcome.code, "warning[settled-ahead]" in outcome.err) == (0, True), outcome.err
    assert SAID in outcome.err
    assert "set back to its commit before that apply" in outcome.err
    assert "by-hand" not in outcome.err


def test_an_apply_by_the_right_clock_is_told_too(judged: World) -> None:
    outcome = judged.octops("apply", "--auto-approve")
    assert (outcome.code, "warning[settled-ahead]" in outcome.err) == (0, True)


def test_a_slot_that_came_and_was_passed_over_is_overdue(judged: World) -> None:
    """That of 2 March ran before the wrong clock, that of 3 March did not."""
    for now, code, overdue in (("2026-03-02T09:30Z", 0, []), (NEXT_DAY, 3, [slot("digest", 3)])):
        outcome = judged.octops("status", "--check", "--format", "json", "--now", now)
        tasks = {it["task"]: it for it in json.loads(outcome.out)["tasks"]}
        assert (outcome.code, [it["run"] for it in tasks["digest"]["overdue"]]) == (code, overdue)
    shown = judged.octops("status", "--now", NEXT_DAY).out
    assert "1 hour late: an apply that judged by a later time has passed it over" in shown
