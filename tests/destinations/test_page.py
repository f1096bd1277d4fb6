from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from octops.destinations.page import page


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(text: str, *, markdown: bool = True) -> list[tuple[str, dict[str, str | None]]]:
    """What stands in the body."""
    seen = Seen()
    seen.feed(page("title", text, markdown=markdown).partition("<body")[2].partition(">")[2])
    return seen.tags


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/relative)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](https://evil.example/p.png)",
    "![x](data:image/svg+xml;base64,AAAA)",
    "![x][p]\n\n[p]: https://evil.example/p.png",
    "![a![b](https://evil.example/1)](https://evil.example/2)",
    "[![b](https://evil.example/1)](https://evil.example/2)",
    '![x](https://evil.example/"onload="alert(1))',
    '![" onmouseover="alert(1)](https://evil.example/)',
    '```"><script>alert(1)</script>\nx\n```',
    "</body></html><script>alert(1)</script>",
    "&lt;script&gt;",
    "<style>*{background:url(https://evil.example)}</style>",
    "<!-- --><iframe src=x>",
    "<?php ?><![CDATA[<script>]]>",
]
HARMLESS = {"p", "a", "em", "strong", "code", "pre", "h1", "ul", "li", "blockquote"}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("markdown", [True, False])
def test_nothing_in_an_answer_acts_or_loads(text: str, markdown: bool) -> None:
    for tag, attributes in tags(text, markdown=markdown):
        assert tag in HARMLESS
        assert set(attributes) <= {"href", "class", "style", "title"}
        assert re.match(r"https?://|mailto:", attributes.get("href") or "https://")


def test_an_image_is_a_link_with_its_words() -> None:
    assert '<a href="https://example.com/a.png?x&amp;y">a &lt;b&gt;</a>' in page(
        "t", "![a <b>](https://example.com/a.png?x&y)", markdown=True
    )


def test_an_image_in_a_link_is_only_its_words() -> None:
    assert tags("[![b](https://e.example/1)](https://e.example/2)") == [
        ("p", {}),
        ("a", {"href": "https://e.example/2"}),
    ]


@pytest.mark.parametrize("url", ["https://example.com/a", "http://example.com", "mailto:ada@example.com"])
def test_links_to_the_web_and_to_mail_stay(url: str) -> None:
    assert ("a", {"href": url}) in tags(f"[x]({url})")


def test_tables_are_shown() -> None:
    assert "<td>1</td>" in page("t", "|a|\n|-|\n|1|", markdown=True)


def test_the_title_is_text() -> None:
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in page("</title><script>", "", markdown=True)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "*a " * 60_000,
        "> " * 60_000,
        "`" * 60_000,
        "![" * 60_000,
        "<" * 60_000,
        "[a](" * 40_000,
        "|a" * 60_000,
        "_a*" * 50_000,
        "- " * 60_000,
        "[a]: b\n" * 20_000,
        "&" * 60_000,
        "a\n\n" * 60_000,
        "x" * 2_000_000,
    ],
    ids=lambda text: text[:6],
)
def test_no_answer_takes_long_to_show(text: str) -> None:
    began = time.process_time()
    page("t", text if len(text) > 1_000_000 else text[:100_000], markdown=True)
    assert time.process_time() - began < 3
