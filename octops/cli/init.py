"""`octops init`: write a first task and its settings into this directory, and never over anything."""

from __future__ import annotations

import click

from octops.app.starting import init_project
from octops.cli.options import chosen_directory, directory_option
from octops.cli.output import write
from octops.report.escape import terminal

EXAMPLES = """\b
Examples:
  octops init
  octops init --timezone Europe/Berlin --model openai/gpt-5-mini
  octops -C reports init
"""


@click.command("init", epilog=EXAMPLES)
@click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="The IANA time zone of the tasks.")
@click.option("--model", default="anthropic/claude-sonnet-4-5", show_default=True, help="The litellm id of the model.")
@directory_option
@click.pass_context
def command(ctx: click.Context, timezone: str, model: str, subdirectory: str | None) -> None:
    """Write octops.yaml, a task, a skill and the schemas editors check them with. Files that exist stay as they are."""
    outcome = init_project(chosen_directory(ctx, subdirectory), timezone=timezone, model=model)
    for path in outcome.written:
        write(f"created  {terminal(path)}")
    for path in outcome.kept:
        write(f"kept     {terminal(path)} (it was there before)")
    write(NEXT)


NEXT = """
Next:
  octops validate     check the files
  octops plan         see what would run, what it could touch and what it would cost
  git add . && git commit -m "First task"    a task counts from the commit that adds it
"""
