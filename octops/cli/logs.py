"""`octops logs`: what happened in one run, in the order of time."""

from __future__ import annotations

import click

from octops.app.lookup import show_run
from octops.app.records import open_ledger
from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, refresh_option
from octops.cli.output import show_diagnostics, write, write_json
from octops.report.log import log_json, log_text

EXAMPLES = """\b
Examples:
  octops logs                                the newest run of all
  octops logs daily-digest                   the newest run of a task
  octops logs daily-digest@20260302T080000Z
"""


@click.command("logs", epilog=EXAMPLES)
@click.argument("run", required=False, default="")
@format_option("text", "json")
@refresh_option
@directory_option
@click.pass_context
def command(ctx: click.Context, run: str, format_: str, refresh: bool, subdirectory: str | None) -> None:
    """Show the turns, tool calls and deliveries of RUN (an id or a task) a line each, in UTC."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    settings = read_settings(workspace)
    shown = show_run(open_ledger(workspace, settings, refresh=refresh), run, clock(None), settings.moved)
    if format_ == "json":
        write_json(log_json(shown))
    else:
        show_diagnostics(shown.diagnostics)
        write(log_text(shown))
