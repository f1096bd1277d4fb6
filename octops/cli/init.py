"""`octops init`: write a first task and its settings into this directory, and never over anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from octops.app.starting import Started, check_model, check_timezone, init_project
from octops.cli.init_ci import write_workflows
from octops.cli.options import chosen_directory, directory_option
from octops.cli.output import write
from octops.errors import UsageError
from octops.report.escape import terminal
from octops.starter import TASKS

EXAMPLES = """\b
Examples:
  octops init
  octops init --timezone Europe/Berlin --model openai/gpt-5-mini
  octops init --task answer-question --model local/qwen2.5-coder-1.5b
  octops -C reports init --git
  octops init --ci github            the workflows that plan, comment and apply
"""

ZONE = "UTC"
MODEL = "anthropic/claude-sonnet-4-5"
_MODELS = {
    "ANTHROPIC_API_KEY": MODEL,
    "OPENAI_API_KEY": "openai/gpt-5-mini",
    "GEMINI_API_KEY": "gemini/gemini-2.5-flash",
}


@click.command("init", epilog=EXAMPLES)
@click.option("--timezone", default=None, metavar="ZONE", help=f"The IANA time zone of the tasks [{ZONE}].")
@click.option("--model", default=None, metavar="ID", help=f"The litellm id of the model [{MODEL}].")
@click.option("--task", type=click.Choice(tuple(TASKS)), default=None, help=f"The first task [{next(iter(TASKS))}].")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "kubernetes"]),
    default=None,
    help="Write the workflows of this CI system instead; kubernetes: print the manifest.",
)
@click.option("--git", is_flag=True, help="Make this directory a git repository if it is in none.")
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    timezone: str | None,
    model: str | None,
    task: str | None,
    ci: str | None,
    git: bool,
    subdirectory: str | None,
) -> None:
    """Write octops.yaml, a task, a skill and the schemas editors check them with. Files that exist stay as they are.

    What no option says is asked for on a terminal.
    """
    directory = chosen_directory(ctx, subdirectory)
    if ci is not None:
        write_workflows(directory, ci)
        return
    if timezone is None:
        timezone = _asked("Time zone of the tasks", _zone_here(), check_timezone) or ZONE
    if model is None:
        model = _asked("Model (`local/qwen2.5-coder-1.5b` needs no key)", _model_here(), check_model) or MODEL
    outcome = init_project(
        directory,
        timezone=timezone,
        model=model,
        task=task or _asked(f"First task ({', '.join(TASKS)})", next(iter(TASKS)), _known_task) or next(iter(TASKS)),
        git=git,
    )
    write("\n".join([*_told(outcome), "", "Next:", *_next(outcome)]))


def _asked(question: str, suggestion: str, check: Callable[[str], str]) -> str:
    """The answer, asked for until it can be right; empty where there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""

    def checked(answer: Any) -> str:
        try:
            return check(str(answer).strip())
        except UsageError as error:
            told = error.diagnostics[0]
            raise click.BadParameter(terminal(f"{told.summary}: {told.detail}")) from error

    answer: str = click.prompt(question, default=suggestion, value_proc=checked, err=True)
    return answer


def _known_task(word: str) -> str:
    if word not in TASKS:
        raise UsageError(f"there is no first task `{word}`", detail=f"choose one of {', '.join(TASKS)}")
    return word


def _zone_here() -> str:
    """The zone this machine says it is in, if tasks can be in it."""
    link = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for zone in (os.environ.get("TZ", ""), link):
        try:
            return check_timezone(zone)
        except UsageError:
            continue
    return ZONE


def _model_here() -> str:
    """A model whose key is at hand."""
    return next((model for key, model in _MODELS.items() if os.environ.get(key)), MODEL)


def _told(outcome: Started) -> Iterator[str]:
    yield from (f"created  {terminal(path)}" for path in outcome.written)
    yield from (f"added to {terminal(path)} (saved plans are not for git)" for path in outcome.added_to)
    for path in outcome.kept:
        wrong = ", and is not valid: `octops validate` says why" if path in outcome.invalid else ""
        yield f"kept     {terminal(path)} (it was there before{wrong})"


def _next(outcome: Started) -> Iterator[str]:
    yield "  octops validate     check the files"
    yield "  octops plan         see what would run, what it could touch and what it would cost"
    first = "git" if outcome.in_git else "git init && git"
    yield f'  {first} add . && git commit -m "First task"    a task counts from the commit that adds it'
