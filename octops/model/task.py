"""A task as its file declares it. Attribute names are the YAML keys; defaults are the documented ones."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from octops.model.ids import DestinationId, SkillId, SourceId, TaskId, Value


class TaskStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    """Observed, never declared: no slot will ever come."""


class Frequency(StrEnum):
    ONCE = "once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    CRON = "cron"


class CatchUp(StrEnum):
    LATEST = "latest"
    ALL = "all"
    NONE = "none"


class Overlap(StrEnum):
    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a task fires, in its own zone. Only the keys of its frequency are set.

    `at` holds `HH:MM` times (hourly: one `:MM`, or one `HH:MM` anchor). `start` and `end` are local dates, inclusive.
    """

    frequency: Frequency
    at: tuple[str, ...] = ()
    date: datetime.date | None = None
    days: tuple[str, ...] = ()
    """Lower-case English day names, `monday` … `sunday`."""
    every: int = 1
    cron: str = ""
    start: datetime.date | None = None
    end: datetime.date | None = None
    catch_up: CatchUp = CatchUp.LATEST
    max_catch_up: int = 10
    grace_seconds: int = 3600
    deadline_seconds: int = 7 * 86400
    """A `once` schedule without a deadline gets 24 hours."""
    overlap: Overlap = Overlap.WAIT
    spread_seconds: int = 0
    """The run starts up to this much after its slot, at an offset fixed by the task id; the slot stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefetch:
    """A tool call made before the model and given to it as data. String arguments may hold `<<variables>>`."""

    source: SourceId
    tool: str
    arguments: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A variable given at the trigger, text → text. Without a default it is required."""

    description: str = ""
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    format: str = "markdown"
    """`text`, `markdown` or `json`."""
    schema: Mapping[str, Value] | None = None
    on_truncated: str = "fail"
    """`fail`, or `deliver` the cut text marked as cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard caps of one run. `cost_usd` None: no cap of its own (budgets in octops.yaml still hold)."""

    turns: int = 20
    tool_calls: int = 50
    tokens: int = 200_000
    cost_usd: float | None = None
    seconds: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    id: TaskId
    path: str
    """The file that declares it, relative to the project's root, with forward slashes."""
    prompt: str
    model: str = ""
    """An alias of octops.yaml or a litellm id; empty: the project's default."""
    name: str = ""
    description: str = ""
    schedule: Schedule | None = None
    timezone: str = ""
    status: TaskStatus = TaskStatus.ACTIVE
    sources: tuple[SourceId, ...] = ()
    prefetch: tuple[Prefetch, ...] = ()
    skills: tuple[SkillId, ...] = ()
    destinations: tuple[DestinationId, ...] = ()
    """Ids in the order of the file; inline ones are in the project's destinations under their made-up id."""
    variables: Mapping[str, Value] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    output: Output = Output()
    limits: Limits = Limits()
    """The task's own limits over the project's default limits: already merged."""
    retry_attempts: int = 3
    deliver: str = "always"
    """`always`, or `on_change`: only when the answer differs from the last delivered one."""
    tags: tuple[str, ...] = ()
    owner: str = ""

    @property
    def active(self) -> bool:
        return self.status is TaskStatus.ACTIVE

    @property
    def title(self) -> str:
        """What people call it: the name, else the id."""
        return self.name or self.id
