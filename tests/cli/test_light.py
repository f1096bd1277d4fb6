"""The commands that read the ledger start at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.past import apply_tasks, ledger_of, record, write_records
from tests.kit import ROOT, GitProject, clean_environment

SCRIPT = (
    "import sys; from octops.cli import dispatch; code = dispatch(sys.argv[1:]);"
    "heavy = {'litellm', 'mcp', 'httpx', 'git', 'asyncio', 'rich'} & set(sys.modules);"
    "sys.exit(f'imported {heavy}' if heavy else code)"
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs"],
        ["show", "daily-digest"],
        ["logs"],
        ["cost"],
        ["status", "--now", "2026-03-02T17:01Z"],
        ["state", "doctor"],
    ],
    ids=lambda words: words[0],
)
def test_reading_the_ledger_leaves_the_heavy_libraries_unimported(project: GitProject, arguments: list[str]) -> None:
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest"])
    write_records(ledger, [record()])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=project.root,
        env=clean_environment(project.root.parent / "home", PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
