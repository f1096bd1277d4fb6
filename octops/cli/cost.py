"""`octops cost`: what runs cost together."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import click

from octops.app.costs import By, add_up, default_since
from octops.app.history import Past
from octops.app.records import open_ledger
from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option, refresh_option
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.cli.past import Since, since_instant
from octops.report.cost import cost_json, cost_text

EXAMPLES = """\b
Examples:
  octops cost --by task
  octops cost --by day --since 7d
  octops cost --by month --since 2025-01-01 --format json
"""


@click.command("cost", epilog=EXAMPLES)
@click.option(
    "--by", type=click.Choice([by.value for by in By]), default="task", show_default=True, help="What to add up."
)
@click.option(
    "--since",
    type=Since(),
    metavar="T",
    default=None,
    help="Runs that ended since T: `7d` or an instant [30 days; by month: 12 months].",
)
@format_option("text", "json")
@refresh_option
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    by: str,
    since: datetime | timedelta | None,
    format_: str,
    refresh: bool,
    now: datetime | None,
    subdirectory: str | None,
) -> None:
    """Add up runs, tokens and cost of the runs that ended, in US dollars. Days and months are those of UTC."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    as_of, group = clock(now), By(by)
    settings = read_settings(workspace)
    past = Past(open_ledger(workspace, settings, refresh=refresh), as_of, settings.moved)
    first = default_since(group, as_of) if since is None else since_instant(since, as_of)
    costs = add_up(past, group, first)
    if format_ == "json":
        write_json(cost_json(costs, past.diagnostics))
    else:
        show_diagnostics(past.diagnostics)
        write(cost_text(costs, color=wants_color(sys.stdout)))
