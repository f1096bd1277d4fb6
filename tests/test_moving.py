"""docs/moving.md tells the truth: every import in it is run, and prints and writes what the page shows.

Each section is a project of its own. `OCTOPS_UPDATE_GOLDEN=1` writes the program's output into the page.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from octops.importers.table import FORMATS
from tests.kit import ROOT, GitProject, git_project

PAGE = ROOT / "docs/moving.md"
BLOCK = re.compile(
    r"<!-- (?P<kind>input|run|shows|edit|append): (?P<what>.*?) -->\n(?:```\w*\n(?P<text>.*?)```\n)?", re.DOTALL
)
SECTIONS = re.split(r"(?m)^(?=## )", PAGE.read_text(encoding="utf-8"))


def title(section: str) -> str:
    return section.partition("\n")[0].removeprefix("## ").removeprefix("# ")


@pytest.mark.parametrize("section", [it for it in SECTIONS if "<!-- run:" in it], ids=title)
def test_every_output_is_what_the_program_prints_and_writes(tmp_path: Path, section: str) -> None:
    project = git_project(tmp_path)
    written, done = "", 0
    for block in BLOCK.finditer(section):
        printed = walk(project, block["kind"], block["what"], block["text"])
        if printed is None:
            continue
        written, done = written + section[done : block.start("text")] + printed, block.end("text")
        if not os.environ.get("OCTOPS_UPDATE_GOLDEN"):
            assert block["text"] == printed, block["what"]
    if os.environ.get("OCTOPS_UPDATE_GOLDEN"):
        PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(section, written + section[done:]), encoding="utf-8")
    assert project.octops("validate").code == 0
    assert project.octops("fmt", "--check").code == 0


def walk(project: GitProject, kind: str, what: str, text: str) -> str | None:
    """What one step of the page comes to; None for a step that shows nothing."""
    if kind == "input":
        project.write({what: text})
        return None
    if kind == "append":
        project.write({what: (project.root / what).read_text() + text})
        return None
    if kind == "edit":
        path, change = what.split(" ", 1)
        before, after = change.split(" -> ")
        given = (project.root / path).read_text()
        assert before in given
        project.write({path: given.replace(before, after)})
        return None
    if kind == "shows":
        return (project.root / what).read_text()
    outcome = project.octops(*shlex.split(what)[1:])
    assert (outcome.code, outcome.err) == (0, ""), what
    return outcome.out


def test_every_format_has_its_sample() -> None:
    imported = re.findall(r"<!-- run: octops import (\S+)", PAGE.read_text(encoding="utf-8"))
    assert sorted(imported) == sorted(FORMATS)


def test_no_key_of_a_sample_is_in_what_was_written() -> None:
    page = PAGE.read_text(encoding="utf-8")
    printed = "".join(it["text"] for it in BLOCK.finditer(page) if it["kind"] in ("run", "shows"))
    assert "keep_keys" in page
    assert "keep-keys" in page
    assert not re.search("keep[-_]keys", printed)


def test_its_links_lead_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    headings = {anchor(title) for title in re.findall(r"(?m)^#+ (.*)$", page)}
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert {link[1:] for link in links if link.startswith("#")} <= headings
    for link in (it for it in links if not it.startswith("#")):
        path, _, place = link.partition("#")
        text = (PAGE.parent / path).read_text(encoding="utf-8")
        assert not place or place in {anchor(title) for title in re.findall(r"(?m)^#+ (.*)$", text)}, link


def anchor(title: str) -> str:
    """The place GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
