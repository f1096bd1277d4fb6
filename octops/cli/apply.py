"""`octops apply`: run what is due, for real, and commit a record of every run."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from octops.app.planning import Planned, make_plan
from octops.app.whereabouts import check_place
from octops.app.workspace import Workspace, open_workspace
from octops.cli import job
from octops.cli.options import (
    Dollars,
    Length,
    chosen_directory,
    clock,
    directory_option,
    format_option,
    now_option,
    shifted_clock,
)
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.cli.sharding import ShardOf, check_shard_alone
from octops.errors import Diagnostic, Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from octops.app.wishes import Applied
    from octops.plan.shards import Shard
    from octops.run.errand import Errand

GARBAGE = 50_000
"""Objects more than before, after which cycles are looked for: a few tens of MB."""
EXAMPLES = """\b
Examples:
  octops apply                              show the plan, ask, carry it out
  octops apply --auto-approve               without asking, as in CI
  octops apply plan.json                    exactly the plan that `octops plan -o plan.json` saved
  octops apply --auto-approve --deadline 40m --max-cost 2
  octops apply --auto-approve --shard 1/4   the first of four machines; the ledger keeps them apart
"""


@click.command("apply", epilog=EXAMPLES)
@click.argument("saved", required=False, metavar="[PLAN.JSON]")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option("--only", type=click.Choice(["definitions", "runs"]), default=None, help="Only this half of the plan.")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only this task; may be given several times.")
@click.option(
    "--shard",
    type=ShardOf(),
    default=None,
    metavar="I/N",
    help="Do the Ith of N shares, then what the others have not taken.",
)
@click.option("--parallelism", type=click.IntRange(1, 256), default=None, help="Runs at once [octops.yaml: 8].")
@click.option(
    "--max-cost",
    type=Dollars(),
    default=None,
    metavar="USD",
    help="Spend at most this; runs it does not reach for are due next time.",
)
@click.option(
    "--deadline",
    "start_within",
    type=Length("smhd", "`90s`, `40m` or `2h`"),
    default=None,
    metavar="TIME",
    help="Start no run later than this after the beginning, for example 40m.",
)
@click.option("--prune", is_flag=True, help="Forget the heads of deleted tasks; their records stay.")
@click.option("--allow-empty", is_flag=True, help="Go on when no task is declared any more.")
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    saved: str | None,
    auto_approve: bool,
    only: str | None,
    tasks: tuple[str, ...],
    shard: Shard | None,
    parallelism: int | None,
    max_cost: float | None,
    start_within: timedelta | None,
    prune: bool,
    allow_empty: bool,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Carry out the plan: note definitions, run what is due, deliver, and record every run in git."""
    from octops.app.wishes import Wishes, check_clock, check_wishes, clock_ahead

    wishes = Wishes(
        definitions=only != "runs",
        runs=only != "definitions",
        prune=prune,
        allow_empty=allow_empty,
        parallelism=parallelism,
        max_cost_usd=max_cost,
        start_within=start_within,
        shard=shard,
    )
    check_shard_alone(shard, saved)
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    check_place(workspace, os.environ)
    if saved is not None:
        from octops.app.saved import check_saved, read_saved

        document = read_saved(Path(saved))
        # Nobody's lease has ended that had not when the plan was made: what is taken up was reviewed.
        leases_at = min(document.as_of, clock(None))
        planned = make_plan(workspace, document.as_of, tasks=tasks, to_apply=True, leases_at=leases_at)
        check_saved(document, planned.plan)
        auto_approve = True
    else:
        planned = make_plan(workspace, clock(now), tasks=tasks, to_apply=True, leases_at=clock(None))
    check_wishes(planned, wishes)
    check_clock(planned, clock(None), now)
    show_diagnostics(clock_ahead(planned, clock(None)))
    with job.foreign_text(lambda: _secrets(planned)):
        outcome = _apply(workspace, planned, wishes, now, auto_approve, format_)
    job.tell_applied(outcome.applied)
    return outcome.code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    code: int
    applied: Applied
    broken: tuple[Diagnostic, ...] = ()


def _apply(
    workspace: Workspace, planned: Planned, wishes: Any, now: datetime | None, auto_approve: bool, format_: str
) -> _Outcome:
    from octops.app.wishes import Applied, check_keys, errands_of

    _show(planned, format_)
    if planned.plan.empty and planned.ledger is not None:
        # The tick that most ticks are: nothing that runs need is imported.
        outcome = _Outcome(code=Exit.DONE, applied=Applied())
    else:
        errands = errands_of(planned, wishes)
        if not planned.plan.empty:
            check_keys(planned, errands)
            _show_share(errands, wishes.shard, format_)
            _approve(auto_approve)
        outcome = _carried_out(workspace, planned, wishes, errands, now)
    _show_applied(outcome.applied, format_)
    show_diagnostics(outcome.broken)
    return outcome


def _show_applied(applied: Applied, format_: str) -> None:
    from octops.report.applied import applied_json, applied_text

    if format_ == "json":
        write_json(applied_json(applied))
    elif not applied.nothing_run:
        write(applied_text(applied, color=wants_color(sys.stdout)))


def _carried_out(
    workspace: Workspace, planned: Planned, wishes: Any, errands: Sequence[Errand], now: datetime | None
) -> _Outcome:
    from octops.app.applying import Application
    from octops.cli.carrying import broken_diagnostics, carry_out, ended
    from octops.cli.progress import progress

    with progress() as tell, Application(workspace, planned, shifted_clock(now), tell) as application:
        interrupted = False
        if errands:
            # Answers are freed without it; looking for cycles as often as usual would cost a tenth of every run.
            gc.set_threshold(GARBAGE)
            gc.enable()
            interrupted = carry_out(application.run(errands, wishes))
        else:
            application.define(wishes)
        application.settle()
    applied = application.applied
    if interrupted:
        return _Outcome(code=Exit.INTERRUPTED, applied=applied)
    broken = broken_diagnostics(applied) if applied.carried and applied.carried.broken else ()
    return _Outcome(code=ended(applied), applied=applied, broken=(*broken, *applied.notes))


def _secrets(planned: Planned) -> Mapping[str, str]:
    from octops.app.site import secrets_of

    return secrets_of(planned.loaded.project)


def _show(planned: Planned, format_: str) -> None:
    from octops.report.plan_text import plan_text

    show_diagnostics(planned.plan.diagnostics)
    if format_ == "text":
        write(plan_text(planned.plan, color=wants_color(sys.stdout)))


def _show_share(errands: Sequence[Errand], shard: Shard | None, format_: str) -> None:
    if shard is not None and format_ == "text":
        from octops.report.words import count

        own = sum(shard.holds(errand.run.partition("@")[0]) for errand in errands)
        more = "" if own == len(errands) else " first, then what the other shards have not taken"
        write(f"Shard {shard}: {own} of {count(len(errands), 'run')}{more}.")


def _approve(auto_approve: bool) -> None:
    if auto_approve:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask on",
            code="not-approved",
            detail="add `--auto-approve`, or save a plan with `octops plan -o plan.json` and apply that file",
        )
    click.echo("\nDo you want to perform these actions? Only `yes` will be accepted to approve.", err=True)
    if click.prompt("  Enter a value", err=True, default="", show_default=False).strip() != "yes":
        raise UsageError("apply was not approved: nothing was done", code="not-approved")
