"""One comment on a pull request that is edited in place: what every platform promises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Done(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """The comment said the same already."""
    NOTHING = "nothing"
    """There was no comment, and none was wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    done: Done
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A comment of ours from an earlier time."""

    id: int
    body: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    number: int
    base: str
    """The branch it is to be merged into."""


class Thread(Protocol):
    """The comments of one pull request. Its methods raise PlatformError."""

    def own(self, marker: str) -> Existing | None:
        """The comment this account wrote whose text begins with the marker; somebody else's is never taken for it."""
        ...

    def create(self, text: str) -> str: ...

    def edit(self, existing: Existing, text: str) -> str:
        """The address of the comment."""
        ...


def put(thread: Thread, text: str, marker: str, *, create: bool = True) -> Posted:
    """Let the one comment say `text`. Done twice it is the same as done once."""
    existing = thread.own(marker)
    if existing is None:
        return Posted(done=Done.CREATED, url=thread.create(text)) if create else Posted(done=Done.NOTHING)
    if _same(existing.body, text):
        return Posted(done=Done.UNCHANGED, url=existing.url)
    return Posted(done=Done.UPDATED, url=thread.edit(existing, text))


def _same(one: str, other: str) -> bool:
    """Platforms change line ends and the white space around a text."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
