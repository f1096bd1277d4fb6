"""YAML as people mean it, and every way of getting it wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from octops.declare.events import MAX_DEPTH, MAX_NODES
from octops.declare.file import MAX_FILE_BYTES
from octops.declare.yamlfile import YamlError, YamlProblem, parse


def problems(text: str) -> list[tuple[str, int, int, int]]:
    """Code, line, column and end column of every problem."""
    with pytest.raises(YamlError) as caught:
        parse(text)
    return [(problem.code, problem.line, problem.column, problem.end_column) for problem in caught.value.problems]


def first(text: str) -> YamlProblem:
    with pytest.raises(YamlError) as caught:
        parse(text)
    return caught.value.problem


def test_a_task_file_becomes_plain_values() -> None:
    text = """\
# comment
name: Daily digest
prompt: |
  First <<scheduled_date>>.

    Second.
schedule: {frequency: daily, at: 18:00, start: 2026-02-15}
limits:
  turns: 10
  cost_usd: 0.5
destinations:
- team
- type: webhook
  url: "https://example.com/?a=1&b=2"
deliver: no
tags: []
owner:
"""
    assert parse(text) == {
        "name": "Daily digest",
        "prompt": "First <<scheduled_date>>.\n\n  Second.\n",
        "schedule": {"frequency": "daily", "at": "18:00", "start": "2026-02-15"},
        "limits": {"turns": 10, "cost_usd": 0.5},
        "destinations": ["team", {"type": "webhook", "url": "https://example.com/?a=1&b=2"}],
        "deliver": "no",
        "tags": [],
        "owner": None,
    }


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n"])
def test_an_empty_text_is_nothing(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(("text", "value"), [("hello", "hello"), ("[1, a]", [1, "a"]), ("---\na: 1\n...\n", {"a": 1})])
def test_the_top_level_may_be_anything(text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize("text", ["a: '1'", 'a: "1"', "a: |-\n  1", "a: >-\n  1"])
def test_what_is_quoted_or_a_block_is_always_text(text: str) -> None:
    assert parse(text) == {"a": "1"}


def test_words_other_yaml_readers_take_for_booleans_are_keys_like_any_other() -> None:
    assert parse("on: 1\nyes: 2\n2026-02-15: 3\n'1': 4\n'<<': 5\n<<name>>: 6") == {
        "on": 1,
        "yes": 2,
        "2026-02-15": 3,
        "1": 4,
        "<<": 5,
        "<<name>>": 6,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1, 2)]),
        ("a: 1\n'a': 3\n", [("duplicate-key", 2, 1, 4)]),
        ("a:\n  - {b: 1, b: 2}\n", [("duplicate-key", 2, 12, 13)]),
        ("'<<': 1\n'<<': 3\n", [("duplicate-key", 2, 1, 5)]),
        ("a: &x 1\n", [("anchor", 1, 4, 8)]),
        ("a: &x [1]\n", [("anchor", 1, 4, 8)]),
        ("&x a: 1\n", [("anchor", 1, 1, 5)]),
        ("a: &x 1\nb: *x\n", [("anchor", 1, 4, 8), ("alias", 2, 4, 6)]),
        ("a: {b: 1}\n<<: {c: 1}\n", [("merge-key", 2, 1, 3)]),
        ("a: !!str 1\n", [("tag", 1, 4, 11)]),
        ("a: !x y\n", [("tag", 1, 4, 8)]),
        ("a: ! y\n", [("tag", 1, 4, 7)]),
        ("a: !!python/object/apply:os.system [x]\n", [("tag", 1, 4, 37)]),
        ("!!map\na: 1\n", [("tag", 1, 1, 2)]),
        ("1: a\n", [("key-not-text", 1, 1, 2)]),
        ("-1.5: a\n", [("key-not-text", 1, 1, 5)]),
        ("true: a\n", [("key-not-text", 1, 1, 5)]),
        ("~: a\n", [("key-not-text", 1, 1, 2)]),
        ("? \n: a\n", [("key-not-text", 1, 2, 3)]),
        (": a\n", [("yaml-syntax", 1, 1, 2)]),
        ("[a]: b\n", [("key-not-text", 1, 1, 2)]),
        ("name: {{name}}\n", [("key-not-text", 1, 8, 9)]),
        ("a: 1\n---\nb: 2\n", [("several-documents", 2, 1, 4)]),
        ("a: 1\n...\nb: 2\n", [("yaml-syntax", 3, 1, 2)]),
        ("\ta: 1\n", [("tab", 1, 1, 2)]),
        ("a:\n\tb: 1\n", [("tab", 2, 1, 2)]),
        ("a: |\n\tb\n", [("tab", 2, 1, 2)]),
        ("a: b: c\n", [("yaml-syntax", 1, 5, 6)]),
        ("a: @me\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: `x`\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: **bold**\n", [("alias", 1, 5, 6)]),
        ("a: &\n", [("anchor", 1, 5, 6)]),
        ('a: 1\nb: "open\nc: 2\n', [("yaml-syntax", 2, 4, 5)]),
        ("a: [1, 2\nb: 3\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: {b: 1\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: ]\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: - b\n", [("yaml-syntax", 1, 4, 5)]),
        ("a: |b\n  c\n", [("yaml-syntax", 1, 5, 6)]),
        ("a:\n  b: 1\n c: 2\n", [("yaml-syntax", 3, 2, 3)]),
        ("a: 1\n- b\n", [("yaml-syntax", 2, 1, 2)]),
        ("prompt: Hi\nthere you\nname: x\n", [("yaml-syntax", 2, 1, 2)]),
        ('a: "\\q"\n', [("yaml-syntax", 1, 5, 6)]),
        ('a: "\\u12"\n', [("yaml-syntax", 1, 7, 8)]),
        ('a: "\\ud83d"\n', [("surrogate", 1, 7, 8)]),
        ('a: "\\ude00\\ud83d"\n', [("surrogate", 1, 7, 8)]),
        ('a: "\U000f0000\U000f0000\\ud83d\\ude00"\n', [("surrogate", 1, 9, 10)]),
        ("a: x\x07\n", [("control-character", 1, 5, 6)]),
        ("a: 1\nb: x\x00y\n", [("control-character", 2, 5, 6)]),
        ("a: \x7f\n", [("control-character", 1, 4, 5)]),
        ("é: \x9b\n", [("control-character", 1, 4, 5)]),
        ("a: \ud83d\n", [("control-character", 1, 4, 5)]),
        ('a: "\\0"\n', [("control-character", 1, 4, 8)]),
        ('a: "\\e[31m"\n', [("control-character", 1, 4, 12)]),
        ('"a\\x1b": 1\n', [("control-character", 1, 1, 8)]),
        ("a: 1\nb: x\u2028y\n", [("stray-line-break", 2, 5, 6)]),
        ("a: x\x85\n", [("stray-line-break", 1, 5, 6)]),
        ("%TAG ! x\n---\na: !y z\n", [("tag", 3, 4, 8)]),
        ("%FOO\n", [("yaml-syntax", 1, 5, 6)]),
    ],
)
def test_every_mistake_has_its_code_and_place(text: str, expected: list[tuple[str, int, int, int]]) -> None:
    assert problems(text) == expected


def test_every_problem_up_to_the_first_syntax_error_is_told_at_once() -> None:
    text = "a: 1\na: 2\nb: &x 3\nc: !!int 4\n1: 5\nd: [\n"

    assert [code for code, *_ in problems(text)] == ["duplicate-key", "anchor", "tag", "key-not-text", "yaml-syntax"]


def test_what_could_be_read_all_the_same_comes_with_the_error() -> None:
    with pytest.raises(YamlError) as caught:
        parse("a: 1\na: 2\nb: &x 3\n")

    assert caught.value.value == {"a": 2, "b": 3}


def test_a_duplicate_names_the_line_of_the_first() -> None:
    assert "line 3" in first("a:\n- 1\n- b: 1\n  c: 2\n  b: 3\n").detail


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("a: {{b}}", "<<name>>"),
        ("a: @b", "quotes"),
        ("a: b: c", "quotes"),
        ("a:\n\tb: 1", "spaces"),
        ("1: a", "'1'"),
        ("a: x\nb y\nc: z", "key: |"),
        ("a: 1\n---\nb: 1", "one mapping per file"),
    ],
)
def test_a_problem_says_what_to_write_instead(text: str, cure: str) -> None:
    assert cure in first(text).detail


def test_the_words_of_the_yaml_library_are_not_the_users() -> None:
    texts = ["a: b: c", "a: [", "a: '", "a: @", "a: *", "a: &", "%x", "a: - b", "a\nb: c", 'a: "\\q"', "- a\nb", ": a"]

    assert [text for text in texts if "this is not YAML" in first(text).summary] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'a: "\ud83d\ude00"', "\U0001f600"),
        (r'a: "x\uD83D\uDE00y\ud83d\ude01z"', "x\U0001f600y\U0001f601z"),
        (r"a: '\ud83d\ude00'", r"\ud83d\ude00"),
        (r"a: \uD83d\ude00", r"\uD83d\ude00"),
        ('a: |-\n  "\\ud83d\\ude00"\n  \\ud83d\\ude01', '"\\ud83d\\ude00"\n\\ud83d\\ude01'),
        (r'a: "\\ud83d\\ude00"', r"\ud83d\ude00"),
    ],
)
def test_surrogate_pairs_are_one_character_in_double_quotes_and_text_elsewhere(text: str, value: str) -> None:
    assert parse(text) == {"a": value}


def test_fifty_thousand_brackets_are_refused_at_once() -> None:
    started = time.process_time()
    for text in (
        "[" * 50_000,
        "- " * 50_000,
        "a: " + "[" * 50_000,
        "[\n" * 50_000,
        "{a: " * 50_000,
        "\n".join(" " * depth + "a:" for depth in range(400)),
    ):
        assert first(text).code == "too-deep"
    assert first("{" * 50_000).code == "key-not-text"
    assert time.process_time() - started < 2


def test_the_depth_limit_is_exact() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert first("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).code == "too-deep"


def test_the_number_of_values_is_limited() -> None:
    assert len(parse("- a\n" * (MAX_NODES - 1))) == MAX_NODES - 1  # type: ignore[arg-type]
    assert first("- a\n" * (MAX_NODES + 1)).code == "too-many-values"
    assert first("- [a, a, a]\n" * (MAX_NODES // 3)).code == "too-many-values"


def test_a_text_over_the_limit_is_not_parsed() -> None:
    assert first("a" * 5_000_000).code == "file-too-large"
    assert parse("a" * MAX_FILE_BYTES) == "a" * MAX_FILE_BYTES


def test_alias_and_merge_bombs_are_only_text_with_mistakes() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    merges = "a: &a {x: 1}\n" + "".join(f"k{n}: &a\n  <<: [{', '.join(['*a'] * 9)}]\n" for n in range(20))
    started = time.process_time()

    assert {code for code, *_ in problems(laughs)} == {"anchor", "alias"}
    assert {code for code, *_ in problems(merges)} == {"anchor", "alias", "merge-key"}
    assert time.process_time() - started < 1


def test_a_file_full_of_mistakes_is_given_up() -> None:
    assert len(problems("1: a\n" * 5_000)) < 100


WORDS = st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(
    lambda word: word not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
)
TEXTS = WORDS | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))).map(
    lambda text: text + "\n"
)
NUMBERS = st.integers(-(10**17), 10**17) | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
LEAVES = TEXTS | NUMBERS | st.booleans() | st.none()
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)


@given(VALUES, st.booleans(), st.booleans())
def test_it_agrees_with_other_readers_where_yaml_has_one_meaning(value: Any, flow: bool, unicode: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow or None, allow_unicode=unicode)

    assert parse(text) == yaml.safe_load(text) == value


SNIPPETS = st.sampled_from(
    ["a", "1", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "? ", "&a ", "*a", "!t ", "|", ">", "'", '"', "\\",
     "#", "%", "@", "`", "\t", "---\n", "...\n", "<<: ", "\\ud83d\\ude00", "\U000f0000", "\ufeff", "\x00",
     "\ud800", "é"]
)  # fmt: skip


@given(st.lists(SNIPPETS, max_size=30).map("".join) | st.text())
def test_nothing_but_a_yaml_error_ever_comes_out(text: str) -> None:
    lines = text.split("\n")
    found: tuple[YamlProblem, ...] = ()
    try:
        parse(text)
    except YamlError as error:
        found = error.problems
    for problem in found:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.end_line == problem.line
        assert problem.end_column > problem.column
