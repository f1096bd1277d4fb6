"""`octops doctor`: everything an apply needs, each finding with its cure."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from octops.app.checkup import Looked, check_up
from octops.app.workspace import Workspace, open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option
from octops.cli.output import wants_color, write, write_json
from octops.errors import Exit, Severity
from octops.report.checkup import Check, checks_text, checkup_json, verdict_text
from octops.report.words import count

EXAMPLES = """\b
Examples:
  octops doctor
  octops doctor --connect            also whether providers, sources and destinations answer
  octops doctor --format json
"""


@click.command("doctor", epilog=EXAMPLES)
@click.option(
    "--connect/--no-connect",
    default=None,
    help="Connect to providers and destinations and open sources, without asking; or do not, without asking.",
)
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context, connect: bool | None, format_: str, now: datetime | None, subdirectory: str | None
) -> int:
    """Look at Python, git, the files, the keys the tasks need (never at their values), the ledger and the timer.

    Nothing is written; of the network only git's remote is used, until you say so. Exit 1 when something stands in the
    way of an apply.
    """
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    looked = check_up(workspace, clock(now))
    color = wants_color(sys.stdout)
    if format_ == "text":
        write(checks_text(looked.checks, color=color))
        sys.stdout.flush()
    further = _connected(workspace, looked, connect)
    checks = (*looked.checks, *further)
    if format_ == "json":
        write_json(checkup_json(checks))
    else:
        write(checks_text(further, color=color))
        write(verdict_text(checks, color=color))
    return Exit.ERROR if any(check.blocks for check in checks) else Exit.DONE


def _connected(workspace: Workspace, looked: Looked, connect: bool | None) -> tuple[Check, ...]:
    if looked.loaded is None:
        return ()
    import asyncio

    from octops.app.reaching import check_contacts, contacts

    project = looked.loaded.project
    found = contacts(project)
    if not found.words:
        return ()
    if connect is None:
        connect = _may_connect(found.words)
    if not connect:
        text = f"{count(len(found.words), 'host or source was', 'hosts and sources were')} not tried"
        cure = "`octops doctor --connect` tries them"
        return (Check(topic="host", text=text, code="not-tried", severity=Severity.NOTE, cure=cure),)
    return asyncio.run(check_contacts(found, workspace, project))


def _may_connect(words: tuple[str, ...]) -> bool:
    from octops.report.escape import terminal

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    click.echo("\nTo see whether they answer, octops would now connect to:", err=True)
    for word in words:
        click.echo(f"  {terminal(word)}", err=True)
    return click.confirm("Connect?", default=False, err=True)
