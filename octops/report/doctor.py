"""What `octops state doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from octops.errors import Diagnostic, Severity
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines

_READABLE = ("two-records",)
"""Errors that do not keep anybody from writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A ledger after an examination. `where` is empty when it lies in this repository alone; `tip` when it is new."""

    branch: str
    where: str
    tip: str
    findings: tuple[Diagnostic, ...] = ()
    written: bool = False
    """A push was made; else it was only rehearsed."""

    @property
    def writable(self) -> bool:
        return not any(it.severity is Severity.ERROR and it.code not in _READABLE for it in self.findings)


def doctor_json(examined: Examined) -> dict[str, Any]:
    return {
        "ledger": {"branch": examined.branch, "remote": examined.where, "tip": examined.tip},
        "writable": examined.writable,
        "written": examined.written and examined.writable,
        "diagnostics": diagnostics_json(examined.findings),
    }


def doctor_text(examined: Examined) -> str:
    """One or two lines; the findings themselves are diagnostics."""
    place = f" on `{terminal(examined.where)}`" if examined.where else " in this repository (no remote)"
    ledger = f"The ledger `{terminal(examined.branch)}`{place}"
    if not examined.writable:
        return workflow_safe_lines(f"{ledger} cannot be written from here.\n")
    new = "" if examined.tip else "; it does not exist yet, the first `octops apply` makes it"
    sound = "" if examined.findings else " Nothing is wrong with it."
    return workflow_safe_lines(f"{ledger} can be written from here{new}.{sound}{_tried(examined)}\n")


def _tried(examined: Examined) -> str:
    """No more is claimed than what was tried."""
    if examined.written:
        return " A commit that changes nothing was written."
    if not examined.where:
        return ""
    return (
        "\nA push was only rehearsed: hooks and branch rules of the remote judge real ones, "
        "and `octops state doctor --write` makes one."
    )
