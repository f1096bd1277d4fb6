from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from octops.model.run import ErrorKind, RunFailed, ToolResult
from octops.sources.globs import Globs
from octops.sources.opened import open_sources
from tests.kit import SOON
from tests.sources.kit import source, surroundings, write

pytestmark = pytest.mark.anyio

FILES: dict[str, str | bytes] = {
    "README.md": "# Read me\n",
    "docs/a.md": "one\ntwo\nThree\n",
    "docs/b/c.md": "deep three\n",
    "docs/b/d.txt": "text",
    "docs/drafts/x.md": "draft",
    "docs/.hidden.md": "hidden",
    ".env": "KEY=hush",
    ".github/workflow.md": "a workflow",
    ".git/config": "[core]",
    "docs/.git/config.md": "[core]",
    "sub/.git": "gitdir: ../.git/modules/sub",
    "sub/s.md": "of a submodule",
    "docs/picture.md": b"\x89PNG\0\0",
    "docs/latin.md": b"caf\xe9",
    "docs/bom.md": b"\xef\xbb\xbfwith a mark\r\nnext\r\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, {"outside.md": "outside", "outside/o.md": "outside"})
    root = write(tmp_path / "root", FILES)
    (root / "docs/link.md").symlink_to(tmp_path / "outside.md")
    (root / "docs/inside.md").symlink_to(root / "docs/a.md")
    (root / "docs/way").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "docs/pipe.md")
    return root


async def ask(root: Path, tool: str, config: dict[str, Any] | None = None, **arguments: Any) -> ToolResult:
    one = source(id="f", type="local", config=config or {"path": "docs"}, timeout_seconds=5)
    async with open_sources([one], surroundings(root)) as opened:
        return await opened.call(f"f__{tool}", arguments)


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        ({"include": ["**"], "exclude": ["docs/[bp]*", "sub"]}, "README.md docs/a.md docs/drafts/x.md docs/latin.md"),
        ({"include": ["*"]}, "README.md"),
        ({"include": ["docs/*.md"], "exclude": ["**/[lp]*"]}, "docs/a.md docs/bom.md"),
        ({"include": ["docs/**/c.md", "docs/**/a.md"]}, "docs/a.md docs/b/c.md"),
        ({"include": ["docs/b/**"]}, "docs/b/c.md docs/b/d.txt"),
        ({"path": "docs", "include": ["**/*.md"], "exclude": ["drafts", "*i*"]}, "a.md b/c.md bom.md"),
        ({"path": "docs/b"}, "c.md d.txt"),
        ({"include": [".github/**", "**/.git/**", ".git/*"]}, ".github/workflow.md"),
        ({"include": [".e*", "sub/*", "sub/.*"]}, ".env sub/s.md"),
        ({"include": ["nothing"]}, "[there are no such files]"),
    ],
)  # fmt: skip
async def test_files_are_those_that_the_globs_name_in_order(root: Path, config: dict[str, Any], paths: str) -> None:
    result = await ask(root, "list_files", config)
    assert result.text.split("\n") == (paths.split() if not paths.startswith("[") else [paths])


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [("b/*", ["b/c.md", "b/d.txt"]), ("**/*.txt", ["b/d.txt"]), ("../**", ["[there are no such files]"])],
)
async def test_a_pattern_narrows_the_list_down(root: Path, pattern: str, paths: list[str]) -> None:
    assert (await ask(root, "list_files", pattern=pattern)).text.split("\n") == paths


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"path": "a.md"}, "one\ntwo\nThree\n"),
        ({"path": "./b//c.md"}, "deep three\n"),
        ({"path": "a.md", "offset": 2, "limit": 1}, "two"),
        ({"path": "a.md", "offset": 9}, "[the file has 4 lines]"),
        ({"path": "bom.md"}, "with a mark\nnext\n"),
    ],
)
async def test_a_file_is_read_in_lines(root: Path, arguments: dict[str, Any], text: str) -> None:
    assert await ask(root, "read_file", **arguments) == ToolResult(text=text)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../README.md", "b/../../README.md", "..", "", ".", "link.md", "inside.md", "way/o.md", "way",
        ".git/config.md", ".GIT/config.md", ".hidden.md", "pipe.md", "b", "missing.md", "a.md/x", "picture.md",
        "latin.md", "a.md\0", "x" * 4096, "A.md", "drafts\\x.md", "\ud800",
    ],
)  # fmt: skip
async def test_what_is_not_a_declared_text_file_is_refused(root: Path, path: str) -> None:
    result = await ask(root, "read_file", path=path)
    assert (result.is_error, "outside" in result.text, "hush" in result.text) == (True, False, False)


async def test_an_excluded_file_cannot_be_read_by_name(root: Path) -> None:
    config = {"include": ["**/*.md"], "exclude": ["docs/drafts"]}
    assert (await ask(root, "read_file", config, path="docs/drafts/x.md")).is_error
    assert not (await ask(root, "read_file", config, path="docs/a.md")).is_error


async def test_a_file_too_large_is_refused(root: Path) -> None:
    with (root / "docs/big.md").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    result = await ask(root, "read_file", path="big.md")
    assert result == ToolResult(text="`big.md` is too large: 9437184 bytes, more than 8388608", is_error=True)


async def test_a_long_file_is_read_in_pieces_that_join_up(root: Path) -> None:
    lines = [f"line {number} " + "é" * 100 for number in range(2000)]
    write(root, {"docs/long.md": "\n".join(lines)})
    read: list[str] = []
    offset = 1
    for _ in range(20):
        text = (await ask(root, "read_file", path="long.md", offset=offset)).text
        *shown, last = text.split("\n")
        if not last.startswith("[lines"):
            read += [*shown, last]
            break
        read += shown
        offset = int(last.rstrip("]").rsplit(" ", 1)[1])
    assert read == lines


async def test_a_line_too_long_is_shown_from_its_beginning(root: Path) -> None:
    write(root, {"docs/one.md": "x" * 300_000})
    text = (await ask(root, "read_file", path="one.md")).text
    assert (text[:10], text.split("\n")[1]) == ("x" * 10, "[line 1 is cut off here]")


async def test_search_tells_path_line_and_text(root: Path) -> None:
    assert (await ask(root, "search_files", text="THREE")).text == "a.md:3: Three\nb/c.md:1: deep three"
    assert (await ask(root, "search_files", text="three", pattern="b/**")).text == "b/c.md:1: deep three"
    assert (await ask(root, "search_files", text="outside")).text == "[no line contains it]"


async def test_answers_are_bounded(root: Path) -> None:
    write(root, {f"docs/many/{number}.md": "word " * 500 + "\n" + "word\n" * 3 for number in range(1200)})
    listed = (await ask(root, "list_files", pattern="many/*")).text.split("\n")
    found = (await ask(root, "search_files", text="word")).text.split("\n")
    assert (len(listed), listed[-1]) == (1001, "[there are more than 1000 files; narrow it down with `pattern`]")
    assert (len(found), found[-1]) == (201, "[only the first 200 lines; narrow it down]")
    assert max(map(len, found)) < 400


@pytest.mark.parametrize("path", ["missing", "docs/a.md", "docs/way", "..", "docs/../..", "/etc", ".git"])
async def test_a_folder_that_is_not_in_the_repository_does_not_open(root: Path, path: str) -> None:
    with pytest.raises(RunFailed, match="could not be opened: `path` is not a folder of the repository") as caught:
        await ask(root, "list_files", {"path": path})
    failure = caught.value.failure
    assert failure.kind is ErrorKind.CONFIG
    assert failure.hint.startswith("sources/f.yaml: ")
    assert "list_files" not in failure.hint


async def test_a_folder_that_is_missing_has_its_file_and_cure(root: Path) -> None:
    with pytest.raises(RunFailed, match="not a folder of the repository: `nowhere`") as caught:
        await ask(root, "list_files", {"path": "nowhere"})
    assert caught.value.failure.hint.startswith("sources/f.yaml: create the folder, or name another one")


async def test_a_name_with_a_line_end_cannot_pose_as_two_files(root: Path) -> None:
    write(root, {"docs/b/x\ny.md": ""})
    assert (await ask(root, "list_files", pattern="b/x*")).text == '"b/x\\ny.md"'


async def test_no_file_stays_open(root: Path) -> None:
    before = open_files(root)
    for path in ("a.md", "link.md", "pipe.md", "b", "missing.md", "way/o.md"):
        await ask(root, "read_file", path=path)
    await ask(root, "search_files", text="three")
    await ask(root, "list_files")
    assert open_files(root) == before


def open_files(root: Path) -> list[str]:
    """What the project's files are opened as; the loop has descriptors of its own."""
    links = [os.path.realpath(f"/proc/self/fd/{number}") for number in range(256)]
    return sorted(link for link in links if link.startswith(str(root)))


def test_a_glob_made_to_be_slow_is_not() -> None:
    started = time.monotonic()
    Globs(["/".join(["**", "*a*a*a*a*a*a*a*b"] * 100)]).match(["a" * 200] * 50)
    Globs(["*a" * 300 + "b"]).match(["a" * 250])
    assert time.monotonic() - started < SOON
