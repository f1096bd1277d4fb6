"""Time zones come from the pinned `tzdata` package, whatever the host has."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

_PACKAGE = Path(tzdata.__file__).parent


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name of the package, links such as `US/Eastern` included."""
    return frozenset((_PACKAGE / "zones").read_text(encoding="utf-8").split())


def is_zone(name: str) -> bool:
    """Case counts, as it does in the database."""
    return name in zone_names()


@cache
def zone(name: str) -> ZoneInfo:
    """The same object for the same name. Raises ValueError for a name that is not in the package."""
    # Only listed names become paths: `../x`, `localtime` and `posixrules` never do.
    if not is_zone(name):
        raise ValueError(f"`{name}` is not a time zone of the IANA database {tzdata_version()}")
    with (_PACKAGE / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def tzdata_version() -> str:
    """The version of the IANA database, such as `2026a`."""
    return str(tzdata.IANA_VERSION)
