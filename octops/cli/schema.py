"""`octops schema`: print the JSON Schema of a kind of file."""

from __future__ import annotations

import click

from octops.cli.options import directory_option
from octops.cli.output import write
from octops.schemas import KINDS, schema_text

EXAMPLES = """\b
Examples:
  octops schema task
  octops schema task > .octops/task.schema.json
"""


@click.command("schema", epilog=EXAMPLES)
@click.argument("kind", type=click.Choice(KINDS))
@directory_option
def command(kind: str, subdirectory: str | None) -> None:
    """Print the JSON Schema (draft 2020-12) of KIND, the contract of its files."""
    write(schema_text(kind))
