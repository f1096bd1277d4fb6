from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from octops.model.events import Answered, Asking, Called, Calling, Event, Owed
from octops.model.ids import Value
from octops.model.project import Budget, ModelAlias, Price
from octops.model.run import Answer, ErrorKind, Message, ModelError, Reply, ToolCall, ToolResult, Tools
from octops.model.task import Limits, Output
from octops.run.agent import converse
from octops.run.budget import Allowance, BudgetLedger
from tests.fakes import ScriptedModel, ScriptedTools, Step, said, wants
from tests.kit import SOON

pytestmark = pytest.mark.anyio

PROMPT = (Message(role="user", text="Report."),)
CHAIN = (ModelAlias(model="x/y", price=Price(input_per_million=1, output_per_million=10)),)
JSON = Output(format="json", schema={"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}})


async def answer(
    model: ScriptedModel,
    tools: Tools | None = None,
    *,
    output: Output | None = None,
    limits: Limits | None = None,
    budget: Allowance | None = None,
    events: list[Event] | None = None,
) -> Answer:
    return await converse(
        model,
        tools or ScriptedTools(),
        PROMPT,
        output=output or Output(),
        limits=limits or Limits(),
        budget=budget or BudgetLedger(Budget()).run("default", CHAIN),
        clock=time.monotonic,
        on_event=(events if events is not None else []).append,
    )


def kind(given: Answer) -> ErrorKind | None:
    return given.failure.kind if given.failure else None


async def test_an_answer_without_tools_is_one_turn() -> None:
    given = await answer(ScriptedModel(["All is well."]))
    assert (given.text, given.failure, len(given.turns), given.model) == ("All is well.", None, 1, "scripted-1")
    assert (given.usage.input_tokens, given.usage.output_tokens) == (10, 5)


async def test_tool_results_go_back_to_the_model_and_usage_adds_up() -> None:
    model = ScriptedModel([said("Let me look.", wants("log__read", {"n": 2})), "Two lines."])
    tools = ScriptedTools({"log__read": "a\nb"})
    given = await answer(model, tools)
    assert (given.text, given.failure, given.usage.input_tokens) == ("Two lines.", None, 20)
    assert tools.called == [("log__read", {"n": 2})]
    assert [message.role for message in model.asked[1].messages] == ["user", "assistant", "tool"]
    assert model.asked[1].messages[2] == Message(role="tool", text="a\nb", tool_call_id="call-log__read")
    assert given.turns[0].uses[0].result == ToolResult(text="a\nb")


async def test_calls_of_one_turn_run_side_by_side_and_results_keep_their_order() -> None:
    """Each of them goes on only when the one after it is done."""
    done: list[str] = []
    turns = {letter: asyncio.Event() for letter in "abc"}

    async def wait(arguments: Mapping[str, Value]) -> ToolResult:
        letter, following = str(arguments["letter"]), str(arguments["after"])
        if following:
            await turns[following].wait()
        done.append(letter)
        turns[letter].set()
        return ToolResult(text=letter)

    pairs = [("a", "b"), ("b", "c"), ("c", "")]
    calls = [wants("w__wait", {"letter": letter, "after": after}, id=letter) for letter, after in pairs]
    model, tools = ScriptedModel([said("", *calls), "done"]), ScriptedTools({"w__wait": wait})
    given = await answer(model, tools, limits=Limits(seconds=SOON))
    assert done == ["c", "b", "a"]
    assert [use.result.text for use in given.turns[0].uses] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("call", "news"),
    [
        (wants("log__erase"), "there is no tool `log__erase`; the tools are: `log__read`"),
        (ToolCall(id="c", name="log__read", arguments=None, raw="{nope"), "not a JSON object"),
    ],
)
async def test_a_wrong_tool_call_is_news_for_the_model(call: ToolCall, news: str) -> None:
    model, tools = ScriptedModel([said("", call), "I see."]), ScriptedTools({"log__read": "x"})
    given = await answer(model, tools)
    assert (given.text, given.failure, tools.called) == ("I see.", None, [])
    assert news in model.asked[1].messages[-1].text
    assert given.turns[0].uses[0].result.is_error


@pytest.mark.parametrize(
    ("limits", "said_limit", "turns"),
    [
        (Limits(turns=3), "limits.turns", 3),
        (Limits(tool_calls=4), "limits.tool_calls", 5),
        (Limits(tokens=120), "limits.tokens", 2),
    ],
)
async def test_a_model_that_calls_the_same_tool_for_ever_ends_at_a_limit(
    limits: Limits, said_limit: str, turns: int
) -> None:
    model = ScriptedModel([said("Again.", wants("log__read"))])
    given = await answer(model, ScriptedTools({"log__read": "x"}), limits=limits)
    assert given.failure
    assert (kind(given), said_limit in given.failure.hint, len(given.turns)) == (ErrorKind.LIMIT, True, turns)
    assert given.text == "Again."


async def test_a_hundred_tool_calls_in_one_reply_are_not_made() -> None:
    tools = ScriptedTools({"log__read": "x"})
    calls = [wants("log__read", id=str(number)) for number in range(100)]
    given = await answer(ScriptedModel([said("Reading all.", *calls)]), tools)
    assert (kind(given), tools.called, given.text) == (ErrorKind.LIMIT, [], "Reading all.")


async def test_the_seconds_of_a_turn_are_those_of_the_model_and_not_of_its_tools() -> None:
    now = [0.0]

    class Slow(ScriptedTools):
        async def call(self, name: str, arguments: Mapping[str, Value]) -> ToolResult:
            now[0] += 15
            return await super().call(name, arguments)

    given = await converse(
        ScriptedModel([said("", wants("log__read", {})), "Done."]),
        Slow({"log__read": "a"}),
        PROMPT,
        output=Output(),
        limits=Limits(),
        budget=BudgetLedger(Budget()).run("default", CHAIN),
        clock=lambda: now[0],
        on_event=lambda event: None,
    )
    assert [(turn.seconds, [use.seconds for use in turn.uses]) for turn in given.turns] == [(0, [15]), (0, [])]


async def test_no_more_than_eight_tools_run_at_once() -> None:
    running, most = 0, 0

    async def work(_: Mapping[str, Value]) -> ToolResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return ToolResult(text="")

    calls = [wants("w__work", id=str(number)) for number in range(30)]
    await answer(ScriptedModel([said("", *calls), "done"]), ScriptedTools({"w__work": work}))
    assert most == 8


async def test_one_deadline_holds_for_a_slow_model_and_slow_tools() -> None:
    async def slow(_: Mapping[str, Value]) -> ToolResult:
        await asyncio.sleep(30)
        return ToolResult(text="")

    for model in (ScriptedModel(["x"], latency=30), ScriptedModel([said("Looking.", wants("s__slow"))])):
        started_at = time.monotonic()
        given = await answer(model, ScriptedTools({"s__slow": slow}), limits=Limits(seconds=1))
        assert (kind(given), time.monotonic() - started_at < SOON) == (ErrorKind.TIMEOUT, True)


async def test_a_model_that_breaks_its_promise_about_time_is_stopped_all_the_same() -> None:
    class Deaf(ScriptedModel):
        async def reply(self, *given: Any, **more: Any) -> Reply:
            await asyncio.sleep(30)
            return said("late")

    given = await answer(Deaf([]), limits=Limits(seconds=1))
    assert kind(given) is ErrorKind.TIMEOUT


async def test_the_deadline_is_one_for_all_turns() -> None:
    model = ScriptedModel([said("", wants("a__b")), "x"], latency=0.3)
    await answer(model, ScriptedTools({"a__b": ""}), limits=Limits(seconds=5))
    assert 0.25 < model.asked[0].seconds - model.asked[1].seconds < 5


async def test_what_was_said_before_a_failure_is_kept() -> None:
    model = ScriptedModel([said("Half of it.", wants("a__b")), ModelError("gone", status=401, provider="openai")])
    given = await answer(model, ScriptedTools({"a__b": "x"}))
    assert (given.text, kind(given), len(given.turns)) == ("Half of it.", ErrorKind.MODEL, 1)
    assert given.failure
    assert given.failure.message == "gone"


async def test_a_cancelled_conversation_is_cancelled() -> None:
    task = asyncio.create_task(answer(ScriptedModel(["x"], latency=30)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_wrong_shape_gets_one_repair_turn_that_says_what_is_wrong() -> None:
    model = ScriptedModel(['{"n": "two"}', '{"n": 2}'])
    given = await answer(model, output=JSON)
    assert (given.data, given.failure, len(given.turns)) == ({"n": 2}, None, 2)
    assert [message.role for message in model.asked[1].messages] == ["user", "assistant", "user"]
    assert "/n" in model.asked[1].messages[-1].text
    assert model.asked[0].output_schema == JSON.schema


async def test_there_is_no_second_repair_turn() -> None:
    model = ScriptedModel(["nope", "still nope", '{"n": 2}'])
    given = await answer(model, output=JSON)
    assert (kind(given), given.text, len(model.asked)) == (ErrorKind.INVALID_OUTPUT, "still nope", 2)


async def test_a_repair_turn_counts_as_a_turn() -> None:
    model = ScriptedModel(["nope", '{"n": 2}'])
    given = await answer(model, output=JSON, limits=Limits(turns=1))
    assert (kind(given), len(model.asked)) == (ErrorKind.INVALID_OUTPUT, 1)


async def test_an_empty_answer_after_tools_is_not_a_completed_run() -> None:
    model = ScriptedModel([said("Let me see.", wants("a__b")), said("")])
    given = await answer(model, ScriptedTools({"a__b": "x"}))
    assert kind(given) is ErrorKind.EMPTY_OUTPUT


async def test_calls_of_a_cut_reply_are_not_made() -> None:
    tools = ScriptedTools({"a__b": "x"})
    given = await answer(ScriptedModel([said("", wants("a__b"), stop="length")]), tools)
    assert (kind(given), tools.called) == (ErrorKind.TRUNCATED, [])


async def test_the_budget_is_asked_before_each_call_and_told_after() -> None:
    ledger = BudgetLedger(Budget(run_usd=0.03))
    loop = said("Again.", wants("a__b"), output_tokens=900, cost_usd=0.009)
    model = ScriptedModel([loop])
    given = await answer(model, ScriptedTools({"a__b": "x"}), budget=ledger.run("default", CHAIN))
    assert (kind(given), given.text, len(model.asked)) == (ErrorKind.BUDGET, "Again.", 4)
    assert ledger.reserved_usd == pytest.approx(0)
    longest = [asked.max_tokens or 0 for asked in model.asked]
    assert longest == sorted(longest, reverse=True)
    assert longest[0] <= 3_000


async def test_a_spent_budget_is_found_before_the_first_call() -> None:
    ledger = BudgetLedger(Budget(day_usd=1), day_usd=1.0)
    model = ScriptedModel(["x"])
    given = await answer(model, budget=ledger.run("default", CHAIN))
    assert (kind(given), model.asked) == (ErrorKind.BUDGET, [])


async def test_a_failed_call_leaves_no_reservation() -> None:
    ledger = BudgetLedger(Budget(day_usd=1))
    await answer(ScriptedModel([ModelError("down")]), budget=ledger.run("default", CHAIN))
    assert (ledger.reserved_usd, ledger.spent_usd) == (0, 0)


async def test_no_answer_may_be_longer_than_the_tokens_left() -> None:
    model = ScriptedModel(["x"])
    await answer(model, limits=Limits(tokens=500))
    assert 0 < (model.asked[0].max_tokens or 0) < 500


async def test_progress_is_told_as_it_happens() -> None:
    events: list[Event] = []
    await answer(ScriptedModel([said("", wants("a__b")), "x"]), ScriptedTools({"a__b": "x"}), events=events)
    assert [type(event) for event in events] == [Asking, Owed, Calling, Called, Answered, Asking, Answered]


async def test_whatever_a_model_calls_only_declared_tools_are_called_and_limits_hold() -> None:
    names = ["fs__read", "fs__write", "__import__", "call", "specs", "", "fs__read ", "FS__READ", "fs__read\n", "💥"]
    values: Sequence[Any] = [{}, None, {"path": "../../etc/passwd"}, {"a": [1, {"b": None}]}, {"\u0000": "x" * 1000}]
    for seed in range(150):
        random = Random(seed)

        def attack(_: object, random: Random = random) -> Reply:
            calls = [
                ToolCall(id=str(n), name=random.choice(names), arguments=random.choice(values), raw="{")
                for n in range(random.randint(0, 6))
            ]
            stop = random.choice(["", "stop", "length", "tool_calls", "content_filter", "weird"])
            return said(random.choice(["", "evil", json.dumps({"n": 1})]), *calls, stop=stop)

        tools = ScriptedTools({"fs__read": "x", "fs__list": ToolResult(text="no", is_error=True)})
        steps: list[Step] = [attack]
        given = await answer(ScriptedModel(steps), tools, limits=Limits(turns=6, tool_calls=12), output=JSON)
        assert {name for name, _ in tools.called} <= {"fs__read"}
        assert all(isinstance(arguments, dict) for _, arguments in tools.called)
        assert len(tools.called) <= 12
        assert len(given.turns) <= 6
        assert given.failure or given.data == {"n": 1}
