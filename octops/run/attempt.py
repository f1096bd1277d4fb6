"""One attempt at one run: render, open sources, converse. Nothing here knows the ledger."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from octops.model.events import Noted, RunEvent
from octops.model.ids import RunId, Value
from octops.model.project import ModelAlias
from octops.model.run import (
    Answer,
    ErrorKind,
    Failure,
    Message,
    Model,
    ModelError,
    Reply,
    RunFailed,
    ToolSpec,
)
from octops.model.task import Prefetch, Task
from octops.plan.closure import model_chain, reached_sources
from octops.run.agent import converse
from octops.run.chain import chained, is_warm, made_by, warmed
from octops.run.prompt import Prefetched, messages, prefetch_calls
from octops.run.site import Site
from octops.run.variables import moment, variables_for
from octops.schedule.zone import zone
from octops.template import TemplateError

if TYPE_CHECKING:
    from octops.sources.tools import OpenedSources


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one attempt is about: the task, its slot, and what was given at the trigger."""

    run: RunId
    task: Task
    scheduled_at: datetime | None
    window_start: datetime | None = None
    is_catch_up: bool = False
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What came of it. `messages` are what the model was sent first; empty when it came to none."""

    answer: Answer
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    local: Mapping[str, str] = field(default_factory=dict)
    """Which file, runtime, threads and seed answered, where a model of this machine did."""
    withheld: tuple[str, ...] = ()
    """The tools that a staged run did not offer to the model."""
    notes: tuple[str, ...] = ()
    """What the run went on without: sentences of its sources."""


def variables_of(order: Order, site: Site) -> Mapping[str, Value]:
    """What the run's placeholders stand for."""
    built_ins = moment(
        order.task,
        zone(site.project.zone_of(order.task)),
        run=order.run,
        now=site.now(),
        scheduled_at=order.scheduled_at,
        window_start=order.window_start,
        previous_run_at=site.last_runs.get(order.task.id),
        is_catch_up=order.is_catch_up,
    )
    return variables_for(site.project, order.task, built_ins, order.parameters)


async def attempt(order: Order, site: Site, tell: Callable[[RunEvent], None]) -> Attempted:
    """Never raises RunFailed: what went wrong is the answer's failure. Only a cancellation gets through."""
    task = order.task
    try:
        async with asyncio.timeout(task.limits.seconds) as wall:
            return await _attempt(order, site, tell, wall)
    except TimeoutError:
        if not wall.expired():
            raise
        message = f"the run did not finish within {task.limits.seconds} s"
        hint = "raise `limits.seconds`, or ask for less"
        return _failed(Failure(kind=ErrorKind.TIMEOUT, message=message, hint=hint))
    except RunFailed as error:
        return _failed(error.failure)
    except TemplateError as error:
        return _failed(Failure(kind=ErrorKind.CONFIG, message=str(error), hint=error.diagnostics[0].detail))


def _failed(failure: Failure) -> Attempted:
    return Attempted(answer=Answer(text="", failure=failure))


async def _attempt(order: Order, site: Site, tell: Callable[[RunEvent], None], wall: asyncio.Timeout) -> Attempted:
    from octops.sources.opened import open_sources

    task = order.task
    name = site.project.model_of(task)
    chain = model_chain(name, site.project)
    allowance = site.budget.run(name, chain, task.limits.cost_usd)
    variables = variables_of(order, site)
    calls = prefetch_calls(task, variables)
    model = _model(chain, order, site)
    # litellm takes seconds to import, and a local model to load: that goes on while sources open.
    loading = None if is_warm(chain) else asyncio.create_task(warmed(chain, task))
    if loading is not None:
        loading.add_done_callback(_heard)
    try:
        sources = [site.project.sources[source] for source in reached_sources(task)]
        async with open_sources(sources, site.sources) as opened:
            for note in opened.notes:
                tell(Noted(text=note))
            spoken = messages(site.project, task, variables, await _prefetched(calls, opened, tell))
            ends_at = await _loaded(loading, wall)
            answer = await converse(
                model,
                opened,
                spoken,
                output=task.output,
                limits=task.limits,
                budget=allowance,
                clock=asyncio.get_running_loop().time,
                ends_at=ends_at,
                on_event=tell,
            )
            local = made_by(chain, task, answer.model)
            return Attempted(
                answer=answer,
                messages=spoken,
                tools=tuple(opened.specs),
                local=local,
                withheld=opened.withheld,
                notes=opened.notes,
            )
    finally:
        # An import cannot be stopped, and nobody need wait for it.
        if loading is not None:
            loading.cancel()


def _heard(loading: asyncio.Task[None]) -> None:
    """Take note of a failure nobody asked for, because the run had failed before."""
    if not loading.cancelled():
        loading.exception()


async def _loaded(loading: asyncio.Task[None] | None, wall: asyncio.Timeout) -> float:
    """When the conversation must end. It keeps that itself from here on, so that what it has produced is not lost.

    Seconds that are only our own start-up are not the task's.
    """
    clock = asyncio.get_running_loop().time
    ends_at, waited_from = wall.when(), clock()
    assert ends_at is not None
    wall.reschedule(None)
    if loading is not None:
        await loading
    return ends_at + clock() - waited_from


async def _prefetched(
    calls: Sequence[Prefetch], sources: OpenedSources, tell: Callable[[RunEvent], None]
) -> tuple[Prefetched, ...]:
    """The calls the plan lists, in order. One that fails fails the run: the model must not answer without its data."""
    found = []
    for call in calls:
        tell(Noted(text=f"prefetches {call.tool} from {call.source}"))
        result = await sources.call_of(call.source, call.tool, call.arguments)
        if result.is_error:
            raise RunFailed(
                ErrorKind.SOURCE,
                f"prefetching `{call.tool}` from `{call.source}` failed: {result.text[:500]}",
                hint="the call and its arguments stand under `prefetch` in the task",
            )
        found.append(Prefetched(source=call.source, tool=call.tool, arguments=call.arguments, text=result.text))
    return tuple(found)


def _model(chain: Sequence[ModelAlias], order: Order, site: Site) -> Model:
    return _Remembering(chained(chain, order.task, site.secrets), chain, order, site)


class _Remembering:
    """A model whose provider is not asked again in this apply once it has refused the key.

    The same address with another key, and another address that speaks the same protocol, are asked all the same.
    """

    def __init__(self, model: Model, chain: Sequence[ModelAlias], order: Order, site: Site) -> None:
        self._run = order.run
        self._model = model
        self._chain = chain
        self._refused = site.refused

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply:
        from octops.plan.providers import provider_name

        places = {_place(alias): alias for alias in self._chain}
        if places.keys() <= self._refused.keys():
            place, alias = next(iter(places.items()))
            provider = provider_name(alias.model)
            message = f"`{provider}` was not asked again, it had refused the same key in {self._refused[place]}"
            raise ModelError(message, provider=provider, hint="see that run for what to do about the key")
        try:
            return await self._model.reply(
                messages, tools, output_schema=output_schema, max_tokens=max_tokens, seconds=seconds
            )
        except ModelError as error:
            if error.status in (401, 403):
                for alias in self._chain:
                    if provider_name(alias.model) == error.provider:
                        self._refused[_place(alias)] = f"run `{self._run}`: {error.failure.message}"
            raise


def _place(alias: ModelAlias) -> str:
    """Who is asked with which key: what a refusal is about."""
    from octops.plan.providers import provider_name
    from octops.run.endpoint import key_variable

    return " ".join((provider_name(alias.model), alias.api_base or "", key_variable(alias)))


def tools_hash(tools: Sequence[ToolSpec]) -> str:
    """sha256 (hex) of the tool definitions as the model saw them; empty without tools."""
    if not tools:
        return ""
    plain = [[tool.name, tool.description, tool.schema] for tool in tools]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=dict).encode()).hexdigest()
