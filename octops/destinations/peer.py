"""Which machines a delivery may talk to: public addresses, and what `network.allow` names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator

from octops.model.run import DeliveryError
from octops.rules.addresses import is_allowed, is_public, private


async def addresses(host: str, port: int, network_allow: Iterable[str]) -> tuple[str, ...]:
    """The addresses of a host that may be connected to, looked up once: connect to these, never to the name.

    (Who looks a name up twice can be told a public address first and a private one then.)
    """
    host = host.strip("[]")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"host `{host}` was not found", retryable=True) from error
    known = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if is_allowed(host, port, network_allow):
        return known
    public = tuple(address for address in known if is_public(address))
    if not public:
        raise DeliveryError(str(private(host, port)), retryable=False)
    return public


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it came from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
