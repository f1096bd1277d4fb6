from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from octops.model.project import ModelAlias, Price
from octops.model.run import ErrorKind, Message, ModelError, Reply, ToolCall, ToolSpec
from octops.plan.providers import PROVIDERS
from octops.run.endpoint import endpoint
from octops.run.llm import LiteLLM, close
from octops.run.llm_library import warm
from tests.kit import ROOT, SOON
from tests.modelserver import Act, Call, Drip, Fault, Hang, ModelServer, Reset, Say, garbage, html

pytestmark = pytest.mark.anyio

KEY = "sk-loopback-0123456789abcdef"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PROMPT = (Message(role="system", text="Be brief."), Message(role="user", text="Report."))
READ = ToolSpec(
    name="log__read",
    description="Read the log",
    schema={"type": "object", "properties": {"lines": {"type": "integer"}}, "required": ["lines"]},
)
SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
SHAPES = ("openai", "anthropic")
MODELS = {"openai": "openai/gpt-4o", "anthropic": "anthropic/claude-sonnet-4-5"}
VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


@pytest.fixture(autouse=True, scope="module")
def _imported() -> None:
    """litellm's seconds are no test's own."""
    asyncio.run(warm({"openai"}))


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def serve() -> Iterator[Callable[..., ModelServer]]:
    opened: list[ModelServer] = []

    def open_(*acts: Act, **more: Any) -> ModelServer:
        opened.append(ModelServer(acts, **more).__enter__())
        return opened[-1]

    yield open_
    for server in opened:
        server.__exit__(None, None, None)


@dataclass
class Sleeps:
    """Sleeps that cost no time, and how long they would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def alias(shape: str, server: ModelServer, **more: Any) -> ModelAlias:
    base = server.openai_base if shape == "openai" else server.anthropic_base
    return ModelAlias(**{"model": MODELS[shape], "api_base": base, "api_key": {"env": "THE_KEY"}, **more})


async def ask(
    *chain: ModelAlias,
    attempts: int = 3,
    sleeps: Sleeps | None = None,
    seconds: float = 30,
    messages: tuple[Message, ...] = PROMPT,
    tools: tuple[ToolSpec, ...] = (),
    schema: Mapping[str, Any] | None = None,
    max_tokens: int | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Reply:
    model = LiteLLM(
        chain,
        {"THE_KEY": KEY} if secrets is None else secrets,
        attempts=attempts,
        sleep=sleeps or Sleeps(),
        random=lambda: 1.0,
        now=lambda: NOW,
    )
    try:
        return await model.reply(messages, tools, output_schema=schema, max_tokens=max_tokens, seconds=seconds)
    finally:
        await close()


async def refusal(*chain: ModelAlias, **more: Any) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await ask(*chain, **more)
    return raised.value


async def test_an_answer_comes_with_its_model_usage_and_cost(shape: str, serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text="All is well.", input_tokens=1000, output_tokens=100))
    reply = await ask(alias(shape, server, price=Price(input_per_million=2, output_per_million=10)))
    assert (reply.text, reply.stop_reason, reply.model) == ("All is well.", "stop", "loopback-model")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (1000, 100)
    assert reply.usage.cost_usd == pytest.approx(0.003)


async def test_a_known_model_has_its_list_price_and_an_unknown_one_none(serve: Callable[..., ModelServer]) -> None:
    say = Say(text="x", input_tokens=1_000_000, output_tokens=0)
    server = serve(say, say)
    known = await ask(alias("openai", server))
    unknown = await ask(alias("openai", server, model="openai/unheard-of"))
    assert known.usage.cost_usd == pytest.approx(2.5)
    assert unknown.usage.cost_usd is None


async def test_a_server_that_counts_no_tokens_does_not_make_the_run_free(serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text="eight words are here to be counted once", input_tokens=0, output_tokens=0))
    usage = (await ask(alias("openai", server))).usage
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0
    assert usage.cost_usd


async def test_tools_are_offered_and_their_calls_understood(shape: str, serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text="Looking.", calls=(Call(name="log__read", arguments={"lines": 2}), Call(name="log__read"))))
    reply = await ask(alias(shape, server), tools=(READ,))
    assert (reply.text, reply.stop_reason) == ("Looking.", "tool_calls")
    assert [call.arguments for call in reply.tool_calls] == [{"lines": 2}, {}]
    assert len({call.id for call in reply.tool_calls}) == 2
    tool = server.journal[0].body["tools"][0]
    schema = tool["function"]["parameters"] if shape == "openai" else tool["input_schema"]
    assert schema["required"] == ["lines"]


async def test_a_conversation_with_tool_results_is_sent_whole(shape: str, serve: Callable[..., ModelServer]) -> None:
    call = ToolCall(id="call-1", name="log__read", arguments={"lines": 2}, raw="")
    made_up = ToolCall(id="call-2", name="no such tool!", arguments=None, raw="{")
    talk = (
        *PROMPT,
        Message(role="assistant", text="", tool_calls=(call, made_up)),
        Message(role="tool", text="a\nb", tool_call_id="call-1"),
        Message(role="tool", text="there is no such tool", tool_call_id="call-2"),
    )
    server = serve(Say(text="done"))
    await ask(alias(shape, server), messages=talk, tools=(READ,))
    sent = json.dumps(server.journal[0].body)
    assert "a\\nb" in sent
    assert "no_such_tool_" in sent
    assert sent.count("call-1") == sent.count("call-2") == 2


@pytest.mark.parametrize("raw", ["{nope", "[1, 2]", '"text"', "7", '{"a": NaN}', '{"a": "\\ud83d"}', "[" * 900])
async def test_arguments_that_are_no_json_object_are_none(raw: str, serve: Callable[..., ModelServer]) -> None:
    reply = await ask(alias("openai", serve(Say(calls=(Call(name="log__read", arguments=raw),)))), tools=(READ,))
    assert [(call.arguments, call.raw) for call in reply.tool_calls] == [(None, raw)]


async def test_equal_ids_of_tool_calls_are_told_apart(serve: Callable[..., ModelServer]) -> None:
    calls = (Call(name="log__read", id="same"), Call(name="log__read", id="same"))
    reply = await ask(alias("openai", serve(Say(calls=calls))), tools=(READ,))
    assert [call.id for call in reply.tool_calls] == ["same", "same_2"]


async def test_half_a_surrogate_pair_cannot_reach_a_file(serve: Callable[..., ModelServer]) -> None:
    reply = await ask(alias("openai", serve(Say(text="smile \ud83d"))))
    assert reply.text == "smile \ufffd"


@pytest.mark.parametrize(
    ("say", "text", "stop"),
    [
        (Say(text=""), "", "stop"),
        (Say(text=None), "", "stop"),
        (Say(text="cut", stop="length"), "cut", "length"),
        (Say(text="", stop="content_filter"), "", "content_filter"),
    ],
    ids=["empty", "null", "length", "content filter"],
)
async def test_an_answer_that_is_none_is_told_as_it_is(
    shape: str, say: Say, text: str, stop: str, serve: Callable[..., ModelServer]
) -> None:
    server = serve(say)
    reply = await ask(alias(shape, server))
    assert (reply.text, reply.stop_reason, len(server.journal)) == (text, stop, 1)


@pytest.mark.parametrize(
    ("act", "requests", "kind", "status", "words"),
    [
        (Fault(status=400), 1, ErrorKind.MODEL, 400, "options"),
        (Fault(status=400, message="context_length_exceeded: too long"), 1, ErrorKind.MODEL, 400, "shorten"),
        (Fault(status=401), 1, ErrorKind.MODEL, 401, "check `THE_KEY`"),
        (Fault(status=403), 1, ErrorKind.MODEL, 403, "`THE_KEY` may not use"),
        (Fault(status=404), 1, ErrorKind.MODEL, 404, "check the model name"),
        (Fault(status=408), 3, ErrorKind.MODEL, 408, ""),
        (Fault(status=409), 3, ErrorKind.MODEL, 409, ""),
        (Fault(status=413), 1, ErrorKind.MODEL, 413, ""),
        (Fault(status=422), 1, ErrorKind.MODEL, 422, ""),
        (Fault(status=425), 3, ErrorKind.MODEL, 425, ""),
        (Fault(status=429), 3, ErrorKind.MODEL, 429, "fallback"),
        (Fault(status=500), 3, ErrorKind.MODEL, 500, "later"),
        (Fault(status=503), 3, ErrorKind.MODEL, 503, "later"),
        (Fault(status=529), 3, ErrorKind.MODEL, 529, "later"),
        (html(502), 3, ErrorKind.MODEL, 502, "later"),
        (html(), 1, ErrorKind.MODEL, 0, "check `api_base`"),
        (garbage(), 3, ErrorKind.MODEL, 0, "check `api_base`"),
        (Fault(status=200, body="[]"), 3, ErrorKind.MODEL, 0, "check `api_base`"),
        (Fault(status=200, body='{"choices": [], "model": "m"}'), 3, ErrorKind.MODEL, 0, "check `api_base`"),
        (Reset(), 3, ErrorKind.MODEL, 0, "check `api_base`"),
        (Fault(status=307, headers={"location": "/v1/elsewhere"}), 1, ErrorKind.MODEL, 307, "redirects"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_every_bad_answer_has_a_kind_a_hint_and_no_hidden_request(
    shape: str,
    act: Act,
    requests: int,
    kind: ErrorKind,
    status: int,
    words: str,
    serve: Callable[..., ModelServer],
    capfd: pytest.CaptureFixture[str],
) -> None:
    server = serve(otherwise=act)
    error = await refusal(alias(shape, server))
    assert (error.failure.kind, error.status, error.provider) == (kind, status, shape)
    assert words in error.failure.hint
    assert len(server.journal) == requests
    assert "\n" not in error.failure.message
    assert len(error.failure.message) <= 500
    assert "litellm" not in error.failure.message
    assert capfd.readouterr() == ("", "")


async def test_a_refused_connection_names_the_address(shape: str, serve: Callable[..., ModelServer]) -> None:
    base = "http://127.0.0.1:9"
    sleeps = Sleeps()
    error = await refusal(ModelAlias(model=MODELS[shape], api_base=base, api_key={"env": "THE_KEY"}), sleeps=sleeps)
    assert (error.failure.kind, error.status, len(sleeps.seconds)) == (ErrorKind.MODEL, 0, 2)
    assert "cannot be reached" in error.failure.message
    assert "api_base" in error.failure.hint


async def test_a_connection_that_is_taken_and_broken_off_is_not_said_to_be_refused(
    shape: str, serve: Callable[..., ModelServer]
) -> None:
    error = await refusal(alias(shape, serve(otherwise=Reset())))
    assert "broke the connection off" in error.failure.message
    assert "`api_base`: the connection was taken, and broken off before the answer" in error.failure.hint


async def test_a_provider_nobody_knows_is_said_so_in_our_words() -> None:
    error = await refusal(ModelAlias(model="nosuchprovider/x", api_key={"env": "THE_KEY"}))
    assert error.failure.message == ("`nosuchprovider/x` cannot be asked: its provider is not one that litellm knows")
    assert error.failure.hint.startswith("write the model as `provider/model`, such as `anthropic/claude-sonnet-4-5`")


async def test_a_500_is_forgotten_when_the_next_answer_is_good(shape: str, serve: Callable[..., ModelServer]) -> None:
    server, sleeps = serve(Fault(status=500), Say(text="good")), Sleeps()
    assert (await ask(alias(shape, server), sleeps=sleeps)).text == "good"
    assert (len(server.journal), sleeps.seconds) == (2, [1.0])


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("7", [8.0]),
        ("Mon, 02 Mar 2026 08:00:20 GMT", [21.0]),
        ("Mon, 02 Mar 2026 07:00:00 GMT", [1.0]),
        ("whenever", [1.0]),
    ],
)
async def test_retry_after_is_obeyed(
    shape: str, header: str, waits: list[float], serve: Callable[..., ModelServer]
) -> None:
    server, sleeps = serve(Fault(status=429, headers={"retry-after": header}), Say(text="good")), Sleeps()
    assert (await ask(alias(shape, server), sleeps=sleeps)).text == "good"
    assert sleeps.seconds == waits


async def test_a_wait_longer_than_the_run_has_is_not_begun(shape: str, serve: Callable[..., ModelServer]) -> None:
    server, sleeps = serve(Fault(status=429, headers={"retry-after": "86400"})), Sleeps()
    error = await refusal(alias(shape, server), sleeps=sleeps)
    assert (error.status, sleeps.seconds, len(server.journal)) == (429, [], 1)
    assert "86401 s" in error.failure.message


@pytest.mark.parametrize("act", [Hang(), Drip(every=0.2)], ids=["hang", "drip"])
async def test_the_seconds_are_a_wall_however_slowly_bytes_arrive(
    shape: str, act: Act, serve: Callable[..., ModelServer]
) -> None:
    server = serve(otherwise=act)
    started_at = time.monotonic()
    error = await refusal(alias(shape, server), seconds=2)
    assert time.monotonic() - started_at < SOON
    assert (error.failure.kind, len(server.journal)) == (ErrorKind.TIMEOUT, 1)
    assert "2 s" in error.failure.message


async def test_waits_count_against_the_wall(serve: Callable[..., ModelServer]) -> None:
    server = serve(otherwise=Fault(status=503, headers={"retry-after": "0"}))
    model = LiteLLM((alias("openai", server),), {"THE_KEY": KEY}, attempts=1000, random=lambda: 0.05)
    started_at = time.monotonic()
    with pytest.raises(ModelError):
        await model.reply(PROMPT, (), seconds=1)
    await close()
    assert time.monotonic() - started_at < SOON


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_the_fallback_answers_when_the_first_model_does_not(
    status: int, serve: Callable[..., ModelServer]
) -> None:
    first, second = serve(otherwise=Fault(status=status)), serve(Say(text="from the second"))
    reply = await ask(alias("openai", first), alias("anthropic", second))
    assert (reply.text, len(first.journal), len(second.journal)) == ("from the second", 3 if status == 500 else 1, 1)


async def test_when_the_whole_chain_fails_every_model_is_named(serve: Callable[..., ModelServer]) -> None:
    first, second = serve(otherwise=Fault(status=401)), serve(otherwise=Fault(status=404))
    error = await refusal(alias("openai", first), alias("anthropic", second))
    assert (error.status, error.provider) == (404, "anthropic")
    assert "`openai/gpt-4o` answered 401" in error.failure.message


async def test_a_fallback_without_a_key_does_not_hide_why_the_first_failed(serve: Callable[..., ModelServer]) -> None:
    first = serve(otherwise=Fault(status=500))
    error = await refusal(alias("openai", first), ModelAlias(model="anthropic/claude-sonnet-4-5"))
    assert (error.failure.kind, error.status) == (ErrorKind.MODEL, 500)
    assert "ANTHROPIC_API_KEY" in error.failure.message


@pytest.mark.parametrize(
    "act",
    [
        Fault(status=401, message=f"Incorrect API key provided: {KEY}\r\n::error::x\x1b[31m"),
        Fault(status=500, message=f"{KEY} " * 200),
        Fault(status=500, body=f"<html>{KEY}</html>", content_type="text/html"),
        Fault(status=200, body=f"{KEY} is not JSON"),
    ],
    ids=["echo", "long", "page", "garbage"],
)
async def test_no_message_shows_the_key_or_control_characters(
    shape: str, act: Act, serve: Callable[..., ModelServer], capfd: pytest.CaptureFixture[str]
) -> None:
    error = await refusal(alias(shape, serve(otherwise=act)))
    said = error.failure.message + error.failure.hint + str(error)
    assert KEY not in said
    assert not any(ord(letter) < 32 for letter in error.failure.message)
    assert len(error.failure.message) <= 500
    assert KEY not in "".join(capfd.readouterr())


async def test_the_key_goes_only_into_its_header_and_is_stripped(shape: str, serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text="x"))
    await ask(alias(shape, server), secrets={"THE_KEY": f"{KEY}\n"})
    headers = server.journal[0].headers
    assert [name for name, value in headers.items() if KEY in value] == [
        "authorization" if shape == "openai" else "x-api-key"
    ]
    assert KEY not in json.dumps(server.journal[0].body)


@pytest.mark.parametrize(
    ("declared", "variable"), [({"env": "MY_KEY"}, "MY_KEY"), (None, "ANTHROPIC_API_KEY")], ids=["declared", "usual"]
)
async def test_a_missing_key_is_named_before_anything_is_sent(declared: Any, variable: str) -> None:
    error = await refusal(ModelAlias(model="anthropic/claude-sonnet-4-5", api_key=declared), secrets={})
    assert (error.failure.kind, error.provider) == (ErrorKind.CONFIG, "anthropic")
    assert f"`{variable}` is not set" in error.failure.message


async def test_the_providers_usual_key_is_taken_from_the_secrets(shape: str, serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text="x"))
    await ask(alias(shape, server, api_key=None), secrets={VARIABLES[shape]: KEY})
    assert any(KEY in value for value in server.journal[0].headers.values())


def test_stray_variables_and_env_files_are_not_used(serve: Callable[..., ModelServer], tmp_path: Path) -> None:
    """In a process of its own, since litellm reads the environment when it is imported."""
    right, wrong = serve(otherwise=Say(text="right")), serve(otherwise=Say(text="wrong"))
    stray = {
        "OPENAI_API_KEY": "sk-stray-key",
        "OPENAI_BASE_URL": wrong.openai_base,
        "OPENAI_API_BASE": wrong.openai_base,
        "ANTHROPIC_API_KEY": "sk-stray-key",
        "ANTHROPIC_API_BASE": wrong.anthropic_base,
        "ANTHROPIC_BASE_URL": wrong.anthropic_base,
        "LITELLM_LOG": "DEBUG",
        "LITELLM_MODE": "DEV",
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in stray.items()) + "FROM_FILE=1\n")
    script = f"""
import asyncio, os
from octops.model.project import ModelAlias
from octops.model.run import Message, ModelError
from octops.run.llm import LiteLLM
async def main():
    bases = {{"openai/gpt-4o": "{right.openai_base}", "anthropic/claude-sonnet-4-5": "{right.anthropic_base}"}}
    for model, base in bases.items():
        one = LiteLLM((ModelAlias(model=model, api_base=base),), {{}})
        print((await one.reply((Message(role="user", text="hi"),), (), seconds=60)).text)
        try:
            await LiteLLM((ModelAlias(model=model),), {{}}).reply((Message(role="user", text="hi"),), (), seconds=5)
        except ModelError as error:
            print(error.failure.kind)
asyncio.run(main())
print(os.environ.get("FROM_FILE"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **stray},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["right", "config", "right", "config", "None"], "")
    assert wrong.journal == []
    assert not any("stray" in value for asked in right.journal for value in asked.headers.values())


@pytest.mark.parametrize("provider", [name for name, known in PROVIDERS.items() if known.key and name != "huggingface"])
def test_every_provider_is_asked_at_the_host_that_the_plan_shows(provider: str) -> None:
    place = endpoint(ModelAlias(model=f"{provider}/x"), {PROVIDERS[provider].key: KEY})
    assert f"//{PROVIDERS[provider].host}" in (place.api_base or "")


def test_an_endpoint_never_shows_its_key() -> None:
    assert KEY not in repr(endpoint(ModelAlias(model="openai/gpt-4o"), {"OPENAI_API_KEY": KEY}))


async def test_a_schema_is_asked_for_natively_where_the_model_knows_it(
    shape: str, serve: Callable[..., ModelServer]
) -> None:
    server = serve(Say(text='{"n": 1}'))
    assert (await ask(alias(shape, server), schema=SCHEMA)).text == '{"n": 1}'
    assert '"required": ["n"]' in json.dumps(server.journal[0].body)


async def test_a_server_that_does_not_know_schemas_is_asked_without(serve: Callable[..., ModelServer]) -> None:
    server = serve(Fault(status=400, message="unknown parameter: response_format"), Say(text='{"n": 1}'))
    assert (await ask(alias("openai", server), schema=SCHEMA, attempts=1)).text == '{"n": 1}'
    assert ["response_format" in asked.body for asked in server.journal] == [True, False]


async def test_a_model_nobody_knows_is_not_asked_natively(serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text='{"n": 1}'))
    await ask(alias("openai", server, model="openai/unheard-of"), schema=SCHEMA)
    assert "response_format" not in server.journal[0].body


async def test_a_schema_never_forces_a_tool_call_while_tools_are_offered(serve: Callable[..., ModelServer]) -> None:
    server = serve(Say(text='{"n": 1}'))
    await ask(alias("anthropic", server, model="anthropic/claude-sonnet-4-20250514"), schema=SCHEMA, tools=(READ,))
    assert [tool["name"] for tool in server.journal[0].body["tools"]] == ["log__read"]
    assert "tool_choice" not in server.journal[0].body


@pytest.mark.parametrize(
    ("model", "own", "wanted", "sent"),
    [
        ("openai/gpt-4o", None, 1000, 1000),
        ("openai/gpt-4o", 300, 1000, 300),
        ("openai/gpt-4o", 3000, 1000, 1000),
        ("openai/gpt-4o", None, 10_000_000, 16384),
        ("openai/unheard-of", None, 10_000_000, 4096),
        ("openai/unheard-of", 9000, 10_000_000, 9000),
        ("openai/unheard-of", None, None, 4096),
    ],
)
async def test_the_shortest_limit_on_the_answer_is_sent(
    model: str, own: int | None, wanted: int | None, sent: int, serve: Callable[..., ModelServer]
) -> None:
    server = serve(Say(text="x"))
    options = {} if own is None else {"max_tokens": own}
    await ask(alias("openai", server, model=model, options=options), max_tokens=wanted)
    body = server.journal[0].body
    assert (body.get("max_tokens") or body.get("max_completion_tokens")) == sent


async def test_options_are_sent_and_cannot_replace_what_octops_decides(serve: Callable[..., ModelServer]) -> None:
    server, other = serve(Say(text="x")), serve()
    options = {"temperature": 0, "seed": 7, "api_base": other.openai_base, "num_retries": 5, "timeout": 1}
    await ask(alias("openai", server, options=options))
    assert (server.journal[0].body["temperature"], server.journal[0].body["seed"], other.journal) == (0, 7, [])


async def test_a_hundred_replies_at_once_take_as_long_as_one(serve: Callable[..., ModelServer]) -> None:
    server = serve(latency=0.5)
    model = LiteLLM((alias("openai", server),), {"THE_KEY": KEY})
    await model.reply(PROMPT, (), seconds=30)
    started_at = time.monotonic()
    replies = await asyncio.gather(*(model.reply(PROMPT, (), seconds=30) for _ in range(100)))
    took = time.monotonic() - started_at
    await close()
    assert [reply.text for reply in replies] == ["ok"] * 100
    assert took < SOON
    assert len(server.journal) == 101


def test_what_the_openai_sdk_looks_for_among_the_modules_is_whole_before_the_first_call() -> None:
    """A thread that begins to import it during a call would make that call fail, and its answer be paid for twice."""
    script = (
        "import sys; from octops.run.llm_library import preload; preload(); print(sys.modules['httpx2'].AsyncClient)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, "AsyncClient" in done.stdout) == (0, True), done.stderr
