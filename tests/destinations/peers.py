"""The other sides of a delivery, all real: HTTP and SMTP servers on loopback, a certificate, a branch in memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from octops.destinations.prepared import Outlet, prepare
from octops.destinations.surroundings import CommitRequest, Surroundings
from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.project import Destination
from octops.model.run import DeliveryError, ErrorKind, Failure, Result, RunStatus, Usage

NOW = dt.datetime(2026, 3, 2, 8, 0, 5, tzinfo=dt.UTC)


@dataclass
class Commits:
    """A branch that remembers what was asked of it."""

    asked: list[CommitRequest] = field(default_factory=list)

    async def __call__(self, request: CommitRequest) -> str:
        self.asked.append(request)
        return "c0ffee"


def surroundings(
    *allow: str, commit: Callable[[CommitRequest], Awaitable[str]] | None = None, **secrets: str
) -> Surroundings:
    return Surroundings(
        secrets=secrets, commit=commit or Commits(), now=lambda: NOW, version="1.2.3", network_allow=allow
    )


def destination(type_: str, guarantee: str = "at_least_once", **config: Any) -> Destination:
    config = {key.rstrip("_"): value for key, value in config.items()}
    return Destination(
        id=DestinationId("team"), path="destinations/team.yaml", type=type_, config=config, guarantee=guarantee
    )


def result(**changes: Any) -> Result:
    made = Result(
        run=RunId("digest@20260302T080000Z"),
        task=TaskId("digest"),
        task_name="Daily digest",
        delivery_id="dlv_0123456789abcdef",
        status=RunStatus.COMPLETED,
        text="# News\n\nAll is *well*.",
        usage=Usage(input_tokens=10, output_tokens=5, cost_usd=0.01),
        model="some-model",
        scheduled_at=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC),
        finished_at=NOW,
        variables={"task_name": "Daily digest", "scheduled_date": "2026-03-02"},
    )
    return replace(made, **changes)


FAILED = result(
    status=RunStatus.FAILED,
    text="",
    failure=Failure(kind=ErrorKind.MODEL, message="the model said no", hint="ask again"),
)


def one(declared: Destination, around: Surroundings) -> Outlet:
    (outlet,) = prepare(declared, around)
    return outlet


async def refusal(outlet: Outlet, given: Result | None = None) -> DeliveryError:
    """The error a delivery ends with; a delivery that arrives is a failed test."""
    try:
        proof = await outlet.deliverer.deliver(given or result())
    except DeliveryError as error:
        return error
    raise AssertionError(f"it was delivered: {proof.text}")


@dataclass
class HttpPeer:
    """What came in, and where. `answer` gets the connection after a request was read."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def allow(self) -> str:
        return f"127.0.0.1:{self.port}"


Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def http_peer(
    answer: Answer = b"HTTP/1.1 204 No Content\r\n\r\n", tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpPeer]:
    peer = HttpPeer()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            peer.requests.append((head[0], headers, body))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with serving(talk, tls) as port:
        peer.port = port
        yield peer


@asynccontextmanager
async def serving(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A server on loopback whose open conversations end with it."""
    open_ones: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            open_ones.discard(task)
            writer.close()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


@dataclass(frozen=True)
class Certificate:
    file: Path
    context: ssl.SSLContext


def certificate(folder: Path, name: str = "127.0.0.1") -> Certificate:
    """One that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    today = dt.datetime.now(dt.UTC)
    alternative: x509.GeneralName = x509.DNSName(name)
    if name[0].isdigit():
        alternative = x509.IPAddress(ipaddress.ip_address(name))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = folder / f"{name}.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / f"{name}.key"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return Certificate(public, context)


@dataclass
class MailPeer:
    """`refuse` answers a command (`RCPT`, `DATA`) with a line of its own."""

    refuse: dict[str, str] = field(default_factory=dict)
    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    tls: bool = False

    @property
    def allow(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        self.tls = session.ssl is not None
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 queued as 42"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"correct-horse", handled=False)


@asynccontextmanager
async def mail_peer(
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
    refuse: Mapping[str, str] | None = None,
) -> AsyncIterator[MailPeer]:
    peer = MailPeer(refuse=dict(refuse or {}))
    made: list[SMTP] = []

    def factory() -> SMTP:
        server = SMTP(
            peer,
            hostname="loopback",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=peer.authenticate,
            auth_required=login,
            auth_require_tls=False,
        )
        made.append(server)
        return server

    listening = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=tls)
    peer.port = listening.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        listening.close()
        for server in made:
            if server.transport is not None:
                server.transport.close()
        await asyncio.sleep(0.01)
