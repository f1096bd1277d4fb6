"""Which addresses and headers a request may be sent with: refused before anything is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from octops.model.run import DeliveryError
from octops.rules.refusal import Refusal
from octops.rules.web import WebAddress, header_refusal, not_an_address, url_refusal

if TYPE_CHECKING:
    import httpx


def web_address(text: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError):
        raise _refused(not_an_address()) from None


def port_of(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def check_url(url: httpx.URL, host: str, network_allow: tuple[str, ...]) -> None:
    address = WebAddress(
        scheme=url.scheme, host=url.raw_host.decode("ascii"), port=port_of(url), has_user=bool(url.userinfo)
    )
    if refused := url_refusal(address, host, network_allow):
        raise _refused(refused)


def check_header(name: str, value: str) -> None:
    if refused := header_refusal(name, value):
        raise _refused(refused)


def _refused(refused: Refusal) -> DeliveryError:
    return DeliveryError(str(refused), retryable=False)
