"""Where characters a reader does not see are wrong: everywhere in config, and some of them in prompts and skills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octops.declare.events import CONTROL
from octops.declare.hidden import Hidden, hidden_characters
from octops.declare.located import PROMPT, At, InFile, Key, Place, Pointer, Problem, Within
from octops.declare.positions import positions
from octops.errors import Severity

_MOST = 200
_MISLEADING = frozenset(("bidirectional", "tag"))
"""Kinds that make a text read otherwise than it is; the others are ordinary in prose (emoji, Persian, soft hyphens)."""
_BY_PARSER = frozenset(("control", "line break"))


def may_hide(text: str) -> bool:
    """Whether it is worth looking: the text holds a hidden character, or something that may be its escape."""
    return "\\" in text or bool(hidden_characters(text, limit=1))


def hidden_problems(text: str, value: Any, *, kind: str, body: str, syntax_is_bad: bool) -> Iterator[Problem]:
    """The hidden characters of one file; `value` is what its YAML holds, `body` what stands below the front matter."""
    found = hidden_characters(text, limit=_MOST)
    if not found:
        yield from _escaped(value, (), kind)
        return
    start, end = _prose(text, value, kind, body)
    for it in found:
        place = InFile(start=it.offset, end=it.offset + 1)
        if start <= it.offset < end:
            yield from _in_prose(it, place)
        elif not (syntax_is_bad and it.kind in _BY_PARSER):
            yield _in_config(it, place)


def _prose(text: str, value: Any, kind: str, body: str) -> tuple[int, int]:
    """The part of the file that is written for a model."""
    if body.strip():
        return len(text) - len(body), len(text)
    if kind == "task" and isinstance(value, dict) and isinstance(value.get("prompt"), str):
        prompt = value["prompt"]
        span = positions(text).inside(PROMPT, prompt, 0, len(prompt))
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: span.line - 1])
        until = sum(len(line) + 1 for line in lines[: span.end_line - 1])
        return before + span.column - 1, until + span.end_column - 1
    return 0, 0


def _escaped(value: Any, path: Pointer, kind: str) -> Iterator[Problem]:
    """`"\\u202e"` in double quotes hides as well as the character itself. The parser has bounded the depth."""
    if isinstance(value, str):
        for it in _unsaid(value):
            if kind == "task" and path == PROMPT:
                yield from _in_prose(it, Within(path=path, text=value, start=it.offset, end=it.offset + 1))
            else:
                yield _in_config(it, At(path=path))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _escaped(item, (*path, index), kind)
    elif isinstance(value, dict):
        for key, item in value.items():
            for it in _unsaid(key)[:1]:
                yield _in_config(it, Key(path=(*path, key)))
            yield from _escaped(item, (*path, key), kind)


def _unsaid(text: str) -> list[Hidden]:
    """The hidden characters whose escapes the parser has not refused."""
    return [it for it in hidden_characters(text, limit=_MOST) if not CONTROL.match(text, it.offset)]


def _in_config(hidden: Hidden, place: Place) -> Problem:
    return Problem(
        code="hidden-character",
        summary=f"a {hidden.kind} character stands here unseen: {hidden.name}",
        detail="delete it: retype the text around it instead of pasting it",
        place=place,
    )


def _in_prose(hidden: Hidden, place: Place) -> Iterator[Problem]:
    if hidden.kind in _MISLEADING:
        yield Problem(
            severity=Severity.WARNING,
            code="hidden-character",
            summary=f"a {hidden.kind} character stands here unseen: {hidden.name}",
            detail="a model reads what people do not see: delete it unless the language needs it",
            place=place,
        )
