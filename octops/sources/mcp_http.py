"""MCP over streamable HTTP: which addresses, with which proof, and how much may come back."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from octops.model.ids import Value
from octops.model.project import Source
from octops.model.run import ErrorKind
from octops.rules.web import server_refusal
from octops.sources.mcp_link import Link
from octops.sources.opening import NotOpened
from octops.sources.secrets import all_resolved, resolved
from octops.sources.surroundings import Surroundings
from octops.sources.text import shortened

if TYPE_CHECKING:
    import httpx2
    from mcp.client import Transport

LONGEST_ANSWER: Final = 16 * 1024 * 1024
_CONNECT_SECONDS: Final = 10.0


@asynccontextmanager
async def http_link(source: Source, surroundings: Surroundings) -> AsyncIterator[Link]:
    """Proxies and credentials of the environment are not used: what is reached is what the source declares."""
    import httpx2

    url = str(source.config["url"])
    _check_url(url, surroundings.network_allow)
    link = _HttpLink(url)
    limit = httpx2.Timeout(source.timeout_seconds, connect=min(_CONNECT_SECONDS, source.timeout_seconds))
    async with httpx2.AsyncClient(
        headers={**_headers(source.config, surroundings.secrets), "Accept-Encoding": "identity"},
        timeout=limit,
        trust_env=False,
        event_hooks={"response": [link.judge]},
    ) as client:
        link.client = client
        yield link


class _HttpLink:
    over = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._status = 0
        self._proof_wanted = ""
        self.client: httpx2.AsyncClient | None = None

    @property
    def transport(self) -> Transport:
        from mcp.client.streamable_http import streamable_http_client

        return streamable_http_client(self._url, http_client=self.client, max_sse_event_size=LONGEST_ANSWER)

    async def judge(self, response: httpx2.Response) -> None:
        """Keeps the status, which the library does not tell, and lets only so much of the answer through."""
        self._status = response.status_code
        self._proof_wanted = response.headers.get("www-authenticate", "")
        response.stream = _bounded(response.stream, response.headers.get("content-encoding", ""))

    async def ending(self) -> str:
        if self._status < HTTPStatus.BAD_REQUEST:
            return ""
        try:
            phrase = f" {HTTPStatus(self._status).phrase}"
        except ValueError:
            phrase = ""
        return f"the server answered HTTP {self._status}{phrase}"

    @property
    def said(self) -> str:
        return f"; it asks for: {shortened(self._proof_wanted, 200)}" if self._proof_wanted else ""

    @property
    def hint(self) -> str:
        match self._status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return "check the token in `auth` or `headers`, and what it is allowed to do"
            case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
                return "check the path of `url`: many servers answer at `/mcp`"
            case HTTPStatus.TOO_MANY_REQUESTS:
                return "the server is asked too often; let the task run less often"
        return "check that `url` is the address of an MCP server, and that it is up"


def _bounded(stream: Any, encoding: str) -> httpx2.AsyncByteStream:
    """A body that ends in an error instead of going on for ever; the library would read all of it."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            if encoding not in ("", "identity"):
                # It was not asked for, and could unfold to any size.
                raise httpx2.StreamError(f"the answer is compressed: `{shortened(encoding, 40)}`")
            read = 0
            async for chunk in stream:
                read += len(chunk)
                if read > LONGEST_ANSWER:
                    raise httpx2.StreamError(f"the answer is longer than {LONGEST_ANSWER >> 20} MiB")
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()


def _check_url(url: str, network_allow: Iterable[str]) -> None:
    if refused := server_refusal(url, network_allow):
        raise NotOpened(refused.what, kind=ErrorKind.CONFIG, hint=refused.cure)


def _headers(config: Mapping[str, Value], secrets: Mapping[str, str]) -> dict[str, str]:
    headers = {**all_resolved(config.get("headers"), secrets), **_proof(config.get("auth"), secrets)}
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise NotOpened(
                f"the value of header `{name}` holds characters a header cannot carry", kind=ErrorKind.CONFIG
            )
    return headers


def _proof(auth: Value, secrets: Mapping[str, str]) -> dict[str, str]:
    match auth:
        case {"type": "bearer", "token": token}:
            return {"Authorization": f"Bearer {resolved(token, secrets)}"}
        case {"type": "header", "name": name, "value": value}:
            return {str(name): resolved(value, secrets)}
        case {"type": "basic", "username": username, "password": password}:
            pair = f"{resolved(username, secrets)}:{resolved(password, secrets)}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}
