"""How one text is written: plain, in quotes, or as a block. Changes with the style of texts."""

from __future__ import annotations

import json
import re

from octops.declare.scalars import plain
from octops.declare.style.nodes import Scalar

_UNPRINTABLE = re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")
_PLAIN = re.compile(r"[A-Za-z/<+][A-Za-z0-9_./<>@+~%=?&()-]*(?: [A-Za-z0-9_./<>@+~%=?&()-]+)*")
_PLAIN_COLON = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s,\[\]{}#'\"`|]*")
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_OTHER_READERS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"])
"""Words that a reader of YAML 1.1 does not take as text."""


def needs_quotes(text: str) -> bool:
    """Whether some reader of YAML could take the bare text for something else."""
    if text.lower() in _OTHER_READERS or plain(text) != text or text.startswith("+"):
        return True
    return not (_PLAIN.fullmatch(text) or _PLAIN_COLON.fullmatch(text))


def in_line(scalar: Scalar) -> str:
    """The scalar on one line, with the same value."""
    if scalar.style == "":
        return scalar.value if "\n" not in scalar.value else _quoted(scalar.value)
    if scalar.style in ("'", '"'):
        if scalar.style == "'" and not re.search(r'["\\\n]', scalar.value) and not _UNPRINTABLE.search(scalar.value):
            return f'"{scalar.value}"'
        return scalar.raw if scalar.raw and "\n" not in scalar.raw else _quoted(scalar.value)
    return _quoted(scalar.value)


def key_text(scalar: Scalar) -> str:
    """A key without the quotes it does not need, such as one that was copied from JSON."""
    bare = scalar.style in ("'", '"') and _PLAIN_KEY.fullmatch(scalar.value) and not needs_quotes(scalar.value)
    return scalar.value if bare else in_line(scalar)


def as_block(scalar: Scalar) -> tuple[str, list[str]] | None:
    """The header and the lines of the text as a block, not yet indented; None where one line is the better place."""
    if scalar.style == ">" and (folded := _folded(scalar)):
        return folded
    if not _fits_block(scalar):
        return None
    return _literal(scalar.value)


def _fits_block(scalar: Scalar) -> bool:
    value = scalar.value
    if _UNPRINTABLE.search(value) or not value.strip():
        return False
    if scalar.style in ("|", ">"):
        return True
    # A text that ends its lines with blanks shows them only in quotes.
    return "\n" in value.rstrip("\n") and not re.search(r"[ \t](?:\n|$)", value)


def _literal(value: str) -> tuple[str, list[str]]:
    body = value.rstrip("\n")
    ends = len(value) - len(body)
    first = next(line for line in value.split("\n") if line.strip(" ") or line)
    indicator = "2" if first[0] in " \t" else ""
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    lines = (value[:-1] if ends else value).split("\n")
    return f"|{indicator}{chomp}", lines


def _folded(scalar: Scalar) -> tuple[str, list[str]] | None:
    """The source lines of a folded text: where they break is the writer's choice."""
    header, _, body = scalar.raw.partition("\n")
    mark = header.split("#")[0].strip()
    lines = [line.rstrip() if not line.strip() else line for line in body.rstrip("\n ").split("\n")]
    if mark not in (">", ">-") or not body.strip() or any("\t" in line[:1] for line in lines):
        return None
    indent = min(len(line) - len(line.lstrip(" ")) for line in lines if line)
    first = next(line for line in lines if line)
    if len(first) - len(first.lstrip(" ")) != indent or any(line != line.rstrip() for line in lines):
        return None
    return mark, [line[indent:] for line in lines]


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=_UNPRINTABLE.search(value) is not None)
