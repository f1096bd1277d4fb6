"""One apply with many tasks, each with a model that is bad in its own way: every run tells the truth about its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.apply.world import MORNING, NOW, World, slot, world
from tests.kit import Outcome
from tests.modelserver import Act, Drip, Fault, Hang, Reset, Say, garbage, html

ONCE = "retry: {attempts: 1}\n"
SHORT = "limits: {seconds: 8}\n"


@dataclass(frozen=True)
class Bad:
    """A model, and what becomes of its run. `asked`: how many requests it gets."""

    acts: list[Act]
    kind: str
    message: str
    hint: str
    asked: int = 1
    keys: str = ONCE


TABLE = {
    "s400": Bad([Fault(status=400, message="no such field")], "model", "answered 400: no such field", "model name"),
    "s403": Bad([Fault(status=403)], "model", "answered 403", "may not use `openai/s403`"),
    "s404": Bad([Fault(status=404)], "model", "answered 404", "check the model name `openai/s404`"),
    "s408": Bad([Fault(status=408)], "model", "answered 408", "octops.yaml"),
    "s429": Bad([Fault(status=429)], "model", "answered 429", "too many requests or no credit"),
    "s429-huge": Bad(
        [Fault(status=429, headers={"retry-after": "99999999"})], "model", "asks to wait", "too many", keys=""
    ),
    "s429-nonsense": Bad(
        [Fault(status=429, headers={"retry-after": "soon"})], "model", "after 2 attempts", "too many", 2,
        "retry: {attempts: 2}\n",
    ),
    "s500": Bad([Fault(status=500)], "model", "answered 500 after 2 attempts", "provider has trouble", 2,
                "retry: {attempts: 2}\n"),
    "garbage": Bad([garbage()], "model", "something that is no answer", "does not speak the provider's protocol"),
    "html": Bad([html()], "model", "something that is no answer", "does not speak the provider's protocol", keys=""),
    "html502": Bad([html(502)], "model", "answered 502", "provider has trouble"),
    "empty": Bad([Say(text="")], "empty_output", "answered with nothing", "say in the prompt"),
    "blank": Bad([Say(text=" \n\t ")], "empty_output", "answered with nothing", "say in the prompt"),
    "cut": Bad([Say(text="half an ans", stop="length")], "truncated", "cut off", "max_tokens"),
    "filtered": Bad([Say(text="", stop="content_filter")], "model", "content filter", "rephrase"),
    "hang": Bad([Hang()], "timeout", "within 8 s", "limits.seconds", keys=SHORT),
    "drip": Bad([Drip(every=1)], "timeout", "within 8 s", "limits.seconds", keys=SHORT),
    "reset": Bad([Reset()], "model", "broke the connection off", "the connection was taken, and broken off"),
}  # fmt: skip


def task(model: str, keys: str = "") -> str:
    return f"prompt: Say something.\nmodel: {model}\nschedule: {MORNING}\n{keys}"


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Outcome]]:
    files = {f"tasks/{name}.yaml": task(name, bad.keys) for name, bad in TABLE.items()}
    files |= {"tasks/good.yaml": task("good"), "tasks/at-last.yaml": task("at-last")}
    models = dict.fromkeys((*TABLE, "good", "at-last"), "")
    # A refused key stops all tasks that use it.
    models["s403"] = "api_key: {env: OTHER_KEY}"
    with world(tmp_path_factory.mktemp("bad"), files, models=models, more="parallelism: 32\n") as made:
        made.models.acts = {name: bad.acts for name, bad in TABLE.items()}
        made.models.acts["at-last"] = [Fault(status=500), Say(text="Here I am.")]
        yield made, made.cold("apply", "--auto-approve", "--now", NOW, OTHER_KEY="sk-other-1234567890")


@pytest.fixture(scope="module")
def records(applied: tuple[World, Outcome]) -> dict[str, dict[str, Any]]:
    return applied[0].records()


@pytest.mark.parametrize("name", TABLE)
def test_a_bad_model_ends_in_a_record_with_its_kind_and_a_hint(name: str, records: dict[str, dict[str, Any]]) -> None:
    failure = records[slot(name)]["failure"]
    assert (records[slot(name)]["status"], failure["kind"]) == ("failed", TABLE[name].kind)
    assert TABLE[name].message in failure["message"]
    assert TABLE[name].hint in failure["hint"]


@pytest.mark.parametrize("name", TABLE)
def test_a_model_is_asked_again_only_where_that_can_help(name: str, applied: tuple[World, Outcome]) -> None:
    assert len(applied[0].asked(name)) == TABLE[name].asked


def test_what_a_model_said_before_it_was_cut_off_is_kept(records: dict[str, dict[str, Any]]) -> None:
    assert records[slot("cut")]["text"] == "half an ans"


def test_a_model_that_answers_after_one_500_completes_its_run(records: dict[str, dict[str, Any]]) -> None:
    assert (records[slot("at-last")]["status"], records[slot("at-last")]["text"]) == ("completed", "Here I am.")


def test_the_other_runs_are_unharmed(records: dict[str, dict[str, Any]]) -> None:
    assert records[slot("good")]["status"] == "completed"
    assert len(records) == len(TABLE) + 2


def test_an_apply_with_failed_runs_says_each_and_exits_with_3(applied: tuple[World, Outcome]) -> None:
    outcome = applied[1]
    assert outcome.code == 3
    for name, bad in TABLE.items():
        assert f"{slot(name)} failed" in outcome.out
        assert f"{slot(name)}: failed ({bad.kind})" in outcome.err
    assert f"Runs: 2 completed, {len(TABLE)} failed, 0 skipped." in outcome.out


def test_nothing_of_the_model_library_is_printed(applied: tuple[World, Outcome]) -> None:
    _, outcome = applied
    assert "litellm" not in (outcome.out + outcome.err).lower()
    assert "Traceback" not in outcome.err
