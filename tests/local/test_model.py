from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octops.local.desk import Desk
from octops.local.model import LocalModel, Ready, ready
from octops.local.runtime import PromptTooLong
from octops.model.ids import Value
from octops.model.project import ModelAlias
from octops.model.run import ErrorKind, Message, ModelError, Reply, ToolSpec
from tests.kit import SOON
from tests.local.kit import CONTENT, Parrot, weights

pytestmark = pytest.mark.anyio

TASK = (Message(role="user", text="Which port?"),)
TOOL = ToolSpec(name="notes__read_file", description="Read.", schema={"type": "object"})
ACTION = '{"tool": "notes__read_file", "arguments": {}}'


class Place:
    """A file, a desk, and models that sit at it."""

    def __init__(self, folder: Path) -> None:
        self.weights = weights(folder / "links")
        self.path = folder / self.weights.file
        self.path.write_bytes(CONTENT)
        self.parrot = Parrot([])
        self.desk = Desk(self.parrot.load)

    def model(self, *, prefetched: bool = False, as_json: bool = False, **options: Value) -> LocalModel:
        alias = ModelAlias(model="local/tiny", options=options)
        found = Ready(weights=self.weights, path=self.path)
        return LocalModel(alias, prefetched=prefetched, as_json=as_json, at=self.desk, find=lambda _: found)

    async def ask(
        self, *answers: str | None, seconds: float = 10, tools: tuple[ToolSpec, ...] = (), **more: Any
    ) -> Reply:
        self.parrot.answers += answers
        schema = more.pop("output_schema", None)
        longest = more.pop("at_most", None)
        model = self.model(**more)
        return await model.reply(TASK, tools, output_schema=schema, max_tokens=longest, seconds=seconds)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.parrot.ended.set()
    made.desk.close()


async def test_a_reply_names_its_model_counts_its_tokens_and_costs_nothing(place: Place) -> None:
    reply = await place.ask("8412")
    assert (reply.text, reply.model, reply.stop_reason) == ("8412", "local/tiny", "stop")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cost_usd) == (40, 7, 0.0)


async def test_the_same_question_is_asked_the_same_way_every_time(place: Place) -> None:
    await place.ask("a")
    await place.ask("b")
    first, second = place.parrot.requests
    assert first == second
    assert (first["temperature"], first["seed"], first["cache_prompt"]) == (0, 1, False)


async def test_with_tools_the_first_turn_calls_one(place: Place) -> None:
    reply = await place.ask(ACTION, tools=(TOOL,))
    assert (reply.stop_reason, [call.name for call in reply.tool_calls]) == ("tool_calls", ["notes__read_file"])
    assert len(place.parrot.schema["anyOf"]) == 1


async def test_where_something_was_prefetched_the_model_only_writes(place: Place) -> None:
    reply = await place.ask("8412", tools=(TOOL,), prefetched=True)
    assert (reply.text, place.parrot.schema, place.parrot.system) == ("8412", None, "")


async def test_the_tool_choice_of_octops_yaml_leaves_it_to_the_model(place: Place) -> None:
    reply = await place.ask('{"final": "8412"}', tools=(TOOL,), prefetched=True, tool_choice="auto")
    assert (reply.text, reply.stop_reason) == ("8412", "stop")
    assert len(place.parrot.schema["anyOf"]) == 2


async def test_an_output_schema_constrains_the_answer(place: Place) -> None:
    await place.ask("{}", output_schema={"type": "object"})
    assert place.parrot.schema == {"type": "object"}


async def test_json_without_a_schema_is_constrained_to_some_json(place: Place) -> None:
    await place.ask("{}", as_json=True)
    assert place.parrot.schema == {}


async def test_a_schema_that_the_runtime_refuses_is_given_up_and_the_answer_checked_later(place: Place) -> None:
    place.parrot.refuses_schemas = 1
    assert (await place.ask("{}", output_schema={"type": "frob"})).text == "{}"
    assert place.parrot.schema == {}


async def test_an_action_that_was_cut_is_no_tool_call(place: Place) -> None:
    place.parrot.finish = "length"
    reply = await place.ask(ACTION, tools=(TOOL,))
    assert (reply.stop_reason, reply.tool_calls) == ("length", ())


@pytest.mark.parametrize(
    ("options", "asked", "longest"), [({}, None, 2048), ({}, 100, 100), ({"max_tokens": 50}, 100, 50)]
)
async def test_the_shortest_limit_is_the_longest_answer(
    place: Place, options: dict[str, Value], asked: int | None, longest: int
) -> None:
    await place.ask("x", at_most=asked, **options)
    assert place.parrot.requests[0]["max_tokens"] == longest


async def test_options_that_a_runtime_knows_are_passed_on_and_others_are_not(place: Place) -> None:
    await place.ask("x", temperature=0.7, seed=42, user="ada")
    request = place.parrot.requests[0]
    assert (request["temperature"], request["seed"], "user" in request) == (0.7, 42, False)


async def test_the_time_limit_ends_the_generation_itself(place: Place) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError) as error:
        await place.ask(None, seconds=0.05)
    assert error.value.failure.kind is ErrorKind.TIMEOUT
    assert place.parrot.ended.wait(SOON)
    assert time.monotonic() - started < SOON


async def test_a_run_that_is_cancelled_ends_the_generation(place: Place) -> None:
    asking = asyncio.create_task(place.ask(None))
    assert await asyncio.to_thread(place.parrot.begun.wait, SOON)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(place.parrot.ended.wait, 2)


async def test_after_a_stopped_run_the_next_one_is_answered(place: Place) -> None:
    with pytest.raises(ModelError):
        await place.ask(None, seconds=0.05)
    assert (await place.ask("fine")).text == "fine"


async def test_runs_at_once_share_one_loaded_model_and_answer_one_after_the_other(place: Place) -> None:
    replies = await asyncio.gather(*(place.ask(str(number)) for number in range(8)))
    assert [reply.text for reply in replies] == [str(number) for number in range(8)]
    assert len(place.parrot.loads) == 1


async def test_another_file_takes_the_place_of_the_loaded_one(place: Place, tmp_path: Path) -> None:
    await place.ask("x")
    (tmp_path / "second").mkdir()
    place.path = tmp_path / "second" / place.weights.file
    place.path.write_bytes(CONTENT)
    await place.ask("y")
    assert (len(place.parrot.loads), place.parrot.closed) == (2, 1)


async def test_loading_ahead_loads_once(place: Place) -> None:
    await place.model().load()
    await place.model().load()
    await place.ask("x")
    assert len(place.parrot.loads) == 1


async def test_a_file_that_is_not_the_pinned_one_is_not_loaded(place: Place) -> None:
    place.path.write_bytes(CONTENT[::-1])
    with pytest.raises(ModelError, match="not the pinned file") as error:
        await place.ask("x")
    assert (place.parrot.loads, "octops model remove tiny" in error.value.failure.hint) == ([], True)


async def test_a_prompt_that_is_too_long_is_said_in_tokens(place: Place) -> None:
    def refuse(*_: object) -> None:
        raise PromptTooLong(9030)

    place.parrot.say = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(ModelError, match="9030 tokens long, and `local/tiny` reads at most 8192"):
        await place.ask("x")


def test_a_name_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ModelError) as error:
        ready("local/gpt-9", {"HOME": "/nowhere"})
    assert error.value.failure.kind is ErrorKind.CONFIG
    assert "`local/qwen2.5-coder-1.5b`" in error.value.failure.hint


def test_weights_that_are_not_here_are_answered_with_the_command_that_brings_them(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    with pytest.raises(ModelError) as error:
        ready("local/qwen2.5-coder-0.5b", {"HOME": str(tmp_path)})
    assert "octops model pull qwen2.5-coder-0.5b" in error.value.failure.hint
