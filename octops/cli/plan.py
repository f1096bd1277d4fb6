"""`octops plan`: show what would change and what would run. Executes nothing but git."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from octops import __version__
from octops.app.comparing import Compared, compare_plan
from octops.app.planning import make_plan
from octops.app.workspace import Workspace, open_workspace
from octops.cli import job
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option, refresh_option
from octops.cli.output import show_diagnostics, wants_color, write, write_json
from octops.cli.sharding import ShardCount, check_matrix_alone
from octops.errors import Exit, GitError, InvalidProject, Location, OctopsError, UsageError
from octops.model.ids import TaskId
from octops.model.plan import Plan
from octops.plan.shards import shards
from octops.report.plan_json import plan_json

EXAMPLES = """\b
Examples:
  octops plan
  octops plan --base origin/main --format markdown     the comment of a pull request
  octops plan --now 2026-03-02T08:00Z                  with another clock
  octops plan --detailed-exitcode                      exit 2 when there is something to do
  octops plan --matrix 4                               one machine for each fourth, if there is work for so many
"""


@click.command("plan", epilog=EXAMPLES)
@click.option(
    "--base", metavar="REV", default=None, help="Compare with a commit (its merge base) instead of the ledger."
)
@click.option("--ref", metavar="REV", default=None, help="Plan the files of a commit instead of the work tree.")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only this task; may be given several times.")
@refresh_option
@click.option("-o", "--out", metavar="FILE", default=None, help="Save the plan as JSON.")
@click.option("--quiet-if-unchanged", is_flag=True, help="Print nothing when nothing would change or run.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes or due runs.")
@click.option(
    "--matrix",
    type=ShardCount(),
    default=None,
    metavar="N",
    help="Print a matrix of at most N shards instead, for `octops apply --shard`.",
)
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
    quiet_if_unchanged: bool,
    detailed_exitcode: bool,
    matrix: int | None,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Show what would change and what would run, everything a run could touch, and what it would cost."""
    if matrix is not None:
        check_matrix_alone(ctx)
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    places: Mapping[TaskId, Location] = {}
    try:
        if base is not None:
            wanted = format_ == "markdown" or job.in_github()
            compared = compare_plan(workspace, clock(now), base=base, ref=ref, tasks=tasks, rendered=wanted)
            plan = compared.plan
            places = _places(workspace, compared) if format_ == "github" else {}
        else:
            planned = make_plan(
                workspace, clock(now), ref=ref, tasks=tasks, refresh=refresh, leases_at=clock(None) if now else None
            )
            plan = planned.plan
    except (GitError, InvalidProject, UsageError) as error:
        job.tell_failure(error.diagnostics)
        if format_ == "text":
            raise
        _write_failure(workspace, error, format_)
        return Exit.ERROR
    if out:
        _save(plan, Path(out))
    if matrix is not None:
        _write_matrix(plan, matrix)
    elif not (quiet_if_unchanged and plan.unremarkable):
        _write(workspace, plan, format_, places)
    job.tell_plan(plan)
    return Exit.CHANGES if detailed_exitcode and not plan.empty else Exit.DONE


def _places(workspace: Workspace, compared: Compared) -> Mapping[TaskId, Location]:
    from octops.app.changed_places import changed_places
    from octops.app.from_top import location_from_top

    return {task: location_from_top(workspace, place) for task, place in changed_places(compared).items()}


def _write_failure(workspace: Workspace, error: OctopsError, format_: str) -> None:
    if format_ == "json":
        from octops.report.diagnostics import validation_json

        write_json(validation_json(error.diagnostics))
    elif format_ == "markdown":
        from octops.report.failure_markdown import failure_markdown

        show_diagnostics(error.diagnostics)
        write(failure_markdown(error.diagnostics))
    else:
        from octops.app.from_top import from_top
        from octops.report.github import annotations

        write(annotations(from_top(workspace, error.diagnostics)))


def _write_matrix(plan: Plan, most: int) -> None:
    from octops.report.matrix import matrix_json

    found = shards(plan, most)
    show_diagnostics(plan.diagnostics)
    write(matrix_json(found))
    job.tell_matrix(matrix_json(found), len(found))


def _save(plan: Plan, path: Path) -> None:
    from octops.report.escape import json_text

    try:
        path.write_text(json_text(plan_json(plan, version=__version__)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot save the plan as `{path}`: {error.strerror}", code="cannot-write") from error


def _write(workspace: Workspace, plan: Plan, format_: str, places: Mapping[TaskId, Location]) -> None:
    if format_ == "json":
        write_json(plan_json(plan, version=__version__))
        return
    if format_ == "github":
        from octops.app.from_top import from_top
        from octops.report.github import plan_annotations

        write(plan_annotations(replace(plan, diagnostics=from_top(workspace, plan.diagnostics)), places))
        return
    if format_ == "markdown":
        from octops.report.plan_markdown import plan_markdown

        write(plan_markdown(plan))
        return
    from octops.report.plan_text import plan_text

    show_diagnostics(plan.diagnostics)
    write(plan_text(plan, color=wants_color(sys.stdout)))
