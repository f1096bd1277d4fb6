"""Which addresses and headers a request may be sent with: refused before anything is spent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from octops.destinations.peer import is_allowed, plain_refused
from octops.model.run import DeliveryError

if TYPE_CHECKING:
    import httpx

_OURS = re.compile(
    r"accept-encoding|connection|content-.*|expect|host|proxy-.*|te|trailer|transfer-encoding|upgrade|webhook-.*",
    re.IGNORECASE,
)
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")


def web_address(text: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError):
        raise DeliveryError("`url` is not a web address", retryable=False) from None


def port_of(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def check_url(url: httpx.URL, host: str, network_allow: tuple[str, ...]) -> None:
    host_is_named = _HOST.fullmatch(url.raw_host) and 0 < port_of(url) < 65536
    if url.scheme not in ("http", "https") or not host_is_named:
        raise DeliveryError("`url` is not a web address: it starts with `https://` and a host", retryable=False)
    if url.userinfo:
        raise DeliveryError("`url` holds a user name or password; put them into `headers`", retryable=False)
    names = (url.netloc.decode("ascii").lower(), f"{url.raw_host.decode('ascii').lower()}:{port_of(url)}")
    if host and host.lower() not in names:
        raise DeliveryError(f"`url` does not lead to `{host}`, the declared host", retryable=False)
    if url.scheme == "http" and not is_allowed(url.host, port_of(url), network_allow):
        raise plain_refused("http", url.host, port_of(url))


def check_header(name: str, value: str) -> None:
    if _OURS.fullmatch(name):
        raise DeliveryError(f"header `{name}` is set by octops itself", retryable=False)
    if not (value.isascii() and value.isprintable()):
        raise DeliveryError(f"the value of header `{name}` holds characters a header cannot carry", retryable=False)
