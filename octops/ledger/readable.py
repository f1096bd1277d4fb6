"""The answer as a page people read on the branch: the model's words, unable to load or run anything."""

from __future__ import annotations

import re

from octops.model.ids import instant_text
from octops.model.run import Record

# Images would be loaded and HTML be shown by whoever renders the page. The exact text is in the record.
_IMAGE = re.compile(r"!(?=\[)")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_LANGUAGES = {"json": "json"}


def readable(record: Record) -> bytes:
    """Markdown: which run, then its answer."""
    lines = [
        f"# {record.task}",
        "",
        f"- run: `{record.run}`",
        f"- status: {record.status.value}",
        f"- finished: {instant_text(record.finished_at)}",
        f"- model: `{_code(record.model_answered or record.model_asked)}`",
        "",
        "---",
        "",
        _answer(record),
        "",
    ]
    return "\n".join(lines).encode(errors="replace")


def _answer(record: Record) -> str:
    if record.format == "markdown":
        return _HTML.sub("&lt;", _IMAGE.sub(r"!\\", record.text)).rstrip()
    fence = "`" * (max((len(run) for run in re.findall(r"`+", record.text)), default=2) + 1)
    fence = max(fence, "```", key=len)
    return f"{fence}{_LANGUAGES.get(record.format, 'text')}\n{record.text.rstrip()}\n{fence}"


def _code(text: str) -> str:
    return re.sub(r"[`\s]+", " ", text).strip()
