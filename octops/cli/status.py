"""`octops status`: how each task is."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import click

from octops.app.health import task_status
from octops.app.workspace import open_workspace
from octops.cli.options import (
    Length,
    chosen_directory,
    clock,
    directory_option,
    format_option,
    now_option,
    refresh_option,
)
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.cli.past import UNITS
from octops.errors import Exit
from octops.report.status import status_json, status_text

EXAMPLES = """\b
Examples:
  octops status
  octops status --check                       exit 3 when a task is overdue or failing
  octops status --check --overdue-after 2h    where the timer ticks once an hour
"""


@click.command("status", epilog=EXAMPLES)
@click.option(
    "--check", is_flag=True, help="Exit 3 when a task is overdue or failing, or its last answer did not arrive."
)
@click.option(
    "--overdue-after",
    type=Length(UNITS, "`30m`, `12h`, `7d` or `2w`"),
    default="10m",
    show_default=True,
    metavar="LENGTH",
    help="How late a slot without a record is overdue.",
)
@format_option("text", "json")
@refresh_option
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    check: bool,
    overdue_after: timedelta,
    format_: str,
    refresh: bool,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Show of each task its last run, its next slot, and whether it is overdue or failing."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    status = task_status(workspace, clock(now), refresh=refresh, overdue_after=overdue_after)
    if format_ == "json":
        write_json(status_json(status.tasks, status.diagnostics))
    else:
        show_diagnostics(status.diagnostics)
        write(status_text(status.tasks, color=wants_color(sys.stdout)))
    return Exit.RUN_FAILED if check and any(it.health.bad for it in status.tasks) else Exit.DONE
