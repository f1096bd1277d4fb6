"""What a type of source promises, and how it says no: changes with the contract between `opened.py` and the types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from octops.model.ids import Value
from octops.model.project import Source
from octops.model.run import ErrorKind, ToolResult
from octops.sources.surroundings import Surroundings


class NotOpened(Exception):
    """A source that cannot be opened. `cause` goes on from "source `x` could not be opened: "."""

    def __init__(self, cause: str, *, kind: ErrorKind = ErrorKind.SOURCE, hint: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.kind = kind
        self.hint = hint


class Gone(Exception):
    """A source that was open and will answer no call any more. Its text goes on from "source `x` is gone: "."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool in the words of its source: not yet judged, renamed or cut."""

    name: str
    description: str
    schema: Mapping[str, Value]
    read_only: bool = False
    """Its source promises that a call changes nothing anywhere; a source that says nothing promises nothing."""


class OpenSource(Protocol):
    """A source while it is open."""

    @property
    def tools(self) -> Sequence[Tool]: ...

    async def call(self, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        """Raises Gone and nothing else. May be cancelled at any point."""
        ...


Opener: TypeAlias = Callable[[Source, Surroundings], AbstractAsyncContextManager[OpenSource]]
"""Raises NotOpened when entered, within the source's `timeout_seconds`; leaving it ends every process it started."""
