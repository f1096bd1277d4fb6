"""The observed state: what the ledger remembers, as a plain value, so that every rule is tested without git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from octops.model.effects import Effects
from octops.model.ids import RunId, TaskId, Value
from octops.model.run import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A task's closure (task, skills, sources, destinations, defaults), unrendered, ready to compare.

    `facets` maps a facet (`prompt`, `model`, `schedule`, `skills` …) to the sha256 of its canonical JSON.
    `document` is the task itself as JSON, what `before` and `after` show; skills, sources and destinations appear
    in it by id. `texts` maps a name (`prompt`, `skill:<id>`) to the text a diff shows.
    """

    hash: str
    facets: Mapping[str, str]
    document: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    effects: Effects = Effects()
    """What the task could touch as it was defined then; not part of the hash."""
    referred: Mapping[str, str] = field(default_factory=dict)
    """`model:<alias>`, `source:<id>`, `destination:<id>` → its keys as text, for a diff; not part of the hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What the newest completed runs used, at most 20, oldest first: the nth number of each is the nth run's.

    Columns, because a plan reads them for every task and looks at few: lists of numbers are read at once.
    """

    input_tokens: tuple[int, ...] = ()
    output_tokens: tuple[int, ...] = ()
    cost_usd: tuple[float | None, ...] = ()

    def __len__(self) -> int:
        return len(self.input_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the ledger keeps per task (`tasks/<id>.json`)."""

    definition: Definition
    revision: str = ""
    activated_at: datetime
    settled_until: datetime | None = None
    """Every slot up to here has ended in a record; None: none has."""
    settled: tuple[datetime, ...] = ()
    """Slots after `settled_until` that have a record, ascending."""
    failures: int = 0
    """Failed runs in a row."""
    samples: Samples = Samples()
    spent_usd: Mapping[str, float] = field(default_factory=dict)
    """US dollars by UTC day (`2026-03-02`) the runs ended on, the newest 40 such days."""
    cut_off: Mapping[str, Usage] = field(default_factory=dict)
    """By run: what attempts used that ended without an answer, until the run has a record; at most 20 runs.

    `spent_usd` holds what they cost.
    """
    answer_hash: str = ""
    """sha256 (hex) of the last answer that was delivered, for `deliver: on_change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A claim in flight: a run somebody started and nobody has finished."""

    id: RunId
    task: TaskId
    scheduled_at: datetime | None
    phase: str
    """`claimed`, `answered` or `delivering`."""
    attempt: int
    runner: str
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What has happened, as the ledger at `tip` tells it; empty before the first apply."""

    tip: str = ""
    heads: Mapping[TaskId, Head] = field(default_factory=dict)
    open_runs: tuple[OpenRun, ...] = ()
    spent_day_usd: float = 0.0
    spent_month_usd: float = 0.0
