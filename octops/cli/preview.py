"""`octops preview`: what the new prompts would say, beside what the old ones said."""

from __future__ import annotations

import gc
import os
from datetime import datetime
from typing import TYPE_CHECKING

import click

from octops.app.workspace import Workspace, load_project, open_workspace
from octops.cli import job
from octops.cli.options import (
    Dollars,
    chosen_directory,
    clock,
    directory_option,
    format_option,
    now_option,
    refresh_option,
    shifted_clock,
)
from octops.cli.output import show_diagnostics, write, write_json
from octops.cli.render import pairs
from octops.errors import Exit, InvalidProject, UsageError

if TYPE_CHECKING:
    from octops.app.previewing import Prepared

EXAMPLES = """\b
Examples:
  octops preview --base origin/main
  octops preview --base origin/main --task daily-digest --max-cost 0.10
  octops preview --base origin/main > preview.md; octops comment --file preview.md
"""


@click.command("preview", epilog=EXAMPLES)
@click.option("--base", metavar="REV", required=True, help="Run what has changed since this commit (its merge base).")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only this task; may be given several times.")
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A parameter of the tasks; may be repeated.")
@click.option(
    "--max-cost",
    type=Dollars(),
    default=0.5,
    show_default="0.50",
    metavar="USD",
    help="Spend at most this on all of them.",
)
@refresh_option
@format_option("markdown", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    base: str,
    tasks: tuple[str, ...],
    parameters: tuple[str, ...],
    max_cost: float,
    refresh: bool,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Run the changed tasks of a branch staged, and print what they say beside their last recorded answers.

    Models are asked for real. They get the tools that promise to change nothing, and what the files prefetch; nothing
    is delivered, nothing is recorded.
    """
    from octops.app.comparing import compare_plan
    from octops.app.preview_places import check_preview_place
    from octops.app.previewing import Wanted, prepare

    wanted = Wanted(tasks=tasks, parameters=pairs(parameters), max_cost_usd=max_cost, refresh=refresh)
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    check_preview_place(workspace, os.environ)
    try:
        plan = compare_plan(workspace, clock(now), base=base).plan
        # A comparison may hold a part of the project only; secrets of all of it are kept out of what is printed.
        loaded = load_project(workspace)
    except (InvalidProject, UsageError) as error:
        return _failure(error, format_)
    return _preview(workspace, prepare(workspace, plan, loaded, wanted), now, format_)


def _preview(workspace: Workspace, prepared: Prepared, now: datetime | None, format_: str) -> int:
    from octops.app.previewing import Staging
    from octops.app.site import secrets_of
    from octops.report.preview import preview_json
    from octops.report.preview_markdown import preview_markdown

    show_diagnostics(prepared.planned.plan.diagnostics)
    staging, interrupted = Staging(prepared), False
    if prepared.orders:
        from octops.cli.carrying import carry_out
        from octops.cli.progress import progress

        gc.enable()
        with job.foreign_text(lambda: secrets_of(prepared.planned.loaded.project)), progress() as tell:
            interrupted = carry_out(staging.run(workspace, shifted_clock(now), tell))
    previewed = staging.previewed
    if format_ == "json":
        write_json(preview_json(previewed))
    else:
        write(preview_markdown(previewed))
    job.tell_preview(previewed)
    if interrupted:
        return Exit.INTERRUPTED
    return Exit.RUN_FAILED if previewed.failed else Exit.DONE


def _failure(error: InvalidProject | UsageError, format_: str) -> int:
    show_diagnostics(error.diagnostics)
    if format_ == "json":
        from octops.report.diagnostics import validation_json

        write_json(validation_json(error.diagnostics))
    else:
        from octops.report.comment import PREVIEW_MARKER
        from octops.report.failure_markdown import failure_markdown

        write(failure_markdown(error.diagnostics, PREVIEW_MARKER))
    return Exit.ERROR
