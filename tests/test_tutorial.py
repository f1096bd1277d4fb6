"""The tutorial tells the truth: it is walked through from top to bottom, and every output is what the program prints.

A server on loopback stands in for the local model and says what that one said. `OCTOPS_UPDATE_GOLDEN=1` writes the
program's output into the page; `python docs/make_picture.py` then draws the picture anew.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import ROOT, GitProject, git_project
from tests.modelserver import ModelServer, Say

PAGE = ROOT / "docs/tutorial.md"
BLOCK = re.compile(
    r"<!-- (?P<kind>file|run|progress|shows|edit): (?P<what>.*?) -->\n(?:```\w*\n(?P<text>.*?)```\n)?", re.DOTALL
)
LOCAL = "local/qwen2.5-coder-1.5b"
SAID = Say(
    text="To run the tests, you need to have a running Postgres server.",
    model=LOCAL,
    input_tokens=212,
    output_tokens=16,
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(otherwise=SAID) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    files = {it["what"]: it["text"] for it in BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if it["kind"] == "file"}
    return git_project(tmp_path, files)


def test_every_output_is_what_the_program_prints(project: GitProject, server: ModelServer) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written, done = "", 0
    for block in BLOCK.finditer(page):
        printed = walk(project, server, block["kind"], block["what"])
        if printed is None:
            continue
        written, done = written + page[done : block.start("text")] + printed, block.end("text")
        if not os.environ.get("OCTOPS_UPDATE_GOLDEN"):
            assert steady(block["text"]) == steady(printed), block["what"]
    if os.environ.get("OCTOPS_UPDATE_GOLDEN"):
        PAGE.write_text(written + page[done:], encoding="utf-8")


def walk(project: GitProject, server: ModelServer, kind: str, what: str) -> str | None:
    """What one step of the page comes to; None for a step that shows nothing."""
    if kind == "file":
        return None
    if kind == "edit":
        path, change = what.split(" ", 1)
        before, after = change.split(" -> ")
        text = (project.root / path).read_text()
        assert before in text
        project.write({path: text.replace(before, after)})
        return None
    if kind == "shows":
        return (project.root / what).read_text()
    words = shlex.split(what)[1:]
    outcome = project.octops(*words, *(("--now", "2026-03-02T08:00Z") if words[0] == "plan" else ()))
    assert outcome.code == 0, (what, outcome.err)
    if words[0] == "init":
        project.commit()
        stand_in(project, server)
    out = outcome.out if outcome.out.endswith("\n") else outcome.out + "\n"
    return as_local((outcome.err + out) if kind == "progress" else out)


def stand_in(project: GitProject, server: ModelServer) -> None:
    """From here on the server answers in the place of the local model."""
    settings = (project.root / "octops.yaml").read_text()
    free = "{input_per_million: 0, output_per_million: 0}"
    model = f"model: hosted_vllm/{LOCAL}\n    api_base: {server.openai_base}\n    price: {free}\n"
    assert f"model: {LOCAL}\n" in settings
    project.write({"octops.yaml": settings.replace(f"model: {LOCAL}\n", model)})
    project.commit()


def as_local(text: str) -> str:
    lines = [line for line in text.splitlines(keepends=True) if not re.search(r"host +127\.0\.0\.1:\d+", line)]
    return "".join(lines).replace(f"hosted_vllm/{LOCAL}", LOCAL)


def steady(text: str) -> str:
    """Without what differs from machine to machine and run to run."""
    text = re.sub(r"\b[0-9a-f]{12}\b", "0" * 12, text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-03-02 08:00", text)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (PAGE.parent / link).exists()] == []


def test_the_picture_shows_what_the_tutorial_says() -> None:
    script = [sys.executable, str(ROOT / "docs/make_picture.py"), "--print"]
    done = subprocess.run(script, capture_output=True, text=True, check=True, timeout=60)
    assert words_of(ROOT.joinpath("docs/terminal.svg").read_text(encoding="utf-8")) == words_of(done.stdout)


def words_of(svg: str) -> list[str]:
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    return html.unescape(" ".join(texts)).replace("\xa0", " ").split()


def test_the_picture_fetches_nothing() -> None:
    svg = ROOT.joinpath("docs/terminal.svg").read_text(encoding="utf-8")
    addresses = re.findall(r"(?:url|href=)\W*(https?://[^\s)\"']+)", svg)
    assert addresses == []
