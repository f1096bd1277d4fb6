"""`octops import`: bring tasks, skills and sources from other programs, without their keys."""  # noqa: N999 - the file of a command has its name

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from octops.app.importing import Brought, import_file, read_import, write_imported
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, directory_option
from octops.cli.output import write
from octops.report.escape import terminal

if TYPE_CHECKING:
    from octops.importers.draft import Note

EXAMPLES = """\b
Examples:
  octops import 0ct tasks.json        what its API answers, with skills and sources
  octops import mcp.run task.json     a task body
  octops import mcp .mcp.json         the servers of an MCP client, as sources
  octops import cron crontab.txt      lines that call a language model, as paused drafts
  crontab -l | octops import cron - --dry-run
"""

_FORMATS = ("0ct", "mcp.run", "mcp", "cron")


@click.command("import", epilog=EXAMPLES)
@click.argument("format_", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Write nothing; print the files instead.")
@directory_option
@click.pass_context
def command(ctx: click.Context, format_: str, file: str, dry_run: bool, subdirectory: str | None) -> None:
    """Turn FILE of another program (`-`: standard input) into files of this project. FORMAT: 0ct, mcp.run, mcp or cron.

    Keys never come along: each becomes `{env: NAME}`, and what to set is listed. What has no place is told line by
    line. Files that are there stay as they are.
    """
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    content = sys.stdin.buffer.read(5 * 1024 * 1024 + 1) if file == "-" else read_import(Path(file))
    brought = import_file(workspace, format_, content, "imported" if file == "-" else Path(file).name)
    if dry_run:
        _show(brought)
    else:
        write_imported(workspace, brought)
        for path in brought.files:
            write(f"created  {terminal(path)}")
    for path in brought.kept:
        write(f"kept     {terminal(path)} (it was there before)")
    _list("Set before the first run:", brought.to_set)
    _list("Left out:", brought.left_out)


def _show(brought: Brought) -> None:
    from octops.report.escape import terminal_lines

    for path, text in brought.files.items():
        write(f"# --- {terminal(path)}\n{terminal_lines(text)}")


def _list(title: str, notes: Sequence[Note]) -> None:
    if notes:
        write(f"\n{title}")
    for note in notes:
        write(f"  {terminal(note.place)}: {terminal(note.said)}")
