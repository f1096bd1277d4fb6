"""Git hosts on loopback, as real as they come: sshd, and git's own `http-backend` behind TLS."""

from __future__ import annotations

import base64
import gzip
import http.server
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

import pytest

from tests.serving import serving

USER, PASSWORD = "ada", "p4ss-w0rd-of-ada"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    port: int
    user: str
    key: Path
    stranger: Path
    """A key the host does not know."""
    known_hosts: Path

    def url(self, path: Path) -> str:
        return f"ssh://{self.user}@127.0.0.1:{self.port}{path}"

    def command(self, key: Path | None = None, *more: str) -> str:
        """How ssh is to be started; without a key an agent must have it."""
        identity = f"-i {key} -o IdentitiesOnly=yes" if key else "-o IdentityFile=none"
        return " ".join(("ssh -F none -o BatchMode=yes", identity, f"-o UserKnownHostsFile={self.known_hosts}", *more))


@contextmanager
def ssh_host(folder: Path) -> Iterator[SshHost]:
    """Skips where there is no sshd, or none can be started here."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if sshd is None or shutil.which("ssh-keygen") is None:
        pytest.skip("sshd is not installed (Debian: apt-get install openssh-server)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    folder.mkdir()
    for name in ("host", "key", "stranger"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
    port = _port()
    (folder / "authorized").write_text((folder / "key.pub").read_text())
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    settings = {
        "Port": str(port),
        "ListenAddress": "127.0.0.1",
        "HostKey": str(folder / "host"),
        "AuthorizedKeysFile": str(folder / "authorized"),
        "PidFile": "none",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "StrictModes": "no",
        "AcceptEnv": "GIT_PROTOCOL",
        "MaxStartups": "100",
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        if not _listens(port, process):
            pytest.skip(f"sshd cannot be started here: {(folder / 'log').read_text()}")
        yield SshHost(
            port=port,
            user=pwd.getpwuid(os.geteuid()).pw_name,
            key=folder / "key",
            stranger=folder / "stranger",
            known_hosts=folder / "known_hosts",
        )
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(600):
        if process.poll() is not None:
            return False
        with socket.socket() as it:
            if it.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


@contextmanager
def ssh_agent(host: SshHost) -> Iterator[str]:
    """The socket of an agent that holds the key."""
    listening = host.key.with_name("agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(listening)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if listening.exists():
                break
            time.sleep(0.05)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(listening)}
        subprocess.run(["ssh-add", "-q", str(host.key)], env=environment, check=True, capture_output=True)
        yield str(listening)
    finally:
        agent.terminate()
        agent.wait(10)


@dataclass(slots=True, kw_only=True)
class HttpsHost:
    """Serves the bare repositories in `root` to whoever knows the password. `faults` are answered first."""

    root: Path
    certificate: Path
    """Of the authority; the host's own is signed with it."""
    port: int = 0
    faults: list[int] = field(default_factory=list)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and status of every request."""

    def url(self, name: str, *, login: str = "") -> str:
        return f"https://{login}127.0.0.1:{self.port}/{name}"


@contextmanager
def https_host(folder: Path, root: Path) -> Iterator[HttpsHost]:
    """Skips where openssl or git's http-backend is missing."""
    backend = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip()) / "git-http-backend"
    if not backend.exists() or shutil.which("openssl") is None:
        pytest.skip("git-http-backend or openssl is not installed")
    folder.mkdir()
    _certificates(folder)
    host = HttpsHost(root=root, certificate=folder / "authority.pem")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (_Handler,), {"host": host, "backend": backend})
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "host.pem", folder / "host.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server) as host.port:
        yield host


def _certificates(folder: Path) -> None:
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    authority = ("-keyout", folder / "authority.key", "-out", folder / "authority.pem", "-subj", "/CN=Authority")
    _run(*new, *authority)
    signed = ("-CA", folder / "authority.pem", "-CAkey", folder / "authority.key")
    names = ("-subj", "/CN=host", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
    _run(*new, *signed, *names, "-keyout", folder / "host.key", "-out", folder / "host.pem")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: ClassVar[HttpsHost]
    backend: ClassVar[Path]

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._body())

    def _serve(self, body: bytes) -> None:
        if self.host.faults:
            self._answer(self.host.faults.pop(0), {}, b"try again later\n")
        elif self.headers.get("Authorization") != f"Basic {BASIC}":
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
        else:
            self._answer(*_backend(self.backend, self.host.root, self, body))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(chunks)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.host.seen.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _backend(
    backend: Path, root: Path, request: http.server.BaseHTTPRequestHandler, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """One request through git's own CGI program."""
    path, _, query = request.path.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "REMOTE_USER": USER,
        "REQUEST_METHOD": request.command,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run([backend], input=body, env=environment, capture_output=True, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode().split("\r\n") if line)
    headers = {name: value.strip() for name, _, value in lines}
    status = int(headers.pop("Status", "200").split()[0])
    return (status if head else HTTPStatus.INTERNAL_SERVER_ERROR), headers, content
