"""What is known of the branch's files without asking git: this process read or wrote them, and nobody else since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from octops.ledger.layout import RUNS

_LARGEST: Final = 16 * 1024
"""Claims and heads are smaller, unless an answer is stored in one."""


class Seen:
    """Files of one tip, None for those that are not there. At another tip nothing is known."""

    def __init__(self) -> None:
        self._tip = ""
        self._files: dict[str, bytes | None] = {}

    def known(self, tip: str, paths: Iterable[str]) -> dict[str, bytes | None]:
        if tip != self._tip:
            self._tip, self._files = tip, {}
        return {path: self._files[path] for path in paths if path in self._files}

    def moved(self, before: str, after: str, changed: Mapping[str, bytes | None]) -> None:
        """Take note that this process made `after` from `before`, and changed nothing else."""
        if before == self._tip:
            self._tip = after
            self.note(changed)

    def note(self, files: Mapping[str, bytes | None]) -> None:
        """Take note of what stands in the tip that was asked about last."""
        for path, content in files.items():
            if content is not None and (len(content) > _LARGEST or path.startswith(f"{RUNS}/")):
                # A record is not needed again, and all answers of an apply are too much to hold.
                self._files.pop(path, None)
            else:
                self._files[path] = content
