"""The options by which an apply is shared among machines, and what they refuse."""

from __future__ import annotations

import re
from typing import Any

import click
from click.core import ParameterSource

from octops.errors import UsageError
from octops.plan.shards import Shard

MOST = 256
"""GitHub starts no more jobs from one matrix."""


class ShardOf(click.ParamType[Shard]):
    """`2/4`: the second of four."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        if isinstance(value, Shard):
            return value
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", str(value))
        if match is None:
            self.fail(f"`{value}` is not a shard: write `1/4` for the first of four", param, ctx)
        shard = Shard(number=int(match[1]), of=int(match[2]))
        if shard.of == 0:
            self.fail(f"`{value}` shares the work among nobody: write `1/4` for the first of four", param, ctx)
        if not 1 <= shard.number <= shard.of:
            counted = f"they are counted from `1/{shard.of}` to `{shard.of}/{shard.of}`"
            from_0 = "; to an index that begins at 0 add 1" if shard.number == 0 else ""
            self.fail(f"there is no shard `{value}`: {counted}{from_0}", param, ctx)
        return shard


class ShardCount(click.ParamType[int]):
    """How many shards at the most."""

    name = "shards"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", str(value)) or int(value) < 1:
            self.fail(f"`{value}` is no number of shards: write 1 to {MOST}", param, ctx)
        if int(value) > MOST:
            self.fail(f"`{value}` are too many: GitHub starts at most {MOST} jobs from one matrix", param, ctx)
        return int(value)


def check_matrix_alone(ctx: click.Context) -> None:
    """Raises UsageError for options that say what a matrix does not show."""
    options = {"base": "--base", "out": "-o", "format_": "--format", "quiet_if_unchanged": "--quiet-if-unchanged"}
    given = [word for name, word in options.items() if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise UsageError(
            f"`--matrix` prints one line of JSON and nothing else, so `{given[0]}` does not go with it",
            code="bad-combination",
            detail="the plan itself is shown by `octops plan` without `--matrix`",
        )


def check_shard_alone(shard: Shard | None, saved: str | None) -> None:
    """Raises UsageError for a saved plan that would be shared: what one shard does makes it stale for the others."""
    if shard is not None and saved is not None:
        raise UsageError(
            "a saved plan is applied by one machine, so `--shard` does not go with it",
            code="bad-combination",
            detail=f"leave out `{saved}`: each shard makes its own plan, and the ledger keeps them apart",
        )
