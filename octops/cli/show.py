"""`octops show`: one run whole."""

from __future__ import annotations

import sys

import click

from octops.app.lookup import show_run
from octops.app.records import open_ledger
from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, refresh_option
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.errors import UsageError
from octops.report.show import Shown, show_json, show_text

EXAMPLES = """\b
Examples:
  octops show daily-digest                              its newest run
  octops show daily-digest@20260302T080000Z --format json
  octops show daily-digest --output > digest.md         the answer alone

\b
`--output` writes the answer byte for byte: in CI send it to a file, for a log would act on what it says.
"""


@click.command("show", epilog=EXAMPLES)
@click.argument("run")
@click.option("--output", "only_output", is_flag=True, help="Only the answer, exactly as the model gave it.")
@format_option("text", "json")
@refresh_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context, run: str, only_output: bool, format_: str, refresh: bool, subdirectory: str | None
) -> None:
    """Show everything about RUN (an id, or a task for its newest run): prompt, turns, tool calls, deliveries."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    settings = read_settings(workspace)
    shown = show_run(open_ledger(workspace, settings, refresh=refresh), run, clock(None), settings.moved)
    if format_ != "json" or only_output:
        show_diagnostics(shown.diagnostics)
    if only_output:
        _write_answer(shown)
    elif format_ == "json":
        write_json(show_json(shown))
    else:
        write(show_text(shown, zone=settings.timezone, color=wants_color(sys.stdout)))


def _write_answer(shown: Shown) -> None:
    from octops.report.escape import terminal_lines

    record = shown.record
    if not record.text:
        why = f": {record.failure.message}" if record.failure else f": it is {record.status.value}"
        raise UsageError(
            f"run `{record.run}` has no answer{why}", code="no-answer", detail=f"`octops show {record.run}` tells more"
        )
    if sys.stdout.isatty():
        write(terminal_lines(record.text))
    else:
        sys.stdout.buffer.write(record.text.encode(errors="replace"))
