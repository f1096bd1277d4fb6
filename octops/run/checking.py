"""Whether an answer keeps what a completed run promises: whole, not empty, and of the declared shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from octops.model.ids import Value
from octops.model.run import ErrorKind, Failure, Reply
from octops.model.task import Output
from octops.run.wire import plain

CUT_MARK: Final = "\n\n[cut off here: the answer reached its longest length]"
_FENCED = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL)
_MOST_ERRORS: Final = 8
_LONGEST_ERROR: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answer as it will be delivered; `data` is the parsed answer when the format is json."""

    text: str
    data: Value = None
    failure: Failure | None = None

    @property
    def repairable(self) -> bool:
        """The model may be told what is wrong and asked once more."""
        return self.failure is not None and self.failure.kind is ErrorKind.INVALID_OUTPUT


def check(reply: Reply, output: Output) -> Checked:
    """The judgement over a reply that asks for no more tools."""
    if reply.stop_reason == "length":
        return _cut(reply, output)
    if reply.stop_reason == "content_filter":
        return _failed(
            reply, ErrorKind.MODEL, "the provider's content filter stopped the answer", "rephrase the prompt or data"
        )
    if reply.stop_reason == "repetition":
        hint = "ask for less at once, or take a stronger model"
        return _failed(reply, ErrorKind.MODEL, "the model said the same over and over, and was stopped", hint)
    if reply.stop_reason != "stop":
        return _failed(reply, ErrorKind.MODEL, f"the model did not finish by itself: `{reply.stop_reason[:60]}`", "")
    if not reply.text.strip():
        return _failed(
            reply, ErrorKind.EMPTY_OUTPUT, "the model answered with nothing", "say in the prompt what to write"
        )
    return _shaped(reply, output) if output.format == "json" else Checked(text=reply.text)


def _cut(reply: Reply, output: Output) -> Checked:
    if output.on_truncated == "deliver" and output.format != "json" and reply.text.strip() and not reply.tool_calls:
        return Checked(text=reply.text + CUT_MARK)
    hint = "raise `max_tokens` in the model's options or `limits.tokens`, or ask for less"
    return _failed(reply, ErrorKind.TRUNCATED, "the answer was cut off at its longest length", hint)


def _shaped(reply: Reply, output: Output) -> Checked:
    try:
        data = _parsed(reply.text)
    except (ValueError, RecursionError) as error:
        return _failed(reply, ErrorKind.INVALID_OUTPUT, f"the answer is not JSON: {str(error)[:_LONGEST_ERROR]}", _HINT)
    if output.schema is not None and (wrong := _disagreements(output.schema, data)):
        message = f"the answer does not keep the output schema: {'; '.join(wrong)}"
        return Checked(text=reply.text, data=data, failure=_failure(ErrorKind.INVALID_OUTPUT, message, _HINT))
    return Checked(text=reply.text, data=data)


_HINT: Final = "show an example answer in the prompt, simplify `output.schema`, or take a stronger model"


def _parsed(text: str) -> Value:
    """JSON alone, or in one code fence; what JSON cannot say (NaN, half a surrogate pair) is refused."""
    fenced = _FENCED.search(text) if "```" in text else None
    try:
        data: Value = _loads(text)
    except ValueError:
        if fenced is None:
            raise
        data = _loads(fenced[1])
    return data


def _loads(text: str) -> Any:
    data = json.loads(text.strip(), parse_constant=_no_number, parse_float=_finite)
    json.dumps(data, ensure_ascii=False).encode()
    return data


def _no_number(word: str) -> float:
    raise ValueError(f"`{word}` is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"`{digits[:40]}` is too large a number")
    return number


def _disagreements(schema: Mapping[str, Value], data: Value) -> list[str]:
    import jsonschema_rs

    bare = {key: value for key, value in plain(schema).items() if key != "$schema"}
    try:
        errors = list(jsonschema_rs.Draft202012Validator(bare).iter_errors(plain(data)))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return [f"it cannot be checked: {str(error)[:_LONGEST_ERROR]}"]
    said = [f"at `{_place(error.instance_path)}`: {error.message[:_LONGEST_ERROR]}" for error in errors[:_MOST_ERRORS]]
    return said + ([f"and {len(errors) - _MOST_ERRORS} more"] if len(errors) > _MOST_ERRORS else [])


def _place(path: list[str | int]) -> str:
    return "/" + "/".join(map(str, path))[:100]


def _failed(reply: Reply, kind: ErrorKind, message: str, hint: str) -> Checked:
    return Checked(text=reply.text, failure=_failure(kind, message, hint))


def _failure(kind: ErrorKind, message: str, hint: str) -> Failure:
    return Failure(kind=kind, message=" ".join(message.split()), hint=hint)
