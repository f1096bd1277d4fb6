from __future__ import annotations

import ast
import re
import time

import pytest

from octops.placeholders import marks
from tests.kit import ROOT


def placeholders(text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in marks(text) if mark.placeholder]


@pytest.mark.parametrize(
    "text",
    [
        "<<name>>",
        "<< name >>",
        "<<\tname\t>>",
        "<< name>>",
        "<<name >>",
        "<<_x1>>",
        "<<team-name>>",
        "<<name.key>>",
        "<<name.deep.key-2.0>>",
        "<<name|upper>>",
        "<<name | upper>>",
        "<< name.key | default('<a>') | truncate(3) >>",
        "<<EOF>>",
        "<< EOF >>",
    ],
)
def test_a_name_with_keys_and_filters_between_double_angles_is_a_placeholder(text: str) -> None:
    assert placeholders(f"before {text} after") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\nhello\nEOF\n",
        "cat <<'EOF' >> log\n",
        "cat <<EOF >> log\n",
        "cat <<EOF | sort >> log\n",
        "std::cout << x << std::endl;",
        "1 << 4 >> 2",
        "a <<= b >> c",
        "<<>>",
        "<<  >>",
        "<< >> <<>>",
        "<<na\nme>>",
        "<<name",
        "<<name>",
        "<<1st>>",
        "<<name[0]>>",
        "<<name + 1>>",
        "<<a, b>>",
        "<<a || b>>",
        "<<EOF | grep foo >> log",
        "<<<<<<< HEAD\n=======\n>>>>>>> main",
        "<<größe>>",
    ],
)
def test_everything_else_with_double_angles_is_text(text: str) -> None:
    assert placeholders(text) == []


@pytest.mark.parametrize("text", ["cin << x >> y;", "f(n) << n-1 >> k", "a << b | c >> d"])
def test_cplusplus_of_the_right_shape_is_a_placeholder_too(text: str) -> None:
    assert len(placeholders(text)) == 1


def test_a_backslash_makes_the_double_angle_text_and_belongs_to_the_mark() -> None:
    text = r"a \<<name>> <<name>>"
    escaped, second = marks(text)
    assert (text[escaped.start : escaped.end], escaped.escaped, escaped.placeholder) == (r"\<<", True, None)
    assert text[second.start :] == "<<name>>"


def test_a_placeholder_may_stand_in_angle_brackets() -> None:
    assert placeholders("To: <<<email>>>") == ["<<email>>"]


def test_an_open_double_angle_does_not_hide_the_placeholder_after_it() -> None:
    assert placeholders("cout << x << <<name>>; <<y <<name>>") == ["<<name>>", "<<name>>"]


def test_two_placeholders_may_touch() -> None:
    assert placeholders("<<a>><<b>>") == ["<<a>>", "<<b>>"]


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<<",
        "<<a",
        "<<a ",
        "<<a.",
        "<<a-",
        "<<a|",
        "<<a | b(",
        "<<a>",
        "<<a | b('",
        "\\<<",
        "<<a.b.c-d ",
        "<< " * 9,
    ],
)
def test_reading_takes_time_linear_in_the_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * size)[:size]
        started = time.process_time()
        for _ in marks(text):
            pass
        return time.process_time() - started

    small = min(seconds(16 * 1024) for _ in range(3))
    assert seconds(256 * 1024) < 0.05 + 16 * 4 * small


def test_no_pattern_has_a_possessive_group_which_python_before_3_11_5_matches_wrongly() -> None:
    """There `(?:-a)*+` takes the `-` of `x-y`, and `(?:a|b)*+` gives up: `(?>(?:a|b)*)` means the same everywhere."""
    possessive = re.compile(r"[^\\]\)(?:[*+?]|\{\d+(?:,\d*)?\})\+")
    found = [
        (path.name, node.value)
        for path in (ROOT / "octops").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and possessive.search(node.value)
    ]
    assert found == []
