"""A result in plain words: what a person reads where the answer is not wrapped in anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from octops.model.run import Failure, Result, RunStatus


def failed(result: Result) -> bool:
    return result.status is RunStatus.FAILED


def body(result: Result) -> str:
    """The answer; JSON is laid out for reading. Of a failed run, why it failed, then what there is of an answer."""
    if not failed(result):
        return _answer(result)
    why = _why(result.failure)
    if result.format == "json":
        error = {"error": {"message": why}, "run": result.run, "text": result.text}
        return json_text(error, readable=True)
    return "\n\n".join(filter(None, (f"Run {result.run} failed: {why}", result.text)))


def one_line(text: str, limit: int) -> str:
    """Text from outside on one line: what cannot be seen becomes a space, what is too long is cut."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def json_text(value: object, *, readable: bool = False) -> str:
    """JSON that every reader takes: numbers JSON does not have (NaN, infinities) become null."""
    return json.dumps(
        _plain(value),
        ensure_ascii=False,
        allow_nan=False,
        indent=2 if readable else None,
        separators=None if readable else (",", ":"),
    )


def _answer(result: Result) -> str:
    if result.format == "json" and result.data is not None:
        return json_text(result.data, readable=True)
    return result.text


def _why(failure: Failure | None) -> str:
    if failure is None:
        return "no reason was recorded"
    return f"{failure.message} ({failure.hint})" if failure.hint else failure.message


def _plain(value: object) -> object:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(entry) for entry in value]
    return value
