"""Which addresses may be reached, and which only when `network.allow` names them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from octops.rules.refusal import Refusal

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


def is_surely_private(host: str) -> bool:
    """Whether it is plain without a look-up that a host has no public address."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return not is_public(host)


def private_refusal(host: str, port: int, network_allow: Iterable[str]) -> Refusal | None:
    """Before a look-up: of a host that is an address, or this machine's own name."""
    return private(host, port) if is_surely_private(host) and not is_allowed(host, port, network_allow) else None


def private(host: str, port: int) -> Refusal:
    """For a host that has no public address and is not allowed."""
    what = f"host `{host}` has no public address"
    cure = f"to reach it, add `{entry(host, port)}` to `network.allow`"
    return Refusal(code="private-address", what=what, cure=cure)


def plain(what: str, host: str, port: int) -> Refusal:
    """For a connection without TLS to where it is not allowed."""
    place = entry(host, port)
    cure = f"use TLS, or add `{place}` to `network.allow` in octops.yaml"
    return Refusal(code="plain-http", what=f"{what} to `{place}` is not protected", cure=cure)


def mail_port(port: int, tls: str) -> int:
    """The declared one; without one, the usual port of how the connection is protected."""
    return port or (465 if tls == "tls" else 587)


def mail_refusal(host: str, port: int, tls: str, network_allow: Iterable[str]) -> Refusal | None:
    """What keeps mail from being handed over there, as far as it can be told without looking the host up."""
    return plain("mail", host, port) if tls == "none" and not is_allowed(host, port, network_allow) else None


def entry(host: str, port: int) -> str:
    """A host as `network.allow` writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that a mapped or NAT64 one leads to."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
