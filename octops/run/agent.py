"""The tool loop: a model and its tools take turns until there is an answer or a limit is reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from octops.model.events import Answered, Asking, Called, Calling, Event, Owed
from octops.model.run import (
    Answer,
    ErrorKind,
    Message,
    Model,
    Reply,
    RunFailed,
    ToolCall,
    ToolResult,
    Tools,
    ToolUse,
    Turn,
    Usage,
)
from octops.model.task import Limits, Output
from octops.run.budget import Allowance
from octops.run.checking import Checked, check
from octops.run.wire import spoken
from octops.tokens import estimate_tokens

ANSWER_TOKENS: Final = 16_384
"""The longest answer of one turn that is asked for, unless the model's options say otherwise."""
AT_ONCE: Final = 8
"""Tool calls of one turn that run at the same time."""


async def converse(
    model: Model,
    tools: Tools,
    messages: Sequence[Message],
    *,
    output: Output,
    limits: Limits,
    budget: Allowance,
    clock: Callable[[], float],
    ends_at: float | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    answer_tokens: int = ANSWER_TOKENS,
) -> Answer:
    """Never raises RunFailed: what went wrong is the answer's failure, beside everything produced before.

    `clock` counts seconds; `limits.seconds` is one deadline for all turns. What came before them counts too where
    `ends_at` says when, by `clock`. Only a cancellation gets through.
    """
    last = clock() + limits.seconds if ends_at is None else ends_at
    talk = _Conversation(model, tools, messages, output, limits, budget, clock, last, on_event, answer_tokens)
    not_begun = False
    try:
        checked = await talk.hold()
    except RunFailed as failed:
        checked = Checked(text=talk.text, failure=failed.failure)
        not_begun = failed.deferrable and not talk.turns
    return Answer(
        text=checked.text,
        data=checked.data,
        turns=tuple(talk.turns),
        usage=talk.usage,
        model=talk.turns[-1].reply.model if talk.turns else "",
        failure=checked.failure,
        not_begun=not_begun,
    )


class _Conversation:
    def __init__(
        self,
        model: Model,
        tools: Tools,
        messages: Sequence[Message],
        output: Output,
        limits: Limits,
        budget: Allowance,
        clock: Callable[[], float],
        ends_at: float,
        on_event: Callable[[Event], None],
        answer_tokens: int,
    ) -> None:
        self._model = model
        self._tools = tools
        self._specs = tuple(tools.specs)
        self._names = frozenset(spec.name for spec in self._specs)
        self._messages = list(messages)
        self._input_tokens = estimate_tokens(str([(spec.name, spec.description, spec.schema) for spec in self._specs]))
        self._input_tokens += sum(map(_tokens, messages))
        self._output = output
        self._limits = limits
        self._budget = budget
        self._clock = clock
        self._ends_at = ends_at
        self._on_event = on_event
        self._answer_tokens = answer_tokens
        self._calls = 0
        self.turns: list[Turn] = []
        self.usage = Usage()

    @property
    def text(self) -> str:
        """The last words of the model, which are kept whatever happens next."""
        return next((turn.reply.text for turn in reversed(self.turns) if turn.reply.text.strip()), "")

    async def hold(self) -> Checked:
        repaired = False
        while True:
            reply = await self._turn()
            if reply.tool_calls and reply.stop_reason not in ("length", "content_filter"):
                continue
            checked = check(reply, self._output)
            if repaired or not checked.repairable or len(self.turns) >= self._limits.turns:
                return checked
            repaired = True
            self._say(Message(role="assistant", text=reply.text), Message(role="user", text=_repair(checked)))

    async def _turn(self) -> Reply:
        if len(self.turns) >= self._limits.turns:
            raise _over(f"the model was asked {self._limits.turns} times and has not finished", "turns")
        self._on_event(Asking(turn=len(self.turns) + 1))
        started_at = self._clock()
        reply = await self._reply()
        self.usage += reply.usage
        self.turns.append(Turn(reply=reply, seconds=self._clock() - started_at))
        if reply.tool_calls and reply.stop_reason not in ("length", "content_filter"):
            self._on_event(Owed(usage=self.usage))
            uses = await self._use(reply.tool_calls)
            self.turns[-1] = replace(self.turns[-1], uses=uses)
            self._say(Message(role="assistant", text=reply.text, tool_calls=reply.tool_calls))
            self._say(*(Message(role="tool", text=use.result.text, tool_call_id=use.call.id) for use in uses))
        self._on_event(Answered(turn=self.turns[-1], usage=self.usage))
        return reply

    async def _reply(self) -> Reply:
        left = self._limits.tokens - self.usage.input_tokens - self.usage.output_tokens - self._input_tokens
        if left < 1:
            raise _over(f"the next turn would pass {self._limits.tokens} tokens", "tokens")
        longest = self._budget.reserve(self._input_tokens, min(left, self._answer_tokens))
        reply: Reply | None = None
        try:
            async with asyncio.timeout(self._seconds_left()) as wall:
                reply = await self._model.reply(
                    self._messages,
                    self._specs,
                    output_schema=self._output.schema if self._output.format == "json" else None,
                    max_tokens=longest,
                    seconds=self._seconds_left(),
                )
        except TimeoutError as error:
            if not wall.expired():
                raise
            raise self._late() from error
        finally:
            self._budget.settle(reply.usage if reply else None)
        return reply

    async def _use(self, calls: Sequence[ToolCall]) -> tuple[ToolUse, ...]:
        """All calls of one turn, side by side; the results come in the order of the calls."""
        self._calls += len(calls)
        if self._calls > self._limits.tool_calls:
            raise _over(
                f"the model asked for {self._calls} tool calls, {self._limits.tool_calls} are allowed", "tool_calls"
            )
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.timeout(self._seconds_left()) as wall, asyncio.TaskGroup() as group:
                uses = [group.create_task(self._used(call, room)) for call in calls]
        except TimeoutError as error:
            if not wall.expired():
                raise
            raise self._late() from error
        return tuple(use.result() for use in uses)

    async def _used(self, call: ToolCall, room: asyncio.Semaphore) -> ToolUse:
        async with room:
            self._on_event(Calling(call=call))
            started_at = self._clock()
            result = await self._result(call)
            use = ToolUse(call=call, result=result, seconds=self._clock() - started_at)
            self._on_event(Called(use=use))
            return use

    async def _result(self, call: ToolCall) -> ToolResult:
        if call.name not in self._names:
            offered = ", ".join(f"`{spec.name}`" for spec in self._specs) or "none"
            return ToolResult(text=f"there is no tool `{call.name[:100]}`; the tools are: {offered}", is_error=True)
        if call.arguments is None:
            return ToolResult(text="the arguments are not a JSON object; call the tool again", is_error=True)
        return await self._tools.call(call.name, call.arguments)

    def _say(self, *messages: Message) -> None:
        self._messages += messages
        self._input_tokens += sum(map(_tokens, messages))

    def _seconds_left(self) -> float:
        left = self._ends_at - self._clock()
        if left <= 0:
            raise self._late()
        return left

    def _late(self) -> RunFailed:
        return RunFailed(
            ErrorKind.TIMEOUT,
            f"the run did not finish within {self._limits.seconds} s",
            hint="raise `limits.seconds`, or ask for less",
        )


def _tokens(message: Message) -> int:
    return estimate_tokens(str(spoken((message,))[0] if message.tool_calls else message.text)) + 4


def _over(message: str, limit: str) -> RunFailed:
    return RunFailed(ErrorKind.LIMIT, message, hint=f"raise `limits.{limit}`, or make the task smaller")


def _repair(checked: Checked) -> str:
    wrong = checked.failure.message if checked.failure else ""
    return f"That cannot be used: {wrong}. Answer again with the corrected JSON value and nothing else."
