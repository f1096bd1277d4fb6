from __future__ import annotations

from octops.report.paint import Style
from octops.report.table import Cell, table


def test_columns_are_as_wide_as_they_need_to_be_and_numbers_stand_at_the_right() -> None:
    rows = [(Cell("a"), Cell("1,000", right=True), Cell("x")), (Cell("long name"), Cell("7", right=True), Cell(""))]
    assert table(("name", "n", "end"), rows) == (
        "name           n  end\n"
        "a          1,000  x\n"
        "long name      7\n"
    )  # fmt: skip


def test_colours_do_not_move_columns() -> None:
    rows = [(Cell("ok", Style.ADD), Cell("1")), (Cell("failed"), Cell("2"))]
    lines = table(("how", "n"), rows, color=True).splitlines()
    assert lines[1] == "\x1b[32mok\x1b[0m      1"
    assert lines[2] == "failed  2"


def test_headings_stand_alone_without_rows() -> None:
    assert table(("a", "b"), []) == "a  b\n"
