"""Collects what is wrong in many files and says where it stands, once everything has been looked at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from octops.declare.file import Files, SourceFile, UnreadableText, text_of
from octops.declare.located import MAX_PROBLEMS, Problem, locate
from octops.errors import Diagnostic


class Findings:
    """Starts with what was wrong with finding the files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._problems: dict[str, list[Problem]] = {}
        self._diagnostics = list(files.diagnostics)

    def add(self, path: str, problems: Iterable[Problem]) -> None:
        """Keep the problems of one file. Looks no further than can be shown."""
        if found := list(islice(problems, MAX_PROBLEMS + 1)):
            self._problems.setdefault(path, []).extend(found)

    def unreadable(self, error: UnreadableText) -> None:
        """Keep what is wrong with a file that has no text at all."""
        self._diagnostics += error.diagnostics

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, sorted by file, line and column."""
        everything = list(self._diagnostics)
        for file in self._files.files:
            if problems := self._problems.get(file.path):
                everything += locate(file.path, _shown_text(file), problems)
        return tuple(sorted(everything, key=lambda diagnostic: diagnostic.order))


def _shown_text(file: SourceFile) -> str:
    try:
        return text_of(file)
    except UnreadableText:
        return ""
