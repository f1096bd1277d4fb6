"""One SMTP conversation: connect, protect, log in, hand over one mail to one recipient."""

from __future__ import annotations

import re
import smtplib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from octops.destinations.peer import causes
from octops.destinations.tls import context, is_untrusted
from octops.destinations.words import one_line
from octops.model.run import DeliveryError, Proof

_GREETING = "[127.0.0.1]"
"""What we call ourselves: the machine's own name is nobody's business, and looking it up takes time."""
_REPLY_LINES = 100
_LINE_BYTES = 2048


@dataclass(slots=True, kw_only=True)
class Conversation:
    """Runs in a thread, since smtplib blocks; `abort` may be called from another one."""

    host: str
    port: int
    tls: str
    addresses: tuple[str, ...]
    seconds: float
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    _handed_over: bool = False
    """From here on the mail may arrive whatever we hear."""
    _aborted: bool = False
    _plug: socket.socket | None = None
    """A second hold on the connection, which TLS does not take away."""

    @property
    def where(self) -> str:
        return f"smtp server `{self.host}:{self.port}`"

    def send(self, sender: str, recipient: str, mail: bytes) -> Proof:
        with self._translated(), self._connected() as client:
            self._greet(client)
            self._expect(client.mail(sender))
            self._expect(client.rcpt(recipient))
            self._expect(client.docmd("DATA"), wanted=(354,))
            self._handed_over = True
            client.send(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")
            return Proof(text=self._expect(client.getreply()))

    def abort(self) -> None:
        """Let every wait of the conversation end at once."""
        self._aborted = True
        if self._plug is not None:
            with suppress(OSError):
                self._plug.shutdown(socket.SHUT_RDWR)

    def connect(self) -> socket.socket:
        """A connection to the first address that takes one, protected already where TLS comes first."""
        plain = self._first_connection()
        self._plug = plain.dup()
        if self._aborted:
            plain.close()
            raise TimeoutError
        if self.tls != "tls":
            return plain
        try:
            return context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def _first_connection(self) -> socket.socket:
        deadline = time.monotonic() + self.seconds
        for number, address in enumerate(self.addresses, start=1):
            left = max(0.1, deadline - time.monotonic())
            try:
                connection = socket.create_connection((address, self.port), left)
            except OSError:
                if number == len(self.addresses) or self._aborted:
                    raise
            else:
                connection.settimeout(self.seconds)
                return connection
        raise ConnectionError("no address")

    @contextmanager
    def _connected(self) -> Iterator[_Client]:
        client = _Client(self)
        try:
            self._expect(client.connect(self.host, self.port), wanted=(220,))
            yield client
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.close()
            if self._plug is not None:
                self._plug.close()

    def _greet(self, client: _Client) -> None:
        client.ehlo_or_helo_if_needed()
        if self.tls == "starttls":
            client.starttls(context=context())
            client.ehlo_or_helo_if_needed()
        if self.username:
            client.login(self.username, self.password)

    def _expect(self, reply: tuple[int, bytes], wanted: tuple[int, ...] = (250, 251)) -> str:
        """The answer in words, or the refusal it is."""
        code, words = reply
        said = one_line(f"{code} {words.decode('utf-8', 'replace')}", 200)
        if code in wanted:
            return said
        if not 200 <= code < 600:
            certain = not self._handed_over
            raise DeliveryError(f"{self.where} does not speak SMTP", retryable=False, certain=certain)
        raise DeliveryError(f"{self.where} answered {said}", retryable=400 <= code < 500)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Every way a conversation ends, as one error that says whether the mail may have arrived."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            self._expect((error.smtp_code, _octets(error.smtp_error)), wanted=())
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._ended(error) from error

    def _ended(self, error: Exception) -> DeliveryError:
        if is_untrusted(error):
            return DeliveryError(f"the certificate of {self.where} is not valid", retryable=False)
        if isinstance(error, smtplib.SMTPNotSupportedError) and "STARTTLS" in str(error):
            return DeliveryError(f"{self.where} does not offer STARTTLS", retryable=False)
        if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
            return DeliveryError(f"{self.where} offers no login that octops knows", retryable=False)
        if self._aborted or any(isinstance(cause, TimeoutError) for cause in causes(error)):
            what = f"was not done within {self.seconds:g} s"
        else:
            what = "could not be connected to" if self._plug is None else "broke the connection off"
        return DeliveryError(f"{self.where} {what}", retryable=True, certain=not self._handed_over)


class _Client(smtplib.SMTP):
    """smtplib's client, connected to an address that was checked, and with a bound on what a server may say."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        super().__init__(local_hostname=_GREETING, timeout=conversation.seconds)
        self._host = conversation.host  # the name that STARTTLS checks the certificate for

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._conversation.connect()

    def getreply(self) -> tuple[int, bytes]:
        """Without the bound, a server that always announces another line would fill the memory."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        words: list[bytes] = []
        while len(words) < _REPLY_LINES:
            line = self.file.readline(_LINE_BYTES)
            if len(line) < _LINE_BYTES and not line.endswith(b"\n"):
                raise smtplib.SMTPServerDisconnected("closed")
            words.append(line[4:].strip())
            if not line[:3].isdigit():
                return -1, b""
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)
        return -1, b""


def _octets(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
