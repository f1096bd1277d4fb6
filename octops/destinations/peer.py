"""Which machines a delivery may talk to: public addresses, and what `network.allow` names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from octops.model.run import DeliveryError

# `is_global` knows most special networks, but takes these for public ones.
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata server
            "192.88.99.0/24",  # 6to4 relays
            "168.63.129.16/32",  # the host of an Azure machine
            "64:ff9b:1::/48",  # NAT64 of a local network
            "2001::/32",  # Teredo, 6to4: addresses that hold another one
            "2002::/16",
        ),
    )
)
_ORDINARY = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


def is_allowed(host: str, port: int, network_allow: Iterable[str]) -> bool:
    """Whether octops.yaml names this host with this port, or with none, which means every port."""
    host = host.lower().rstrip(".").strip("[]")
    written = f"[{host}]" if ":" in host else host
    return any(entry.lower() in (written, f"{written}:{port}") for entry in network_allow)


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet: not to this machine, its network, or a cloud's own side."""
    try:
        parsed = _unwrapped(ip_address(address))
    except ValueError:
        return False
    if any(parsed in network for network in _NOT_PUBLIC if network.version == parsed.version):
        return False
    if isinstance(parsed, IPv6Address) and parsed not in _ORDINARY:
        return False
    return parsed.is_global and not parsed.is_multicast


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
        message = f"host `{host}` has no public address; to reach it, add `{_entry(host, port)}` to `network.allow`"
        raise DeliveryError(message, retryable=False)
    return public


def plain_refused(what: str, host: str, port: int) -> DeliveryError:
    """For a connection without TLS to where it is not allowed."""
    entry = _entry(host, port)
    message = f"{what} to `{entry}` is not protected; use TLS, or add `{entry}` to `network.allow` in octops.yaml"
    return DeliveryError(message, retryable=False)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it came from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _entry(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that a mapped or NAT64 one leads to."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
