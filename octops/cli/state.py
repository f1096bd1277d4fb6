"""`octops state`: the ledger itself, not what is in it."""

from __future__ import annotations

from datetime import datetime

import click

from octops.app.doctor import examine_ledger
from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option
from octops.cli.output import show_diagnostics, write, write_json
from octops.errors import Exit, Severity
from octops.report.doctor import doctor_json, doctor_text

EXAMPLES = """\b
Examples:
  octops state doctor
  octops state doctor --write               with a real push
  octops state doctor --format json
"""


@click.group("state", epilog=EXAMPLES)
@directory_option
@click.pass_context
def command(ctx: click.Context, subdirectory: str | None) -> None:
    """Look after the ledger: the branch that holds claims and records."""
    ctx.find_root().obj = chosen_directory(ctx, subdirectory)


@command.command("doctor", epilog=EXAMPLES)
@click.option(
    "--write",
    "really",
    is_flag=True,
    help="Push a commit that changes nothing: hooks and branch rules of the remote judge real pushes only.",
)
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def doctor(ctx: click.Context, really: bool, format_: str, now: datetime | None, subdirectory: str | None) -> int:
    """Say whether this clone can write the ledger, and what is wrong in it.

    A push is rehearsed and nothing is written, unless `--write` says so. Exit 1 when the ledger cannot be written, or
    holds two records of one run.
    """
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    examined = examine_ledger(workspace, read_settings(workspace), clock(now), write=really)
    if format_ == "json":
        write_json(doctor_json(examined))
    else:
        show_diagnostics(examined.findings)
        write(doctor_text(examined))
    bad = any(it.severity is Severity.ERROR for it in examined.findings)
    return Exit.ERROR if bad else Exit.DONE
