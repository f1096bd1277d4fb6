"""A local model as octops asks any model: messages and tools in, a reply out, for nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from octops.local.actions import Asked, asked, heard
from octops.local.desk import Desk, desk
from octops.local.machine import obstacle, threads
from octops.local.runtime import CONTEXT_TOKENS, PromptTooLong, Said, SchemaRefused, Stopped, library, version
from octops.local.weights import PROVIDER, Weights, is_genuine, is_here, models_folder, table, weights_of
from octops.model.ids import Value
from octops.model.project import ModelAlias
from octops.model.run import ErrorKind, Message, ModelError, Reply, ToolSpec, Usage

LONGEST_ANSWER: Final = 2048
"""Tokens, unless the model's `options` say otherwise: minutes on an ordinary machine."""
SEED: Final = 1
_OPTIONS: Final = ("temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed", "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A model that can be loaded: its file, and what is needed for it is there."""

    weights: Weights
    path: Path


def ready(model: str, environment: Mapping[str, str] = os.environ) -> Ready:
    """Raises ModelError (config) with what is missing and how to get it. Loads no weights."""
    weights = weights_of(model)
    if weights is None:
        names = ", ".join(f"`{known.model}`" for known in table().values())
        raise _missing(f"there is no local model `{model}`", f"the local models are {names}")
    library()
    folder = models_folder(environment)
    if folder is None:
        raise _missing("there is no home directory to keep models in", "set HOME or XDG_CACHE_HOME")
    if not is_here(weights, folder):
        raise _missing(
            f"the weights of `{weights.model}` are not on this machine",
            f"`octops model pull {weights.name}` brings them ({weights.size / 1e9:.1f} GB)",
        )
    if not desk().holds(folder / weights.file):
        _check_machine(weights)
    return Ready(weights=weights, path=folder / weights.file)


class LocalModel:
    """The Model promise over the desk that all runs of this process share.

    Where something was `prefetched` it only writes; otherwise the first turn calls a tool, if there is one. The
    model's option `tool_choice` (none, auto, required) decides instead where it is given. `as_json`: the answer is
    some JSON value, even where no schema says which.
    """

    def __init__(
        self,
        alias: ModelAlias,
        *,
        prefetched: bool = False,
        as_json: bool = False,
        at: Desk | None = None,
        find: Callable[[str], Ready] = ready,
    ) -> None:
        self._alias = alias
        self._choice = str(alias.options.get("tool_choice", "none" if prefetched else "required"))
        self._as_json = as_json
        self._desk = at or desk()
        self._find = find
        self._threads = threads()
        self._seed = _whole(alias.options.get("seed"), SEED)

    async def load(self) -> None:
        """Bring the weights into memory now, while something else goes on. Raises ModelError."""
        found = self._find(self._alias.model)
        if not self._desk.holds(found.path):
            await self._desk.do(lambda _: self._engine(found), 600)

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply:
        """`seconds` is a wall: waiting for other runs counts, and generation ends with it."""
        found = self._find(self._alias.model)
        schema = {} if output_schema is None and self._as_json else output_schema

        def turn(*, loose: bool) -> Asked:
            offered = () if self._choice == "none" else tools
            return asked(messages, offered, schema, must_call=self._choice != "auto", loose=loose)

        def work(going_on: Callable[[], bool]) -> Reply:
            engine = self._engine(found)
            first = turn(loose=False)
            try:
                return self._reply(engine.say(self._request(first, max_tokens), going_on), first, messages)
            except SchemaRefused:
                first = turn(loose=True)
                return self._reply(engine.say(self._request(first, max_tokens), going_on), first, messages)

        try:
            return await self._desk.do(work, seconds)
        except (Stopped, TimeoutError) as error:
            raise self._late(seconds) from error
        except PromptTooLong as error:
            raise self._too_long(error.tokens) from error
        except SchemaRefused as error:
            raise ModelError(f"`{self._alias.model}` cannot answer: {str(error)[:200]}", provider=PROVIDER) from error

    def made_by(self) -> Mapping[str, str]:
        """What exactly answers, for the record: with the same of everything an answer comes out the same again."""
        weights = weights_of(self._alias.model)
        return {
            "file_sha256": weights.sha256 if weights else "",
            "runtime": version(),
            "threads": str(self._threads),
            "seed": str(self._seed),
        }

    def _engine(self, found: Ready) -> Any:
        def check() -> None:
            _check_machine(found.weights)
            if not is_genuine(found.weights, found.path.parent):
                raise _missing(
                    f"`{found.path.name}` is not the pinned file any more",
                    f"`octops model remove {found.weights.name}`, then pull it again",
                )

        return self._desk.engine(found.path, self._threads, check)

    def _request(self, turn: Asked, max_tokens: int | None) -> Mapping[str, Any]:
        options = self._alias.options
        longest = _whole(options.get("max_tokens"), LONGEST_ANSWER)
        request: dict[str, Any] = {
            "temperature": 0,
            "seed": self._seed,
            **{name: options[name] for name in _OPTIONS if name in options},
            "messages": list(turn.messages),
            "max_tokens": min(longest, max_tokens or longest, CONTEXT_TOKENS),
            "cache_prompt": False,
        }
        if turn.schema is not None:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": turn.schema},
            }
        return request

    def _reply(self, said: Said, turn: Asked, messages: Sequence[Message]) -> Reply:
        usage = Usage(input_tokens=said.input_tokens, output_tokens=said.output_tokens, cost_usd=0.0)
        reply = Reply(text=said.text, stop_reason=said.finish, model=self._alias.model, usage=usage)
        if not turn.acting or said.finish == "length":
            return reply
        action = heard(said.text, number=len(messages))
        stop = "tool_calls" if action.tool_calls else said.finish
        return replace(reply, text=action.text, tool_calls=action.tool_calls, stop_reason=stop)

    def _late(self, seconds: float) -> ModelError:
        return ModelError(
            f"`{self._alias.model}` did not answer within {seconds:.0f} s",
            kind=ErrorKind.TIMEOUT,
            provider=PROVIDER,
            hint="give it less to read or write, raise `limits.seconds`, or set `parallelism: 1` in octops.yaml: "
            "runs wait for one another, and waiting counts",
        )

    def _too_long(self, tokens: int) -> ModelError:
        return ModelError(
            f"the prompt is {tokens} tokens long, and `{self._alias.model}` reads at most {CONTEXT_TOKENS}",
            provider=PROVIDER,
            hint="give it less: a narrower `include`, fewer skills, a smaller prefetch; or take a hosted model",
        )


def _check_machine(weights: Weights) -> None:
    found = obstacle(weights)
    if found is not None:
        raise _missing(found.message, found.cure)


def _missing(message: str, hint: str) -> ModelError:
    return ModelError(message, kind=ErrorKind.CONFIG, provider=PROVIDER, hint=hint)


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
