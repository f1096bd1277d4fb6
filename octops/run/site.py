"""What all runs of one apply share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from octops.destinations.surroundings import Surroundings as DeliverySurroundings
from octops.ledger.writer import Writer
from octops.model.events import RunEvent
from octops.model.ids import RunId, TaskId
from octops.model.project import Project
from octops.redaction import Redactor
from octops.run.budget import BudgetLedger
from octops.sources.surroundings import Surroundings as SourceSurroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The world of one apply: the project, the ledger's writer, resolved secrets, money, clock."""

    project: Project
    root: Path
    writer: Writer | None
    """None: staged, nothing is claimed, recorded or delivered."""
    secrets: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable; only those the project's files name."""
    redactor: Redactor
    budget: BudgetLedger
    sources: SourceSurroundings
    deliveries: DeliverySurroundings
    now: Callable[[], datetime]
    leases: Callable[[], datetime]
    """The real time, whatever `now` says: claims are given and taken over by it."""
    nonce: Callable[[], str]
    runner: str
    version: str
    tzdata: str
    hashes: Mapping[TaskId, str]
    """The definition hash of each task."""
    last_answers: dict[TaskId, str] = field(default_factory=dict)
    """sha256 of the last delivered answer of each task, for `deliver: on_change`; kept up while runs end."""
    last_runs: Mapping[TaskId, datetime] = field(default_factory=dict)
    """The newest settled slot of each task, for `previous_run_at`."""
    tell: Callable[[RunId, RunEvent], None] = lambda run, event: None
    refused: dict[str, str] = field(default_factory=dict)
    """Who refused which key during this apply, with the run and what was said: they are not asked with it again."""
