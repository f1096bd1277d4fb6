"""The webhook: one HTTP POST of a run and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from octops.destinations.event import event
from octops.destinations.peer import addresses
from octops.destinations.retry_after import retry_after
from octops.destinations.signature import signed_headers, signing_key
from octops.destinations.surroundings import Surroundings
from octops.destinations.tls import context, is_untrusted
from octops.destinations.web_address import check_header, check_url, port_of, web_address
from octops.destinations.words import one_line
from octops.model.run import DeliveryError, Proof, Result

if TYPE_CHECKING:
    import httpx

_RETRYABLE = frozenset({408, 409, 425, 429})
_PERHAPS_ARRIVED = frozenset({504, 524})
"""A gateway passed the request on and did not wait for the end."""
_BODY_BYTES = 4096
_BODY_SECONDS = 2.0
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Proxies of the environment are not used: behind one, nobody sees which address is reached.

    Redirects are not followed: what they lead to was never reviewed.
    """

    url: str = field(repr=False)
    surroundings: Surroundings = field(repr=False)
    host: str = ""
    secret: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 30

    recipient_key: ClassVar[str] = "url"
    takes_failures: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_url(web_address(self.url), self.host, self.surroundings.network_allow)
        for name, value in self.headers.items():
            check_header(name, value)
        if self.secret:
            signing_key(self.secret)

    async def deliver(self, result: Result) -> Proof:
        now = self.surroundings.now()
        body = event(result, now)
        signed = signed_headers(
            signing_key(self.secret) if self.secret else None,
            id_=result.delivery_id,
            timestamp=int(now.timestamp()),
            body=body,
        )
        headers = {"User-Agent": f"octops/{self.surroundings.version}", "Content-Type": "application/json", **signed}
        own = {name.lower() for name in self.headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in own}
        attempt = _Attempt(webhook=self, url=web_address(self.url), headers={**kept, **self.headers}, body=body)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await attempt.post()
        except TimeoutError as error:
            message = f"{attempt.where} did not answer within {self.timeout_seconds:g} s"
            raise DeliveryError(message, retryable=True, certain=not attempt.sending) from error


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """One request, and how far it came."""

    webhook: Webhook
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes
    sending: bool = False

    @property
    def where(self) -> str:
        """The address as it may be told: without the path, which often is a secret."""
        return f"{self.url.scheme}://{self.url.netloc.decode('ascii')}"

    async def post(self) -> Proof:
        """To the first address that takes the connection."""
        import httpx

        network_allow = self.webhook.surroundings.network_allow
        refused: httpx.HTTPError | None = None
        for address in await addresses(self.url.host, port_of(self.url), network_allow):
            try:
                return await self._post_to(address)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                refused = error
            except httpx.TimeoutException as error:
                raise self._lost("did not answer in time") from error
            except httpx.HTTPError as error:
                raise self._lost("broke the connection off, or did not speak HTTP") from error
        if is_untrusted(refused):
            raise DeliveryError(f"the certificate of {self.where} is not valid", retryable=False) from refused
        raise DeliveryError(f"{self.where} could not be connected to", retryable=True) from refused

    async def _post_to(self, address: str) -> Proof:
        import httpx

        seconds = self.webhook.timeout_seconds
        timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        async with httpx.AsyncClient(trust_env=False, verify=context(), timeout=timeout) as client:
            # Connected to the address that was checked; the name stays for the certificate and the Host header.
            request = client.build_request(
                "POST",
                self.url.copy_with(host=address, fragment=None),
                headers={"Accept-Encoding": "identity", **self.headers, "Host": self.url.netloc.decode("ascii")},
                content=self.body,
                extensions={"sni_hostname": self.url.raw_host.decode("ascii"), "trace": self._trace},
            )
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                return await self._judge(response)
            finally:
                await response.aclose()

    async def _judge(self, response: httpx.Response) -> Proof:
        status = response.status_code
        if response.is_success:
            return Proof(text=_named(status))
        if 300 <= status < 400:
            message = f"{self.where} answered {_named(status)}: redirects are not followed, declare the new address"
            raise DeliveryError(message, retryable=False)
        said = one_line(await _beginning(response), 200)
        raise DeliveryError(
            f"{self.where} answered {_named(status)}" + (f": {said}" if said else ""),
            retryable=status in _RETRYABLE or status >= 500,
            certain=status not in _PERHAPS_ARRIVED,
            retry_after=retry_after(response.headers.get("retry-after"), self.webhook.surroundings.now()),
        )

    async def _trace(self, name: str, _: Mapping[str, object]) -> None:
        if name.endswith("send_request_headers.started"):
            self.sending = True

    def _lost(self, what: str) -> DeliveryError:
        return DeliveryError(f"{self.where} {what}", retryable=True, certain=not self.sending)


async def _beginning(response: httpx.Response) -> str:
    """The first words of an error's body, if they come soon: they often say what is wrong."""
    import httpx

    read = bytearray()
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in response.aiter_raw(_BODY_BYTES):
                read += chunk
                if len(read) >= _BODY_BYTES:
                    break
    return bytes(read[:_BODY_BYTES]).decode("utf-8", "replace")


def _named(status: int) -> str:
    """In the words of the standard, not in those of the other side."""
    with suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)
