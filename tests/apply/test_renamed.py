"""A task that was renamed (`moved` in octops.yaml) goes on where it was: slots, last answer, previous run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import MORNING, World, slot, world
from tests.modelserver import Say

DIGEST = f"""\
prompt: News since <<previous_run_at | default("ever")>>.
schedule: {MORNING}
deliver: on_change
destinations: [team]
"""
FIRST, SECOND, THIRD = (f"2026-03-0{day}T08:30Z" for day in (2, 3, 4))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """`digest` has run once and is called `news` since; no apply has seen that yet."""
    with world(tmp_path, {"tasks/digest.yaml": DIGEST}) as made:
        made.commit({"destinations/team.yaml": f"type: webhook\nurl: {made.hook.url('team')}\n"})
        made.models.acts["default"] = [Say(text="As ever.")]
        assert made.apply(now=FIRST).code == 0
        (made.project.root / "tasks/digest.yaml").rename(made.project.root / "tasks/news.yaml")
        settings = (made.project.root / "octops.yaml").read_text()
        made.commit({"octops.yaml": settings + "moved: [{from: digest, to: news}]\n"}, at="2026-03-02T13:00:00Z")
        yield made


def test_its_first_run_under_the_new_name_knows_the_last_answer(made: World) -> None:
    assert made.apply(now=SECOND).code == 0
    assert [it["status"] for it in made.record(slot("news", 3))["deliveries"]] == ["suppressed"]
    assert len(made.hook.events("team")) == 1


def test_its_first_run_under_the_new_name_knows_the_run_before(made: World) -> None:
    assert made.apply(now=SECOND).code == 0
    prompts = [asked.body["messages"][-1]["content"] for asked in made.server.journal]
    assert "2026-03-02" in prompts[1]


def test_what_it_did_under_its_old_name_is_found_under_the_new_one(made: World) -> None:
    """Before the rename is written down as well as after, and until it has run under its new name."""
    for _ in range(2):
        for command in (["runs", "news"], ["show", "news"], ["logs", "news"]):
            outcome = made.octops(*command)
            assert (outcome.code, slot("digest") in outcome.out) == (0, True), (command, outcome)
        ((of_news,), (of_costs,)) = (
            json.loads(made.octops(*command, "--now", "2026-03-02T14:00Z", "--format", "json").out)[key]
            for command, key in ((["status"], "tasks"), (["cost", "--by", "task"], "costs"))
        )
        assert (of_news["task"], of_news["health"], of_news["last_run"]["run"]) == ("news", "ok", slot("digest"))
        assert (of_costs["task"], of_costs["runs"]) == ("news", 1)
        assert made.apply("--only", "definitions", now="2026-03-02T14:00Z").code == 0


def test_its_runs_under_both_names_are_one_past(made: World) -> None:
    assert made.apply(now=SECOND).code == 0
    listed = json.loads(made.octops("runs", "news", "--format", "json").out)["runs"]
    assert [run["run"] for run in listed] == [slot("news", 3), slot("digest")]
    assert made.octops("runs", "digest").out.splitlines()[-1].startswith(slot("digest"))
    assert slot("news", 3) in made.octops("show", "news").out
    assert f"did you mean `{slot('digest')}`?" in made.octops("show", slot("news")).err


def test_a_task_whose_rename_is_not_written_down_yet_waits_where_only_runs_are_wanted(made: World) -> None:
    """Nothing would remember its run: the head lies under the old name, and definitions are not to be touched."""
    outcome = made.apply("--only", "runs", now=SECOND)
    assert (outcome.code, list(made.records()), sorted(made.heads())) == (0, [slot("digest")], ["digest"])
    assert "note[definitions-first]" in outcome.err
    assert "`news`" in outcome.err


def test_what_waited_runs_once_when_the_definitions_are_wanted_too(made: World) -> None:
    for arguments in (("--only", "runs"), (), ("--only", "runs"), ()):
        assert made.apply(*arguments, now=SECOND).code == 0
    assert sorted(made.records()) == [slot("digest"), slot("news", 3)]
    assert made.heads()["news"]["settled_until"] == "2026-03-03T08:00:00Z"
    assert "No changes." in made.octops("plan", "--now", SECOND).out


def test_written_down_first_the_runs_alone_go_on_as_ever(made: World) -> None:
    assert made.apply("--only", "definitions", now=SECOND).code == 0
    assert sorted(made.heads()) == ["news"]
    assert made.apply("--only", "runs", now=SECOND).code == 0
    assert sorted(made.records()) == [slot("digest"), slot("news", 3)]
    assert len(made.hook.events("team")) == 1


def test_a_new_task_waits_for_its_definition_too_and_says_so(made: World) -> None:
    made.commit({"tasks/other.yaml": f"prompt: Other.\nschedule: {MORNING}\n"}, at="2026-03-02T14:00:00Z")
    outcome = made.apply("--only", "runs", "--task", "other", now=SECOND)
    assert (outcome.code, "note[definitions-first]" in outcome.err, len(made.server.journal)) == (0, True, 1)


def test_a_task_that_was_only_edited_runs_without_its_definition(made: World) -> None:
    assert made.apply(now=SECOND).code == 0
    made.commit({"tasks/news.yaml": DIGEST.replace("News", "All news")}, at="2026-03-03T13:00:00Z")
    outcome = made.apply("--only", "runs", now=THIRD)
    assert (outcome.code, "definitions-first" in outcome.err) == (0, False)
    assert slot("news", 4) in made.records()
