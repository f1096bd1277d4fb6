"""Bytes and values from another program → texts our files can hold."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from octops.declare.file import with_one_line_end
from octops.declare.hidden import hidden_characters
from octops.declare.literal_secrets import find
from octops.importers.draft import MAX_BYTES, Gathering, ImportRefused

_COMMENT_OR_TEXT = re.compile(r'"(?>(?:[^"\\\n]|\\.)*)"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA_OR_TEXT = re.compile(r'"(?>(?:[^"\\\n]|\\.)*)"|,(?=\s*[}\]])', re.DOTALL)
_WORD_OR_TEXT = re.compile(r'"(?>(?:[^"\\\n]|\\.)*)"|//[^\n]*|/\*.*?\*/|[\w.+-]+', re.DOTALL)
_MOST_DIGITS = 400
MAX_DEPTH = 200
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
        value = _parsed(text)
        _require_shallow(value)
    except RecursionError as error:
        said = f"nothing may stand in more than {MAX_DEPTH} lists and mappings: import the part you need"
        raise ImportRefused("the file is nested too deeply", said) from error
    except _OddNumber as error:
        place = _place_of(error.word, text)
        raise ImportRefused(
            f"{place} is no number that JSON can hold", "write a number, or put it in quotes"
        ) from error
    return value


def _parsed(text: str) -> Any:
    try:
        return _strict(text)
    except json.JSONDecodeError as error:
        try:
            return _strict(_COMMA_OR_TEXT.sub(_kept, _COMMENT_OR_TEXT.sub(_kept, text)))
        except json.JSONDecodeError:
            said = "export it again, and import it unchanged"
            raise ImportRefused(f"the file is not JSON at line {error.lineno}", said) from error


def _strict(text: str) -> Any:
    return json.loads(
        text, parse_constant=_refuse, parse_float=_finite, parse_int=_short, object_pairs_hook=_without_repetition
    )


class _OddNumber(Exception):
    """`NaN`, `1e999`: the word as it stands in the file."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _refuse(word: str) -> Any:
    raise _OddNumber(word)


def _finite(word: str) -> float:
    number = float(word)
    if math.isinf(number):
        raise _OddNumber(word)
    return number


def _short(word: str) -> int:
    if len(word) > _MOST_DIGITS:
        raise _OddNumber(word)
    return int(word)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping; the second of two equal keys would silently replace the first."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise ImportRefused(
                f"the key `{one_line(key, 60)}` stands in one mapping twice", "rename or delete one of the two"
            )
        seen.add(key)
    return dict(pairs)


def _require_shallow(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inside = (it.values() if isinstance(it, dict) else it for it in level if isinstance(it, (dict, list)))
        level = [item for items in inside for item in items]
        if not level:
            return
    raise RecursionError


def _place_of(word: str, text: str) -> str:
    found = next((it.start() for it in _WORD_OR_TEXT.finditer(text) if it[0] == word), 0)
    line = text.count("\n", 0, found) + 1
    return f"`{word[:40]}` at line {line}, column {found - text.rfind(chr(10), 0, found)}"


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
    text = _SURROGATE.sub("\ufffd", with_one_line_end(text))
    hidden = {text[it.offset] for it in hidden_characters(text, limit=len(text))} - set(keep)
    return text.translate({ord(character): None for character in hidden}) if hidden else text


def _kept(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else ""
