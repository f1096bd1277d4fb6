"""The types of sources there are: one line each."""

from __future__ import annotations

from octops.model.project import Source
from octops.model.run import ErrorKind
from octops.rules.later import later_in_source
from octops.sources.local import open_local
from octops.sources.mcp import open_mcp
from octops.sources.opening import NotOpened, Opener

TYPES: dict[str, Opener] = {
    "mcp": open_mcp,
    "local": open_local,
}


def opener(source: Source) -> Opener:
    """Raises NotOpened for what files may already declare and this version cannot open."""
    for later in later_in_source(source):
        raise NotOpened(str(later), kind=ErrorKind.CONFIG)
    return TYPES[source.type]
