"""`octops validate`: check every file, or only the named ones, and say everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import click

from octops import __version__
from octops.app.checking import Checked, check_project, only_about
from octops.app.from_top import from_top
from octops.app.workspace import open_workspace
from octops.cli import job
from octops.cli.options import chosen_directory, directory_option, format_option
from octops.cli.output import show_diagnostics, write, write_json
from octops.errors import Diagnostic, Exit, Severity, UsageError

EXAMPLES = """\b
Examples:
  octops validate
  octops validate tasks/daily-digest.yaml skills/writing-style/SKILL.md
  octops validate --ref HEAD --format json
  octops validate --format sarif > octops.sarif     for code scanning; junit for test reports
"""


@click.command("validate", epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--ref", metavar="REV", default=None, help="Check the files of a commit instead of the work tree.")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@format_option("text", "json", "github", "sarif", "junit")
@directory_option
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], ref: str | None, strict: bool, format_: str, subdirectory: str | None
) -> int:
    """Check every file of the project, or only what concerns each FILE. Nothing is run and nothing is connected to."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    try:
        checked = check_project(workspace, ref=ref)
    except UsageError as error:
        if format_ == "text":
            raise
        checked = Checked(diagnostics=error.diagnostics)
    diagnostics = checked.diagnostics
    if files:
        diagnostics = only_about(workspace, diagnostics, [Path(file) for file in files])
    if format_ in ("github", "sarif", "junit"):
        _write_report(from_top(workspace, diagnostics), format_, strict)
    else:
        _write(diagnostics, checked.inventory, format_)
    job.tell_checked(diagnostics)
    bad = any(it.severity is Severity.ERROR or (strict and it.severity is Severity.WARNING) for it in diagnostics)
    return Exit.ERROR if bad else Exit.DONE


def _write(diagnostics: tuple[Diagnostic, ...], summary: str, format_: str) -> None:
    if format_ == "json":
        from octops.report.diagnostics import validation_json

        write_json(validation_json(diagnostics))
    else:
        show_diagnostics(diagnostics)
        if not any(it.severity is Severity.ERROR for it in diagnostics):
            write(f"Success! The configuration is valid{f': {summary}' if summary else ''}.")


def _write_report(diagnostics: tuple[Diagnostic, ...], format_: str, strict: bool) -> None:
    """The formats that other programs read; file names count from the top of the repository."""
    if format_ == "github":
        from octops.report.github import annotations

        write(annotations(diagnostics))
    elif format_ == "sarif":
        from octops.report.sarif import sarif

        write_json(sarif(diagnostics, version=__version__))
    else:
        from octops.report.junit import junit

        write(junit(diagnostics, strict=strict))
