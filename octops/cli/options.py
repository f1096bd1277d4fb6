"""Options and argument types that several commands share, so that they read and fail alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from octops.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


class Instant(click.ParamType[datetime]):
    """`2026-03-02T08:00Z`, `2026-03-02 09:00+01:00` or `2026-03-02`; without a zone it is UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        instant = _instant(str(value))
        if instant is None:
            self.fail(f"`{value}` is not an instant: write `2026-03-02T08:00Z` or `2026-03-02`", param, ctx)
        return instant


def _instant(text: str) -> datetime | None:
    try:
        if len(text) == len("2026-03-02"):
            parsed = datetime.combine(date.fromisoformat(text), time(), UTC)
        else:
            parsed = datetime.fromisoformat(text)
        if not datetime.min.year < parsed.year < datetime.max.year:
            # Nothing could be counted from there.
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Dollars(click.FloatRange):
    """US dollars, from 0: a number with an end, so neither `inf` nor `nan`."""

    name = "dollars"

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        dollars = float(super().convert(value, param, ctx))
        if not math.isfinite(dollars):
            self.fail(f"`{value}` is not an amount: write a number such as 0.50", param, ctx)
        return dollars


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Length(click.ParamType[timedelta]):
    """A number and one of `units`: `90s`, `40m`, `2h`, `7d`, `2w`. `examples` end the sentence that refuses another."""

    name = "length"

    def __init__(self, units: str, examples: str) -> None:
        self._units = units
        self._examples = examples

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        length = length_of(str(value), self._units)
        if length is None:
            self.fail(f"`{value}` is not a length of time: write {self._examples}", param, ctx)
        return length


def length_of(text: str, units: str) -> timedelta | None:
    """The length a text means, None when it is not a number and one of `units`."""
    match = re.fullmatch(rf"([0-9]{{1,6}})([{units}])", text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def directory_option(command: Command) -> Command:
    """`-C DIR` after the command too; the last one wins, relative to the first as in git."""
    return click.option(
        "-C", "subdirectory", metavar="DIR", default=None, help="Work in DIR instead of the current directory."
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the result is written.",
    )


def now_option(command: Command) -> Command:
    return click.option(
        "--now",
        type=Instant(),
        default=None,
        metavar="T",
        help="Take T as the current time, for example 2026-03-02T08:00Z.",
    )(command)


def refresh_option(command: Command) -> Command:
    """Spelled as in Terraform: `--refresh=false`."""
    return click.option(
        "--refresh",
        type=click.BOOL,
        default=True,
        show_default=True,
        metavar="BOOL",
        help="Fetch the ledger first; `--refresh=false` takes it as this clone saw it last.",
    )(command)


def chosen_directory(ctx: click.Context, subdirectory: str | None) -> Path:
    """The directory of both `-C` options; UsageError when it is not one."""
    directory = Path(ctx.find_root().obj) / (subdirectory or "")
    if not directory.is_dir():
        raise UsageError(
            f"`-C {directory}` is not a directory", code="no-directory", detail="name an existing directory after -C"
        )
    return directory


def clock(now: datetime | None) -> datetime:
    """The one place that asks what time it is; whole seconds, UTC."""
    return (now or datetime.now(UTC)).replace(microsecond=0)


def shifted_clock(now: datetime | None) -> Callable[[], datetime]:
    """The clock of a command: the real one, or one that starts at `--now` and goes on from there."""
    started = datetime.now(UTC)
    offset = now - started if now else timedelta()
    return lambda: (datetime.now(UTC) + offset).replace(microsecond=0)
