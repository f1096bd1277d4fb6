"""The comment of a pull request whose files cannot be planned: what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

from octops.errors import Diagnostic, Severity
from octops.report.comment import MARKER
from octops.report.diagnostics import counts, diagnostics_text
from octops.report.escape import fence

MAX_TEXT = 30_000


def failure_markdown(diagnostics: Sequence[Diagnostic], marker: str = MARKER) -> str:
    """Every error as on a terminal, in a fence that nothing closes; warnings are only counted."""
    errors = [it for it in diagnostics if it.severity is Severity.ERROR] or list(diagnostics)
    body = fence(diagnostics_text(errors), "text", limit=MAX_TEXT)
    return f"{marker}\n### This cannot be planned: {counts(diagnostics)}\n\n{body}"
