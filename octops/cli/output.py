"""What goes to the terminal: stdout is the result, stderr is everything about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any

from octops.errors import Diagnostic, OctopsError


def wants_color(stream: IO[str]) -> bool:
    """Colour only on a terminal, and not where NO_COLOR (https://no-color.org) or a dumb terminal says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Print a result that a renderer of `report/` has made safe. Raises OctopsError where that is impossible."""
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer would be tried once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        summary = f"the result could not be written: {error.strerror}"
        raise OctopsError(Diagnostic(code="output", summary=summary, detail="send it somewhere else")) from error


def write_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document that is also safe in a CI log."""
    from octops.report.escape import json_text

    write(json_text(document))


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics to stderr, for people."""
    if diagnostics:
        from octops.report.diagnostics import diagnostics_text

        sys.stderr.write(diagnostics_text(diagnostics, color=wants_color(sys.stderr)))
