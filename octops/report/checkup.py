"""What `octops doctor` looked at, line by line, each finding with its cure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from octops.errors import Diagnostic, Severity
from octops.report.diagnostics import counts, diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style, paint

_STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING, Severity.NOTE: Style.NOTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. Without a `code` all is well with it; a `cure` says what to do otherwise."""

    topic: str
    """`python`, `git`, `files`, `key`, `model`, `command`, `ledger`, `timer`, `host`, `source` …"""
    text: str
    code: str = ""
    severity: Severity = Severity.ERROR
    cure: str = ""

    @property
    def blocks(self) -> bool:
        """It keeps an apply, or the runs of a task, from succeeding."""
        return bool(self.code) and self.severity is Severity.ERROR

    @property
    def diagnostic(self) -> Diagnostic:
        return Diagnostic(severity=self.severity, code=self.code, summary=self.text, detail=self.cure)


def checkup_json(checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "ready": not any(check.blocks for check in checks),
        "checks": [
            {"topic": check.topic, "status": check.severity.value if check.code else "ok", "text": check.text}
            for check in checks
        ],
        "diagnostics": diagnostics_json(check.diagnostic for check in checks if check.code),
    }


def checks_text(checks: Sequence[Check], *, color: bool = False) -> str:
    return workflow_safe_lines("".join(f"{line}\n" for check in checks for line in _lines(check, color)))


def verdict_text(checks: Sequence[Check], *, color: bool = False) -> str:
    """The last line: whether an apply would get through."""
    found = [check.diagnostic for check in checks if check.code]
    if any(check.blocks for check in checks):
        return f"\n{paint('Not ready', Style.ERROR, color)}: {counts(found)}.\n"
    seen = f" {counts(found)}." if found else ""
    return f"\n{paint('Ready', Style.ADD, color)}: nothing stands in the way of `octops apply`.{seen}\n"


def _lines(check: Check, color: bool) -> Iterator[str]:
    word = check.severity.value if check.code else "ok"
    mark = paint(f"{word:<8}", _STYLES[check.severity] if check.code else Style.ADD, color)
    yield f"{mark}{check.topic:<9}{terminal(check.text)}"
    yield from (f"{'':<17}= help: {terminal(line)}" for line in check.cure.splitlines()[:3])
