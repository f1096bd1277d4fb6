"""YAML text → its tree: changes with where comments and blank lines are thought to belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from yaml import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from octops.declare.events import events
from octops.declare.style.nodes import Container, Entry, Node, Scalar

_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)


class _Comment(NamedTuple):
    """A comment line and its column; an empty text is a blank line."""

    column: int
    text: str


class Tree:
    """A text that `parse` has taken, with its comments. `root` is None for a text without a document."""

    def __init__(self, text: str) -> None:
        self.comments: list[str] = []
        self._text = text
        self._at = 0
        self._waiting: list[_Comment] = []
        self._open: list[Container] = []
        self._last: Entry | None = None
        self._top = Entry()
        self._walk(events(text))
        self.root: Node | None = self._top.value
        self.end = [comment.text for comment in self._waiting]

    def _walk(self, following: Callable[[], Any]) -> None:
        while True:
            event = following()
            if isinstance(event, DocumentEndEvent):
                self._gap(len(self._text))
                return
            if isinstance(event, StreamStartEvent):
                continue
            self._gap(event.start_mark.index)
            self._at = max(self._at, event.end_mark.index)
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, _STARTS):
                self._start(event)
            elif isinstance(event, _ENDS):
                self._end(event)
            elif not isinstance(event, DocumentStartEvent):
                return

    def _gap(self, end: int) -> None:
        """Between two values stand only brackets, commas, blanks and comments."""
        if end <= self._at:
            return
        first, *lines = self._text[self._at : end].split("\n")
        if not self._text[self._line_start() : self._at].strip(" -"):
            # Nothing but the dashes of a list stands before it on its line.
            self._line(first, bool(lines) and self._at == 0)
        elif comment := _comment_of(first):
            self._beside(comment)
        for number, line in enumerate(lines):
            self._line(line, number + 1 < len(lines))
        self._at = end

    def _line(self, line: str, whole: bool) -> None:
        if comment := _comment_of(line):
            self.comments.append(comment)
            self._waiting.append(_Comment(line.index("#"), comment))
        elif whole and not line.strip():
            self._waiting.append(_Comment(0, ""))

    def _beside(self, comment: str) -> None:
        self.comments.append(comment)
        if self._last is None:
            self._waiting.append(_Comment(0, comment))
        elif self._last.after:
            self._last.before.append(comment)
        else:
            self._last.after = comment

    def _scalar(self, event: Any) -> None:
        here = self._open[-1] if self._open else None
        start, end = event.start_mark.index, event.end_mark.index
        scalar = Scalar(event.value, event.style or "", self._text[start:end])
        if scalar.style in ("|", ">"):
            self._block(scalar, start)
        if here is not None and here.mapping and (not here.entries or here.entries[-1].value is not None):
            self._last = Entry(key=scalar, before=self._taken())
            here.entries.append(self._last)
        else:
            self._place(scalar)

    def _block(self, scalar: Scalar, start: int) -> None:
        scalar.header_comment = _comment_of(scalar.raw.split("\n")[0])
        if scalar.header_comment:
            self.comments.append(scalar.header_comment)
        if not scalar.value.endswith("\n\n"):
            # The blank lines below a block text belong to what comes next.
            self._at = start + len(scalar.raw.rstrip(" \n"))

    def _start(self, event: Any) -> None:
        mapping = isinstance(event, MappingStartEvent)
        container = Container(mapping=mapping, inline=bool(event.flow_style))
        container.line, container.column = event.start_mark.line, event.start_mark.column
        entry = self._place(container, keep=not event.flow_style)
        self._open.append(container)
        if event.flow_style:
            self._last = entry

    def _place(self, node: Node, *, keep: bool = False) -> Entry:
        """Put a value where it belongs; what stands above a block is kept for its first entry."""
        here = self._open[-1] if self._open else None
        if here is None:
            entry = self._top
        elif here.mapping:
            entry = here.entries[-1]
            if not keep:
                entry.before += [text for text in self._taken() if text]
        else:
            entry = Entry(before=self._taken())
            here.entries.append(entry)
        entry.value = node
        if not keep:
            self._last = entry
        return entry

    def _end(self, event: Any) -> None:
        container = self._open.pop()
        if container.inline:
            container.end = [text for text in self._taken() if text]
            container.inline = event.end_mark.line == container.line
            # Behind brackets that end on the line of their last item, a comment stands beside that item.
            ends = not container.inline and container.entries and self._text[self._line_start() : self._at].strip(" ]}")
            self._last = container.entries[-1] if ends else self._owner(container)
            return
        parent = self._open[-1] if self._open else None
        edge = container.column + (parent is not None and parent.mapping and parent.column == container.column)
        count = 0
        for number, comment in enumerate(self._waiting):
            if comment.text and comment.column < edge:
                break
            if comment.text:
                count = number + 1
        container.end = [comment.text for comment in self._waiting[:count]]
        del self._waiting[:count]

    def _line_start(self) -> int:
        return self._text.rfind("\n", 0, self._at) + 1

    def _owner(self, container: Container) -> Entry:
        return self._open[-1].entries[-1] if self._open else self._top

    def _taken(self) -> list[str]:
        taken = [comment.text for comment in self._waiting]
        self._waiting.clear()
        return taken


def _comment_of(line: str) -> str:
    start = line.find("#")
    return line[start:].rstrip() if start >= 0 else ""
