"""`octops new`: write one new task, skill, source or destination, and never over a file."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from octops.app.adding import KINDS, Question, add_file, questions, schedule_of, types_of, value_of
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, directory_option
from octops.cli.output import write
from octops.errors import UsageError
from octops.report.escape import terminal

EXAMPLES = """\b
Examples:
  octops new task daily-digest
  octops new task daily-digest --text "Say what is new." --schedule "daily 18:00"
  octops new skill plain-words --set description="How we write" --text "Short sentences."
  octops new source notes --type local --set path=docs --set include="**/*.md"
  octops new destination team --type slack --set url=SLACK_WEBHOOK_URL
"""


@click.command("new", epilog=EXAMPLES)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("id_", metavar="ID")
@click.option("--type", "type_", metavar="TYPE", help="The type of a source or destination.")
@click.option("--text", metavar="TEXT", help="The prompt of a task, the instructions of a skill.")
@click.option(
    "--schedule", metavar="WHEN", help="When a task fires: `daily 18:00`, `weekly monday 09:00` or a cron expression."
)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="A key of the file. A secret takes the name of its environment variable.",
)
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    kind: str,
    id_: str,
    type_: str | None,
    text: str | None,
    schedule: str | None,
    settings: tuple[str, ...],
    subdirectory: str | None,
) -> None:
    """Write one valid file for a new KIND called ID. What is missing is asked for on a terminal."""
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    values = {**_typed(kind, type_), **_named(kind, id_)}
    for setting in settings:
        key, given = _pair(setting)
        values[key] = value_of(kind, key, given, values)
    _ask_for_keys(kind, values)
    if kind == "task":
        text, schedule = _ask_for_task(text, schedule, settings)
        if schedule:
            values["schedule"] = schedule_of(schedule)
    elif kind != "skill" and (text or schedule):
        raise UsageError(f"a {kind} has neither a text nor a schedule", detail="leave `--text` and `--schedule` away")
    path = add_file(workspace, kind, id_, values, f"{text}\n" if text else "")
    write(f"created  {terminal(path)}")


def _typed(kind: str, type_: str | None) -> dict[str, Any]:
    types = types_of(kind)
    if not types:
        if type_:
            raise UsageError(f"a {kind} has no type", detail="leave `--type` away")
        return {}
    if type_ is None and sys.stdin.isatty():
        type_ = str(click.prompt(f"Type of the {kind}", type=click.Choice(types), err=True))
    if type_ not in types:
        said = "needs a type" if type_ is None else f"has no type `{type_}`"
        raise UsageError(f"a {kind} {said}", detail=f"write `--type` and one of {', '.join(types)}")
    return {"type": type_}


def _named(kind: str, id_: str) -> dict[str, Any]:
    if kind == "task":
        return {"name": id_.replace("-", " ").capitalize()}
    return {"name": id_} if kind == "skill" else {}


def _pair(setting: str) -> tuple[str, str]:
    key, sign, given = setting.partition("=")
    if not sign:
        raise UsageError(f"`--set {setting}` has no `=`", detail="write `--set key=value`")
    if not key:
        raise UsageError(f"`--set {setting}` names no key before its `=`", detail="write `--set key=value`")
    whole, dot, part = key.partition(".")
    if dot:
        shown = given if re.fullmatch(r"[\w-]{1,20}", given) else "…"
        inside = f"{{{part.replace('.', ': {')}: {shown}{'}' * (part.count('.') + 1)}"
        raise UsageError(f"`{key}` is not a key of a file", detail=f"write the whole key: `--set {whole}='{inside}'`")
    return key, given


def _ask_for_keys(kind: str, values: dict[str, Any]) -> None:
    """Until nothing is missing: an answer may bring up the next question."""
    while missing := questions(kind, values):
        if not sys.stdin.isatty():
            raise UsageError(
                f"the {kind} needs {', '.join(_named_with_others(it) for it in missing)}",
                code="missing-key",
                detail="; ".join(f"`--set {it.key}=…`: {it.description}" for it in missing),
            )
        values[missing[0].key] = value_of(kind, missing[0].key, _answer(missing[0]), values)


def _named_with_others(question: Question) -> str:
    return " or ".join(f"`{key}`" for key in (question.key, *question.instead))


def _answer(question: Question) -> str:
    click.echo(question.description, err=True)
    example = f" (such as {question.example})" if question.example else ""
    return str(click.prompt(f"{question.key}{example}", err=True))


def _ask_for_task(text: str | None, schedule: str | None, settings: tuple[str, ...]) -> tuple[str, str]:
    asked = text is None and not any(setting.startswith("prompt=") for setting in settings)
    if asked and not sys.stdin.isatty():
        raise UsageError("the task needs a prompt", code="missing-key", detail='write `--text "…"`')
    if asked:
        text = click.prompt("What should the model do?", err=True)
        if schedule is None:
            question = "When? `daily 18:00`, `weekly monday 09:00`, a cron expression, or nothing"
            schedule = click.prompt(question, default="", show_default=False, err=True)
    return text or "", schedule or ""
