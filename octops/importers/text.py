"""Bytes and values from another program → texts our files can hold."""

from __future__ import annotations

import json
import re
from typing import Any

from octops.declare.hidden import hidden_characters
from octops.declare.literal_secrets import find
from octops.importers.draft import MAX_BYTES, Gathering, ImportRefused

_COMMENT_OR_TEXT = re.compile(r'"(?>(?:[^"\\\n]|\\.)*)"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA_OR_TEXT = re.compile(r'"(?>(?:[^"\\\n]|\\.)*)"|,(?=\s*[}\]])', re.DOTALL)
_JOINERS = "\u200c\u200d"
_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(content: bytes) -> str:
    """The file's text. ImportRefused when it is too large, or no text."""
    if len(content) > MAX_BYTES:
        raise ImportRefused(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB", "split it and import the parts")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused("the file is not UTF-8 text", "save it as UTF-8") from error


def json_value(text: str) -> Any:
    """JSON, also with the comments and trailing commas that editors allow in their settings."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        try:
            return json.loads(_COMMA_OR_TEXT.sub(_kept, _COMMENT_OR_TEXT.sub(_kept, text)), parse_constant=_refuse)
        except (ValueError, RecursionError):
            place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise ImportRefused(f"the file is not JSON{place}", "export it again, and import it unchanged") from error


def one_line(value: object, limit: int = 200) -> str:
    """A name or a description: one line, nothing hidden, not too long."""
    return " ".join(_visible(str(value), keep="").split())[:limit].rstrip() if isinstance(value, (str, int)) else ""


def lines(value: object, place: str, gathering: Gathering) -> str:
    """A prompt or instructions: without characters no file may hold, and without keys."""
    text = _visible(value if isinstance(value, str) else "", keep=_JOINERS)
    for secret in reversed(find(text)):
        gathering.leave(place, f"{secret.what} stood in the text and was taken out; change it at its provider")
        text = f"{text[: secret.start]}[key removed]{text[secret.end :]}"
    return text


def mapping(value: object) -> dict[str, Any]:
    """A mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    """The texts of a list; a single text is a list of one."""
    items = value if isinstance(value, list) else [value]
    return [one_line(item) for item in items if isinstance(item, str) and one_line(item)]


def _visible(text: str, *, keep: str) -> str:
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    hidden = {text[it.offset] for it in hidden_characters(text, limit=len(text))} - set(keep)
    return text.translate({ord(character): None for character in hidden}) if hidden else text


def _kept(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else ""


def _refuse(word: str) -> Any:
    raise ValueError(word)
