"""`octops run`: run one task now, whatever its schedule."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from octops.app.whereabouts import check_place
from octops.app.workspace import Workspace, open_workspace
from octops.cli import job
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option, shifted_clock
from octops.cli.output import show_diagnostics, write, write_json
from octops.cli.render import pairs
from octops.errors import Exit, UsageError

if TYPE_CHECKING:
    from octops.app.starting_run import Wanted

EXAMPLES = """\b
Examples:
  octops run daily-digest
  octops run answer-question --name ticket-42 --param url=https://example.com
  octops run daily-digest --staged          ask the model, deliver and record nothing
"""
_LEFT = (
    "without an answer it was given back, and the same command starts it anew; "
    "an answer that is stored the next apply delivers"
)


@click.command("run", epilog=EXAMPLES)
@click.argument("task")
@click.option(
    "--name",
    default=None,
    help="Name the run; the same name again is the same run and starts nothing. Unnamed, it is one of its own.",
)
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A parameter of the task; may be repeated.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Run it here, or leave it to the next apply.")
@click.option("--dry-run", is_flag=True, help="Only show what the model would be sent; no tool is called.")
@click.option("--staged", is_flag=True, help="Ask the model and show what would be delivered; record nothing.")
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    task: str,
    name: str | None,
    parameters: tuple[str, ...],
    wait: bool,
    dry_run: bool,
    staged: bool,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Run TASK now and record it. With a NAME it happens at most once, however often it is asked for."""
    directory = chosen_directory(ctx, subdirectory)
    _check_together({"--dry-run": dry_run, "--staged": staged, "--no-wait": not wait})
    if dry_run:
        return _render(directory, task, parameters, format_, clock(now))
    from octops.app.starting_run import want

    workspace = open_workspace(directory)
    if not staged:
        check_place(workspace, os.environ, "run")
    instant = clock(now)
    wanted = want(workspace, task, _name(name, instant), pairs(parameters), instant, leases_at=clock(None))
    show_diagnostics(wanted.planned.plan.diagnostics)
    gc.enable()
    if staged:
        return _staged(workspace, wanted, now, format_)
    return _recorded(workspace, wanted, now, format_, wait=wait)


def _check_together(given: Mapping[str, bool]) -> None:
    options = [option for option, is_given in given.items() if is_given]
    if len(options) > 1:
        raise UsageError(
            f"`{options[0]}` and `{options[1]}` exclude each other",
            detail="`--dry-run` asks no model, `--staged` records nothing, `--no-wait` leaves it to the next apply",
        )


def _name(name: str | None, instant: datetime) -> str:
    """A run nobody named is one of its own, however many are started in a second."""
    return f"manual-{instant:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}" if name is None else name


def _render(directory: Path, task: str, parameters: tuple[str, ...], format_: str, now: datetime) -> int:
    from octops.app.planning import render_task
    from octops.report.render import render_json, render_text

    rendered = render_task(open_workspace(directory), task, now, parameters=pairs(parameters))
    if format_ == "json":
        write_json(render_json(rendered))
    else:
        write(render_text(rendered))
    return Exit.DONE


def _staged(workspace: Workspace, wanted: Wanted, now: datetime | None, format_: str) -> int:
    from octops.app.site import secrets_of
    from octops.app.staging import wanted_deliveries
    from octops.app.starting_run import stage
    from octops.app.wishes import check_keys
    from octops.cli.progress import progress
    from octops.report.staged import staged_json, staged_text

    check_keys(wanted.planned, [wanted.errand])
    with job.foreign_text(lambda: secrets_of(wanted.planned.loaded.project)), progress() as tell:
        answer = asyncio.run(stage(workspace, wanted, shifted_clock(now), tell))
    deliveries = wanted_deliveries(wanted.task, wanted.planned.loaded.project, answer)
    if format_ == "json":
        write_json(staged_json(wanted.errand.run, answer, deliveries))
    else:
        write(staged_text(wanted.errand.run, answer, deliveries))
    return Exit.RUN_FAILED if answer.failure else Exit.DONE


def _recorded(workspace: Workspace, wanted: Wanted, now: datetime | None, format_: str, *, wait: bool) -> int:
    from octops.app.applying import Application
    from octops.app.site import secrets_of
    from octops.app.starting_run import claim_for_later, definition_first, held_by, other_parameters, recorded
    from octops.app.wishes import Applied, Wishes, check_clock, check_keys
    from octops.cli.carrying import broken_diagnostics, carry_out, ended
    from octops.cli.progress import progress
    from octops.report.applied import applied_json, applied_text, requested_json, run_json, run_text
    from octops.report.escape import terminal
    from octops.run.runner import Carried

    run = wanted.errand.run
    earlier = recorded(wanted)
    notes = other_parameters(wanted, earlier)
    show_diagnostics(notes)
    if earlier is not None:
        write_json(run_json(earlier, notes)) if format_ == "json" else write(run_text(earlier))
        return ended(Applied(carried=Carried(records=(earlier,))))
    if holder := held_by(wanted):
        text = f"{run} was started by {terminal(holder)} and is not finished; nothing was started now"
        write_json(requested_json(run, notes, taken=False)) if format_ == "json" else write(text)
        return Exit.DONE
    check_clock(wanted.planned, clock(None), now)
    tick = shifted_clock(now)
    if wait:
        check_keys(wanted.planned, [wanted.errand])
    with (
        job.foreign_text(lambda: secrets_of(wanted.planned.loaded.project)),
        progress() as tell,
        Application(workspace, wanted.planned, tick, tell) as application,
    ):
        application.writer.submit(*definition_first(wanted))
        if not wait:
            (asked,) = application.writer.submit(claim_for_later(wanted, os.environ, tick(), clock(None)))
            taken = asked.result().accepted
            word = "requested: the next apply runs it" if taken else "already requested"
            write_json(requested_json(run, notes, taken=taken)) if format_ == "json" else write(f"{run} {word}")
            return Exit.DONE
        interrupted = carry_out(application.run([wanted.errand], Wishes(definitions=False, runs=False)))
    applied = application.applied
    if format_ == "json":
        write_json(applied_json(applied))
    elif interrupted and not (applied.carried and applied.carried.records):
        write(f"{run} was interrupted: {_LEFT}")
    elif not applied.nothing_run:
        write(applied_text(applied))
    if applied.carried and applied.carried.broken:
        show_diagnostics(broken_diagnostics(applied))
    job.tell_applied(applied)
    return Exit.INTERRUPTED if interrupted else ended(applied)
