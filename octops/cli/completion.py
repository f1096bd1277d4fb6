"""`octops completion`: print what makes a shell complete octops commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from octops.cli.options import directory_option
from octops.cli.output import write

EXAMPLES = """\b
Examples:
  octops completion bash >> ~/.bashrc
  octops completion zsh > ~/.zfunc/_octops
  octops completion fish > ~/.config/fish/completions/octops.fish
"""


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@directory_option
@click.pass_context
def command(ctx: click.Context, shell: str, subdirectory: str | None) -> None:
    """Print the completion script of SHELL."""
    script = get_completion_class(shell)
    assert script is not None
    write(script(ctx.find_root().command, {}, "octops", "_OCTOPS_COMPLETE").source())
