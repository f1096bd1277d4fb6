"""Whatever happens to the files of a project, it is a project or it is told what is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octops.declare.load import declare
from octops.declare.worktree import read_worktree
from octops.errors import InvalidProject, Location, UsageError
from octops.model.project import Project
from tests.declare.test_load import FULL
from tests.declare.written import PROJECT, files
from tests.kit import ROOT

WRITTEN: dict[str, bytes] = {
    **{path: text if isinstance(text, bytes) else text.encode() for path, text in PROJECT.items()},
    **{file.path: file.content for file in read_worktree(ROOT / "examples").files if file.path != "octops.yaml"},
    "tasks/full.yaml": FULL.encode(),
}
PATHS = sorted(WRITTEN)
YAML_MARKS = [
    b"\n",
    b"  ",
    b": ",
    b"- ",
    b"{",
    b"}",
    b"[",
    b'"',
    b"'",
    b"#",
    b"---\n",
    b"|",
    b"\t",
    b"&a ",
    b"*a",
    b"!!x ",
]
BYTES = [
    b"",
    b"\xff",
    b"\xe2\x80\xae",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x00",
    b"\r\n",
    b"\r",
    b"\xef\xbb\xbf",
    b"\\u202e",
]
KEY = "sk-ant-api03-abcdefghijklmnop"
MARKS = [f" {KEY}".encode(), b"<<<<<<< a\n", b">>>>>>> b\n", b"{{x}}", b"<<", b">>", b"<<x.y | upper>>", b"null"]
PIECES = st.sampled_from([*YAML_MARKS, *BYTES, *MARKS])
TEXTS = ["", "x", "<<x>>", "{{team}}", "\u202e", "https://a:b@c", KEY, "a" * 300, "\n", "\ud800", "env", "type"]
TIMES = ["daily", "once", "cron", "25:00", "09:00", "2026-02-30", "0 9 * * *", "1h"]
WORDS = st.sampled_from([*TEXTS, *TIMES, "default", "team", "writing-style"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
RUNS = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def judge(written: dict[str, bytes]) -> None:
    """The promise: a project, or mistakes with a place in the files; nothing else ever comes out."""
    try:
        declared = declare(files(written))
        assert_whole(declared.project)
        found = declared.diagnostics
    except UsageError:
        assert not any(path == "octops.yaml" or path.startswith("tasks/") for path in written)
        return
    except InvalidProject as error:
        found = error.diagnostics
    for it in found:
        assert it.location is not None
        assert_inside(it.location, written[it.location.filename])
        assert KEY not in it.summary + it.detail + it.snippet
        assert it.code
        assert it.summary
        assert "\n" not in it.snippet
    assert list(found) == sorted(found, key=lambda it: it.order)


def assert_whole(project: Project) -> None:
    """Nothing in a project refers to what is not in it."""
    for task in project.tasks.values():
        assert task.prompt.strip()
        assert project.model_of(task)
        assert set(task.skills) <= project.skills.keys()
        assert {*task.sources, *(call.source for call in task.prefetch)} <= project.sources.keys()
        assert set(task.destinations) <= project.destinations.keys()


def assert_inside(place: Location, content: bytes) -> None:
    text = content.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    assert 1 <= place.line <= place.end_line <= len(lines)
    assert 1 <= place.column <= len(lines[place.line - 1]) + 1
    assert 1 <= place.end_column <= len(lines[place.end_line - 1]) + 2
    assert (place.line, place.column) <= (place.end_line, place.end_column)


@RUNS
@given(st.sampled_from(PATHS), st.data())
def test_bytes_put_in_or_taken_out_anywhere(path: str, data: st.DataObject) -> None:
    content = WRITTEN[path]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 12)))
        content = content[:start] + data.draw(PIECES | st.binary(max_size=3)) + content[end:]
    judge({**WRITTEN, path: content})


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def replaced(value: Any, at: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not at:
        return change(value)
    result = copy.copy(value)
    result[at[0]] = replaced(value[at[0]], at[1:], change)
    return result


@RUNS
@given(st.sampled_from([path for path in PATHS if path.endswith(".yaml")]), st.data())
def test_keys_and_values_replaced_anywhere(path: str, data: st.DataObject) -> None:
    value = yaml.safe_load(WRITTEN[path])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.sampled_from(places(value)))
        new = data.draw(VALUES)
        if data.draw(st.booleans()):
            value = replaced(value, at, lambda _, new=new: new)
        else:
            key = data.draw(WORDS)
            value = replaced(
                value, at, lambda old, key=key, new=new: {**old, key: new} if isinstance(old, dict) else new
            )
    text = yaml.safe_dump(value, allow_unicode=data.draw(st.booleans()), sort_keys=False)
    judge({**WRITTEN, path: text.encode("utf-8", "replace")})


@RUNS
@given(st.lists(st.sampled_from(PATHS), max_size=4), st.sampled_from(PATHS), st.sampled_from(PATHS))
def test_files_missing_or_with_the_content_of_another(gone: list[str], one: str, other: str) -> None:
    judge({path: text for path, text in {**WRITTEN, one: WRITTEN[other]}.items() if path not in gone})


def test_all_files_empty() -> None:
    judge(dict.fromkeys(PATHS, b""))
