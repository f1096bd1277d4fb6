"""The types of sources there are: one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from octops.model.project import Source
from octops.model.run import ErrorKind
from octops.sources.local import open_local
from octops.sources.mcp import open_mcp
from octops.sources.opening import NotOpened, Opener

TYPES: dict[str, Opener] = {
    "mcp": open_mcp,
    "local": open_local,
}

_LATER = {"transport": ("sse", "websocket"), "auth": ("oauth",)}


def opener(source: Source) -> Opener:
    """Raises NotOpened for what files may already declare and this version cannot open."""
    for what in _not_yet(source):
        raise NotOpened(f"{what} is not available yet in this version", kind=ErrorKind.CONFIG)
    return TYPES[source.type]


def _not_yet(source: Source) -> Iterator[str]:
    if source.type not in TYPES:
        yield f"source type `{source.type}`"
    for key, words in _LATER.items():
        value = source.config.get(key)
        word = value.get("type") if isinstance(value, Mapping) else value
        if word in words:
            yield f"{key} `{word}`"
