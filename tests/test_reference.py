"""docs/files.md and docs/commands.md are what the schemas and `--help` say: run docs/make_reference.py otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from octops.cli import COMMANDS
from octops.schemas import schema
from tests.kit import ROOT


@pytest.mark.parametrize("page", ["files", "commands"])
def test_the_page_is_fresh(page: str) -> None:
    script = (
        "import runpy, sys; made = runpy.run_path('docs/make_reference.py');"
        f"sys.stdout.buffer.write(made['{page}_page']().encode())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode() == (ROOT / f"docs/{page}.md").read_text(encoding="utf-8"), "run docs/make_reference.py"


def test_every_command_is_on_its_page() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"\n## octops {name}\n" not in page] == []


@pytest.mark.parametrize("kind", ["task", "skill", "octops"])
def test_every_key_is_on_its_page(kind: str) -> None:
    page = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    assert [key for key in schema(kind)["properties"] if f"`{key}`" not in page] == []


def test_the_hooks_run_commands_there_are() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["entry"].split()[1] for hook in hooks} == {"validate", "fmt"}
    assert all(hook["pass_filenames"] is False for hook in hooks)
