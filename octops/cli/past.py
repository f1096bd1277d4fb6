"""What the commands that read the ledger share: lengths of time, and opening it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from octops.cli.options import Instant

_LENGTH = re.compile(r"(\d{1,6})(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Length(click.ParamType[timedelta]):
    """`30m`, `12h`, `7d` or `2w`."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        length = _length(str(value))
        if length is None:
            self.fail(f"`{value}` is not a length of time: write `30m`, `12h`, `7d` or `2w`", param, ctx)
        return length


class Since(click.ParamType["datetime | timedelta"]):
    """A length of time back from now, or an instant."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        if isinstance(value, (datetime, timedelta)):
            return value
        length = _length(str(value))
        if length is not None:
            return length
        try:
            return Instant().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(
                f"`{value}` is no time: write a length (`7d`, `12h`) or an instant (`2026-03-02T08:00Z`)", param, ctx
            )


def _length(text: str) -> timedelta | None:
    match = _LENGTH.fullmatch(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def since_instant(since: datetime | timedelta, now: datetime) -> datetime:
    """The instant meant; one before all time is the first there is."""
    if isinstance(since, datetime):
        return since
    return now - min(since, now - datetime.min.replace(tzinfo=now.tzinfo))
