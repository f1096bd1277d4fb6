"""What octops refuses in YAML that libyaml reads: changes with the part of YAML octops allows."""

from __future__ import annotations

from typing import Any, NoReturn

from octops.declare.events import MAX_DEPTH, MAX_NODES
from octops.declare.positions import Positions, positions
from octops.declare.yamlproblem import YamlError, YamlProblem

_MOST = 50


class Complaints:
    """Collects the problems of one text while it is read; a text with very many is given up."""

    def __init__(self, text: str) -> None:
        self.problems: list[YamlProblem] = []
        self._text = text
        self._positions: Positions | None = None

    def anchor_or_tag(self, event: Any) -> None:
        if event.anchor is not None:
            self.add(event, "anchor", f"`&{event.anchor}` is an anchor", "write the value out at every place")
        if event.tag is not None:
            self.add(event, "tag", "`!` starts a tag", "leave the tag out, and quote what is meant as text")

    def alias(self, event: Any) -> None:
        detail = "write the value out at every place; put a text that starts with `*` in quotes"
        self.add(event, "alias", f"`*{event.anchor}` is an alias", detail)

    def merge_key(self, event: Any) -> None:
        self.add(
            event, "merge-key", "`<<` is a merge key", "write the keys out, or set them for all tasks in octops.yaml"
        )

    def key_not_text(self, event: Any) -> None:
        written = event.value
        if written:
            self.add(
                event, "key-not-text", f"the key `{written[:40]}` is not text", f"put it in quotes: `'{written[:40]}'`"
            )
        else:
            self.add(event, "key-not-text", "a key is missing before the `:`", "write `key: value`")

    def duplicate_key(self, event: Any, path: tuple[str | int, ...]) -> None:
        self._positions = self._positions or positions(self._text)
        line = self._positions.key((*path, event.value)).line
        summary = f"the key `{event.value[:80]}` is here twice"
        self.add(event, "duplicate-key", summary, f"keep one of the two; the first is on line {line}")

    def control_character(self, event: Any, character: str) -> None:
        summary = f"the escape of U+{ord(character):04X}, a control character, is not allowed"
        self.add(event, "control-character", summary, "remove the escape")

    def several_documents(self, event: Any) -> None:
        detail = "write one mapping per file; in a text, indent a line `---` like the rest of its block"
        self.add(event, "several-documents", "a second YAML document starts here", detail)

    def not_a_key(self, event: Any) -> NoReturn:
        """Reading ends: what belongs to such a key cannot be told from what follows."""
        detail = "put a text that starts with `{` or `[` in quotes; a variable is written `<<name>>`"
        self._end(event, "key-not-text", "only text can be a key", detail)

    def too_deep(self, event: Any) -> NoReturn:
        self._end(
            event, "too-deep", f"this is nested deeper than {MAX_DEPTH} levels", "put a text in quotes, or flatten it"
        )

    def too_many(self, event: Any) -> NoReturn:
        detail = "move what the model should read into a source"
        self._end(event, "too-many-values", f"the file holds more than {MAX_NODES} values", detail)

    def add(self, event: Any, code: str, summary: str, detail: str) -> None:
        """Locate the problem at the event's first line."""
        start, end = event.start_mark, event.end_mark
        same_line = end.line == start.line
        problem = YamlProblem(
            code=code,
            summary=summary,
            detail=detail,
            line=start.line + 1,
            column=start.column + 1,
            end_line=start.line + 1,
            end_column=max(end.column, start.column + 1) + 1 if same_line else start.column + 2,
        )
        self.problems.append(problem)
        if len(self.problems) >= _MOST:
            raise YamlError(*self.problems)

    def _end(self, event: Any, code: str, summary: str, detail: str) -> NoReturn:
        self.add(event, code, summary, detail)
        raise YamlError(*self.problems)
