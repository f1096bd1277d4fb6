"""Rows and columns on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octops.report.paint import Style, paint


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of text, escaped already."""

    text: str
    style: Style | None = None
    right: bool = False
    """Numbers stand at the right of their column, and so does its heading."""


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, color: bool = False) -> str:
    """Columns as wide as they need to be; every row has as many cells as there are heads."""
    titles = [Cell(head, Style.HEADING, _is_right(rows, column)) for column, head in enumerate(heads)]
    everything = [titles, *rows]
    widths = [max(len(row[column].text) for row in everything) for column in range(len(heads))]
    return "".join(f"{'  '.join(_cells(row, widths, color)).rstrip()}\n" for row in everything)


def _is_right(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    return bool(rows) and all(row[column].right for row in rows)


def _cells(row: Sequence[Cell], widths: Sequence[int], color: bool) -> Iterator[str]:
    for cell, width in zip(row, widths, strict=True):
        blank = " " * (width - len(cell.text))
        painted = paint(cell.text, cell.style, color)
        yield f"{blank}{painted}" if cell.right else f"{painted}{blank}"
