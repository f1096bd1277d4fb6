"""What can be wrong, said in data: a place, a sentence, a cure. `report/` turns it into text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """Exit codes of every command (docs: `octops --help`)."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    RUN_FAILED = 3
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A span in a file of the project. Lines and columns count from 1, in characters; the end is exclusive."""

    filename: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing to tell the user. `summary` is lower case without a final stop; `detail` says what to write instead."""

    severity: Severity = Severity.ERROR
    code: str
    summary: str
    detail: str = ""
    location: Location | None = None
    snippet: str = ""
    """The source line the location starts on, without its line end, or empty."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sorts diagnostics by file, line and column; those without a place come first."""
        place = self.location
        if place is None:
            return ("", 0, 0, self.code, self.summary)
        return (place.filename, place.line, place.column, self.code, self.summary)


class OctopsError(Exception):
    """Base of everything octops raises on purpose; anything else that escapes is a bug (exit 70)."""

    exit_code = Exit.ERROR

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.summary for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class InvalidProject(OctopsError):
    """The files cannot become a project. Carries every mistake, sorted, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        super().__init__(*sorted(diagnostics, key=lambda diagnostic: diagnostic.order))


class UsageError(OctopsError):
    """The command line, or the place it was called in, cannot be right."""

    def __init__(self, summary: str, *, code: str = "usage", detail: str = "") -> None:
        super().__init__(Diagnostic(code=code, summary=summary, detail=detail))


class GitError(OctopsError):
    """Git refused, or the repository is not what the command needs."""

    def __init__(self, summary: str, *, code: str = "git", detail: str = "") -> None:
        super().__init__(Diagnostic(code=code, summary=summary, detail=detail))


class StalePlan(OctopsError):
    """A saved plan no longer describes what would happen: nothing was done."""
