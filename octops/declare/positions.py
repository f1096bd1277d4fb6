"""Where every key and value of a YAML text stands: worked out only when something must be pointed at."""

from __future__ import annotations

import contextlib

from yaml import YAMLError

from octops.declare.alignment import Alignment
from octops.declare.events import events
from octops.declare.survey import Extent, Path, Span, Survey
from octops.declare.yamlproblem import YamlError

__all__ = ["Path", "Positions", "Span", "positions", "span_at"]


def positions(text: str) -> Positions:
    """The positions in `text`, as far as it can be read: up to the first thing that YAML itself refuses."""
    survey = Survey(text)
    with contextlib.suppress(YAMLError, YamlError):
        survey.walk(events(text))
    return Positions(text, survey.keys, survey.values)


def span_at(text: str, start: int, end: int, *, first_line: int = 1) -> Span:
    """The span of `text[start:end]`, where the first line of `text` is line `first_line` of its file."""
    line = text.count("\n", 0, start)
    end_line = line + text.count("\n", start, end)
    column, end_column = start - text.rfind("\n", 0, start), end - text.rfind("\n", 0, end)
    return Span(first_line + line, column, first_line + end_line, end_column)


class Positions:
    """The places of one text. A path is the keys and indexes from the top; one that does not exist means its parent."""

    def __init__(self, text: str, keys: dict[Path, Span], values: dict[Path, Extent]) -> None:
        self._text = text
        self._keys = keys
        self._values = values
        self._alignments: dict[Path, tuple[str, Alignment]] = {}

    def key(self, path: Path) -> Span:
        """The key itself; for an item of a list the item, for the top its first line."""
        while path:
            if path in self._keys:
                return self._keys[path]
            if path in self._values:
                return self._values[path].span
            path = path[:-1]
        top = self._values.get(())
        return top.span if top else Span()

    def value(self, path: Path) -> Span:
        """The value: of a mapping, list or block text the first line. Of an absent or empty value the key."""
        extent = self._values.get(path)
        if extent is None or (extent.is_text and extent.start == extent.end):
            return self.key(path)
        return extent.span

    def inside(self, path: Path, text: str, offset: int, length: int) -> Span:
        """The place of `text[offset:offset + length]`, where `text` is the string value at `path`.

        Exact in every way of writing a string; what is blank itself gets the place of the whole value.
        """
        extent = self._values.get(path)
        if extent is None or not extent.is_text:
            return self.value(path)
        place = self._alignment(path, extent, text).source(offset, offset + length)
        return span_at(self._text, *place) if place else self.value(path)

    def _alignment(self, path: Path, extent: Extent, text: str) -> Alignment:
        known = self._alignments.get(path)
        if known is None or known[0] != text:
            known = (text, Alignment(self._text, extent.start, extent.end, extent.style, text))
            self._alignments[path] = known
        return known[1]
