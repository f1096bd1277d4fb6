"""The directions of the house: a module imports only what stands above it, and each outside package has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import ROOT, GitProject

PACKAGE = ROOT / "octops"

# Each row may import itself and the rows above it.
STORIES = [
    ["octops.errors"],
    ["octops.model"],
    ["octops.schemas"],
    [
        "octops.schedule",
        "octops.template",
        "octops.placeholders",
        "octops.filters",
        "octops.tokens",
        "octops.prices",
        "octops.redaction",
    ],
    ["octops.rules"],
    ["octops.declare"],
    ["octops.plan"],
    ["octops.report"],
    ["octops.repository"],
    ["octops.ledger"],
    ["octops.sources", "octops.destinations"],
    ["octops.local"],
    ["octops.run"],
    ["octops.platforms"],
    ["octops.starter", "octops.ci", "octops.importers"],
    ["octops.app"],
    ["octops.cli", "octops.__main__"],
]
# Inside one row, and between these, nothing is imported: they decide side by side.
STRANGERS = [
    {"octops.declare", "octops.plan", "octops.report"},
    {"octops.sources", "octops.destinations", "octops.ledger"},
]

HOMES = {
    "litellm": ["octops/run/llm"],
    "mcp": ["octops/sources/mcp"],
    "git": ["octops/repository"],
    "yaml": ["octops/declare"],
    "jsonschema": ["octops/declare", "octops/run"],
    "jsonschema_rs": ["octops/declare", "octops/run", "octops/sources"],
    "jinja2": ["octops/template.py", "octops/filters.py"],
    "croniter": ["octops/schedule"],
    "click": ["octops/cli"],
    "rich": ["octops/cli"],
    "httpx": ["octops/sources", "octops/destinations", "octops/platforms", "octops/local/hub.py"],
    "xllamacpp": ["octops/local/runtime.py"],
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def part_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def row_of(part: str) -> int:
    return next(number for number, row in enumerate(STORIES) if part in row)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    part = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    used = {part_of(name) for name in imports_of(path) if name.startswith("octops.")}
    if part == "octops":
        return
    late = sorted(other for other in used if row_of(other) > row_of(part))
    strange = sorted(other for row in STRANGERS if part in row for other in used & row if other != part)
    assert not late, f"{part} stands above {late}"
    assert not strange, f"{part} decides without {strange}"


@pytest.mark.parametrize(("package", "homes"), HOMES.items(), ids=HOMES)
def test_each_outside_package_has_one_home(package: str, homes: list[str]) -> None:
    used = [
        str(path.relative_to(ROOT))
        for path in modules()
        if any(name.split(".")[0] == package for name in imports_of(path))
    ]
    assert [path for path in used if not any(path.startswith(home) for home in homes)] == []


def test_only_the_command_line_prints() -> None:
    printing = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert [path for path in printing if not path.startswith("cli/")] == []


@pytest.mark.parametrize(
    "arguments", [["plan"], ["validate"], ["slots"], ["render", "daily-digest"]], ids=lambda words: words[0]
)
def test_reading_commands_leave_the_heavy_libraries_unimported(project: GitProject, arguments: list[str]) -> None:
    script = (
        "import sys; from octops.cli import dispatch; code = dispatch(sys.argv[1:]);"
        "heavy = {'litellm', 'mcp', 'httpx', 'git', 'asyncio', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=project.root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(project.root.parent), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
