"""How long a text may be that a tool or a server says: changes with the cut."""

from __future__ import annotations


def cut(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8 and a sentence that says how much is missing."""
    octets = text.encode(errors="replace")
    if len(octets) <= most:
        return text if text.isascii() else octets.decode()
    kept = octets[:most].decode(errors="ignore")
    return f"{kept}\n[cut off here: {most} of {len(octets)} bytes are shown; ask for less]"


def shortened(text: str, most: int) -> str:
    """At most `most` characters, for names and sentences inside a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
