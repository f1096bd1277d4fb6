"""One JSON API over HTTPS: which addresses may be asked, what an answer means, when to ask again."""

from __future__ import annotations

import ipaddress
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from octops.errors import Diagnostic, OctopsError, UsageError
from octops.report.words import duration
from octops.run.retry import retry_after_seconds, wait_seconds

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is not waited for."""
_SECONDS = 30.0
_RETRYABLE = frozenset({408, 425, 429})
_OF_A_LIMIT = frozenset({403, 429})
_SECONDARY = "secondary rate limit"
_T = TypeVar("_T")


class PlatformError(OctopsError):
    """The platform did not do what it was asked. `after` is set when another attempt may help."""

    def __init__(self, summary: str, *, detail: str = "", again: bool = False, after: float | None = None) -> None:
        super().__init__(Diagnostic(code="platform", summary=summary, detail=detail))
        self.again = again
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    value: Any
    """The JSON of the body."""
    headers: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Client:
    """Enter it to open the connection. Redirects are not followed: the token is for the address that was given."""

    base: str
    headers: Mapping[str, str] = field(repr=False)
    cures: Mapping[int, str] = field(default_factory=dict)
    """Status → what to do about it, where the platform's own sentence leaves one alone."""
    requests: int = 0
    _http: httpx.Client | None = None

    def __enter__(self) -> Client:
        import httpx

        self._http = httpx.Client(headers=dict(self.headers), timeout=_SECONDS, follow_redirects=False)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._http is not None:
            self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        base: str = "",
    ) -> Answer:
        """One request, one answer; PlatformError for everything but success. `base`: another place of the server."""
        import httpx

        if self._http is None:
            raise RuntimeError("the client is not open")
        self.requests += 1
        try:
            response = self._http.request(method, f"{base or self.base}{path}", params=params, json=body)
        except httpx.HTTPError as error:
            what = f"{_host(self.base)} could not be reached: {type(error).__name__}"
            raise PlatformError(what, again=True) from error
        if not response.is_success:
            raise _refusal(response, f"{method} {path}", self.cures.get(response.status_code, ""))
        try:
            return Answer(value=response.json(), headers=response.headers)
        except ValueError as error:
            raise PlatformError(f"{_host(self.base)} did not answer with JSON", again=True) from error


def checked_base(url: str, variable: str) -> str:
    """The address without its last slash; UsageError unless it is https, or http on this machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"`{variable}` is not the address of an API", code="bad-address", detail="it is like https://…"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise UsageError(
            f"`{variable}` does not start with https://, and a token goes there",
            code="bad-address",
            detail="plain http is for servers on this machine only",
        )
    return url.rstrip("/")


def persistently(work: Callable[[], _T], *, sleep: Callable[[float], None] = time.sleep) -> _T:
    """Do the whole of `work` again while another attempt may help, as `Retry-After` says or with growing waits."""
    attempt = 1
    while True:
        try:
            return work()
        except PlatformError as error:
            if not error.again or attempt == ATTEMPTS or (error.after or 0) > LONGEST_WAIT:
                raise
            sleep(min(wait_seconds(attempt, error.after, random.random), LONGEST_WAIT))
            attempt += 1


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(base: str) -> str:
    return f"`{urlsplit(base).netloc}`"


def _refusal(response: httpx.Response, what: str, cure: str) -> PlatformError:
    status, said, now = response.status_code, _said(response), datetime.now(UTC)
    after = _asked_to_wait(response, said, now)
    limited = after is not None and status in _OF_A_LIMIT
    again = status >= 500 or status in _RETRYABLE or limited
    if limited and after is not None:
        cure = f"this is a rate limit, which ends {_at(now, after)}: then give this command again"
    if cure and said:
        said = f"{cure}; the server says: {said}"
    summary = f"{_host(str(response.url))} answered {_named(status)} to {what}"
    return PlatformError(summary, detail=said or cure, again=again, after=after if again else None)


def _asked_to_wait(response: httpx.Response, said: str, now: datetime) -> float | None:
    if "retry-after" in response.headers:
        return retry_after_seconds(response.headers["retry-after"], now)
    # GitHub's rate limits are a 403 without that header.
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and len(reset) < 12:
        return max(0.0, float(reset) - now.timestamp())
    # Its documents ask for "at least one minute" where a secondary one does not say how long.
    return LONGEST_WAIT if response.status_code in _OF_A_LIMIT and _SECONDARY in said.lower() else None


def _at(now: datetime, seconds: float) -> str:
    return f"at {now + timedelta(seconds=seconds):%Y-%m-%d %H:%M} UTC, in {duration(seconds)}"


def _said(response: httpx.Response) -> str:
    """What the platform itself gives as the reason."""
    try:
        body = response.json()
    except ValueError:
        return ""
    said = (body.get("message") or body.get("error") or "") if isinstance(body, Mapping) else ""
    return " ".join(str(said).split())[:300]


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
