"""`octops slots`: list the instants at which tasks fire."""

from __future__ import annotations

from datetime import datetime

import click

from octops.app.planning import list_slots
from octops.app.workspace import open_workspace
from octops.cli.options import Instant, chosen_directory, clock, directory_option, format_option, now_option
from octops.cli.output import write, write_json
from octops.report.slots import slots_json, slots_text

EXAMPLES = """\b
Examples:
  octops slots daily-digest
  octops slots daily-digest --after 2026-03-07 --until 2026-03-10 --format json
"""


@click.command("slots", epilog=EXAMPLES)
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option("--after", type=Instant(), metavar="A", default=None, help="Slots after A, A itself not included [now].")
@click.option("--until", type=Instant(), metavar="B", default=None, help="Slots until B, B included [the next 10].")
@click.option("--limit", type=click.IntRange(1, 100_000), default=None, help="At most this many of each task.")
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    tasks: tuple[str, ...],
    after: datetime | None,
    until: datetime | None,
    limit: int | None,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> None:
    """List when each TASK fires (all tasks without one), paused ones too, in UTC and in the task's zone."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    firings = list_slots(workspace, tasks, after=after or clock(now), until=until, limit=limit)
    if format_ == "json":
        write_json(slots_json(firings))
    else:
        write(slots_text(firings))
