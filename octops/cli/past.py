"""What the commands that read the ledger share: lengths of time, and opening it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from octops.cli.options import Instant, length_of

UNITS = "mhdw"


class Since(click.ParamType["datetime | timedelta"]):
    """A length of time back from now, or an instant."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        if isinstance(value, (datetime, timedelta)):
            return value
        length = length_of(str(value), UNITS)
        if length is not None:
            return length
        try:
            return Instant().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(
                f"`{value}` is no time: write a length (`7d`, `12h`) or an instant (`2026-03-02T08:00Z`)", param, ctx
            )


def since_instant(since: datetime | timedelta, now: datetime) -> datetime:
    """The instant meant; one before all time is the first there is."""
    if isinstance(since, datetime):
        return since
    return now - min(since, now - datetime.min.replace(tzinfo=now.tzinfo))
