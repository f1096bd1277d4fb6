"""Placeholders: which of the `<<` in a text mean a variable.

The shape alone decides: `<<name>>`, `<< name.key >>` and `<<name | filter>>` on one line are placeholders, whatever
stands around them; so C++ such as `cin << x >> y` is an error with its cure (`\\<<`) rather than silently kept text.
Text are: a `<<` that no name follows or no `>>` closes, any other expression, and here-documents (`<<EOF >> file`:
an upper-case word with a space only before `>>`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Linear: every part is possessive or atomic and a body ends at the next `<<`, so no character is read twice. Groups
# are atomic: Python before 3.11.5, which Debian 12 has, matches possessive groups wrongly (gh-106052).
NAME = r"[A-Za-z_]\w*+(?>(?:-\w++)*)"
_CANDIDATE = re.compile(
    rf"<<(?P<pad>[ \t]*+)(?P<path>{NAME}(?>(?:\.\w++(?>(?:-\w++)*))*))"
    r"(?P<rest>(?>(?:[^<>\n]|<(?!<)|>(?!>)){0,2000}))>>",
    re.ASCII,
)
_FILTERED = re.compile(r"\s*\|\s*[A-Za-z_]\w*\s*(?:$|[|(])", re.ASCII)
_HERE_WORD = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
OPENED = re.compile(rf"<<[ \t]*+({NAME})", re.ASCII)


class Mark(NamedTuple):
    """One `<<`: a placeholder, `escaped` by a backslash (which belongs to the mark), or just text."""

    start: int
    end: int
    placeholder: re.Match[str] | None = None
    escaped: bool = False


def marks(text: str) -> Iterator[Mark]:
    """Every `<<` of a text in order, in time linear in its length."""
    at = text.find("<<")
    while at >= 0:
        if at > 0 and text[at - 1] == "\\":
            mark = Mark(at - 1, at + 2, None, True)
        elif (match := _CANDIDATE.match(text, at)) is None:
            mark = Mark(at, at + 1)  # only one character, so that `<<<name>>>` is a placeholder in angle brackets
        elif _is_placeholder(match):
            mark = Mark(at, match.end(), match)
        else:
            mark = Mark(at, match.end())
        yield mark
        at = text.find("<<", mark.end)


def _is_placeholder(match: re.Match[str]) -> bool:
    pad, path, rest = match.groups()
    if not rest:
        return True
    if not pad and rest[0] in " \t" and rest[-1] in " \t" and _HERE_WORD.fullmatch(path):
        return False
    return not rest.strip(" \t") or _FILTERED.match(rest) is not None
