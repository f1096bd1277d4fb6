"""`octops runs`: list past and present runs."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import click

from octops.app.history import Past, Wanted
from octops.app.lookup import is_declared, unknown_task
from octops.app.records import open_ledger
from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option, refresh_option
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.cli.past import Since, since_instant
from octops.model.run import RunStatus
from octops.report.runs import runs_json, runs_text

EXAMPLES = """\b
Examples:
  octops runs
  octops runs daily-digest --status failed --since 7d
  octops runs --since 2026-03-01 --limit 100 --format json
"""
STATUSES = [status.value for status in RunStatus]


@click.command("runs", epilog=EXAMPLES)
@click.argument("task", required=False, default="")
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; may be repeated.")
@click.option("--since", type=Since(), metavar="T", default=None, help="Slots since T: `7d`, `12h` or an instant.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="At most this many.")
@format_option("text", "json")
@refresh_option
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    task: str,
    statuses: tuple[str, ...],
    since: datetime | timedelta | None,
    limit: int,
    format_: str,
    refresh: bool,
    now: datetime | None,
    subdirectory: str | None,
) -> None:
    """List the runs in the ledger (of TASK only), newest first, those that are being run or asked for among them."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    settings = read_settings(workspace)
    past = Past(open_ledger(workspace, settings, refresh=refresh), clock(now), settings.moved)
    wanted = Wanted(
        task=task,
        statuses=frozenset(map(RunStatus, statuses)),
        since=since_instant(since, clock(now)) if since is not None else None,
        limit=limit,
    )
    lines = tuple(past.runs(wanted))
    if task and not lines and not past.knows(task) and not is_declared(workspace, task):
        raise unknown_task(past, task)
    if format_ == "json":
        write_json(runs_json(lines, past.diagnostics))
    else:
        show_diagnostics(past.diagnostics)
        write(runs_text(lines, color=wants_color(sys.stdout)))
