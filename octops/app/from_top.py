"""Paths as the repository's host knows them: below the top of the work tree, not below the project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from octops.errors import Diagnostic, Location

if TYPE_CHECKING:
    from octops.app.workspace import Workspace


def from_top(workspace: Workspace, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with the file names that annotations and SARIF need."""
    return tuple(
        replace(it, location=location_from_top(workspace, it.location)) if it.location else it for it in diagnostics
    )


def location_from_top(workspace: Workspace, location: Location) -> Location:
    prefix = workspace.repository.prefix if workspace.repository else ""
    return replace(location, filename=f"{prefix}/{location.filename}") if prefix else location
