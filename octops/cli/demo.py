"""`octops demo`: a scratch repository in which a real model really runs two tasks."""

from __future__ import annotations

import gc
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from octops.app.demonstrating import CHANGED, TASKS, Asked, Scratch, change_prompt, check_asked, place, set_up
from octops.cli.options import chosen_directory, clock, directory_option
from octops.cli.output import show_diagnostics, wants_color, write
from octops.errors import Exit, UsageError
from octops.local.weights import is_local, models_folder, table, weights_of
from octops.report.escape import terminal

if TYPE_CHECKING:
    from octops.app.applying import Application

EXAMPLES = """\b
Examples:
  octops demo                                     with a model on this machine: no key, no account
  octops demo --yes --model local/qwen2.5-coder-0.5b
  octops demo --model openai/gpt-5-mini           with the key in OPENAI_API_KEY
  octops demo --keep harbour                      keep the repository, to look around in it
"""


@click.command("demo", epilog=EXAMPLES)
@click.option(
    "--model",
    default=None,
    metavar="ID",
    envvar="OCTOPS_DEMO_MODEL",
    show_envvar=True,
    help="The model [the recommended one that runs on this machine].",
)
@click.option("--api-base", default="", metavar="URL", help="Where the model is asked, for a server of your own.")
@click.option("--keep", default=None, metavar="DIR", help="Keep the repository in DIR, which must be new or empty.")
@click.option("--yes", is_flag=True, help="Do not ask before a model is pulled.")
@directory_option
@click.pass_context
def command(
    ctx: click.Context, model: str | None, api_base: str, keep: str | None, yes: bool, subdirectory: str | None
) -> int:
    """Make a scratch repository from the packaged example, plan it, run it with a real model, and look at the records.

    Nothing outside that repository is touched, and nothing is sent anywhere but to the model.
    """
    asked = Asked(model=model or next(iter(table().values())).model, api_base=api_base)
    check_asked(asked)
    if is_local(asked.model):
        _bring(asked.model, yes=yes)
    kept_in = chosen_directory(ctx, subdirectory) / keep if keep is not None else None
    with place(kept_in) as folder:
        return _play(set_up(folder, asked, clock(None)), asked, kept=keep is not None)


def _bring(model: str, *, yes: bool) -> None:
    """The weights of a local model, once it is clear that they could be used here."""
    from octops.cli.pulling import bring
    from octops.local.machine import obstacle
    from octops.local.runtime import library
    from octops.local.weights import is_here

    weights, folder = weights_of(model), models_folder(os.environ)
    if weights is None:
        names = ", ".join(f"`{known.model}`" for known in table().values())
        raise UsageError(f"there is no local model `{model}`", code="unknown-model", detail=f"the models are {names}")
    if folder is None:
        raise UsageError("there is no home directory to keep models in", detail="set HOME or XDG_CACHE_HOME")
    library()
    if found := obstacle(weights):
        raise UsageError(found.message, code="machine", detail=found.cure)
    if not is_here(weights, folder):
        bring(weights, folder, yes=yes)


def _play(scratch: Scratch, asked: Asked, *, kept: bool) -> int:
    color = wants_color(sys.stdout)
    _tell_repository(scratch, asked, color)
    code = _run(scratch, color)
    if code not in (Exit.DONE, Exit.RUN_FAILED):
        raise KeyboardInterrupt
    _tell_change(scratch, color)
    _tell_end(scratch, kept=kept)
    return code


def _step(number: int, text: str, color: bool) -> None:
    from octops.report.demo import heading

    write(heading(number, text, color=color))
    sys.stdout.flush()


def _tell_repository(scratch: Scratch, asked: Asked, color: bool) -> None:
    _step(1, "A git repository with tasks in files, and a bare remote beside it", color)
    where = " (on this machine, without a key)" if is_local(asked.model) else ""
    write(f"  {terminal(str(scratch.root))}")
    write("".join(f"    {terminal(path)}\n" for path in scratch.files if path.startswith(("tasks/", "octops"))))
    write(f"  model {terminal(asked.model)}{where}")


def _run(scratch: Scratch, color: bool) -> int:
    """Plan and apply, as the commands of these names do."""
    from octops.app.applying import Application
    from octops.app.planning import make_plan
    from octops.app.wishes import Wishes, check_keys, errands_of
    from octops.cli.carrying import carry_out
    from octops.cli.progress import progress
    from octops.report.demo import plan_heart

    workspace = scratch.workspace
    planned = make_plan(workspace, clock(None), tasks=TASKS, to_apply=True)
    show_diagnostics(planned.plan.diagnostics)
    _step(2, "`octops plan`: what would run, and all that it could touch", color)
    write(plan_heart(planned.plan, color=color))
    wishes = Wishes()
    errands = errands_of(planned, wishes)
    check_keys(planned, errands)
    _step(3, "`octops apply`: the model is asked, each answer is committed", color)
    gc.enable()
    with progress() as tell, Application(workspace, planned, _now, tell) as application:
        interrupted = carry_out(application.run(errands, wishes))
        application.settle()
    if interrupted:
        return Exit.INTERRUPTED
    return _tell_records(scratch, application, color)


def _now() -> datetime:
    return clock(datetime.now(UTC))


def _tell_records(scratch: Scratch, application: Application, color: bool) -> int:
    from octops.app.records import open_ledger
    from octops.app.settings import read_settings
    from octops.ledger.layout import record_path
    from octops.report.demo import answer_text, record_text

    applied = application.applied
    records = applied.carried.records if applied.carried else ()
    write("".join(f"\n{answer_text(record, color=color)}" for record in records))
    _step(4, "The records: a branch of their own, which holds the prompt, every call, the answer and its cost", color)
    ledger = open_ledger(scratch.workspace, read_settings(scratch.workspace), refresh=True)
    paths = [record_path(record.run, record.finished_at.date()) for record in records]
    write(record_text(ledger.branch.name, ledger.tip, paths, ledger.branch.where))
    if applied.carried and applied.carried.broken:
        show_diagnostics([it for _, error in applied.carried.broken for it in error.diagnostics])
    return Exit.RUN_FAILED if applied.troubled else Exit.DONE


def _tell_change(scratch: Scratch, color: bool) -> None:
    from octops.app.planning import make_plan
    from octops.report.plan_text import plan_text

    change_prompt(scratch)
    _step(5, f"One line of {CHANGED} changed: `octops plan` as a reviewer sees it", color)
    write(plan_text(make_plan(scratch.workspace, clock(None), tasks=TASKS).plan, color=color))


def _tell_end(scratch: Scratch, *, kept: bool) -> None:
    if kept:
        root = terminal(str(scratch.root))
        lines = [f"\nIt stays in {root}. Next:", f"  cd {root}", "  octops show support-triage", "  octops runs"]
    else:
        lines = ["\nThe scratch repository is deleted now; `octops demo --keep DIR` keeps it. Next:"]
        lines += [
            "  octops init         in a repository of your own",
            "  octops doctor       whether everything is there",
        ]
    write("\n".join(lines))
