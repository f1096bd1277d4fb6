from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import MORNING, World, slot, world
from tests.kit import Outcome
from tests.modelserver import Fault, Say


def task(model: str) -> str:
    return f"prompt: Say something.\nmodel: {model}\nschedule: {MORNING}\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Outcome]]:
    """One key that works, one that is refused, one that is not set; one run after the other."""
    models = {
        "works": "",
        "refused-a": "api_key: {env: BAD_KEY}",
        "refused-b": "api_key: {env: BAD_KEY}",
        "unset": "model: anthropic/claude-sonnet-4-5, api_key: {env: NOT_SET}",
        "saved": "model: anthropic/claude-sonnet-4-5, api_key: {env: NOT_SET}, fallback: works",
    }
    files = {f"tasks/{name}.yaml": task(name) for name in models}
    with world(tmp_path_factory.mktemp("keys"), files, models=models, more="parallelism: 1\n") as made:
        made.models.acts = {name: [Fault(status=401, message="bad key")] for name in ("refused-a", "refused-b")}
        made.models.acts["works"] = [Say(text="fine")]
        yield made, made.apply(BAD_KEY="sk-refused-1234567890")


def test_a_refused_key_stops_the_other_tasks_that_use_it(keys: tuple[World, Outcome]) -> None:
    made, _ = keys
    failure = made.record(slot("refused-b"))["failure"]
    assert (len(made.asked("refused-a")), len(made.asked("refused-b"))) == (1, 0)
    # Read days later, and perhaps of a run whose first turns were answered, it is still true.
    assert f"was not asked again, it had refused the same key in run `{slot('refused-a')}`: " in failure["message"]
    assert (failure["kind"], "see that run" in failure["hint"]) == ("model", True)


def test_the_run_whose_key_was_refused_says_which_variable_to_look_at(keys: tuple[World, Outcome]) -> None:
    failure = keys[0].record(slot("refused-a"))["failure"]
    assert "answered 401: bad key" in failure["message"]
    assert "`BAD_KEY`" in failure["hint"]


def test_a_task_with_another_key_runs_all_the_same(keys: tuple[World, Outcome]) -> None:
    assert keys[0].record(slot("works"))["status"] == "completed"


def test_a_run_without_its_key_fails_as_config_and_says_what_to_set(keys: tuple[World, Outcome]) -> None:
    failure = keys[0].record(slot("unset"))["failure"]
    assert failure["kind"] == "config"
    assert "`NOT_SET` is not set" in failure["message"]
    assert "set `NOT_SET`, or choose another model" in failure["hint"]


def test_a_fallback_with_a_key_stands_in_for_a_model_without(keys: tuple[World, Outcome]) -> None:
    record = keys[0].record(slot("saved"))
    assert (record["status"], record["text"], record["model_asked"]) == (
        "completed",
        "fine",
        "anthropic/claude-sonnet-4-5",
    )


def test_some_failed_runs_make_exit_code_3(keys: tuple[World, Outcome]) -> None:
    assert keys[1].code == 3


@pytest.fixture
def keyless(tmp_path: Path) -> Iterator[World]:
    files = {"tasks/one.yaml": task("default"), "tasks/two.yaml": task("anthropic/claude-sonnet-4-5")}
    with world(tmp_path, files) as made:
        yield made


def test_without_any_usable_key_nothing_is_asked_nothing_written_and_the_ways_on_are_told(keyless: World) -> None:
    outcome = keyless.apply(key="")
    assert outcome.code == 1
    for words in ("`TEST_KEY` is not set", "`ANTHROPIC_API_KEY` is not set", "set the variable", "another model"):
        assert words in outcome.err
    assert (keyless.server.journal, keyless.ledger_files()) == ([], [])


def test_without_any_usable_key_a_run_by_hand_starts_nothing_either(keyless: World) -> None:
    outcome = keyless.octops("run", "one", "--name", "now", key="")
    assert (outcome.code, "`TEST_KEY` is not set" in outcome.err) == (1, True)
    assert keyless.ledger_files() == []


def test_definitions_alone_need_no_key(keyless: World) -> None:
    assert keyless.apply("--only", "definitions", key="").code == 0
    assert sorted(keyless.heads()) == ["one", "two"]
