from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from octops.model.ids import SourceId
from octops.model.run import ErrorKind, RunFailed, ToolResult
from octops.sources.opened import open_sources
from tests.kit import ROOT
from tests.sources.kit import source, stdio, surroundings, write

DESK = ROOT / "tests/apply/servers/desk.py"
pytestmark = pytest.mark.anyio


def docs(**keys: object) -> object:
    return source(id="docs", type="local", config={"path": "docs"}, **keys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "root", {"docs/a.md": "one\ntwo\n"})


async def test_tools_carry_the_name_of_their_source(root: Path) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        names = [spec.name for spec in opened.specs]
    assert names == ["docs__list_files", "docs__read_file", "docs__search_files"]


@pytest.mark.parametrize(
    ("allow", "deny", "names"),
    [
        (("*",), (), ["list_files", "read_file", "search_files"]),
        (("read_*",), (), ["read_file"]),
        (("*",), ("*_file",), ["list_files", "search_files"]),
        (("read_file",), ("*",), []),
        (("READ_*",), (), []),
    ],
)
async def test_only_declared_tools_are_offered_and_answer(
    root: Path, allow: tuple[str, ...], deny: tuple[str, ...], names: list[str]
) -> None:
    async with open_sources([docs(allow=allow, deny=deny)], surroundings(root)) as opened:
        offered = [spec.name.removeprefix("docs__") for spec in opened.specs]
        result = await opened.call("docs__read_file", {"path": "a.md"})
    assert (offered, result.is_error) == (names, "read_file" not in names)
    assert names or opened.notes == ("source `docs` offers no tool that its `tools` patterns allow",)


async def test_a_tool_is_judged_again_at_each_call(root: Path) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        held = opened.offered["docs__read_file"].held
        held.source = replace(held.source, deny=("read_*",))
        denied = await opened.call("docs__read_file", {"path": "a.md"})
    assert (denied.is_error, denied.text.startswith("there is no tool")) == (True, True)


@pytest.mark.parametrize("name", ["", "read_file", "docs__delete", "docs__read_file ", "x" * 10_000, "web__say"])
async def test_an_unknown_tool_is_answered_with_those_there_are(root: Path, name: str) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        result = await opened.call(name, {})
    assert result.is_error
    assert result.text.startswith("there is no tool `")
    assert result.text.endswith("the tools are: docs__list_files, docs__read_file, docs__search_files")


async def test_without_sources_there_are_no_tools(tmp_path: Path) -> None:
    async with open_sources([], surroundings(tmp_path)) as opened:
        result = await opened.call("x", {})
    assert (opened.specs, result.text) == ((), "there is no tool `x`; the tools are: none")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, '"path" is a required property'),
        ({"path": 1}, '`path`: 1 is not of type "string"'),
        ({"path": "a.md", "offset": 0}, "`offset`: 0 is less than the minimum of 1"),
        ({"path": "a.md", "mode": "w"}, "Additional properties are not allowed ('mode' was unexpected)"),
    ],
)
async def test_wrong_arguments_are_told_and_not_sent(root: Path, arguments: dict[str, object], words: str) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        result = await opened.call("docs__read_file", arguments)  # type: ignore[arg-type]
    assert result.is_error
    assert result.text.startswith("`docs__read_file` was not called, its arguments are wrong:\n")
    assert words in result.text


async def test_a_prefetch_names_source_and_tool(root: Path) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        known = await opened.call_of(SourceId("docs"), "read_file", {"path": "a.md", "limit": 1})
        unknown = await opened.call_of(SourceId("docs"), "write_file", {})
    assert (known.text, unknown.is_error) == ("one", True)


async def test_results_are_cut_with_a_sentence(root: Path) -> None:
    (root / "docs/b.md").write_text("x" * 300)
    async with open_sources([docs()], surroundings(root, result_bytes=1000)) as opened:
        short = await opened.call("docs__read_file", {"path": "b.md"})
        for number in range(200):
            (root / f"docs/{number:03}.md").write_text("")
        long = await opened.call("docs__list_files", {})
    assert short == ToolResult(text="x" * 300)
    assert long.text.endswith("\n[cut off here: 1000 of 1409 bytes are shown; ask for less]")


async def test_an_optional_source_that_does_not_open_is_a_note(root: Path, tmp_path: Path) -> None:
    gone = stdio("exits", tmp_path / "pids", optional=True)
    later = source(id="tracker", type="api", config={}, optional=True)
    async with open_sources([gone, later, docs()], surroundings(root)) as opened:
        count = len(opened.specs)
    assert (count, len(opened.notes)) == (3, 2)
    assert opened.notes[0].startswith("source `tracker` could not be opened: source type `api` is not available yet")
    assert opened.notes[1].startswith("source `web` could not be opened: its process ended with exit 1")
    assert opened.notes[1].endswith("; it is optional, the run goes on without it")


@pytest.mark.parametrize(
    ("type_", "config", "words"),
    [
        ("api", {"base_url": "https://api.example.com"}, "source type `api` is not available yet in this version"),
        ("mcp", {"transport": "sse", "url": "https://x.example"}, "transport `sse` is not available yet"),
        ("mcp", {"transport": "websocket", "url": "wss://x.example"}, "transport `websocket` is not available yet"),
        ("mcp", {"transport": "http", "url": "https://x.example", "auth": {"type": "oauth"}}, "auth `oauth` is not"),
    ],
)
async def test_what_cannot_be_opened_yet_is_said(
    tmp_path: Path, type_: str, config: dict[str, object], words: str
) -> None:
    with pytest.raises(RunFailed, match=words) as caught:
        async with open_sources([source(type=type_, config=config)], surroundings(tmp_path)):
            pass
    assert caught.value.failure.kind is ErrorKind.CONFIG


async def test_more_tools_than_models_take_must_be_chosen_from(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="the sources offer 200 tools, more than the 128"):
        async with open_sources([stdio("many", tmp_path / "pids")], surroundings(tmp_path)):
            pass
    chosen = stdio("many", tmp_path / "pids", allow=("t1*",))
    async with open_sources([chosen], surroundings(tmp_path)) as opened:
        assert len(opened.specs) == 111


async def test_odd_names_are_spelled_for_providers_and_still_call_the_right_tool(tmp_path: Path) -> None:
    async with open_sources([stdio("odd", tmp_path / "pids")], surroundings(tmp_path)) as opened:
        by_name = {spec.name: spec.description for spec in opened.specs}
    assert by_name["web__a_b"] == "a_b"
    assert sorted(by_name.values()) == ["a.b", "a/b", "a_b", "x" * 100]
    assert opened.notes == ("tool `huge` of source `web` is left out: its schema is too long",)


async def test_secrets_do_not_show_in_the_words_for_surroundings(tmp_path: Path) -> None:
    assert "hush" not in repr(surroundings(tmp_path, secrets={"KEY": "hush"}))


async def test_read_only_a_model_gets_what_promises_to_change_nothing_and_a_task_prefetches_the_rest(
    root: Path, tmp_path: Path
) -> None:
    config = {"command": sys.executable, "args": (str(DESK), str(tmp_path / "log"))}
    sources = [docs(), source(id="desk", config=config)]
    async with open_sources(sources, replace(surroundings(root), read_only=True)) as opened:
        offered = [spec.name for spec in opened.specs if spec.name.startswith("desk__")]
        called = [await opened.call(f"desk__{name}", {}) for name in ("look", "clear")]
        file = await opened.call("docs__read_file", {"path": "a.md"})
        prefetched = await opened.call_of(SourceId("desk"), "order", {"what": "tea"})
    assert (offered, opened.withheld) == (["desk__look"], ("desk__clear", "desk__order"))
    assert (called[0].text, called[1].is_error, file.is_error) == ("The desk is tidy.", True, False)
    assert (prefetched.text, (tmp_path / "log").read_text()) == ("ordered tea", "order tea\n")


async def test_otherwise_nothing_is_withheld(root: Path) -> None:
    async with open_sources([docs()], surroundings(root)) as opened:
        assert opened.withheld == ()
