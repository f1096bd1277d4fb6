"""The world the runs of one apply share, made of the real parts."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from octops import __version__
from octops.app.committing import Committer
from octops.app.exported import source_root
from octops.app.workspace import Workspace
from octops.ledger.ledger import new_nonce
from octops.ledger.writer import Writer
from octops.model.events import RunEvent
from octops.model.history import Head, History
from octops.model.ids import RunId, TaskId
from octops.model.project import Project
from octops.plan.definition import Definitions
from octops.plan.renames import moves
from octops.redaction import Redactor
from octops.run.budget import BudgetLedger
from octops.run.site import Site
from octops.schedule.zone import tzdata_version

Tell = Callable[[RunId, RunEvent], None]


def secrets_of(project: Project) -> dict[str, str]:
    """The values of every variable the project's files or its models' providers name, where they are set."""
    from octops.plan.effects import EffectsOf

    effects = EffectsOf(project)
    names = {use.name for task in project.tasks.values() for use in effects.of(task, task.limits).secrets}
    return {name: os.environ[name] for name in sorted(names) if os.environ.get(name)}


def runner_name(environment: Mapping[str, str]) -> str:
    """Who runs: the CI's own name for the job, else the machine and process."""
    if environment.get("GITHUB_ACTIONS"):
        parts = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")
        return "github:" + "/".join(environment.get(part, "?") for part in parts)
    return f"{socket.gethostname()}/{os.getpid()}"


def make_site(
    workspace: Workspace,
    project: Project,
    history: History,
    clock: Callable[[], datetime],
    tell: Tell,
    *,
    writer: Writer | None,
    max_cost_usd: float | None = None,
) -> Site:
    """Secrets are resolved here, at the last moment, and go no further than where the plan says."""
    from octops.destinations.surroundings import Surroundings as DeliverySurroundings
    from octops.run.recording import Tidy
    from octops.sources.surroundings import Surroundings as SourceSurroundings

    settings, heads, root = project.settings, _heads(project, history), source_root(workspace, project)
    secrets = secrets_of(project)
    redactor = Redactor(secrets.values())
    tidy = Tidy(redactor)
    return Site(
        project=project,
        root=root,
        writer=writer,
        secrets=secrets,
        redactor=redactor,
        budget=BudgetLedger(
            settings.budget,
            day_usd=history.spent_day_usd,
            month_usd=history.spent_month_usd,
            apply_usd=max_cost_usd,
        ),
        sources=SourceSurroundings(
            root=root, secrets=secrets, network_allow=settings.network_allow, version=__version__
        ),
        deliveries=DeliverySurroundings(
            secrets=secrets,
            commit=Committer(workspace, settings.records, writer, clock).commit,
            # Signatures and the waits that a server names are judged by the real time, whatever `--now` says.
            now=_real_time,
            version=__version__,
            network_allow=settings.network_allow,
            records_branch=settings.records.branch,
        ),
        now=clock,
        leases=_real_time,
        nonce=new_nonce,
        runner=runner_name(os.environ),
        version=__version__,
        tzdata=tzdata_version(),
        hashes=_Hashes(project),
        last_answers={task: head.answer_hash for task, head in heads.items() if head.answer_hash},
        last_runs={task: head.settled_until for task, head in heads.items() if head.settled_until},
        tell=lambda run, event: tell(run, tidy.event(event)),
    )


def _heads(project: Project, history: History) -> dict[TaskId, Head]:
    """Heads by the ids tasks have now: one that was renamed goes on with what is remembered under its old name."""
    moved = moves(project.settings.moved, history.heads, project.tasks)
    return {**history.heads, **{new: history.heads[old] for new, old in moved.items()}}


def _real_time() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class _Hashes(Mapping[TaskId, str]):
    """Definition hashes, made when they are asked for: a plan of ten thousand tasks runs a few."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._definitions = Definitions(project)

    def __getitem__(self, task: TaskId) -> str:
        return self._definitions.of(self._project.tasks[task]).hash

    def __iter__(self) -> Iterator[TaskId]:
        return iter(self._project.tasks)

    def __len__(self) -> int:
        return len(self._project.tasks)
