"""`octops fmt`: write every file in one style, with its comments and exactly the values it had."""

from __future__ import annotations

from pathlib import Path

import click

from octops.app.formatting import Formatting, Restyled, format_project, write_formatted
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, directory_option
from octops.cli.output import show_diagnostics, write
from octops.errors import Exit
from octops.report.escape import terminal, terminal_lines

EXAMPLES = """\b
Examples:
  octops fmt
  octops fmt tasks/daily-digest.yaml
  octops fmt --check          exit 1 when a file is not in the style, and name it
  octops fmt --diff           show what would change, write nothing
"""


@click.command("fmt", epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change and exit 1.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@directory_option
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], check: bool, diff: bool, subdirectory: str | None) -> int:
    """Write every file of the project, or each FILE, in one style.

    Keys in the order of the schema, two spaces of indentation, blocks for texts of several lines. Values and comments
    stay; in Markdown only the front matter is touched. A file with mistakes is left alone.
    """
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    formatting = format_project(workspace, [Path(file) for file in files])
    if not check and not diff:
        write_formatted(workspace, formatting.restyled)
    for it in formatting.restyled:
        write(_diff(it) if diff else terminal(it.path))
    show_diagnostics(formatting.diagnostics)
    if check and not formatting.restyled and not formatting.diagnostics:
        write(_all_well(formatting))
    return Exit.ERROR if formatting.diagnostics or (check and formatting.restyled) else Exit.DONE


def _diff(it: Restyled) -> str:
    from octops.report.diff import unified_diff

    path = terminal(it.path)
    return "\n".join((f"--- {path}", f"+++ {path}", *map(terminal_lines, unified_diff(it.before, it.after))))


def _all_well(formatting: Formatting) -> str:
    return f"{formatting.files} file{'' if formatting.files == 1 else 's'} in the style"
