"""What a comment or a log must not hold when strangers wrote the files: whatever acts, mentions, links or hides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

LIMIT = 65_536
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_CODE = r"<code>[^<>@`\n]*</code>"
_OURS = re.compile(
    r"<!-- octops-plan -->\n|</details>\n|<details><summary>"
    rf"{_CODE}(?: and [0-9,]+ more tasks?)?: {_CODE}(?: filled in as of [0-9: UTC-]+)?(?: \(new\))?</summary>\n"
)
_ACTING = re.compile(r"(?<!\w)[@#!~][\w\"\[]|://|www\.|\bGH-\d", re.IGNORECASE)
_COMMAND = re.compile(r"::(?:error|warning|notice) (?:[a-zA-Z]+=[^,:\s][^,:]*)(?:,[a-zA-Z]+=[^,:]*)*::[^\r\n]*")


def acting_in_markdown(text: str) -> list[str]:
    """Everything in a comment that would do something where it is shown; empty when all of it is only shown."""
    tokens = list(_tokens(text))
    html = [token.content for token in tokens if token.type == "html_block" and not _OURS.fullmatch(token.content)]
    html += [it.content for it in tokens if it.type == "html_inline" and it.content not in ("<code>", "</code>")]
    marks = [token.type for token in tokens if token.type in ("image", "link_open", "s_open", "em_open")]
    words = [token.content for token in tokens if token.type == "text" and _ACTING.search(token.content)]
    return [*html, *marks, *words, *_hiding(text), *_commands(text)]


def acting_in_annotations(text: str) -> list[str]:
    """Lines that are no whole workflow command of ours."""
    wrong = [line for line in text.splitlines() if not _COMMAND.fullmatch(line) or re.search(r"##\w*\[", line)]
    return [*wrong, *_hiding(text)]


def acting_on_a_terminal(text: str) -> list[str]:
    return [*_hiding(text), *_commands(text)]


def _tokens(text: str) -> Iterator[Token]:
    """Blocks, and what stands in lines; the inside of a `<code>` element is looked at by nobody."""
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        yield token
        in_code = False
        for child in token.children or ():
            if child.type == "html_inline" and child.content in ("<code>", "</code>"):
                in_code = child.content == "<code>"
            elif not in_code or child.type not in ("text", "text_special"):
                yield child


def _hiding(text: str) -> list[str]:
    return [hex(ord(it)) for it in text if it not in "\n\t" and unicodedata.category(it) in _HIDDEN]


def _commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip().startswith("::") or re.search(r"##\w*\[", line)]
