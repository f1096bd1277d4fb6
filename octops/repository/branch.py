"""A branch that is moved only by compare-and-swap: what every place that keeps one promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from octops.repository.commits import Draft, Identity
from octops.repository.objects import Entry


class Branch(Protocol):
    """One branch nobody has checked out. A tip is a commit id, empty while the branch does not exist."""

    @property
    def name(self) -> str: ...

    @property
    def where(self) -> str:
        """The remote's address without its password, or empty for this repository."""
        ...

    @property
    def host(self) -> str:
        """The remote's host, or empty."""
        ...

    @property
    def identity(self) -> Identity: ...

    def fetch(self) -> str:
        """The newest tip, its trees at hand. Raises GitError when the remote cannot be reached."""
        ...

    def known(self) -> str:
        """The tip last seen, without asking anybody."""
        ...

    def before(self) -> str:
        """The tip seen before the branch went back, while nobody has taken that as it is; else empty."""
        ...

    def keep_before(self, tip: str) -> None:
        """Remember that tip from now on; with an empty one no more."""
        ...

    def entries(self, tip: str, paths: Sequence[str] = ()) -> tuple[Entry, ...]:
        """Every file below the paths."""
        ...

    def folders(self, tip: str, path: str) -> tuple[str, ...]:
        """Every folder below a path, at any depth."""
        ...

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        """Contents by blob id; those not at hand are fetched together."""
        ...

    def committed_at(self, tip: str) -> datetime:
        """When a commit says it was made."""
        ...

    def build(self, draft: Draft) -> str:
        """Write a commit that nothing refers to yet."""
        ...

    def move(self, old: str, new: str) -> bool:
        """Let the branch name `new` if it still names `old`; False when somebody was faster.

        Raises GitError when the move is refused for another reason, or when it is not known whether it happened.
        """
        ...

    def rehearse(self, old: str, new: str) -> None:
        """Go through a move without making it. Raises GitError when this clone may not."""
        ...
