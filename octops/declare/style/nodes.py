"""A YAML document as it is written: values, comments and blank lines. Changes with what a rewrite must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(slots=True)
class Scalar:
    """A text, number, true, false or null, with the style it was written in (empty: plain) and its source."""

    value: str
    style: str = ""
    raw: str = ""
    header_comment: str = ""
    """Of block texts: the comment on the line of the `|` or `>`."""


@dataclass(slots=True)
class Entry:
    """One key with its value, or one item of a list. `before` are comment lines; an empty one is a blank line."""

    key: Scalar | None = None
    value: Node | None = None
    before: list[str] = field(default_factory=list)
    after: str = ""
    """The comment at the end of the line of the key, or of the value."""


@dataclass(slots=True)
class Container:
    """A mapping or a list. `inline`: written in brackets on one line."""

    mapping: bool
    inline: bool = False
    line: int = 0
    column: int = 0
    entries: list[Entry] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    """Comment lines after the last entry."""


Node: TypeAlias = "Scalar | Container"

_WIDEST_INLINE = 80


def from_value(value: Any) -> Node:
    """The tree of a value that has no source: short lists and `{env: NAME}` in brackets, everything else in lines."""
    if isinstance(value, Mapping):
        entries = [Entry(key=text_scalar(str(key)), value=from_value(item)) for key, item in value.items()]
        return Container(mapping=True, inline=_is_short(list(value.values()), value), entries=entries)
    if isinstance(value, (list, tuple)):
        short = _is_short(value, value)
        return Container(mapping=False, inline=short, entries=[Entry(value=from_value(item)) for item in value])
    return text_scalar(value) if isinstance(value, str) else Scalar(_word(value))


def text_scalar(text: str) -> Scalar:
    """A text from outside: several lines as a block, else in quotes unless nobody could read it otherwise."""
    from octops.declare.style.scalars import needs_quotes

    if "\n" in text:
        return Scalar(text, style="|")
    return Scalar(text, style="'" if needs_quotes(text) else "")


def _word(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _is_short(items: Any, whole: Any) -> bool:
    return len(str(whole)) <= _WIDEST_INLINE and all(_is_simple(item) for item in items)


def _is_simple(item: Any) -> bool:
    """A word, a list of words, or `{env: NAME}`."""
    if isinstance(item, Mapping):
        return list(item) == ["env"]
    if isinstance(item, (list, tuple)):
        return all(not isinstance(inner, (Mapping, list, tuple)) and _is_simple(inner) for inner in item)
    return "\n" not in str(item)
