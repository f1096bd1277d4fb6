"""A Markdown comment that is never longer than its sink allows: whole blocks go in, the rest is counted."""

from __future__ import annotations

from collections.abc import Iterable

MARKER = "<!-- octops-plan -->"
"""The first line of every comment: nobody sees it, and the next comment finds the last one by it."""
PREVIEW_MARKER = "<!-- octops-preview -->"
"""That of a preview, which is a comment of its own beside the plan's."""


class Comment:
    """Takes blocks while they fit. Sizes are UTF-16 units, the larger of the ways in which sinks count."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._blocks: list[str] = []

    def add(self, block: str, *, reserve: int = 0) -> bool:
        """Append a block when it leaves `reserve` free; False, and nothing is added, when it does not."""
        size = _size(block)
        if size > self._left - reserve:
            return False
        self._blocks.append(block)
        self._left -= size
        return True

    def add_rows(self, head: str, rows: Iterable[str], *, share: float, reserve: int) -> int:
        """Append as many rows under a head as fit into a share of what is left; how many rows were left out."""
        room = int((self._left - reserve) * share) - _size(head)
        taken: list[str] = []
        left_out = 0
        for row in rows:
            room -= _size(row)
            if room < 0:
                left_out += 1
            else:
                taken.append(row)
        if taken:
            self.add("".join([head, *taken]))
        return left_out

    def text(self) -> str:
        return "".join(self._blocks)


def _size(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
