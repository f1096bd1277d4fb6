"""The mail: a result with a text and an HTML part, to one recipient over SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import ClassVar

from octops.destinations.mail import Mail, check_address
from octops.destinations.page import page
from octops.destinations.peer import addresses
from octops.destinations.smtp import Conversation
from octops.destinations.surroundings import Surroundings
from octops.destinations.words import body, failed, one_line
from octops.model.run import DeliveryError, Proof, Result
from octops.rules.addresses import mail_port, mail_refusal
from octops.template import TemplateError, render

_SUBJECT = "<<task_name>> <<scheduled_date>>"
_SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """The recipient stands in the file; nothing in an answer becomes a header."""

    to: str
    from_: str
    host: str
    surroundings: Surroundings = field(repr=False)
    reply_to: str = ""
    subject: str = ""
    """A template; empty: the task's name and the date. A failed run's says so."""
    port: int = 0
    """0: 465 where TLS comes first, else 587."""
    tls: str = "starttls"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30

    recipient_key: ClassVar[str] = "to"
    takes_failures: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_address("to", self.to)
        check_address("from", _sender(self.from_)[1])
        if self.reply_to:
            check_address("reply_to", self.reply_to)
        if refused := mail_refusal(self._host, self._port, self.tls, self.surroundings.network_allow):
            raise DeliveryError(str(refused), retryable=False)
        for key, value in (("username", self.username), ("password", self.password)):
            if not (value.isascii() and value.isprintable()):
                raise DeliveryError(f"`{key}` holds characters that an SMTP login cannot carry", retryable=False)

    async def deliver(self, result: Result) -> Proof:
        subject = self._subject(result)
        conversation = await self._conversation()
        return await _in_time(conversation, lambda: self._mail(result, subject))

    @property
    def _host(self) -> str:
        return self.host.strip("[]")

    @property
    def _port(self) -> int:
        return mail_port(self.port, self.tls)

    async def _conversation(self) -> Conversation:
        try:
            async with asyncio.timeout(self.timeout_seconds):
                found = await addresses(self._host, self._port, self.surroundings.network_allow)
        except TimeoutError as error:
            message = f"host `{self._host}` was not found within {self.timeout_seconds:g} s"
            raise DeliveryError(message, retryable=True) from error
        return Conversation(
            host=self._host,
            port=self._port,
            tls=self.tls,
            addresses=found,
            seconds=self.timeout_seconds,
            username=self.username,
            password=self.password,
        )

    def _mail(self, result: Result, subject: str) -> Mail:
        name, sender = _sender(self.from_)
        text = body(result)
        return Mail(
            id=result.delivery_id,
            run=result.run,
            sender=sender,
            sender_name=name,
            to=self.to,
            reply_to=self.reply_to,
            subject=subject,
            sent_at=(result.finished_at or self.surroundings.now()).astimezone(UTC),
            text=text,
            html=page(subject, text, markdown=result.format == "markdown"),
        )

    def _subject(self, result: Result) -> str:
        variables = {"task_name": result.task_name, **result.variables}
        if self.subject or "scheduled_date" in variables:
            try:
                text = render(self.subject or _SUBJECT, variables)
            except TemplateError as error:
                raise DeliveryError(f"`subject` has no text in this run: {error}", retryable=False) from error
        else:
            text = f"{result.task_name}: {result.status.value}"
        return one_line(f"Failed: {text}" if failed(result) else text, _SUBJECT_LENGTH)


async def _in_time(conversation: Conversation, written: Callable[[], Mail]) -> Proof:
    """The conversation in a thread. It is not left alone when time is up: what it then says is what happened."""

    def talk() -> Proof:
        mail = written()
        return conversation.send(mail.sender, mail.to, bytes(mail))

    watch = asyncio.get_running_loop().call_later(conversation.seconds, conversation.abort)
    try:
        return await asyncio.to_thread(talk)
    except asyncio.CancelledError:
        conversation.abort()
        raise
    finally:
        watch.cancel()


def _sender(text: str) -> tuple[str, str]:
    """The name, which may be empty, and the address."""
    name, bracket, rest = text.rpartition("<")
    if not bracket:
        return "", text
    return one_line(name.strip().strip('"'), 100), rest.removesuffix(">")
