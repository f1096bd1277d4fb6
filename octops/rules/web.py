"""Which addresses and headers a request may be sent with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from octops.rules.addresses import entry, is_allowed, plain
from octops.rules.refusal import Refusal

_OURS = re.compile(
    r"accept-encoding|connection|content-.*|expect|host|proxy-.*|te|trailer|transfer-encoding|upgrade|webhook-.*",
    re.IGNORECASE,
)
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """`host` is in ASCII and without brackets."""

    scheme: str
    host: str
    port: int
    has_user: bool = False


def written_address(url: str) -> WebAddress | Refusal | None:
    """Of an address as it stands in a file; None: its host is only known once it is encoded."""
    if not url.isascii():
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return not_an_address()
    has_user = bool(parts.username or parts.password)
    return WebAddress(scheme=parts.scheme, host=host, port=port or _USUAL.get(parts.scheme, 0), has_user=has_user)


def not_an_address() -> Refusal:
    cure = "it starts with `https://` and a host"
    return Refusal(code="bad-url", what="`url` is not a web address", cure=cure, at=("url",))


def url_refusal(address: WebAddress, declared_host: str, network_allow: Iterable[str]) -> Refusal | None:
    """What keeps a webhook from being sent there, as far as it can be told without looking the host up."""
    host, port = address.host, address.port
    if address.scheme not in _USUAL or not _HOST.fullmatch(host) or not 0 < port < 65536:
        return not_an_address()
    if address.has_user:
        what, cure = "`url` holds a user name or password", "put them into `headers`"
        return Refusal(code="bad-url", what=what, cure=cure, at=("url",))
    written = f"[{host}]" if ":" in host else host
    names = [f"{written}:{port}", *([written] if port == _USUAL[address.scheme] else [])]
    if declared_host and declared_host.lower() not in map(str.lower, names):
        what, cure = f"`url` does not lead to `{declared_host}`", "that is the declared host"
        return Refusal(code="bad-url", what=what, cure=cure, at=("host",))
    if address.scheme == "http" and not is_allowed(host, port, network_allow):
        return plain("http", host, port)
    return None


def server_refusal(url: str, network_allow: Iterable[str]) -> Refusal | None:
    """Of an MCP server's address; private ones are allowed there, without protection only where it is declared."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return not_an_address()
    if parts.scheme not in _USUAL or not host:
        return not_an_address()
    if parts.username or parts.password:
        what, cure = "`url` holds a user name or password", "put them into `auth`"
        return Refusal(code="bad-url", what=what, cure=cure, at=("url",))
    if parts.scheme == "http" and not is_allowed(host, port or 80, network_allow):
        place = entry(host, port or 80)
        cure = f"use https, or add `{place}` to `network.allow` in octops.yaml"
        return Refusal(code="plain-http", what=f"`http://{place}` is not protected", cure=cure, at=("url",))
    return None


def header_refusal(name: str, value: str) -> Refusal | None:
    at = ("headers", name)
    if _OURS.fullmatch(name):
        return Refusal(code="bad-header", what=f"header `{name}` is set by octops itself", cure="take it away", at=at)
    if not (value.isascii() and value.isprintable()):
        what = f"the value of header `{name}` holds characters a header cannot carry"
        return Refusal(code="bad-header", what=what, cure="write it in ASCII, on one line", at=at)
    return None
