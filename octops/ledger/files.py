"""A file beside the records: what a `file` destination puts on the records branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from octops.ledger.outcome import Needs, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write one file; the same content twice is one write. The path was checked by whoever made it."""

    path: str
    content: bytes
    word: str = "filed"

    @property
    def subject(self) -> str:
        return self.path

    @property
    def needs(self) -> Needs:
        return Needs(paths=(self.path,))

    def derive(self, files: Mapping[str, bytes]) -> Outcome:
        return Outcome(files={} if files.get(self.path) == self.content else {self.path: self.content})
