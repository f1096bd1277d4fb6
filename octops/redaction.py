"""Secrets kept out of what is written, printed and sent: the one list of forms a secret can appear in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus, urlsplit

from octops.model.ids import Value

MARK = "[redacted]"
SHORTEST = 4
"""Shorter secrets would blot out ordinary words."""
_ESCAPE = re.compile("%[0-9A-F]{2}")
_FOR_URLS = str.maketrans("+/", "-_")


class Redactor:
    """Replaces every form of some secrets: as they are, for a URL, in base64, JSON or hex."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, forms))) if forms else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MARK, text) if self._pattern else text

    def value(self, value: Value) -> Value:
        """The value with its texts and keys redacted, however deep."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(key): self.value(entry) for key, entry in value.items()}
        if isinstance(value, Sequence):
            return [self.value(entry) for entry in value]
        return value


def _forms(secret: str) -> Iterator[str]:
    # A line end is what an editor or a pipe left behind: it is never part of what is sent.
    secret = secret.strip()
    parts = [secret]
    if "://" in secret:
        # The secret of an address is behind the host.
        parts += [part for part in urlsplit(secret)[2:4] if len(part) > 2 * SHORTEST]
    for part in parts:
        if len(part) < SHORTEST:
            continue
        octets = part.encode(errors="replace")
        quoted = (quote(part), quote(part, safe=""), quote_plus(part))
        yield from (part, *quoted, *map(_lower_escapes, quoted), octets.hex(), octets.hex().upper())
        yield from (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
        yield from _base64_forms(octets)


def _lower_escapes(quoted: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].lower(), quoted)


def _base64_forms(octets: bytes) -> Iterator[str]:
    """Alone, and at each of the three places a text can have inside a longer one (`user:secret` in a header)."""
    alone = base64.b64encode(octets).decode().rstrip("=")
    yield from (alone, alone.translate(_FOR_URLS))
    for lead in range(3):
        padded = base64.b64encode(b"\0" * lead + octets).decode().rstrip("=")
        # The first and the last character also hold bits of the neighbours.
        start = (0, 2, 3)[lead]
        inner = padded[start : len(padded) - (1 if (lead + len(octets)) % 3 else 0)]
        if len(inner) >= SHORTEST:
            yield from {inner, inner.translate(_FOR_URLS)}
