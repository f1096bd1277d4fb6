"""Draws docs/terminal.svg, the picture of a terminal in the README, from outputs in the tutorial, which tests check.

python docs/make_picture.py            writes the file
python docs/make_picture.py --print    prints it
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
PAGE, PICTURE = HERE / "tutorial.md", HERE / "terminal.svg"
COLUMNS = 126
_BLOCK = re.compile(r"<!-- (?:run|progress): (?P<command>.*?) -->\n```\n(?P<text>.*?)```\n", re.DOTALL)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_STYLES = {"+": "green", "-": "red", "~": "yellow", "@": "dim"}


def scenes(page: str) -> Iterator[tuple[str, str]]:
    """A run, its answer, and the plan of a changed prompt."""
    blocks = [(it["command"], it["text"]) for it in _BLOCK.finditer(page)]
    wanted = ("octops run ", "octops show ")
    yield from [next(block for block in blocks if block[0].startswith(word)) for word in wanted]
    yield [block for block in blocks if block[0] == "octops plan"][-1]


def lines(page: str) -> Iterator[Text]:
    for command, text in scenes(page):
        yield Text.assemble(("$ ", "bold green"), (command, "bold"))
        yield from (Text(line, style=_STYLES.get(line.strip()[:1], "")) for line in text.rstrip("\n").split("\n"))
        yield Text("")


def picture(page: str) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    for line in lines(page):
        console.print(line, highlight=False, soft_wrap=False)
    svg = console.export_svg(title="octops", unique_id="octops")
    # Whoever looks at the picture should not have to fetch a font from anybody.
    return _FONTS.sub("", svg)


def main() -> None:
    svg = picture(PAGE.read_text(encoding="utf-8"))
    if "--print" in sys.argv[1:]:
        sys.stdout.write(svg)
    else:
        PICTURE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
