"""One task run now, because a person asked: its errand, and what it needs before anything is spent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from octops.app.planning import Planned, make_plan
from octops.app.site import Tell, make_site, runner_name, secrets_of
from octops.app.workspace import Workspace, chosen_tasks
from octops.errors import Diagnostic, OctopsError, Severity, UsageError
from octops.ledger.claims import Take, read_claim
from octops.ledger.definitions import Define
from octops.ledger.documents import Claim
from octops.ledger.layout import open_path
from octops.ledger.ledger import new_nonce
from octops.ledger.outcome import Needs, Transition
from octops.model.ids import RUN_NAME, run_id
from octops.model.run import Answer, Record
from octops.model.task import Task
from octops.plan.definition import definition
from octops.redaction import Redactor
from octops.run.attempt import Order
from octops.run.errand import Errand
from octops.run.variables import check_parameters

_SLOT = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A checked request: task and parameters exist, the name is free to be used."""

    planned: Planned
    task: Task
    errand: Errand


def want(
    workspace: Workspace,
    task_id: str,
    name: str,
    parameters: Mapping[str, str],
    now: datetime,
    *,
    leases_at: datetime | None = None,
) -> Wanted:
    """Raises, with every mistake, before anything is fetched for it or spent."""
    planned = make_plan(workspace, now, tasks=[task_id], to_apply=True, leases_at=leases_at)
    (task,) = chosen_tasks(planned.loaded.project, [task_id])
    if not RUN_NAME.fullmatch(name) or _SLOT.fullmatch(name):
        raise UsageError(
            f"`{name}` cannot name a run",
            code="bad-run-name",
            detail="use letters, digits, `.`, `_` and `-`, at most 100, starting with a letter or digit; not a slot",
        )
    if problems := check_parameters(task, parameters):
        raise OctopsError(*problems)
    _check_secrets(planned, parameters)
    run = run_id(task.id, name)
    errand = Errand(
        run=run,
        task=task,
        scheduled_at=None,
        name=name,
        trigger="manual",
        parameters=dict(parameters),
        # Asked for with `--no-wait`, and started by nobody yet.
        take_over=any(it.id == run and it.attempt == 0 for it in planned.history.open_runs),
    )
    return Wanted(planned=planned, task=task, errand=errand)


def _check_secrets(planned: Planned, parameters: Mapping[str, str]) -> None:
    """A parameter lies in the ledger from the claim on, and is needed as it is: it cannot be redacted."""
    redactor = Redactor(secrets_of(planned.loaded.project).values())
    for name, text in parameters.items():
        if redactor.text(text) != text:
            raise UsageError(
                f"parameter `{name}` holds a secret: it would be kept in the ledger",
                code="secret-parameter",
                detail="leave the secret where it is, and refer to it by `{env: NAME}` in the file that needs it",
            )


def definition_first(wanted: Wanted) -> tuple[Transition, ...]:
    """A task the ledger does not know yet gets its head with its first run, so that its costs are counted."""
    planned, task = wanted.planned, wanted.task
    if task.id in planned.history.heads:
        return ()
    return (
        Define(
            task=task.id,
            definition=definition(task, planned.loaded.project),
            activated_at=planned.plan.activations.get(task.id, planned.plan.as_of),
            revision=planned.plan.revision,
            expected="",
        ),
    )


def claim_for_later(wanted: Wanted, environment: Mapping[str, str], now: datetime, leases_at: datetime) -> Take:
    """A claim nobody holds: the next apply takes it up as its first attempt. `leases_at` is the real time."""
    errand = wanted.errand
    return Take(
        claim=Claim(
            run=errand.run,
            task=wanted.task.id,
            name=errand.name,
            trigger="manual",
            parameters=errand.parameters,
            attempt=0,
            nonce=new_nonce(),
            runner=runner_name(environment),
            claimed_at=now,
            lease_until=leases_at - timedelta(seconds=1),
            requested=True,
        ),
        word="requested",
    )


def recorded(wanted: Wanted) -> Record | None:
    """The record of the run of this name, if it already happened. UsageError outside git."""
    from octops.ledger.records import find_record

    if wanted.planned.ledger is None:
        raise UsageError(
            "a run is recorded in git, and this is no git repository",
            code="no-repository",
            detail="run `git init` and commit the project's files, or add `--staged`",
        )
    found = find_record(wanted.planned.ledger, wanted.errand.run)
    return None if isinstance(found, Diagnostic) else found


def held_by(wanted: Wanted) -> str:
    """Who started the run of this name and has not finished it; empty: nobody."""
    runs = (run for run in wanted.planned.history.open_runs if run.id == wanted.errand.run and run.attempt > 0)
    return next((run.runner for run in runs), "")


def other_parameters(wanted: Wanted, earlier: Record | None) -> tuple[Diagnostic, ...]:
    """A warning where the run of this name was given other parameters, by its record or the claim that stands."""
    known = earlier.parameters if earlier is not None else _claimed_with(wanted)
    if known is None:
        return ()
    before, now = _meant(wanted.task, known), _meant(wanted.task, wanted.errand.parameters)
    differing = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    if not differing:
        return ()
    words = ", ".join(f"`{name}`" for name in differing)
    return (
        Diagnostic(
            severity=Severity.WARNING,
            code="other-parameters",
            summary=f"run `{wanted.errand.run}` keeps the parameters it was first given: {words} would be another now",
            detail="the same name is the same run; choose another `--name`, or none, to run it with these",
        ),
    )


def _claimed_with(wanted: Wanted) -> Mapping[str, str] | None:
    ledger, run = wanted.planned.ledger, wanted.errand.run
    if ledger is None or all(it.id != run for it in wanted.planned.history.open_runs):
        return None
    claim = read_claim(run, ledger.read([Needs(paths=(open_path(run),))]))
    return claim.parameters if isinstance(claim, Claim) else None


def _meant(task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """With the defaults: giving one and leaving it out is the same."""
    defaults = {name: it.default for name, it in task.parameters.items() if it.default is not None}
    return {**defaults, **given}


async def stage(workspace: Workspace, wanted: Wanted, clock: Callable[[], datetime], tell: Tell) -> Answer:
    """Ask the model and its tools for real; deliver and record nothing."""
    from octops.app.staging import staged
    from octops.run.llm import close

    project = wanted.planned.loaded.project
    site = make_site(workspace, project, wanted.planned.history, clock, tell, writer=None)
    errand = wanted.errand
    order = Order(run=errand.run, task=wanted.task, scheduled_at=None, parameters=errand.parameters)
    try:
        return (await staged(order, site)).answer
    finally:
        await close()
