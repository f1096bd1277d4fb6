from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from octops.destinations.prepared import prepare
from octops.destinations.smtp import Conversation
from octops.model.project import Destination
from octops.model.run import DeliveryError, Result
from tests.destinations.peers import (
    FAILED,
    Certificate,
    MailPeer,
    certificate,
    destination,
    mail_peer,
    one,
    refusal,
    result,
    serving,
    surroundings,
)
from tests.kit import SOON

# aiosmtpd warns of its own use of a name it will drop, and of a login that needs no STARTTLS (TLS came first).
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Session.login_data", "ignore:Requiring AUTH")]


def to(peer: MailPeer, **config: Any) -> Destination:
    standard: dict[str, Any] = {
        "to": "ada@example.com",
        "from": "Octops <octops@example.com>",
        "host": "127.0.0.1",
        "port": peer.port,
        "tls": "none",
    }
    return destination("email", **{**standard, **config})


async def raw(given: Result | None = None, **config: Any) -> bytes:
    async with mail_peer() as peer:
        await one(to(peer, **config), surroundings(peer.allow)).deliverer.deliver(given or result())
    (mail,) = peer.mails
    return mail[2]


async def received(given: Result | None = None, **config: Any) -> EmailMessage:
    message = message_from_bytes(await raw(given, **config), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    (found,) = [part for part in message.walk() if part.get_content_type() == kind]
    text = found.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


async def test_a_mail_has_these_headers_and_no_other() -> None:
    message = await received(reply_to="team@example.com")
    assert list(message.items())[:-1] == [
        ("From", "Octops <octops@example.com>"),
        ("To", "ada@example.com"),
        ("Reply-To", "team@example.com"),
        ("Subject", "Daily digest 2026-03-02"),
        ("Date", "Mon, 02 Mar 2026 08:00:05 +0000"),
        ("Message-ID", "<dlv_0123456789abcdef@octops.example.com>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Octops-Run", "digest@20260302T080000Z"),
        ("MIME-Version", "1.0"),
    ]


async def test_every_attempt_sends_the_same_bytes() -> None:
    assert await raw() == await raw()


async def test_the_text_part_is_the_answer_and_the_html_part_its_markdown() -> None:
    message = await received()
    assert part(message, "text/plain") == "# News\n\nAll is *well*."
    assert "<h1>News</h1>\n<p>All is <em>well</em>.</p>" in part(message, "text/html")


async def test_a_failed_run_says_so_in_subject_and_text() -> None:
    message = await received(FAILED)
    assert message["Subject"] == "Failed: Daily digest 2026-03-02"
    assert "the model said no (ask again)" in part(message, "text/plain")


async def test_structured_output_is_laid_out_for_reading() -> None:
    message = await received(result(format="json", text='{"a":1}', data={"a": "<b>"}))
    assert part(message, "text/plain") == '{\n  "a": "<b>"\n}'
    assert "&lt;b&gt;" in part(message, "text/html")


async def test_without_variables_the_subject_is_the_task_and_its_status() -> None:
    assert (await received(result(variables={})))["Subject"] == "Daily digest: completed"


async def test_a_subject_without_text_is_refused_before_anything_is_sent() -> None:
    async with mail_peer() as peer:
        error = await refusal(one(to(peer, subject="<<previous_run_at>>"), surroundings(peer.allow)))
    assert ("`subject`" in str(error), error.retryable, peer.mails) == (True, False, [])


HOSTILE = [
    "a\r\nBcc: eve@example.com",
    "a\nBcc: eve@example.com\n\nbody",
    "a\rBcc: eve@example.com",
    "=?utf-8?q?a=0D=0ABcc:_eve@example.com?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=",
    "a\u2028Bcc: eve@example.com",
    "a\x85Bcc: eve@example.com",
    "a\x0b\x0c\x00Bcc: eve@example.com",
    "grüße " * 90,
    "x" * 5000,
    "\ud800 lone",
    "\u202egnp.exe",
    '"quoted" <eve@example.com>, eve@example.com',
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_no_text_adds_a_header_a_line_or_a_recipient(text: str) -> None:
    given = result(task_name=text, text=text, variables={"task_name": text, "scheduled_date": text})
    async with mail_peer() as peer:
        await one(to(peer, subject="<<task_name>>!"), surroundings(peer.allow)).deliverer.deliver(given)
    (_, recipients, content) = peer.mails[0]
    head = content.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    expected = [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"Auto-Submitted",
        b"X-Octops-Run",
        b"MIME-Version",
        b"Content-Type",
    ]
    assert (names, recipients) == (expected, ["ada@example.com"])
    assert max(map(len, content.split(b"\r\n"))) < 998


def subject_of(content: bytes) -> str:
    return str(make_header(decode_header(message_from_bytes(content)["Subject"])))


@pytest.mark.parametrize("text", ["=?utf-8?q?hello?= grüße", "=?utf-8?q?a=0D=0ABcc:_eve@example.com?="])
async def test_a_subject_that_looks_encoded_arrives_as_the_text_it_is(text: str) -> None:
    assert subject_of(await raw(subject=text)) == text


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_a_decoded_subject_is_one_short_line_too(text: str) -> None:
    subject = subject_of(await raw(result(variables={"x": text}), subject="<<x>>"))
    assert (subject.isprintable(), len(subject) <= 200) == (True, True)


@pytest.mark.parametrize(
    "run", ["x\r\nBcc: eve@example.com", "x\r\n\r\nbody", "x\nBcc: eve@example.com", "ü"], ids=ascii
)
async def test_a_mail_whose_headers_would_be_read_otherwise_is_not_sent(run: str) -> None:
    async with mail_peer() as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)), result(run=run))
    assert ("header" in str(error), error.retryable, peer.mails) == (True, False, [])


async def test_a_line_with_only_a_dot_does_not_end_a_mail() -> None:
    mail = b"Subject: x\r\n\r\n.\r\nMAIL FROM:<eve@example.com>\r\n..\r\n"
    async with mail_peer() as peer:
        conversation = Conversation(host="h", port=peer.port, tls="none", addresses=("127.0.0.1",), seconds=5)
        await asyncio.to_thread(conversation.send, "o@example.com", "ada@example.com", mail)
    assert [content for _, _, content in peer.mails] == [mail]


async def test_an_address_that_takes_no_connection_is_passed_over() -> None:
    async with mail_peer() as peer:
        conversation = Conversation(
            host="h", port=peer.port, tls="none", addresses=("127.0.0.2", "127.0.0.1"), seconds=5
        )
        proof = await asyncio.to_thread(conversation.send, "o@example.com", "ada@example.com", b"Subject: x\r\n\r\n")
    assert proof.text == "250 queued as 42"


async def test_a_name_of_the_sender_is_only_a_name() -> None:
    message = await received(from_='Grüße, "Bob" <octops@example.com>')
    (address,) = message["From"].addresses
    assert (address.display_name, address.addr_spec) == ('Grüße, "Bob', "octops@example.com")


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "..\n.\n..",
        "a\n.\nQUIT\n",
        "\r\n.\r\nMAIL FROM:<eve@example.com>\r\n",
        "--=_dlv_0123456789abcdef--",
        "\x00\x1b[2J",
        "",
    ],
    ids=ascii,
)
async def test_no_text_ends_the_mail_early(text: str) -> None:
    message = await received(result(text=text))
    assert part(message, "text/plain") == text.replace("\r\n", "\n")
    assert len(list(message.iter_parts())) == 2


async def test_each_recipient_gets_a_mail_of_their_own() -> None:
    async with mail_peer() as peer:
        outlets = prepare(to(peer, to=["ada@example.com", "grace@example.com"]), surroundings(peer.allow))
        for outlet in outlets:
            await outlet.deliverer.deliver(result())
    assert [mail[1] for mail in peer.mails] == [["ada@example.com"], ["grace@example.com"]]
    assert [outlet.recipient for outlet in outlets] == ["ada@example.com", "grace@example.com"]


async def test_the_proof_is_what_the_server_said() -> None:
    async with mail_peer() as peer:
        proof = await one(to(peer), surroundings(peer.allow)).deliverer.deliver(result())
    assert proof.text == "250 queued as 42"


def protected_peer(tls: str, own: Certificate) -> AbstractAsyncContextManager[MailPeer]:
    first, later = (own.context, None) if tls == "tls" else (None, own.context)
    return mail_peer(tls=first, starttls=later, login=True)


LOGIN = {"username": "octops", "password": {"env": "PASSWORD"}}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_protected_connection_logs_in_and_delivers(
    tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    async with protected_peer(tls, own) as peer:
        around = surroundings(peer.allow, PASSWORD="correct-horse")
        await one(to(peer, tls=tls, **LOGIN), around).deliverer.deliver(result())
    assert (peer.logins, len(peer.mails)) == ([("octops", "correct-horse")], 1)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
async def test_no_password_is_told_to_a_server_that_cannot_be_trusted(
    tls: str, name: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    async with protected_peer(tls, own) as peer:
        around = surroundings(peer.allow, PASSWORD="correct-horse")
        error = await refusal(one(to(peer, tls=tls, **LOGIN), around))
    assert ("certificate" in str(error), error.retryable, peer.logins, peer.mails) == (True, False, [], [])


async def test_a_server_that_hides_starttls_gets_nothing() -> None:
    async with mail_peer() as peer:
        error = await refusal(one(to(peer, tls="starttls"), surroundings(peer.allow)))
    assert ("STARTTLS" in str(error), error.retryable, peer.mails) == (True, False, [])


@pytest.mark.parametrize(
    ("refuse", "retryable"),
    [
        ({"RCPT": "450 4.2.1 try later"}, True),
        ({"RCPT": "550 5.1.1 no such user"}, False),
        ({"DATA": "452 4.3.1 full"}, True),
        ({"DATA": "554 5.7.1 spam"}, False),
    ],
)
async def test_a_refusal_by_the_server_says_whether_to_try_again(refuse: dict[str, str], retryable: bool) -> None:
    async with mail_peer(refuse=refuse) as peer:
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert (error.retryable, error.certain, next(iter(refuse.values())) in str(error)) == (retryable, True, True)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"tls": "none", "port": 26}, "not protected"),
        ({"to": "ada@example.com,eve@example.com"}, "`to`"),
        ({"to": "ada@example.com\r\nRCPT TO:<eve@example.com>"}, "`to`"),
        ({"to": "ada(x)@example.com"}, "`to`"),
        ({"to": "ädä@example.com"}, "`to`"),
        ({"from": "Eve <a@b@c>"}, "`from`"),
        ({"reply_to": "a b@c"}, "`reply_to`"),
        ({"username": "ü", "password": {"env": "PASSWORD"}}, "`username`"),
        ({"username": "u", "password": {"env": "SPLIT"}}, "`password`"),
        ({"username": "u", "password": {"env": "NONE"}}, "`NONE` is not set"),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_spent(config: dict[str, Any], said: str) -> None:
    around = surroundings("127.0.0.1:25", PASSWORD="pw-pw-pw", SPLIT="pw1\nRSET")
    with pytest.raises(DeliveryError, match=said) as refused:
        one(to(MailPeer(port=25), **config), around)
    assert not refused.value.retryable


async def test_a_private_mail_server_is_not_reached_unless_it_is_allowed() -> None:
    error = await refusal(one(to(MailPeer(port=25), tls="tls"), surroundings()))
    assert ("network.allow" in str(error), error.retryable) == (True, False)


def scripted(*replies: bytes, then: str = "close") -> Any:
    """A mail server that answers line by line, whatever is said, and in the end hangs, closes, drips or floods."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        in_mail = False
        for number, reply in enumerate(replies):
            if number:
                await (reader.readuntil(b"\r\n.\r\n") if in_mail else reader.readline())
            writer.write(reply)
            await writer.drain()
            in_mail = reply.startswith(b"354")
        if then != "flood":
            await (reader.readuntil(b"\r\n.\r\n") if in_mail else reader.readline())
        if then == "hang":
            await asyncio.sleep(60)
        while then in ("drip", "flood"):
            writer.write(b"250-x\r\n" * 1000 if then == "flood" else b"2")
            await writer.drain()
            await asyncio.sleep(0 if then == "flood" else 0.1)

    return talk


HELLO = (b"220 hi\r\n", b"250 hi\r\n")
ENVELOPE = (*HELLO, b"250 ok\r\n", b"250 ok\r\n")


async def test_a_wrong_password_is_not_tried_again_and_not_told() -> None:
    replies = (b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 no, wrong-horse is wrong\r\n")
    async with serving(scripted(*replies)) as port:
        peer = MailPeer(port=port)
        outlet = one(to(peer, **LOGIN), surroundings(peer.allow, PASSWORD="wrong-horse"))
        error = await refusal(outlet)
    assert ("535" in str(error), error.retryable, "wrong-horse" in f"{error}{outlet!r}") == (True, False, False)


@pytest.mark.parametrize("offer", [b"250 hi\r\n", b"250-hi\r\n250 AUTH SECRET-HANDSHAKE\r\n"])
async def test_a_server_without_a_login_we_know_gets_nothing(offer: bytes) -> None:
    async with serving(scripted(b"220 hi\r\n", offer, *ENVELOPE)) as port:
        peer = MailPeer(port=port)
        error = await refusal(one(to(peer, **LOGIN), surroundings(peer.allow, PASSWORD="correct-horse")))
    assert ("login" in str(error), error.retryable) == (True, False)


@pytest.mark.parametrize("then", ["close", "hang", "drip"])
@pytest.mark.parametrize(
    ("replies", "certain"),
    [(HELLO, True), (ENVELOPE, True), ((*ENVELOPE, b"354 go\r\n"), False)],
    ids=["hello", "envelope", "data"],
)
async def test_after_the_mail_was_handed_over_silence_means_it_may_have_arrived(
    replies: tuple[bytes, ...], certain: bool, then: str
) -> None:
    began = time.monotonic()
    async with serving(scripted(*replies, then=then)) as port:
        peer = MailPeer(port=port)
        error = await refusal(one(to(peer, timeout_seconds=0.5 if certain else 2), surroundings(peer.allow)))
    assert (error.retryable, error.certain, time.monotonic() - began < SOON) == (True, certain, True)


async def test_a_server_that_never_stops_talking_is_left() -> None:
    async with serving(scripted(b"220-hi\r\n", then="flood")) as port:
        peer = MailPeer(port=port)
        error = await refusal(one(to(peer, timeout_seconds=5), surroundings(peer.allow)))
    assert "does not speak SMTP" in str(error)


async def test_a_mail_that_was_taken_is_delivered_even_if_the_goodbye_fails() -> None:
    async with serving(scripted(*ENVELOPE, b"354 go\r\n", b"250 taken\r\n")) as port:
        peer = MailPeer(port=port)
        proof = await one(to(peer), surroundings(peer.allow)).deliverer.deliver(result())
    assert proof.text == "250 taken"


async def test_a_proof_does_not_tell_a_secret_the_server_repeats() -> None:
    login = (b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"235 ok\r\n")
    async with serving(scripted(*login, *ENVELOPE[2:], b"354 go\r\n", b"250 for correct-horse\r\n")) as port:
        peer = MailPeer(port=port)
        outlet = one(to(peer, **LOGIN), surroundings(peer.allow, PASSWORD="correct-horse"))
        proof = await outlet.deliverer.deliver(result())
    assert proof.text == "250 for [redacted]"


async def test_a_refused_connection_surely_did_not_arrive() -> None:
    async with mail_peer() as peer:
        pass
    error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert (error.retryable, error.certain, "connected" in str(error)) == (True, True, True)


async def test_words_of_the_server_come_on_one_line_without_escapes() -> None:
    async with serving(scripted(*HELLO, b"550-a\x1b[31m\r\n550 b\r\n")) as port:
        peer = MailPeer(port=port)
        error = await refusal(one(to(peer), surroundings(peer.allow)))
    assert "550 a [31m b" in str(error)


async def test_an_interrupted_delivery_lets_go_of_its_connection() -> None:
    async with serving(scripted(*HELLO, then="hang")) as port:
        peer = MailPeer(port=port)
        sending = asyncio.ensure_future(one(to(peer), surroundings(peer.allow)).deliverer.deliver(result()))
        await asyncio.sleep(0.2)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        began = time.monotonic()
        await asyncio.get_running_loop().shutdown_default_executor()
    assert time.monotonic() - began < SOON
