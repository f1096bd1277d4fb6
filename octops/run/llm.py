"""litellm, and nothing else of it: one conversation turn over HTTP, with our own retries and its noise off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, Final

from octops.model.ids import Value
from octops.model.project import ModelAlias
from octops.model.run import ErrorKind, Message, ModelError, Reply, ToolSpec, Usage
from octops.prices import price_of
from octops.run.endpoint import Endpoint, cost_usd, endpoint
from octops.run.llm_library import client_for, close, loaded, longest_answer, preload, takes_schema
from octops.run.model_errors import CallFault, Cause, fault_of, hint_for, sentence
from octops.run.retry import retry_after_seconds, wait_seconds
from octops.run.sending import in_turn
from octops.run.wire import billed, heard, offered, response_format, spoken
from octops.tokens import estimate_tokens

__all__ = ["LiteLLM", "close", "preload"]

_RANDOM: Final = SystemRandom()

ATTEMPT_SECONDS: Final = 300.0
"""How long one request may be silent; the time limit of the whole reply is the caller's."""
UNKNOWN_MODEL_TOKENS: Final = 4096
"""The longest answer asked of a model whose own limit litellm does not know."""


class LiteLLM:
    """The Model promise over a chain: the model asked, then its fallbacks, each with `attempts` attempts.

    A model is given up when its attempts are used, when asking again cannot help, and also when it refuses the key:
    a fallback at another provider may still answer. The error raised is the last model's and names the others.
    """

    def __init__(
        self,
        chain: Sequence[ModelAlias],
        secrets: Mapping[str, str],
        *,
        attempts: int = 3,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _RANDOM.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._chain = tuple(chain)
        self._secrets = secrets
        self._attempts = max(1, attempts)
        self._sleep = sleep
        self._random = random
        self._now = now

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply:
        """`seconds` is a wall for everything: attempts, waits and fallbacks, however slowly bytes arrive."""
        ends_at = asyncio.get_running_loop().time() + seconds
        request: dict[str, Any] = {"messages": spoken(messages)}
        if tools:
            request["tools"] = offered(tools)
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._first_reply(request, output_schema, max_tokens, ends_at)
        except TimeoutError as error:
            first = self._chain[0]
            fault = CallFault(cause=Cause.TIMEOUT)
            raise ModelError(
                f"`{first.model}` did not answer within {seconds:.0f} s",
                kind=ErrorKind.TIMEOUT,
                hint=hint_for(fault, model=first.model, variable="", api_base=bool(first.api_base)),
            ) from error

    async def _first_reply(
        self, request: Mapping[str, Any], schema: Mapping[str, Value] | None, max_tokens: int | None, ends_at: float
    ) -> Reply:
        failed: list[ModelError] = []
        for alias in self._chain:
            try:
                place = endpoint(alias, self._secrets)
                return await self._persist(place, await _asked(place, request, schema, max_tokens), ends_at)
            except ModelError as error:
                failed.append(error)
        raise _last(failed)

    async def _persist(self, place: Endpoint, request: dict[str, Any], ends_at: float) -> Reply:
        attempt = 1
        while True:
            try:
                return await _ask(place, request)
            except _AttemptFailed as failed:
                fault = failed.fault
                if "response_format" in request and _schema_refused(fault):
                    del request["response_format"]  # asked for in words too, and checked by us in any case
                    continue
                if not fault.retryable or attempt >= self._attempts:
                    raise _model_error(place, fault, attempt) from failed.__cause__
                asked = retry_after_seconds(fault.retry_after, self._now())
                wait = wait_seconds(attempt, asked, self._random)
                left = ends_at - asyncio.get_running_loop().time()
                if wait > left:
                    raise _model_error(place, fault, attempt, f"; it asks to wait {wait:.0f} s") from failed.__cause__
                await self._sleep(wait)
                attempt += 1


class _AttemptFailed(Exception):
    def __init__(self, fault: CallFault) -> None:
        super().__init__(fault.text)
        self.fault = fault


async def _ask(place: Endpoint, request: Mapping[str, Any]) -> Reply:
    litellm = await loaded()
    ours = {
        **client_for(litellm, place.provider),
        "model": place.model,
        "api_key": place.api_key,
        "api_base": place.api_base,
        "max_retries": 0,
        "num_retries": 0,
        "timeout": ATTEMPT_SECONDS,
        "drop_params": True,
        # Fallbacks are ours. Said so, litellm does not tell loggers, of which it has none, of each call either.
        "fallbacks": [],
    }
    await in_turn()
    try:
        response = await litellm.acompletion(**{**request, **ours})
    except Exception as error:
        raise _AttemptFailed(fault_of(error)) from error
    reply = heard(response)
    if reply is None:
        raise _AttemptFailed(CallFault(cause=Cause.ANSWER, text="the answer holds no choice"))
    return replace(reply, usage=_usage(place, request, reply, billed(response)))


async def _asked(
    place: Endpoint, request: Mapping[str, Any], schema: Mapping[str, Value] | None, max_tokens: int | None
) -> dict[str, Any]:
    """The request as this model gets it: its options, the shortest of the limits, a schema where that is known to work.

    With tools on offer some providers refuse a schema, and for others litellm fakes it with a forced tool call.
    """
    await loaded()
    own = place.options.get("max_tokens")
    longest = own if isinstance(own, int) else longest_answer(place.model) or UNKNOWN_MODEL_TOKENS
    asked = {**place.options, **request, "max_tokens": min(longest, max_tokens or longest)}
    if schema is not None and takes_schema(place.model) and ("tools" not in request or place.provider == "openai"):
        asked["response_format"] = response_format(schema)
    return asked


def _schema_refused(fault: CallFault) -> bool:
    """Servers that speak the protocol but not this part of it, and schemas outside a provider's subset."""
    words = fault.text.lower()
    return fault.status in (400, 422) and any(word in words for word in ("response_format", "schema", "output_format"))


def _usage(place: Endpoint, request: Mapping[str, Any], reply: Reply, billed_usd: float | None) -> Usage:
    """Tokens as counted by the provider, estimated where it counts none; a declared price before litellm's sum."""
    used = reply.usage
    if not used.input_tokens and not used.output_tokens:
        said = reply.text + "".join(call.raw for call in reply.tool_calls)
        used = Usage(
            input_tokens=sum(estimate_tokens(message["content"] or "") for message in request["messages"]),
            output_tokens=estimate_tokens(said),
        )
        billed_usd = None
    if place.declared_price is None and billed_usd:
        return replace(used, cost_usd=billed_usd)
    price = place.declared_price or price_of(place.model)
    return replace(used, cost_usd=None if price is None else cost_usd(price, used.input_tokens, used.output_tokens))


def _model_error(place: Endpoint, fault: CallFault, attempt: int, more: str = "") -> ModelError:
    said = sentence(fault.text, place.secrets)
    what = {
        Cause.STATUS: f"answered {fault.status}",
        Cause.TIMEOUT: "did not answer in time",
        Cause.CONNECTION: "cannot be reached",
        Cause.BROKEN: "broke the connection off",
        Cause.ANSWER: "answered with something that is no answer",
        Cause.REQUEST: "cannot be asked",
        Cause.PROVIDER: "cannot be asked",
    }[fault.cause]
    times = f" after {attempt} attempts" if attempt > 1 else ""
    return ModelError(
        sentence(f"`{place.model}` {what}{times}{more}" + (f": {said}" if said else ""), place.secrets),
        kind=ErrorKind.TIMEOUT if fault.cause is Cause.TIMEOUT else ErrorKind.MODEL,
        status=fault.status,
        provider=place.provider,
        hint=hint_for(fault, model=place.model, variable=place.variable, api_base=place.custom_base),
    )


def _last(failed: Sequence[ModelError]) -> ModelError:
    """The last model's error, unless it only lacks a key; the others are named in it."""
    if len(failed) == 1:
        return failed[0]
    tried = [error for error in failed if error.failure.kind is not ErrorKind.CONFIG] or failed
    chosen = tried[-1]
    others = "; ".join(sentence(error.failure.message, (), 160) for error in failed if error is not chosen)
    return ModelError(
        sentence(f"{sentence(chosen.failure.message, (), 240)} (also: {others})", ()),
        kind=chosen.failure.kind,
        status=chosen.status,
        provider=chosen.provider,
        hint=chosen.failure.hint,
    )
