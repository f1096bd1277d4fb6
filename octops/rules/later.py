"""What files may already declare and this version cannot do yet: changes with every type that is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from octops.model.project import Source

SOURCES: Final = ("mcp", "local")
DESTINATIONS: Final = ("webhook", "email", "file")
"""The types there is code for; a test keeps these and the tables alike."""
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {"transport": ("sse", "websocket"), "auth": ("oauth",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """`at` leads to the word in the declaration."""

    what: str
    at: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} is not available yet in this version"


def later_in_source(source: Source) -> Iterator[Later]:
    if source.type not in SOURCES:
        yield Later(what=f"source type `{source.type}`", at=("type",))
    for key, words in _KEYS.items():
        value = source.config.get(key)
        inner = isinstance(value, Mapping)
        word = value.get("type") if isinstance(value, Mapping) else value
        if word in words:
            yield Later(what=f"{key} `{word}`", at=(key, "type") if inner else (key,))


def later_in_destination(type_: str) -> Later | None:
    if type_ in DESTINATIONS:
        return None
    return Later(what=f"destination type `{type_}`", at=("type",))
