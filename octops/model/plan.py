"""What would change and what would run, and all that a run can touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from octops.errors import Diagnostic, Severity
from octops.model.effects import Effects as Effects
from octops.model.effects import SecretUse as SecretUse
from octops.model.history import Definition
from octops.model.ids import RunId, TaskId, run_id
from octops.model.task import TaskStatus


class ChangeAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NO_OP = "no-op"


class RunAction(StrEnum):
    RUN = "run"
    RESUME = "resume"
    SKIP = "skip"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one run, and one month (30 days) of them, is expected to use. None: not known, which is not zero."""

    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    runs_per_month: float
    month_usd: float | None
    basis: str
    """`ledger` (medians of past runs) or `text` (the length of what would be sent)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One definition that differs from what was last applied (or from the base revision)."""

    task: TaskId
    action: ChangeAction
    before: Definition | None = None
    after: Definition | None = None
    reason: str = ""
    modified: tuple[str, ...] = ()
    """Facets that differ, in the order of the task's keys."""
    moved_from: TaskId | None = None
    effects: Effects = Effects()
    new_effects: Effects = Effects()
    """The part of `effects` that the earlier definition could not touch."""
    estimate: Estimate | None = None
    estimate_before: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One slot (or one started run) and what would be done about it."""

    task: TaskId
    scheduled_at: datetime | None
    name: str = ""
    """The name a person chose; empty for a slot."""
    action: RunAction
    reason: str
    """`due`, `late`, `catch_up`, `superseded`, `deadline`, `grace`, `overlap`, `lease_expired` …"""
    due_at: datetime | None = None
    lateness_seconds: int = 0
    is_catch_up: bool = False
    covers: tuple[datetime, ...] = ()
    """Slots that share this one's record, ascending: those of a single skip, at most the newest 1,000.

    A skip ends every slot of its task up to its own, listed or not.
    """
    covers_from: datetime | None = None
    """The first slot it ends, where it ends more than are listed."""
    window_start: datetime | None = None
    """The slot before this one."""
    effects: Effects = Effects()
    estimate: Estimate | None = None

    @property
    def id(self) -> RunId:
        """The same slot always has the same id, so a run cannot happen twice."""
        return run_id(self.task, self.scheduled_at if self.scheduled_at and not self.name else self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next slots of one active task with a schedule, ascending."""

    task: TaskId
    timezone: str
    slots: tuple[datetime, ...]
    status: TaskStatus = TaskStatus.ACTIVE
    """`completed`: no slot will ever come, and none is due or being run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """plan = reconcile(project, history, now). Changes are sorted by task, runs by slot and task."""

    changes: tuple[Change, ...] = ()
    runs: tuple[PlannedRun, ...] = ()
    upcoming: tuple[Upcoming, ...] = ()
    revision: str = ""
    dirty: bool = False
    base: str = ""
    """The commit compared with, when the plan compares two commits; then no runs are judged."""
    ledger: str = ""
    as_of: datetime
    tzdata: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    unchanged: int = 0
    """Tasks whose definition is as it was."""
    activations: Mapping[TaskId, datetime] = field(default_factory=dict)
    """When each task's schedule counts from; what apply writes into the heads."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """sha256 (hex) of what octops.yaml says, by its key; empty when two commits are compared."""

    @property
    def empty(self) -> bool:
        """Nothing would change and nothing would run."""
        return not self.changes and not self.runs

    @property
    def unremarkable(self) -> bool:
        """Empty; between two commits also without a warning, each of which is new there."""
        warned = any(it.severity is not Severity.NOTE for it in self.diagnostics)
        return self.empty and not (self.base and warned)
