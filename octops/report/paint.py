"""Colours of a terminal, put on after escaping, so that they are the only escape sequences in a text."""

from __future__ import annotations

from enum import StrEnum


class Style(StrEnum):
    """A meaning, and the ANSI codes that show it."""

    HEADING = "1"
    QUIET = "2"
    ADD = "32"
    CHANGE = "33"
    REMOVE = "31"
    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    PLACE = "1;34"


def paint(text: str, style: Style | None, color: bool) -> str:
    """`text` in a style, or as it is when there is no colour. `text` is escaped already and is one line."""
    return f"\x1b[{style.value}m{text}\x1b[0m" if color and style and text else text
