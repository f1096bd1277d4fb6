"""The HTML of a mail: an answer's Markdown, of which nothing can act, load or hide."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_SCHEMES = ("http://", "https://", "mailto:")
_LONGEST = 100_000
"""Characters of Markdown; a longer text is shown as it is."""
_STYLE = "font-family:sans-serif;line-height:1.5;max-width:45em"


def page(title: str, text: str, *, markdown: bool) -> str:
    """A whole document. HTML in the text is shown as text, images become links, links lead to the web or to mail."""
    if markdown and len(text) <= _LONGEST:
        inner = str(_reader().render(text))
    else:
        inner = f'<pre style="white-space:pre-wrap">{html.escape(text)}</pre>\n'
    return (
        f'<!doctype html>\n<html>\n<head><meta charset="utf-8"><title>{html.escape(title)}</title></head>\n'
        f'<body style="{_STYLE}">\n{inner}</body>\n</html>\n'
    )


def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    reader.validateLink = _leads_out  # type: ignore[method-assign]
    reader.add_render_rule("image", _image)
    return reader


def _leads_out(url: str) -> bool:
    return url.strip().lower().startswith(_SCHEMES)


def _image(_: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A picture would be fetched when the mail is opened, which tells its server that it was."""
    image: Any = tokens[index]
    shown = html.escape(image.content or "image")
    open_links = sum(token.nesting for token in tokens[:index] if token.type in ("link_open", "link_close"))
    if open_links:
        return shown
    return f'<a href="{html.escape(str(image.attrs["src"]))}">{shown}</a>'
