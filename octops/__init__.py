"""AI tasks as code: plan and run scheduled tasks that live as files in a git repository.

The front door for programs: `load(directory)` gives the project, `plan(directory, now=…)` what would change and run.
Everything is imported when it is first used.
"""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from octops.app.workspace import Loaded
    from octops.model.plan import Plan

__version__ = "0.1.0"
__all__ = ["__version__", "load", "plan"]


def load(directory: str | PathLike[str] = ".", *, ref: str | None = None) -> Loaded:
    """The project `directory` belongs to, from its work tree or from the commit `ref`.

    Raises `octops.errors.InvalidProject` with every mistake at once.
    """
    from pathlib import Path

    from octops.app.workspace import load_project, open_workspace

    return load_project(open_workspace(Path(directory)), ref=ref)


def plan(directory: str | PathLike[str] = ".", *, now: datetime, refresh: bool = True) -> Plan:
    """What would change and run at `now` (aware). Executes nothing but git."""
    from pathlib import Path

    from octops.app.planning import make_plan
    from octops.app.workspace import open_workspace

    return make_plan(open_workspace(Path(directory)), now, refresh=refresh).plan
