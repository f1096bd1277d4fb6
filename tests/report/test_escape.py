from __future__ import annotations

import itertools
import json
import re
import unicodedata

import pytest
from markdown_it import MarkdownIt

from octops.report.escape import (
    code,
    fence,
    html_code,
    json_text,
    markdown,
    markdown_sentence,
    terminal,
    terminal_lines,
    workflow,
    workflow_property,
    workflow_safe_lines,
)
from tests.report.samples import HOSTILE

OWN = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline", "html_inline"}
DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def parse(text: str) -> list[str]:
    """Types of all tokens, of blocks and inside lines."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [inner.type for token in tokens for inner in (token, *(token.children or ()))]


def shown(text: str) -> str:
    """What a reader sees of one inline text."""
    (inline,) = [token for token in MarkdownIt("commonmark").parse(text) if token.type == "inline"]
    return "".join(child.content for child in inline.children or ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("line\nnext\ttab\r", r"line\nnext\ttab\r"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
        ("\u3164\u115f", r"\u3164\u115f"),
        ("名前 ü 👍\ufe0f", "名前 ü 👍\ufe0f"),
    ],
)
def test_a_terminal_gets_what_acts_or_hides_spelled_out(text: str, expected: str) -> None:
    assert terminal(text) == expected


def test_no_control_or_format_character_of_unicode_reaches_a_terminal() -> None:
    every = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) in DANGEROUS]
    # These are seen, or belong to letters: Arabic, Syriac, Kaithi and Egyptian signs.
    seen = {"\u06dd", "\u070f", "\u08e2", "\U000110bd", "\U000110cd", *map(chr, (*range(0x600, 0x606), 0x890, 0x891))}
    seen |= {chr(point) for point in range(0x13430, 0x13440)}
    assert [character for character in every if terminal(character) == character and character not in seen] == []


def test_several_lines_keep_newlines_and_tabs_only() -> None:
    assert terminal_lines("a\n\tb\r\n\x1b") == "a\n\tb\\r\n\\x1b"


def test_a_workflow_message_stays_one_command() -> None:
    assert workflow("50% done\r\nnext\n::error::x\r") == "50%25 done%0Anext%0A::error::x\\r"


def test_a_workflow_property_cannot_end_itself() -> None:
    assert workflow_property("a,line=3::b%0A") == "a%2Cline=3%3A%3Ab%250A"


@pytest.mark.parametrize("end", ["", "x\n", "x\r", "x\r\n", "x\x0b", "x\x0c", "x\x1c", "x\x85", "x\u2028", "x\u2029"])
@pytest.mark.parametrize(
    "space", ["", " ", "\t", "\u00a0", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000", "\x1f", " \n "]
)
def test_no_line_of_a_log_starts_a_command_after_any_space(end: str, space: str) -> None:
    safe = workflow_safe_lines(f"{end}{space}::set-output name=a::b")
    assert not re.search(r"(?:^|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029])\s*::", safe)
    assert safe == f"{end}{space}\\::set-output name=a::b"


@pytest.mark.parametrize(
    "text", ["##[command]x", "a ##[group]b", "##vso[task.x]", "##teamcity[x]", "###[x]", "####[[x"]
)
def test_no_bracket_command_is_left_in_a_log(text: str) -> None:
    assert not re.search(r"##\w*\[", workflow_safe_lines(text))


def test_ordinary_lines_of_a_log_stay_as_they_are() -> None:
    text = "\x1b[1mtask\x1b[0m a::b std::vector\n# ## heading [link]\n"
    assert workflow_safe_lines(text) == text


def test_a_megabyte_of_white_space_is_looked_at_once() -> None:
    # A pattern that starts again at every space would need hours for this.
    text = " \n" * 300_000 + " " * 500_000
    assert workflow_safe_lines(text + "::x") != workflow_safe_lines(text)


def test_json_shows_no_hidden_character_and_means_the_same() -> None:
    text = json_text({"text": HOSTILE, "name": "ü 名"})
    assert json.loads(text) == {"text": HOSTILE, "name": "ü 名"}
    assert terminal_lines(text) == text
    assert workflow_safe_lines(text) == text
    assert "ü 名" in text


@pytest.mark.parametrize(
    "text",
    [
        "![p](https://evil.example/p.png)",
        "[l](https://evil.example)",
        "<img src=x>",
        "<https://evil.example>",
        "*a* **b** _c_ ~~d~~ `e`",
        "# heading",
        "- item",
        "1. item",
        "> quote",
        "---",
        "a\n\n<div>b</div>\n\n    code",
        "&lt;img&gt; &#60;",
        "\\<b>\\",
        "[r]: https://evil.example",
        "| a | b |\n| - | - |",
    ],
)
def test_markdown_words_are_only_words(text: str) -> None:
    assert set(parse(markdown(text))) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert shown(markdown(text)).replace("\u200b", "") == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    ["@everyone", "a @org/team", "#12", "org/x#3", "GH-4", "gh-4", "!5", "~bug", "%1", "$2", "&3", "a@b.example"],
)
def test_markdown_words_neither_mention_nor_refer(text: str) -> None:
    assert re.search(r"[@#!~%$&]\u200b|GH\u200b-", shown(markdown(text)), re.IGNORECASE)


@pytest.mark.parametrize("text", ["https://evil.example", "WWW.evil.example", "ftp://evil.example"])
def test_markdown_words_are_no_bare_address(text: str) -> None:
    assert not re.search(r"://|www\.", shown(markdown(text)), re.IGNORECASE)


def test_a_pipe_never_ends_a_table_cell() -> None:
    for escaped in (markdown("a | b \\| c \\\\| d"), code("a | b \\| c \\\\| d")):
        assert "|" not in escaped


@pytest.mark.parametrize("text", ["plain", "a`b", "``", "`a`", "a```b", " a ", "[x](y)", "<b>", "@everyone", "a\\"])
def test_a_code_span_holds_exactly_its_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").parseInline(f"x {code(text)} y")[0].children or []
    assert [token.content for token in tokens if token.type == "code_inline"] == [text]
    assert [token.type for token in tokens] == ["text", "code_inline", "text"]


@pytest.mark.parametrize("text", ["", " ", "a | b", "| *x* ![p](q) <b> @me https://evil.example www.evil.example"])
def test_where_a_span_will_not_do_it_is_an_element_of_entities(text: str) -> None:
    tokens = MarkdownIt("commonmark").parseInline(f"x {code(text)} y")[0].children or []
    assert [token.content for token in tokens if token.type == "html_inline"] == ["<code>", "</code>"]
    assert {token.type for token in tokens} <= {"text", "html_inline", "text_special"}
    assert not re.search(r"://|www\.|@", code(text))


def test_a_long_name_is_cut() -> None:
    assert code("a" * 1_000, limit=5) == "`aaaaa…`"


def test_a_code_element_cannot_be_closed() -> None:
    assert html_code("</code><b>") == "<code>&#60;&#47;code&#62;&#60;b&#62;</code>"


@pytest.mark.parametrize("text", ["a", "a\n", "```\nb\n```", "`````` \n``", "~~~\n", "</details>\n", "", HOSTILE])
def test_a_fence_cannot_be_closed_from_inside(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fence(text, 'diff')}\nafter\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].info == "diff"


def test_a_fence_shows_hidden_characters_and_starts_no_command() -> None:
    assert fence(" ::error::x\u202e\r\n##[group]") == "```\n \\::error::x\\u202e\\r\n##\\[group]\n```\n"


def test_a_long_text_is_cut_at_a_line_and_says_how_much_is_missing() -> None:
    assert fence("one\ntwo\nthree\n", limit=9) == "```\none\ntwo\n… 6 more characters are not shown\n```\n"


def test_a_long_line_is_cut_inside() -> None:
    assert fence("a" * 10, limit=4).startswith("```\naaaa\n… 6 more")


@pytest.mark.parametrize(
    ("text", "types", "words"),
    [
        ("task `a` is `b`", ["text", "code_inline", "text", "code_inline"], "task a is b"),
        ("no `end", ["text"], "no `end"),
        ("`a` @everyone <b> `c`", ["code_inline", "text", "code_inline"], "a @\u200beveryone <b> c"),
        ("see `x` ![i](http://y)", ["text", "code_inline", "text"], "see x !\u200b[i](http:\u200b//y)"),
    ],
)
def test_a_sentence_shows_names_as_code_and_the_rest_as_words(text: str, types: list[str], words: str) -> None:
    written = markdown_sentence(text)
    (inline,) = [token for token in MarkdownIt("commonmark").parse(written) if token.type == "inline"]
    kinds = [kind for kind, _ in itertools.groupby(child.type for child in inline.children or ())]
    assert [kind for kind in kinds if kind != "text_special"] == types
    assert shown(written) == words


@pytest.mark.parametrize("text", [HOSTILE, *HOSTILE.splitlines(), HOSTILE[::-1]], ids=itertools.count())
def test_a_hostile_sentence_is_only_words_and_code(text: str) -> None:
    assert set(parse(markdown_sentence(text))) <= OWN
