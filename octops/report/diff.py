"""Unified diffs of prompts and skills, in bounded time whatever the texts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONTEXT = 3
MAX_EDITS = 300
"""Texts that differ in more lines are shown as one block replaced by another."""
MAX_LINES = 5_000

SAME_LINES = "(the texts differ only in how their last line ends)"


@dataclass(frozen=True, slots=True)
class _Line:
    sign: str
    text: str
    before: int
    """Line numbers, from 0, at which this line stands, or would stand, in the two texts."""
    after: int


def unified_diff(before: str, after: str) -> tuple[str, ...]:
    """Lines of a unified diff without file names; empty when the texts are equal. Lines are not escaped."""
    if before == after:
        return ()
    script = _script(_lines(before), _lines(after))
    return tuple(_hunks(script)) or (SAME_LINES,)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _script(before: list[str], after: list[str]) -> list[_Line]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    keep = _matches(old, new)
    pairs = [
        *((at, at) for at in range(start)),
        *((start + x, start + y) for x, y in keep),
        *((len(before) - left, len(after) - left) for left in range(end, 0, -1)),
    ]
    return list(_lines_of(before, after, pairs))


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return at
    return min(len(left), len(right))


def _lines_of(before: list[str], after: list[str], pairs: list[tuple[int, int]]) -> Iterator[_Line]:
    x = y = 0
    for next_x, next_y in (*pairs, (len(before), len(after))):
        yield from (_Line("-", before[at], at, y) for at in range(x, next_x))
        yield from (_Line("+", after[at], next_x, at) for at in range(y, next_y))
        if next_x < len(before) and next_y < len(after):
            yield _Line(" ", before[next_x], next_x, next_y)
        x, y = next_x + 1, next_y + 1


def _matches(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Pairs of equal lines, ascending, by Myers' greedy algorithm; none when there is too much to compare."""
    if not old or not new or len(old) + len(new) > 2 * MAX_LINES:
        return []
    trace: list[dict[int, int]] = []
    furthest = {1: 0}
    for edits in range(min(MAX_EDITS, len(old) + len(new)) + 1):
        trace.append(dict(furthest))
        if _advance(furthest, edits, old, new):
            return _walk_back(trace, len(old), len(new))
    return []


def _advance(furthest: dict[int, int], edits: int, old: list[str], new: list[str]) -> bool:
    """Take one more edit on every diagonal; True when the ends of both texts are reached."""
    for diagonal in range(-edits, edits + 1, 2):
        x = _entered(furthest, edits, diagonal)
        while x < len(old) and 0 <= x - diagonal < len(new) and old[x] == new[x - diagonal]:
            x += 1
        furthest[diagonal] = x
        if x >= len(old) and x - diagonal >= len(new):
            return True
    return False


def _goes_down(furthest: dict[int, int], edits: int, diagonal: int) -> bool:
    """The edit that enters this diagonal adds a line; else it removes one."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _entered(furthest: dict[int, int], edits: int, diagonal: int) -> int:
    down = _goes_down(furthest, edits, diagonal)
    return furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1


def _walk_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        start = _entered(furthest, edits, diagonal)
        pairs.extend((at, at - diagonal) for at in range(x - 1, start - 1, -1))
        # Back over the edit that led here.
        x = start if _goes_down(furthest, edits, diagonal) else start - 1
        y = start - diagonal - 1 if x == start else start - diagonal
    return pairs[::-1]


def _hunks(script: list[_Line]) -> Iterator[str]:
    changed = [at for at, line in enumerate(script) if line.sign != " "]
    at = 0
    while at < len(changed):
        last = at
        while last + 1 < len(changed) and changed[last + 1] - changed[last] <= 2 * CONTEXT + 1:
            last += 1
        yield from _hunk(script[max(0, changed[at] - CONTEXT) : changed[last] + CONTEXT + 1])
        at = last + 1


def _hunk(lines: list[_Line]) -> Iterator[str]:
    old, new = (_span(lines, lines[0].before, "-"), _span(lines, lines[0].after, "+"))
    yield f"@@ -{old} +{new} @@"
    yield from (line.sign + line.text for line in lines)


def _span(lines: list[_Line], first: int, sign: str) -> str:
    length = sum(line.sign in (" ", sign) for line in lines)
    # A side without lines is numbered by the line before it, as diff does.
    start = first + 1 if length else first
    return str(start) if length == 1 else f"{start},{length}"
