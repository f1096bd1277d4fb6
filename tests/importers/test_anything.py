"""Whatever a file holds, an import is refused with a sentence or leaves a valid project."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Any

import pytest

from octops.importers.draft import ImportRefused
from octops.importers.table import FORMATS
from tests.importers.test_mcp_run import TASK as RUN
from tests.importers.test_zero_ct import TASK as OCT
from tests.importers.world import brought, project_in
from tests.kit import SMALL_PROJECT, GitProject, git_project

ODD: list[Any] = [
    None,
    True,
    -1,
    3.5,
    10**30,
    "",
    " ",
    "\u202e",
    "\ud800",
    "a\x00b",
    "x" * 9000,
    [],
    [[]],
    {},
    {"a": {}},
    ["a", 1, None],
    "{{x}}",
    "<<x>>",
    "../../etc",
    "https://",
    "http://[::1",
    "ü",
    "\n\n",
    "- a: b",
    "sk-ant-kjh34kjh5kj34h5",
]
CLIENT = {
    "mcpServers": {
        "a": {"command": "npx", "args": ["-y"], "env": {"A": "b"}, "cwd": "x"},
        "b": {"url": "https://x.example", "headers": {"X-A": "b"}, "type": "sse"},
    }
}


def spoiled(value: Any, dice: random.Random) -> Any:
    if dice.random() < 0.12:
        return dice.choice(ODD)
    if isinstance(value, dict):
        odd = {dice.choice(["x", "ü", "", "a b", "\u202e", "env"]): dice.choice(ODD)} if dice.random() < 0.1 else {}
        return {**{key: spoiled(item, dice) for key, item in value.items()}, **odd}
    return [spoiled(item, dice) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize(("format_", "good"), [("0ct", OCT), ("mcp.run", RUN), ("mcp", CLIENT)])
def test_a_spoiled_document_never_makes_an_invalid_project(tmp_path: Path, format_: str, good: Any, seed: int) -> None:
    dice = random.Random(seed)
    with contextlib.suppress(ImportRefused):
        found = brought(tmp_path, format_, [spoiled(good, dice), good] if format_ != "mcp" else spoiled(good, dice))
        if found.files:
            project_in(tmp_path)


@pytest.mark.parametrize("seed", range(60))
def test_a_spoiled_crontab_never_makes_an_invalid_project(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    pieces = [
        "0",
        "*",
        "9",
        "@daily",
        "llm",
        "'x y'",
        '"',
        "$(date)",
        "|",
        "\\%",
        "<<x>>",
        "{{y}}",
        "\n",
        "\u202e",
        "=",
        "TZ",
        ">",
    ]
    text = "0 9 * * * llm 'x'\n" + "\n".join(" ".join(dice.choices(pieces, k=10)) for _ in range(20))
    brought(tmp_path, "cron", text)
    project_in(tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, format_: str) -> None:
    project = git_project(tmp_path, {"given": b"\xff\xfe\x00{"})
    outcome = project.octops("import", format_, "given")
    assert (outcome.code, outcome.out) == (1, "")
    assert "not UTF-8" in outcome.err


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return git_project(tmp_path, {**SMALL_PROJECT, "given.json": '{"mcpServers": {"one": {"command": "npx"}}}'})


def test_the_command_writes_files_and_says_so(project: GitProject) -> None:
    outcome = project.octops("import", "mcp", "given.json")
    assert (outcome.code, outcome.out) == (0, "created  sources/one.yaml\n")
    assert project.octops("validate").code == 0
    assert project.octops("fmt", "--check", "sources/one.yaml").code == 0


def test_a_dry_run_writes_nothing(project: GitProject) -> None:
    outcome = project.octops("import", "mcp", "given.json", "--dry-run")
    assert "command: npx" in outcome.out
    assert project.git("status", "--porcelain") == ""


def test_a_second_import_keeps_what_is_there(project: GitProject) -> None:
    project.octops("import", "mcp", "given.json")
    assert project.octops("import", "mcp", "given.json").out == "kept     sources/one.yaml (it was there before)\n"


@pytest.mark.parametrize("name", ["none.json", "tasks"])
def test_a_file_that_is_none_is_an_error(project: GitProject, name: str) -> None:
    outcome = project.octops("import", "mcp", name)
    assert outcome.code == 1
    assert "is not a file" in outcome.err
