"""One walk over the events of a YAML text that notes where everything stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from yaml import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from octops.declare.events import MAX_DEPTH, MAX_NODES

Path: TypeAlias = "tuple[str | int, ...]"
_ENDS = (MappingEndEvent, SequenceEndEvent)
_STARTS = (MappingStartEvent, SequenceStartEvent)
_CONTAINER = "{"


@dataclass(frozen=True, slots=True)
class Span:
    """Lines and columns count from 1, in characters; the end is exclusive."""

    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 2


@dataclass(frozen=True, slots=True)
class Extent:
    """A value. `start` and `end` are offsets in the text; of containers and block texts `span` is the first line."""

    span: Span
    start: int
    end: int
    style: str
    """`|`, `>`, `'`, `"`, empty for plain scalars, `{` for mappings and lists."""

    @property
    def is_text(self) -> bool:
        return self.style != _CONTAINER


@dataclass(slots=True)
class _Open:
    """A container being walked: the path of its next value, and of a mapping whether the key was seen."""

    path: Path
    mapping: bool
    index: int = 0
    key: str | None = None


class Survey:
    """Fills `keys` and `values`; what stops the walk does not empty them. Of two equal keys the first counts."""

    def __init__(self, text: str) -> None:
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Extent] = {}
        self._text = text
        self._open: list[_Open] = []

    def walk(self, following: Callable[[], Any]) -> None:
        """Until the end of the first document, or something `parse` refuses."""
        while len(self.values) < MAX_NODES and len(self._open) <= MAX_DEPTH:
            event = following()
            if isinstance(event, (DocumentEndEvent, StreamEndEvent)):
                return
            if isinstance(event, _ENDS):
                self._close(event)
            elif isinstance(event, (ScalarEvent, AliasEvent, *_STARTS)) and not self._node(event):
                return

    def _node(self, event: Any) -> bool:
        here = self._open[-1] if self._open else None
        if here is not None and here.mapping and here.key is None:
            if not isinstance(event, ScalarEvent):
                return False
            here.key = event.value
            self.keys.setdefault((*here.path, event.value), _span(event.start_mark, event.end_mark))
            return True
        path = self._next_path(here)
        self.values.setdefault(path, self._extent(event))
        if isinstance(event, _STARTS):
            self._open.append(_Open(path, isinstance(event, MappingStartEvent)))
        return True

    def _next_path(self, here: _Open | None) -> Path:
        if here is None:
            return ()
        step: str | int
        if here.key is None:
            step, here.index = here.index, here.index + 1
        else:
            step, here.key = here.key, None
        return (*here.path, step)

    def _extent(self, event: Any) -> Extent:
        start, end = event.start_mark, event.end_mark
        container = isinstance(event, _STARTS)
        style = _CONTAINER if container else getattr(event, "style", None) or ""
        span = self._first_line(start) if container or style in ("|", ">") else _span(start, end)
        return Extent(span, start.index, end.index, style)

    def _close(self, event: Any) -> None:
        """A list or mapping in brackets on one line ends at its bracket."""
        closed = self._open.pop()
        extent = self.values[closed.path]
        end = event.end_mark
        if self._text[extent.start : extent.start + 1] in ("[", "{") and end.line + 1 == extent.span.line:
            span = Span(extent.span.line, extent.span.column, end.line + 1, end.column + 1)
            self.values[closed.path] = Extent(span, extent.start, end.index, extent.style)

    def _first_line(self, start: Any) -> Span:
        line_end = self._text.find("\n", start.index)
        line_end = len(self._text) if line_end < 0 else line_end
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 1 + max(1, line_end - start.index))


def _span(start: Any, end: Any) -> Span:
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
