"""`octops run`: one task now, whatever its schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.apply.world import KEY, MORNING, NOW, World, world
from tests.kit import Outcome
from tests.modelserver import Fault, Say

ANSWER = """\
prompt: Answer about <<url>> in <<language>>.
parameters:
  url: {description: The page, required: true}
  language: {description: The language, default: English}
destinations:
  - {type: file, path: "answers/<<run_id>>.md"}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Shared: each test uses names of its own."""
    files = {
        "tasks/answer.yaml": ANSWER,
        "tasks/daily.yaml": f"prompt: Daily.\nschedule: {MORNING}\n",
        "tasks/fails.yaml": "prompt: Fail.\nmodel: broken\n",
    }
    with world(tmp_path_factory.mktemp("run"), files, models={"broken": ""}) as made:
        made.models.acts = {"default": [Say(text=f"The key is {KEY}.")], "broken": [Fault(status=400)]}
        yield made


def run(made: World, *arguments: str, now: str = NOW) -> Outcome:
    return made.octops("run", *arguments, "--now", now)


@pytest.fixture(scope="module")
def answered(made: World) -> Outcome:
    return run(made, "answer", "--name", "ticket-42", "--param", "url=https://example.com/a=b")


def test_a_named_run_happens_now_and_is_recorded_with_its_parameters(made: World, answered: Outcome) -> None:
    record = made.record("answer@ticket-42")
    assert answered.code == 0, answered.err
    assert (record["status"], record["trigger"], record["name"]) == ("completed", "manual", "ticket-42")
    assert record["scheduled_at"] is None
    assert record["parameters"] == {"url": "https://example.com/a=b"}
    assert record["messages"][-1]["text"] == "Answer about https://example.com/a=b in English."


def test_the_same_name_again_prints_that_run_and_starts_nothing(made: World, answered: Outcome) -> None:
    before = len(made.server.journal)
    again = run(made, "answer", "--name", "ticket-42", "--param", "url=https://example.com/other")
    assert (again.code, len(made.server.journal)) == (0, before)
    assert "answer@ticket-42 completed" in again.out
    assert "already happened: nothing was started now" in again.out
    assert "warning[other-parameters]" in again.err
    assert "keeps the parameters it was first given: `url` would be another now" in again.err
    assert "https://example.com" not in again.err


@pytest.mark.parametrize("more", [(), ("--param", "language=English")], ids=["as it was", "a default spelled out"])
def test_the_same_name_with_the_same_parameters_is_told_without_a_word(
    made: World, answered: Outcome, more: tuple[str, ...]
) -> None:
    again = run(made, "answer", "--name", "ticket-42", "--param", "url=https://example.com/a=b", *more)
    assert (again.code, again.err) == (0, "")


def test_the_same_name_again_as_json_is_the_same_run(made: World, answered: Outcome) -> None:
    again = run(made, "answer", "--name", "ticket-42", "--param", "url=x", "--format", "json")
    document = json.loads(again.out)
    (told,) = document["runs"]
    assert [it["code"] for it in document["diagnostics"]] == ["other-parameters"]
    assert (told["run"], told["status"], told["deliveries"][0]["status"]) == (
        "answer@ticket-42",
        "completed",
        "delivered",
    )


def test_a_run_by_hand_leaves_the_schedule_alone(made: World, answered: Outcome) -> None:
    assert "daily" not in made.heads()
    assert "daily@20260302T080000Z" in made.octops("plan", "--now", NOW, "--format", "json").out


@pytest.mark.parametrize(
    "name", ["", "-x", ".hidden", "a b", "a/b", "a@b", "ü", "x" * 101, "a\nb", "20260302T080000Z", "../up"]
)
def test_a_name_that_cannot_be_one_is_refused_before_anything_is_asked(made: World, name: str) -> None:
    before = len(made.server.journal)
    outcome = run(made, "answer", f"--name={name}", "--param", "url=x")
    assert (outcome.code, len(made.server.journal)) == (1, before)
    assert "error[bad-run-name]" in outcome.err
    assert "letters, digits" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("`url`",)),
        (("--param", "url=x", "--param", "color=red"), ("`color`",)),
        (("--param", "url"), ("url",)),
        (("--param", "url=x", "--param", "url=y"), ("url",)),
        (("--param", "color=red"), ("`url`", "`color`")),
    ],
    ids=["missing", "undeclared", "no value", "twice", "all at once"],
)
def test_wrong_parameters_are_refused_before_anything_is_asked(
    made: World, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = len(made.server.journal)
    outcome = run(made, "answer", "--name", "never", *arguments)
    assert (outcome.code, len(made.server.journal)) == (1, before)
    assert all(word in outcome.err for word in words), outcome.err
    assert "answer@never" not in made.records()


@pytest.mark.parametrize("wait", ["--wait", "--no-wait"])
def test_a_secret_as_a_parameter_is_refused_before_it_is_kept_anywhere(made: World, wait: str) -> None:
    outcome = run(made, "answer", "--name", "leaky", "--param", f"url=https://x.example/?key={KEY}", wait)
    assert (outcome.code, "error[secret-parameter]" in outcome.err, KEY in outcome.err) == (1, True, False)
    assert made.open_claims() == []


def test_a_time_before_what_the_ledger_tells_of_is_refused(made: World, answered: Outcome) -> None:
    outcome = run(made, "answer", "--name", "early", "--param", "url=x", now="2026-03-01T12:00Z")
    assert (outcome.code, "error[ledger-newer]" in outcome.err) == (1, True), outcome.err


def test_a_request_is_told_as_json_too(made: World) -> None:
    arguments = ("answer", "--name", "quietly", "--param", "url=x", "--no-wait", "--format", "json")
    told = [json.loads(run(made, *arguments, now="2026-03-02T08:48Z").out) for _ in range(2)]
    assert [(one["requested"], one["left_alone"]) for one in told] == [
        (["answer@quietly"], []),
        ([], ["answer@quietly"]),
    ]


def test_an_unknown_task_is_refused_with_a_suggestion(made: World) -> None:
    outcome = run(made, "anwser")
    assert (outcome.code, "did you mean `answer`?" in outcome.err) == (1, True)


def test_a_dry_run_shows_the_prompt_and_needs_neither_key_nor_model(made: World) -> None:
    before = len(made.server.journal)
    outcome = made.octops("run", "answer", "--param", "url=x", "--dry-run", "--now", NOW, key="")
    assert (outcome.code, len(made.server.journal)) == (0, before)
    assert "Answer about x in English." in outcome.out


def test_a_staged_run_asks_the_model_and_delivers_and_records_nothing(made: World) -> None:
    files, asked = made.ledger_files(), len(made.server.journal)
    outcome = run(made, "answer", "--name", "tried", "--param", "url=x", "--staged")
    assert (outcome.code, len(made.server.journal)) == (0, asked + 1)
    assert "The key is [redacted]." in outcome.out
    assert "would be delivered to" in outcome.out
    assert "(file: " in outcome.out
    assert KEY not in outcome.out + outcome.err
    assert made.ledger_files() == files


def test_a_run_asked_for_and_not_waited_for_is_done_by_the_next_apply(made: World) -> None:
    before = len(made.server.journal)
    asked = run(made, "answer", "--name", "later", "--param", "url=x", "--no-wait", now="2026-03-02T08:48Z")
    again = run(made, "answer", "--name", "later", "--param", "url=x", "--no-wait", now="2026-03-02T08:48Z")
    assert (asked.code, again.code, len(made.server.journal)) == (0, 0, before)
    assert "the next apply runs it" in asked.out
    assert "already requested" in again.out
    applied = made.apply("--task", "answer", now="2026-03-02T08:50Z")
    record = made.record("answer@later")
    assert (applied.code, record["status"], record["trigger"]) == (0, "completed", "manual"), applied.err
    assert record["parameters"] == {"url": "x"}
    assert (record["attempt"], made.open_claims()) == (1, [])


def test_a_run_asked_for_before_can_still_be_done_at_once(made: World) -> None:
    run(made, "answer", "--name", "hurry", "--param", "url=x", "--no-wait", now="2026-03-02T08:51Z")
    outcome = run(made, "answer", "--name", "hurry", "--param", "url=ignored", now="2026-03-02T08:52Z")
    assert (outcome.code, "warning[other-parameters]" in outcome.err) == (0, True), outcome.err
    assert made.record("answer@hurry")["parameters"] == {"url": "x"}


def test_a_request_again_with_other_parameters_is_warned_of(made: World) -> None:
    first = run(made, "answer", "--name", "twice", "--param", "url=x", "--no-wait", now="2026-03-02T08:52Z")
    again = run(made, "answer", "--name", "twice", "--param", "url=y", "--no-wait", now="2026-03-02T08:52Z")
    assert (first.err, "already requested" in again.out) == ("", True)
    assert "warning[other-parameters]" in again.err


def test_runs_nobody_named_are_each_a_run_of_their_own(made: World) -> None:
    """Both are started in the same second of their clock."""
    asked = ("answer", "--no-wait", "--format", "json", "--param")
    names = [run(made, *asked, f"url={url}", now="2026-03-02T08:52Z") for url in "xy"]
    ((one,), (two,)) = (json.loads(it.out)["requested"] for it in names)
    assert one != two
    assert all(re.fullmatch(r"answer@manual-20260302T085200Z-[0-9a-f]{6}", it) for it in (one, two))
    assert len([path for path in made.open_claims() if "manual-" in path]) == 2


def test_a_failed_run_is_recorded_and_exits_with_3_each_time_it_is_asked_for(made: World) -> None:
    first = run(made, "fails", "--name", "once", now="2026-03-02T08:53Z")
    again = run(made, "fails", "--name", "once", now="2026-03-02T08:53Z")
    assert (first.code, again.code) == (3, 3)
    assert len(made.asked("broken")) == 1
    assert made.record("fails@once")["failure"]["kind"] == "model"
