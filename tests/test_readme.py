"""The README tells the truth: its files are valid, its commands run, its outputs are what the program prints.

`OCTOPS_UPDATE_GOLDEN=1` writes the program's output into the README.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.fresh_machine import commands
from tests.kit import ROOT, GitProject, git_project

README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- (?P<kind>[a-z:]+)(?:: ?| )?(?P<what>.*?) ?-->\n```\w*\n(?P<text>.*?)```\n", re.DOTALL)


def blocks(kind: str) -> list[tuple[str, str]]:
    text = README.read_text(encoding="utf-8")
    return [(it["what"], it["text"]) for it in BLOCK.finditer(text) if it["kind"].rstrip(":") == kind]


@pytest.fixture
def shown(tmp_path: Path) -> GitProject:
    """The project the README shows, committed when the README says."""
    return git_project(tmp_path, dict(blocks("file")), at="2026-03-02T12:00:00Z")


def without_commit(text: str) -> str:
    return re.sub(r"revision [0-9a-f]{12}", "revision 0000000000000", text)


def check_block(marker: str, shown_text: str, printed: str) -> None:
    if os.environ.get("OCTOPS_UPDATE_GOLDEN"):
        readme = README.read_text(encoding="utf-8")
        README.write_text(
            readme.replace(f"{marker}\n```\n{shown_text}```", f"{marker}\n```\n{printed}```"), encoding="utf-8"
        )
        return
    assert without_commit(shown_text) == without_commit(printed)


def test_the_plan_is_what_the_program_prints(shown: GitProject) -> None:
    for command, text in blocks("run"):
        outcome = shown.octops(*command.split()[1:])
        assert outcome.code == 0, outcome.err
        check_block(f"<!-- run: {command} -->", text, outcome.out)


def test_the_mistake_is_what_the_program_says(shown: GitProject) -> None:
    for what, text in blocks("broken"):
        path, change = what.split(" ", 1)
        before, after = change.split(" -> ")
        file = shown.root / path
        assert before in file.read_text()
        file.write_text(file.read_text().replace(before, after))
        outcome = shown.octops("validate")
        assert outcome.code == 1
        check_block(f"<!-- broken: {what} -->", text, outcome.err)


def test_every_command_it_lists_exists_and_works(shown: GitProject) -> None:
    shown.octops("init")
    shown.commit()
    shown.git("update-ref", "refs/remotes/origin/main", "HEAD")
    commands = re.findall(r"^(octops [^\n]*?) {2,}\S", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) >= 6
    for command in commands:
        outcome = shown.octops(*command.split()[1:])
        assert outcome.code == 0, (command, outcome.err)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_gate_runs_exactly_its_test_command() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    extract = script[script.index("readme_command()") :].split("\n", 1)[0]
    done = subprocess.run(
        ["bash", "-c", f"{extract}\nreadme_command readme:test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == blocks("readme:test")[0][1]
    assert "test_command=$(readme_command readme:test)" in script


def test_the_fresh_machine_runs_exactly_its_commands_in_their_order() -> None:
    found = list(commands(README.read_text(encoding="utf-8"), ("run", "look", "own", "test")))
    typed = [text.rstrip("\n") for kind in ("run", "look") for _, text in blocks(f"readme:{kind}")]
    listed = re.findall(r"^(octops [^\n]*?) {2,}\S", blocks("readme:own")[0][1], re.MULTILINE)
    assert [command for _, command in found] == [*typed, *listed, blocks("readme:test")[0][1].rstrip("\n")]
    assert found[0] == ("run", "sh try.sh")
    assert "tests/fresh_machine.py --short" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_its_first_command_is_the_one_that_sets_everything_up() -> None:
    first = re.search(r"^```\w*\n(.*)\n", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == blocks("readme:run")[0][1].rstrip("\n")
