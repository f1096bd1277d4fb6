"""What a text from outside may not do, one function per sink: a terminal, a CI log, Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Controls, bidirectional marks, zero-width and filler characters, line separators, lone surrogates, tags."""
_IN_LINES = re.compile(f"[{_UNSEEN}]")
_IN_ONE_LINE = re.compile(rf"[\t\n{_UNSEEN}]")
_NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

# The runner of GitHub trims Unicode white space before it looks for `::`; a line may end at any of these.
_ENDS = r"\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_SPACES = r" \t\x1f\xa0\u1680\u180e\u2000-\u200b\u202f\u205f\u3000\ufeff"
_COMMAND = re.compile(f"(?:^|(?<=[{_ENDS}]))([{_SPACES}]*)::")
# `##[group]` of GitHub, `##vso[…]` of Azure and `##teamcity[…]` are read anywhere in a line.
_BRACKET_COMMAND = re.compile(r"##(\w*)\[")

# Compiling it takes longer than a plan of ten tasks takes to print, and only Markdown needs it.
_NOT_PLAIN = r"[^A-Za-z0-9 ,\u0080-\U0010ffff-]"
_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
_MENTIONS = "@#!~%$^&"
_BREAK = "&#8203;"


def terminal(text: str) -> str:
    """One line of text that a terminal only shows: what acts or cannot be seen is spelled out, like `\\x1b`."""
    return _IN_ONE_LINE.sub(_spelled, text)


def terminal_lines(text: str) -> str:
    """The same for text that may have several lines: newlines and tabs stay."""
    return _IN_LINES.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    point = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def workflow(text: str) -> str:
    """The message of a GitHub workflow command (`::error::message`)."""
    safe = _BRACKET_COMMAND.sub(r"##\1\\[", terminal_lines(text.replace("\r\n", "\n")))
    return safe.replace("%", "%25").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command (`::error file=property::`)."""
    return workflow(text).replace(":", "%3A").replace(",", "%2C")


def workflow_safe_lines(text: str) -> str:
    """Whole output for a CI log, ours and foreign: nothing in it is read as a command of GitHub or Azure.

    Colours stay, so foreign parts must have gone through `terminal` before.
    """
    if "::" in text:
        text = _COMMAND.sub(r"\1\\::", text)
    return _BRACKET_COMMAND.sub(r"##\1\\[", text) if "##" in text else text


def json_text(document: Mapping[str, Any]) -> str:
    """One JSON document, readable, in the order of its keys; also safe to show on a terminal and in a CI log."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    text = _IN_LINES.sub(lambda match: json.dumps(match[0])[1:-1], text)
    # A hash only ever stands inside a string here.
    return _BRACKET_COMMAND.sub(r"#\\u0023\1[", text)


def markdown(text: str) -> str:
    """Plain words inside a paragraph, a heading or a table cell: no markup, link, image, HTML, mention or reference."""
    return _MARKUP.sub(_unmarked, terminal(" ".join(text.split())))


def markdown_sentence(text: str) -> str:
    """A sentence of ours, with foreign names between backticks: these become code, the rest plain words."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return markdown(text)
    return "".join(code(part) if at % 2 else _with_edges(part) for at, part in enumerate(parts))


def _with_edges(part: str) -> str:
    words = markdown(part)
    return f"{' ' * part[:1].isspace()}{words}{' ' * part[-1:].isspace()}" if words else part and " "


def _unmarked(match: re.Match[str]) -> str:
    """One character without its meaning, and without what GitHub and GitLab make links of afterwards."""
    text, character = match.string, match[0]
    before, after = text[max(0, match.start() - 3) : match.start()].lower(), text[match.end() : match.end() + 2]
    plain = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;"}.get(character, "\\" + character)
    if (character in _MENTIONS and not after[:1].isspace()) or (character == ":" and after == "//"):
        return plain + _BREAK
    starts = (character == "." and before == "www") or (character == "-" and before.endswith("gh"))
    return _BREAK + plain if starts else plain


def code(text: str, *, limit: int = 300) -> str:
    """An inline code span, also inside a table cell; there a pipe would end the cell even in a span."""
    line = _shortened(text, limit)
    if "|" in line or not line.strip():
        return html_code(text, limit=limit)
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def html_code(text: str, *, limit: int = 300) -> str:
    """A `<code>` element, for places where Markdown does not reach, such as `<summary>`."""
    entities = re.sub(_NOT_PLAIN, lambda match: f"&#{ord(match[0])};", _shortened(text, limit))
    return f"<code>{entities}</code>"


def _shortened(text: str, limit: int) -> str:
    return workflow_safe_lines(terminal(text) if len(text) <= limit else terminal(text[:limit]) + "…")


def fence(text: str, language: str = "", *, limit: int = 20_000) -> str:
    """A fenced block that no content can close; more than `limit` characters are cut at a line, and it says so."""
    lines, left_out = _cut(workflow_safe_lines(terminal_lines(text)), limit)
    body = lines if lines.endswith("\n") or not lines else lines + "\n"
    ticks = "`" * max(3, _longest_run(body) + 1)
    note = f"… {left_out:,} more characters are not shown\n" if left_out else ""
    return f"{ticks}{language}\n{body}{note}{ticks}\n"


def _cut(text: str, limit: int) -> tuple[str, int]:
    if len(text) <= limit:
        return text, 0
    end = text.rfind("\n", 0, limit) + 1 or limit
    return text[:end], len(text) - end


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
