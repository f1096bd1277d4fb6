"""`octops render`: show the messages a model would get, without asking it or any tool."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from octops.app.planning import render_task
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, format_option, now_option
from octops.cli.output import wants_color, write, write_json
from octops.errors import UsageError

EXAMPLES = """\b
Examples:
  octops render daily-digest
  octops render answer-question --param url=https://example.com
  octops render daily-digest --now 2026-03-02T08:00Z --format json
"""


@click.command("render", epilog=EXAMPLES)
@click.argument("task")
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A parameter of the task; may be repeated.")
@click.option("--ref", metavar="REV", default=None, help="Take the files of a commit instead of the work tree.")
@format_option("text", "json")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    task: str,
    parameters: tuple[str, ...],
    ref: str | None,
    format_: str,
    now: datetime | None,
    subdirectory: str | None,
) -> None:
    """Show what the model of TASK would be sent: skills in order, then the prompt; tool names; estimated tokens.

    No tool is called: where prefetched data will stand, the call is shown with its arguments, and a gap.
    """
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    rendered = render_task(workspace, task, clock(now), parameters=pairs(parameters), ref=ref)
    if format_ == "json":
        from octops.report.render import render_json

        write_json(render_json(rendered))
    else:
        from octops.report.render import render_text

        write(render_text(rendered, color=wants_color(sys.stdout)))


def pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    """`k=v` options as a mapping; UsageError for one without `=` and for one given twice."""
    result: dict[str, str] = {}
    for text in parameters:
        name, equals, value = text.partition("=")
        if not name:
            raise UsageError(f"`--param {text}` names no parameter", detail="write it as `--param name=value`")
        if not equals:
            raise UsageError(f"`--param {text}` has no `=`", detail="write it as `--param name=value`")
        if name in result:
            raise UsageError(f"parameter `{name}` is given twice", detail="give it once")
        result[name] = value
    return result
