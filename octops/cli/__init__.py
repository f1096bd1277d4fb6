"""The command line: which commands there are, and how errors become exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import click

from octops import __version__
from octops.errors import Diagnostic, Exit, OctopsError

COMMANDS = {
    "demo": "Let a real model run an example in a scratch repository",
    "init": "Write a first task and its settings into this directory",
    "new": "Write one new task, skill, source or destination",
    "import": "Bring tasks and sources from 0ct, mcp.run, MCP clients or cron",
    "validate": "Check every file and say everything that is wrong",
    "fmt": "Write every file in one style, comments and values kept",
    "plan": "Show what would change and what would run",
    "preview": "Let the changed tasks of a branch answer, and deliver nothing",
    "comment": "Put the plan into the comment of a pull request",
    "apply": "Run what is due and commit a record of every run",
    "run": "Run one task now, whatever its schedule",
    "render": "Show the messages a model would get; no tool is called",
    "slots": "List the instants at which tasks fire",
    "runs": "List past and present runs",
    "show": "Show one run whole: prompt, tool calls, answer, deliveries",
    "logs": "Show what happened in a run, line by line",
    "status": "Show how each task is: overdue, failing or well",
    "cost": "Add up tokens and cost by task, model, day or month",
    "state": "Look after the ledger: `state doctor`",
    "doctor": "Say what is missing here, and how to mend it",
    "model": "Bring models that run on this machine: list, pull, remove",
    "schema": "Print the JSON Schema of a kind of file",
    "completion": "Print the completion script of a shell",
}
"""Every command with its line in `--help`; the code of `octops <name>` is `octops/cli/<name>.py`."""

EXAMPLES = """\b
Examples:
  octops init                       start in this repository
  octops validate                   check every file
  octops plan                       what would change and run now
  octops plan --base origin/main    what this branch changes
  octops -C examples plan           the same in another directory

\b
Exit codes:
  0 done · 1 an error, nothing was run · 2 changes (plan --detailed-exitcode)
  3 a run failed or a delivery did not arrive · 70 a bug · 130 interrupted
"""


class Commands(click.Group):
    """Imports a command's file only when that command is called, so that each start pays for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"octops.cli.{cmd_name}").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command `{args[0]}`{_near(args[0])}", ctx)
        return super().resolve_command(ctx, args)


def _near(word: str) -> str:
    import difflib

    close = difflib.get_close_matches(word, COMMANDS, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


@click.group(
    cls=Commands,
    name="octops",
    help="AI tasks as code: tasks are files in git, pull requests edit them, a timer runs what is due.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="octops", message="%(prog)s %(version)s")
@click.option("-C", "directory", metavar="DIR", default=".", help="Work in DIR instead of the current directory.")
@click.pass_context
def octops(ctx: click.Context, directory: str) -> None:
    ctx.obj = directory


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code. Only a bug leaves a traceback."""
    code = dispatch(sys.argv[1:] if arguments is None else arguments)
    sys.exit(code)


def dispatch(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code (`Exit`)."""
    _tolerate_any_locale()
    # Commands build one large value and end: collecting garbage on the way costs a third of the time and frees nothing.
    # `apply`, which goes on for hours, turns it on again.
    gc.disable()
    try:
        outcome = octops.main(list(arguments), prog_name="octops", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as wish:
        return wish.exit_code
    except click.ClickException as error:
        return _say_usage(error, arguments)
    except OctopsError as error:
        return _say(error, arguments)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`octops plan | head`): nothing to say, and nothing to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception:  # noqa: BLE001 - the one place where a bug is told apart from an error
        return _say_bug()
    return outcome if isinstance(outcome, int) else Exit.DONE


def _tolerate_any_locale() -> None:
    """A file may hold any character; a terminal that cannot show one gets an escape, not a crash."""
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _say(error: OctopsError, arguments: Sequence[str]) -> int:
    from octops.cli.output import show_diagnostics

    show_diagnostics(error.diagnostics)
    _document(arguments, error.diagnostics)
    return error.exit_code


def _document(arguments: Sequence[str], diagnostics: Sequence[Diagnostic]) -> None:
    """Programs that asked for JSON get one document, also when there is nothing but errors to tell."""
    if "--format=json" in arguments or ("--format", "json") in pairwise(arguments):
        from octops.cli.output import write_json
        from octops.report.diagnostics import diagnostics_json

        with suppress(OctopsError):
            write_json({"diagnostics": diagnostics_json(diagnostics)})


def _say_usage(error: click.ClickException, arguments: Sequence[str]) -> int:
    from octops.report.escape import terminal

    _document(arguments, [Diagnostic(code="usage", summary=error.format_message())])
    click.echo(f"error: {terminal(error.format_message())}", err=True)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"  = help: `{error.ctx.command_path} --help` lists what it takes", err=True)
    return Exit.ERROR


def _say_bug() -> int:
    import traceback

    traceback.print_exc()
    click.echo(
        f"\nThis is a bug in octops {__version__} (Python {sys.version.split()[0]}): nothing you wrote should do this."
        "\nPlease report it with the lines above and the command you gave, after a look that no secret is in them.",
        err=True,
    )
    return Exit.BUG
