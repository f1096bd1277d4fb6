from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from octops.model.run import DeliveryError
from tests.destinations.peers import (
    FAILED,
    HttpPeer,
    certificate,
    destination,
    http_peer,
    one,
    refusal,
    result,
    surroundings,
)
from tests.kit import SOON

pytestmark = pytest.mark.anyio
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def to(peer: HttpPeer, path: str = "/hook", **config: Any) -> Any:
    return destination("webhook", url=f"http://127.0.0.1:{peer.port}{path}", **config)


def answering(status: str, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    return "\r\n".join(lines).encode()


async def sent(given: Any = None, **config: Any) -> tuple[str, dict[str, str], bytes]:
    secrets = config.pop("secrets", {})
    async with http_peer() as peer:
        await one(to(peer, **config), surroundings(peer.allow, **secrets)).deliverer.deliver(given or result())
    (request,) = peer.requests
    return request


async def test_the_event_tells_the_task_and_the_run() -> None:
    line, _, body = await sent()
    assert line == "POST /hook HTTP/1.1"
    assert json.loads(body) == {
        "event": "task.completed",
        "timestamp": "2026-03-02T08:00:05Z",
        "task": {"id": "digest", "name": "Daily digest"},
        "run": {
            "id": "digest@20260302T080000Z",
            "status": "completed",
            "scheduled_at": "2026-03-02T08:00:00Z",
            "model": "some-model",
            "format": "markdown",
            "output": "# News\n\nAll is *well*.",
            "usage": {"input_tokens": 10, "output_tokens": 5, "cost_usd": 0.01},
        },
    }


async def test_a_failed_run_says_why() -> None:
    event = json.loads((await sent(FAILED))[2])
    assert event["event"] == "task.failed"
    assert event["run"]["error"] == {"kind": "model", "message": "the model said no", "hint": "ask again"}


async def test_structured_output_comes_as_data_and_numbers_json_lacks_become_null() -> None:
    event = json.loads((await sent(result(format="json", data={"n": 1, "bad": float("nan")})))[2])
    assert event["run"]["data"] == {"n": 1, "bad": None}


async def test_a_signed_request_is_verified_by_the_published_verifier(tmp_path: Path) -> None:
    async with http_peer() as peer:
        around = surroundings(peer.allow, KEY=SECRET)
        around = type(around)(**{f: getattr(around, f) for f in around.__slots__} | {"now": _real_now})
        await one(to(peer, secret={"env": "KEY"}), around).deliverer.deliver(result())
    _, headers, body = peer.requests[0]
    assert Verifier(SECRET).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] == "dlv_0123456789abcdef"


def _real_now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


async def test_an_unsigned_request_has_id_and_timestamp_and_says_who_sends_it() -> None:
    _, headers, _ = await sent()
    assert "webhook-signature" not in headers
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("dlv_0123456789abcdef", "1772438405")
    assert (headers["user-agent"], headers["content-type"]) == ("octops/1.2.3", "application/json")


async def test_every_attempt_sends_the_same_bytes() -> None:
    assert (await sent())[2] == (await sent())[2]


async def test_declared_headers_are_sent_with_their_secrets() -> None:
    declared = {"X-Team": "a", "Authorization": {"env": "TOKEN"}, "user-agent": "mine"}
    _, headers, _ = await sent(headers=declared, secrets={"TOKEN": "Bearer abc\n"})
    assert (headers["x-team"], headers["authorization"], headers["user-agent"]) == ("a", "Bearer abc", "mine")


async def test_the_proof_is_the_status_in_the_words_of_the_standard() -> None:
    async with http_peer(b"HTTP/1.1 202 <script>\r\nContent-Length: 0\r\n\r\n") as peer:
        proof = await one(to(peer), surroundings(peer.allow)).deliverer.deliver(result())
    assert proof.text == "202 Accepted"


async def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert (await sent())[0].startswith("POST")


@pytest.mark.parametrize(
    ("status", "retryable", "certain"),
    [
        ("301 Moved", False, True),
        ("307 Temporary Redirect", False, True),
        ("308 Permanent Redirect", False, True),
        ("400 Bad Request", False, True),
        ("401 Unauthorized", False, True),
        ("404 Not Found", False, True),
        ("408 Request Timeout", True, True),
        ("409 Conflict", True, True),
        ("410 Gone", False, True),
        ("425 Too Early", True, True),
        ("429 Too Many Requests", True, True),
        ("500 Internal Server Error", True, True),
        ("503 Service Unavailable", True, True),
        ("504 Gateway Timeout", True, False),
        ("599 Odd", True, True),
    ],
)
async def test_a_status_decides_whether_it_is_tried_again(status: str, retryable: bool, certain: bool) -> None:
    async with http_peer(answering(status)) as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert (error.retryable, error.certain, status[:3] in str(error)) == (retryable, certain, True)


async def test_a_redirect_is_not_followed() -> None:
    async with (
        http_peer() as other,
        http_peer(answering("302 Found", f"Location: http://127.0.0.1:{other.port}/")) as peer,
    ):
        await refusal(one(to(peer), surroundings(peer.allow, other.allow)))
    assert (len(peer.requests), other.requests) == (1, [])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 02 Mar 2026 08:01:05 GMT", 60.0),
        ("Mon, 02 Mar 2020 08:01:05 GMT", 0.0),
        ("9" * 5000, 86400.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Zzz 2026", None),
    ],
)
async def test_retry_after_is_told_when_it_makes_sense(value: str, seconds: float | None) -> None:
    async with http_peer(
        answering("429 Too Many Requests", "Retry-After: ").replace(b": \r", b": " + value.encode() + b"\r")
    ) as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert error.retry_after == seconds


async def test_an_error_body_is_told_in_one_short_line_without_the_secrets_in_it() -> None:
    body = "token\x1b[31m hunter2-secret is\nnot valid " + "x" * 9000
    async with http_peer(answering("400 Bad Request", body=body)) as peer:
        declared = to(peer, headers={"X-Key": {"env": "KEY"}})
        error = await refusal(one(declared, surroundings(peer.allow, KEY="hunter2-secret")))
    assert "token [31m [redacted] is not valid xxx" in str(error)
    assert len(str(error)) < 320


async def test_an_endless_answer_is_read_only_at_its_beginning() -> None:
    written = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 500 Oops\r\n\r\n")
        while written < 1 << 28:
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    async with http_peer(flood) as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert "500" in str(error)
    assert written < 1 << 26


async def test_a_body_that_drips_does_not_hide_the_status() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 410 Gone\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.2)

    async with http_peer(drip) as peer:
        error = await refusal(one(to(peer, timeout_seconds=10), surroundings(peer.allow)))
    assert ("410 Gone" in str(error), error.certain) == (True, True)


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip_head(writer: asyncio.StreamWriter) -> None:
    for octet in b"HTTP/1.1 204 No Content and much more":
        writer.write(bytes([octet]))
        await writer.drain()
        await asyncio.sleep(1)


@pytest.mark.parametrize("answer", [hang, drip_head])
async def test_an_answer_that_does_not_come_in_time_may_have_arrived(answer: Any) -> None:
    began = time.monotonic()
    async with http_peer(answer) as peer:
        error = await refusal(one(to(peer, timeout_seconds=2), surroundings(peer.allow)))
    assert (error.retryable, error.certain, time.monotonic() - began < SOON) == (True, False, True)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("answer", [reset, b"", b"220 mail.example.com ESMTP\r\n", b"HTTP/1.1 \xff\r\n\r\n"])
async def test_a_connection_that_ends_without_an_answer_may_have_arrived(answer: Any) -> None:
    async with http_peer(answer) as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert (error.retryable, error.certain) == (True, False)


async def test_a_refused_connection_surely_did_not_arrive() -> None:
    async with http_peer() as peer:
        pass
    error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert (error.retryable, error.certain) == (True, True)


async def test_https_reaches_a_server_whose_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    async with http_peer(tls=own.context) as peer:
        declared = destination("webhook", url=f"https://localhost:{peer.port}/")
        proof = await one(declared, surroundings(f"localhost:{peer.port}")).deliverer.deliver(result())
    assert (proof.text, peer.requests[0][1]["host"]) == ("204 No Content", f"localhost:{peer.port}")


@pytest.mark.parametrize(("name", "trusted"), [("localhost", False), ("other.example", True)])
async def test_https_sends_nothing_to_a_server_it_cannot_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    own = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    async with http_peer(tls=own.context) as peer:
        declared = destination("webhook", url=f"https://localhost:{peer.port}/")
        error = await refusal(one(declared, surroundings(f"localhost:{peer.port}")))
    assert ("certificate" in str(error), error.retryable, error.certain, peer.requests) == (True, False, True, [])


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"]
)
async def test_a_private_address_is_not_reached_unless_it_is_allowed(host: str) -> None:
    error = await refusal(one(destination("webhook", url=f"https://{host}:1/"), surroundings()))
    assert ("network.allow" in str(error), error.retryable) == (True, False)


LOOKUPS: list[str] = []


def note_lookups(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        LOOKUPS.append(str(arguments[0]))


async def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_the_one_reached() -> None:
    sys.addaudithook(note_lookups)
    async with http_peer() as peer:
        declared = destination("webhook", url=f"http://localhost:{peer.port}/")
        LOOKUPS.clear()
        await one(declared, surroundings(f"localhost:{peer.port}")).deliverer.deliver(result())
    assert len([name for name in LOOKUPS if "localhost" in name]) == 1


async def test_a_name_that_leads_nowhere_is_tried_again() -> None:
    error = await refusal(one(destination("webhook", url="https://nowhere.invalid/"), surroundings()))
    assert (error.retryable, error.certain) == (True, True)


@pytest.mark.parametrize("host", ["hooks.example.com", "Hooks.Example.com:443"])
async def test_the_declared_host_of_a_secret_address_may_name_its_usual_port(host: str) -> None:
    declared = destination("webhook", url={"env": "URL"}, host=host)
    assert one(declared, surroundings(URL="https://hooks.example.com/x")).recipient == "$URL"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"url": "http://hooks.example.com/x"}, "not protected"),
        ({"url": "http://allowed.example:81/x"}, "not protected"),
        ({"url": "ftp://hooks.example.com/x"}, "not a web address"),
        ({"url": "https:///x"}, "not a web address"),
        ({"url": "https://exa mple.com:99999999/"}, "not a web address"),
        ({"url": "https://user:secret@hooks.example.com/x"}, "`headers`"),
        ({"url": {"env": "URL"}, "host": "other.example.com"}, "does not lead to `other.example.com`"),
        ({"url": {"env": "URL"}, "host": "hooks.example.com:444"}, "does not lead to"),
        ({"url": {"env": "NONE"}, "host": "hooks.example.com"}, "`NONE` is not set"),
        ({"url": "https://a.example/", "headers": {"Host": "b"}}, "set by octops"),
        ({"url": "https://a.example/", "headers": {"Webhook-Id": "b"}}, "set by octops"),
        ({"url": "https://a.example/", "headers": {"X-A": {"env": "SPLIT"}}}, "header `X-A`"),
        ({"url": "https://a.example/", "secret": {"env": "SPLIT"}}, "not a signing key"),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_spent(config: dict[str, Any], said: str) -> None:
    around = surroundings("allowed.example:80", URL="https://hooks.example.com/T/s3cr3tpath", SPLIT="a1b2\r\nX: c3")
    with pytest.raises(DeliveryError, match=said) as refused:
        one(destination("webhook", **config), around)
    assert (refused.value.retryable, "s3cr3t" in str(refused.value), "a1b2" in str(refused.value)) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    "answer", [answering("400 Bad Request", body="no /T/s3cr3tpath here"), answering("302 Found"), hang, b""]
)
async def test_the_path_of_an_address_is_never_told(answer: Any) -> None:
    async with http_peer(answer) as peer:
        declared = destination("webhook", url={"env": "URL"}, host=peer.allow, timeout_seconds=0.3)
        outlet = one(declared, surroundings(peer.allow, URL=f"http://127.0.0.1:{peer.port}/T/s3cr3tpath?k=v"))
        error = await refusal(outlet)
    assert ("s3cr3t" in str(error), f"http://127.0.0.1:{peer.port}" in str(error)) == (False, True)
    assert "s3cr3t" not in repr(outlet)
