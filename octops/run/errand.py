"""What is wanted of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from octops.model.ids import RunId
from octops.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A run to be carried out, as planned or as a person started it. `take_over`: somebody else began it."""

    run: RunId
    task: Task | None
    """None: the task is gone, and only what is stored can be delivered."""
    scheduled_at: datetime | None
    name: str = ""
    trigger: str = "schedule"
    window_start: datetime | None = None
    is_catch_up: bool = False
    parameters: Mapping[str, str]
    take_over: bool = False
