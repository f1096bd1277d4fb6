from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from octops.errors import UsageError
from octops.platforms.client import ATTEMPTS, Client, PlatformError, checked_base, persistently
from octops.platforms.comments import put
from octops.platforms.github import GitHubThread, headers
from tests.platforms.servers import Fault, Platform, github

MARKER = "<!-- octops-plan -->"


@pytest.fixture
def hub() -> Iterator[Platform]:
    with github() as platform:
        yield platform


def say(hub: Platform, text: str = "text") -> list[float]:
    """Post with every attempt there is; the waits between them."""
    waits: list[float] = []
    with Client(base=hub.url, headers=headers(hub.token, "1")) as client:
        thread = GitHubThread(client=client, repository="ada/reports", number=12, token_is_of_an_app=True)
        persistently(lambda: put(thread, f"{MARKER}\n{text}", MARKER), sleep=waits.append)
    return waits


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(hub: Platform, status: int) -> None:
    hub.faults = [Fault(status), Fault(status)]
    assert len(say(hub)) == 2
    assert len(hub.bodies) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 301])
def test_what_stays_wrong_is_not(hub: Platform, status: int) -> None:
    hub.faults = [Fault(status, {"location": "http://127.0.0.1:1/"})]
    with pytest.raises(PlatformError, match=str(status)):
        say(hub)
    assert len(hub.requests) == 1


def test_retry_after_is_obeyed(hub: Platform) -> None:
    hub.faults = [Fault(429, {"retry-after": "17"})]
    (wait,) = say(hub)
    assert 17 <= wait <= 18


@pytest.mark.parametrize("extra", [{"retry-after": "3"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}])
def test_a_rate_limit_in_the_form_of_a_403_is_waited_for(hub: Platform, extra: dict[str, str]) -> None:
    hub.faults = [Fault(403, extra)]
    assert len(say(hub)) == 1


SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_that_does_not_say_how_long_is_waited_for_a_minute(hub: Platform, status: int) -> None:
    hub.faults = [Fault(status, message=SECONDARY)]
    assert say(hub) == [60.0]
    assert len(hub.bodies) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_is_called_one_and_says_when_it_ends(hub: Platform, status: int) -> None:
    end = (datetime.now(UTC) + timedelta(hours=4)).replace(minute=30, second=0, microsecond=0)
    hub.faults = [Fault(status, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{end.timestamp():.0f}"})]
    with pytest.raises(PlatformError) as caught:
        say(hub)
    (told,) = caught.value.diagnostics
    assert told.detail.startswith(f"this is a rate limit, which ends at {end:%Y-%m-%d %H:}")
    assert " hours" in told.detail
    assert told.detail.endswith("; the server says: something is wrong here")
    assert len(hub.requests) == 1


def test_who_asks_for_an_hour_is_not_waited_for(hub: Platform) -> None:
    hub.faults = [Fault(429, {"retry-after": "3600"})]
    with pytest.raises(PlatformError, match="429"):
        say(hub)
    assert len(hub.requests) == 1


def test_after_the_last_attempt_it_is_an_error_that_says_why(hub: Platform) -> None:
    hub.faults = [Fault(503) for _ in range(ATTEMPTS)]
    with pytest.raises(PlatformError, match="503 Service Unavailable") as caught:
        say(hub)
    assert caught.value.diagnostics[0].detail == "something is wrong here"
    assert len(hub.requests) == ATTEMPTS


def test_a_comment_whose_answer_was_lost_is_not_written_twice(hub: Platform) -> None:
    hub.faults = [Fault(502, method="POST", lost=True)]
    say(hub)
    assert len(hub.bodies) == 1


def test_nobody_at_the_address_is_an_error_without_the_token() -> None:
    client = Client(base="http://127.0.0.1:9", headers=headers("ghs_secret", "1"))
    with client, pytest.raises(PlatformError, match="could not be reached") as caught:
        persistently(lambda: client.ask("GET", "/user"), sleep=lambda _: None)
    assert "ghs_secret" not in str(caught.value) + repr(client)


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "https://ghe.example.com/api/v3/", "http://127.0.0.1:80", "http://[::1]:1"]
)
def test_an_address_is_https_or_on_this_machine(url: str) -> None:
    assert checked_base(url, "X") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "http://10.0.0.1",
        "ftp://a",
        "https://",
        "",
        "https://u:p@a",
        "https://a?x=1",
        "http://127.0.0.1.evil.example",
    ],
)
def test_a_token_goes_nowhere_else(url: str) -> None:
    with pytest.raises(UsageError):
        checked_base(url, "X")
