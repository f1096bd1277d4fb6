"""Which paths a glob means: changes with what people expect of `*`, `**` and names that start with a dot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


class Globs:
    """Some globs together, asked about paths that are given in parts.

    `*` and `?` stay within one part, `**` is any number of parts. As in a shell, a part that starts with a dot is
    only met by a glob that writes the dot, unless `hidden`. Time grows with glob times path, whatever they are.
    """

    def __init__(self, globs: Iterable[str], *, hidden: bool = False) -> None:
        self._globs = [tuple(part for part in glob.split("/") if part not in ("", ".")) for glob in globs]
        self._hidden = hidden

    def match(self, parts: Sequence[str]) -> bool:
        return any(len(glob) in self._reached(glob, parts) for glob in self._globs)

    def may_match_below(self, folder: Sequence[str]) -> bool:
        """Whether there can be a path below this folder that matches."""
        return any(self._reached(glob, folder) - {len(glob)} for glob in self._globs)

    def match_any_parent(self, parts: Sequence[str]) -> bool:
        """Whether the path or a folder above it matches: what excludes a folder excludes all in it."""
        return any(self.match(parts[:length]) for length in range(1, len(parts) + 1))

    def _reached(self, glob: Sequence[str], parts: Sequence[str]) -> set[int]:
        """How many parts of the glob may be used up by the path: a set of counts."""
        reached = _with_skipped(glob, {0})
        for part in parts:
            after: set[int] = set()
            for at in reached:
                if at < len(glob) and self._meets(glob[at], part):
                    after |= {at, at + 1} if glob[at] == "**" else {at + 1}
            reached = _with_skipped(glob, after)
        return reached

    def _meets(self, glob: str, part: str) -> bool:
        if part.startswith(".") and not glob.startswith(".") and not self._hidden:
            return False
        return glob == "**" or fnmatchcase(part, glob)


def _with_skipped(glob: Sequence[str], reached: set[int]) -> set[int]:
    """A `**` may stand for nothing, but not at the end: `docs/**` is what is in docs."""
    skipped = set(reached)
    for at in sorted(reached):
        while at < len(glob) - 1 and glob[at] == "**":
            at += 1
            skipped.add(at)
    return skipped
