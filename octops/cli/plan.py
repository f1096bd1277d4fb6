"""`octops plan`: show what would change and what would run. Executes nothing but git."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from octops import __version__
from octops.app.planning import compare_plan, make_plan
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option, refresh_option
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.errors import Exit, InvalidProject, UsageError
from octops.model.plan import Plan
from octops.report.plan_json import plan_json

EXAMPLES = """\b
Examples:
  octops plan
  octops plan --base origin/main --format markdown     the comment of a pull request
  octops plan --now 2026-03-02T08:00Z                  with another clock
  octops plan --detailed-exitcode                      exit 2 when there is something to do
"""


@click.command("plan", epilog=EXAMPLES)
@click.option(
    "--base", metavar="REV", default=None, help="Compare with a commit (its merge base) instead of the ledger."
)
@click.option("--ref", metavar="REV", default=None, help="Plan the files of a commit instead of the work tree.")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only this task; may be given several times.")
@refresh_option
@click.option("-o", "--out", metavar="FILE", default=None, help="Save the plan as JSON.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes or due runs.")
@format_option("text", "json", "markdown", "github")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    base: str | None,
    ref: str | None,
    tasks: tuple[str, ...],
    refresh: bool,
    out: str | None,
    detailed_exitcode: bool,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Show what would change and what would run, everything a run could touch, and what it would cost."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    try:
        if base is not None:
            plan = compare_plan(workspace, clock(now), base=base, ref=ref)
        else:
            plan = make_plan(workspace, clock(now), ref=ref, tasks=tasks, refresh=refresh).plan
    except (InvalidProject, UsageError) as error:
        if format_ in ("text", "markdown"):
            raise
        _write_failure(error, format_)
        return Exit.ERROR
    if out:
        _save(plan, Path(out))
    _write(plan, format_)
    return Exit.CHANGES if detailed_exitcode and not plan.empty else Exit.DONE


def _write_failure(error: InvalidProject | UsageError, format_: str) -> None:
    if format_ == "json":
        from octops.report.diagnostics import validation_json

        write_json(validation_json(error.diagnostics))
    else:
        from octops.report.github import annotations

        write(annotations(error.diagnostics))


def _save(plan: Plan, path: Path) -> None:
    from octops.report.escape import json_text

    try:
        path.write_text(json_text(plan_json(plan, version=__version__)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot save the plan as `{path}`: {error.strerror}", code="cannot-write") from error


def _write(plan: Plan, format_: str) -> None:
    if format_ == "json":
        write_json(plan_json(plan, version=__version__))
        return
    if format_ == "github":
        from octops.report.github import plan_annotations

        write(plan_annotations(plan))
        return
    if format_ == "markdown":
        from octops.report.plan_markdown import plan_markdown

        write(plan_markdown(plan))
        return
    from octops.report.plan_text import plan_text

    show_diagnostics(plan.diagnostics)
    write(plan_text(plan, color=wants_color(sys.stdout)))
