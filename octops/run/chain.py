"""Who answers a run: litellm over HTTP, a model in this process, or a declared chain of both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from octops.local.weights import is_local
from octops.model.ids import Value
from octops.model.project import ModelAlias
from octops.model.run import Message, Model, ModelError, Reply, ToolSpec
from octops.model.task import Task
from octops.plan.providers import provider_name

if TYPE_CHECKING:
    from octops.local.model import LocalModel


def chained(chain: Sequence[ModelAlias], task: Task, secrets: Mapping[str, str]) -> Model:
    """The model asked, then its declared fallbacks. Imports only what the chain needs."""
    models: list[Model] = []
    for local, aliases in groupby(chain, key=lambda alias: is_local(alias.model)):
        if local:
            models += [_local(alias, task) for alias in aliases]
        else:
            from octops.run.llm import LiteLLM

            models.append(LiteLLM(tuple(aliases), secrets, attempts=task.retry_attempts))
    return models[0] if len(models) == 1 else _Fallbacks(models)


def is_warm(chain: Sequence[ModelAlias]) -> bool:
    """Whether `warmed` has nothing left to do. A model of this machine is asked that itself."""
    if any(is_local(alias.model) for alias in chain):
        return False
    from octops.run import llm_library

    return llm_library.is_warm({provider_name(alias.model) for alias in chain})


async def warmed(chain: Sequence[ModelAlias], task: Task) -> None:
    """Do what takes seconds before the first question; what goes wrong is said when it is asked."""
    if any(not is_local(alias.model) for alias in chain):
        from octops.run.llm_library import warm

        await warm({provider_name(alias.model) for alias in chain})
    elif chain:
        with suppress(ModelError, TimeoutError):
            await _local(chain[0], task).load()


def made_by(chain: Sequence[ModelAlias], task: Task, answered: str) -> Mapping[str, str]:
    """Which file, runtime, threads and seed made the answer; empty for a model elsewhere."""
    for alias in chain:
        if is_local(alias.model) and alias.model == answered:
            return _local(alias, task).made_by()
    return {}


def _local(alias: ModelAlias, task: Task) -> LocalModel:
    from octops.local.model import LocalModel

    return LocalModel(alias, prefetched=bool(task.prefetch), as_json=task.output.format == "json")


class _Fallbacks:
    """Each model when the one before it cannot; the error raised is the last one's."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = tuple(models)

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply:
        clock = asyncio.get_running_loop().time
        ends_at = clock() + seconds
        for place, model in enumerate(self._models, 1):
            try:
                return await model.reply(
                    messages, tools, output_schema=output_schema, max_tokens=max_tokens, seconds=ends_at - clock()
                )
            except ModelError:
                if place == len(self._models) or clock() >= ends_at:
                    raise
        raise AssertionError("a chain has a model")
