from __future__ import annotations

import pytest

from octops.destinations.peer import addresses
from octops.model.run import DeliveryError
from octops.rules.addresses import is_allowed, is_public

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.88.99.1",
    "168.63.129.16",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001::1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fe80::1",
    "fe80::1%lo",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "140.82.121.4", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "port", "entry", "allowed"),
    [
        ("localhost", 80, "localhost:80", True),
        ("LOCALHOST.", 80, "localhost:80", True),
        ("localhost", 80, "Localhost", True),
        ("localhost", 81, "localhost:80", False),
        ("localhost", 8, "localhost:80", False),
        ("evil-localhost", 80, "localhost", False),
        ("localhost.evil.example", 80, "localhost", False),
        ("::1", 80, "[::1]:80", True),
        ("[::1]", 80, "[::1]", True),
        ("::1", 81, "[::1]:80", False),
    ],
)
def test_a_host_is_allowed_by_name_and_port_or_by_name_alone(host: str, port: int, entry: str, allowed: bool) -> None:
    assert is_allowed(host, port, (entry,)) is allowed


@pytest.mark.anyio
async def test_a_name_that_leads_to_this_machine_is_refused_until_it_is_allowed() -> None:
    with pytest.raises(DeliveryError, match=r"add `localhost:80` to `network\.allow`"):
        await addresses("localhost", 80, ("localhost:81",))
    assert "127.0.0.1" in await addresses("localhost", 80, ("localhost:80",))
