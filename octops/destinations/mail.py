"""A mail as bytes, with exactly the headers we mean: changes with what a mail says about itself."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from octops.model.run import DeliveryError

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_PLAIN = re.compile(r"[ -~]{0,200}")
_ENCODED_BYTES = 42
"""In one encoded word: 75 characters with what stands around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`id` stands in the Message-ID and is the same for every attempt."""

    id: str
    run: str
    sender: str
    sender_name: str
    to: str
    reply_to: str
    subject: str
    sent_at: datetime
    text: str
    html: str

    def __bytes__(self) -> bytes:
        """The same mail gives the same bytes: ASCII, lines of at most 998 characters, none of them a lone dot.

        Header values are never read back by the email package, whose decoding of encoded words lets line ends in.
        """
        boundary = f"=_{self.id}"
        headers = _checked(self._headers(boundary))
        parts = [_part("text/plain", self.text), _part("text/html", self.html)]
        lines = [f"{name}: {value}" for name, value in headers]
        for part in parts:
            lines += ["", f"--{boundary}", *part]
        return "\r\n".join([*lines, "", f"--{boundary}--", ""]).encode("ascii")

    def _headers(self, boundary: str) -> Iterable[tuple[str, str]]:
        yield "From", f"{_phrase(self.sender_name)} <{self.sender}>" if self.sender_name else self.sender
        yield "To", self.to
        if self.reply_to:
            yield "Reply-To", self.reply_to
        yield "Subject", _unstructured(self.subject)
        yield "Date", f"{_DAYS[self.sent_at.weekday()]}, {_date(self.sent_at)}"
        yield "Message-ID", f"<{self.id}@octops.{self.sender.rpartition('@')[2]}>"
        yield "Auto-Submitted", "auto-generated"
        yield "X-Octops-Run", self.run
        yield "MIME-Version", "1.0"
        yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


def check_address(key: str, address: str) -> None:
    """Refuse what a mail server could read as another address, or as more than one."""
    if not _ADDRESS.fullmatch(address):
        message = (
            f"`{key}`: `{ascii(address)[1:-1]}` is not an address octops can write to: letters, digits and one `@`"
        )
        raise DeliveryError(message, retryable=False)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _checked(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers, if a reader of the mail finds them as they are and no other."""
    from email import policy
    from email.parser import BytesHeaderParser

    written = tuple(headers)
    block = "\r\n".join([*(f"{name}: {value}" for name, value in written), "", ""])
    if re.search(r"[^\r\n -~]|\r(?!\n)|(?<!\r)\n", block):
        raise DeliveryError("a header of the mail holds characters that headers cannot carry", retryable=False)
    parser = BytesHeaderParser(policy=policy.compat32)
    read = tuple((name, str(value)) for name, value in parser.parsebytes(block.encode()).items())
    if read != written:
        raise DeliveryError("the headers of the mail would not be read as they were meant", retryable=False)
    return written


def _part(kind: str, text: str) -> list[str]:
    octets = re.sub(r"\r\n?|\n", "\r\n", text).encode("utf-8", "replace")
    encoded = base64.b64encode(octets).decode("ascii")
    lines = [encoded[start : start + 76] for start in range(0, len(encoded), 76)]
    return [f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: base64", "", *lines]


def _unstructured(text: str) -> str:
    """A subject: as it is when nothing in it could be taken for an encoded word."""
    return text if _PLAIN.fullmatch(text) and "=?" not in text else _encoded(text)


def _phrase(text: str) -> str:
    if _PLAIN.fullmatch(text) and "=?" not in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded(text)


def _encoded(text: str) -> str:
    """RFC 2047, whole characters in each word, a line for each word."""
    words: list[bytes] = [b""]
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(words[-1]) + len(octets) > _ENCODED_BYTES:
            words.append(b"")
        words[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def _date(at: datetime) -> str:
    return f"{at.day:02} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} +0000"
