"""Stand-ins for what costs money or leaves the machine. They keep the promises of the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from octops.model.ids import Value
from octops.model.run import ErrorKind, Message, ModelError, Reply, ToolCall, ToolResult, ToolSpec, Usage

ANY_ARGUMENTS: Mapping[str, Value] = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a model was given for one reply."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    output_schema: Mapping[str, Value] | None
    max_tokens: int | None
    seconds: float


Step = Reply | str | Exception | Callable[[Asked], Reply]


@dataclass(slots=True)
class ScriptedModel:
    """Answers with the steps in order (the last one again and again), and tells what it was asked.

    `latency` is how long each reply takes; as promised, it never takes longer than the seconds it was given.
    """

    steps: Sequence[Step]
    latency: float = 0.0
    asked: list[Asked] = field(default_factory=list)

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply:
        asked = Asked(
            messages=tuple(messages),
            tools=tuple(tools),
            output_schema=output_schema,
            max_tokens=max_tokens,
            seconds=seconds,
        )
        self.asked.append(asked)
        await asyncio.sleep(min(self.latency, seconds))
        if self.latency > seconds:
            raise ModelError("the scripted model is slow", kind=ErrorKind.TIMEOUT)
        step = self.steps[min(len(self.asked), len(self.steps)) - 1]
        if isinstance(step, Exception):
            raise step
        return said(step) if isinstance(step, str) else step if isinstance(step, Reply) else step(asked)


def said(
    text: str = "",
    *calls: ToolCall,
    stop: str = "",
    input_tokens: int = 10,
    output_tokens: int = 5,
    cost_usd: float | None = 0.001,
) -> Reply:
    """A reply as a provider would give it: with calls it stops for them, else by itself."""
    return Reply(
        text=text,
        tool_calls=calls,
        stop_reason=stop or ("tool_calls" if calls else "stop"),
        model="scripted-1",
        usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens, cost_usd=cost_usd),
    )


def wants(name: str, arguments: Mapping[str, Value] | None = None, id: str = "") -> ToolCall:  # noqa: A002
    return ToolCall(id=id or f"call-{name}", name=name, arguments=arguments if arguments is not None else {}, raw="{}")


Doing = str | ToolResult | Callable[[Mapping[str, Value]], Awaitable[ToolResult]]


@dataclass(slots=True)
class ScriptedTools:
    """Tools by name: a fixed text, a fixed result, or a function of the arguments. `called` is what was called."""

    tools: Mapping[str, Doing] = field(default_factory=dict)
    called: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def specs(self) -> Sequence[ToolSpec]:
        return tuple(ToolSpec(name=name, description=f"does {name}", schema=ANY_ARGUMENTS) for name in self.tools)

    async def call(self, name: str, arguments: Mapping[str, Value]) -> ToolResult:
        self.called.append((name, arguments))
        doing = self.tools[name]
        if isinstance(doing, str):
            return ToolResult(text=doing)
        return doing if isinstance(doing, ToolResult) else await doing(arguments)
