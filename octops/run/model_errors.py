"""Why a model call failed: what litellm raised → status, whether to ask again, and words for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from octops.redaction import Redactor

LONGEST_MESSAGE: Final = 500
_RETRYABLE: Final = frozenset((408, 409, 425, 429))
_NEVER_CONNECTED = frozenset(("ConnectError", "ConnectTimeout", "ClientConnectorError", "ConnectionRefusedError"))
_BROKEN = frozenset(("ReadError", "WriteError", "RemoteProtocolError", "ServerDisconnectedError", "ConnectionError"))
"""Names of httpx's, aiohttp's and Python's own classes."""
_NO_PROVIDER: Final = "LLM Provider NOT provided"
_PREFIX = re.compile(r"^(?:litellm\.)?(?:[A-Za-z_]*(?:Error|Timeout|Exception|Error_str)\b[:\s.-]*)+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]+")


class Cause(StrEnum):
    STATUS = "status"
    """The provider answered with an error status."""
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    BROKEN = "broken"
    """The connection was there and ended before the answer did."""
    ANSWER = "answer"
    """The provider answered 200 with something that is no answer."""
    REQUEST = "request"
    """litellm refused to send it."""
    PROVIDER = "provider"
    """litellm knows nobody of that name to send it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFault:
    """One failed attempt. `status` is what came over the wire, 0 when nothing did."""

    cause: Cause
    status: int = 0
    text: str = ""
    retry_after: str = ""
    web_page: bool = False
    """A page for people came back: asking again will not help."""

    @property
    def retryable(self) -> bool:
        if self.cause is Cause.STATUS:
            return self.status in _RETRYABLE or self.status >= 500
        if self.cause is Cause.ANSWER:
            return not self.web_page
        return self.cause in (Cause.TIMEOUT, Cause.CONNECTION, Cause.BROKEN)


def fault_of(error: Exception) -> CallFault:
    """Judged by what lies under litellm's exception: its own class and status are often made up.

    A refused connection and a page of HTML are both "500" to litellm, Anthropic's 413 is "400", its 529 "500".
    """
    chain = tuple(_chain(error))
    text = str(error)
    status = next((found for link in reversed(chain) if (found := _wire_status(link))), 0)
    if status >= 300:
        return CallFault(cause=Cause.STATUS, status=status, text=text, retry_after=_retry_after(error))
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    claimed = getattr(error, "status_code", None)
    if names & {"Timeout", "TimeoutException", "TimeoutError", "APITimeoutError"} or claimed == 408:
        return CallFault(cause=Cause.TIMEOUT, text=text)
    if names & {"TransportError", "ClientConnectionError", "APIConnectionError", "OSError"} and not _parsed(chain):
        cause = Cause.BROKEN if names & _BROKEN and not names & _NEVER_CONNECTED else Cause.CONNECTION
        return CallFault(cause=cause, text=str(chain[-1]) or text)
    if _NO_PROVIDER in text:
        return CallFault(cause=Cause.PROVIDER, text="its provider is not one that litellm knows")
    if isinstance(claimed, int) and 400 <= claimed < 500:
        return CallFault(cause=Cause.REQUEST, text=text)
    return CallFault(cause=Cause.ANSWER, text=text, web_page="<html" in text.lower() or "<!doctype" in text.lower())


def sentence(text: str, secrets: Sequence[str], longest: int = LONGEST_MESSAGE) -> str:
    """One bounded line without secrets, control characters and litellm's class names."""
    text = Redactor(secrets).text(text)
    text = text.split("\nTraceback (most recent call last)")[0]
    text = _said(_PREFIX.sub("", text.strip()))
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def hint_for(fault: CallFault, *, model: str, variable: str, api_base: bool) -> str:
    """What a person can do about it. `variable`: where the key came from; `api_base`: octops.yaml names the address."""
    key = f"`{variable}`" if variable else "the key"
    place = "`api_base`" if api_base else "the network"
    match fault.cause:
        case Cause.TIMEOUT:
            return "raise `limits.seconds`, ask for less, or set a `fallback` for the model"
        case Cause.CONNECTION:
            return f"check {place}: nothing there takes the connection"
        case Cause.BROKEN:
            return f"run it again later, or check {place}: the connection was taken, and broken off before the answer"
        case Cause.ANSWER:
            return f"check {place}: what answers there does not speak the provider's protocol"
        case Cause.REQUEST:
            return f"check the model name `{model}` and its `options` in octops.yaml"
        case Cause.PROVIDER:
            return (
                "write the model as `provider/model`, such as `anthropic/claude-sonnet-4-5`, or an alias of octops.yaml"
            )
        case Cause.STATUS:
            return _status_hint(fault, model, key, place)


def _status_hint(fault: CallFault, model: str, key: str, place: str) -> str:
    words = fault.text.lower()
    if fault.status in (400, 413, 422) and ("context" in words or "too long" in words or "too large" in words):
        return "the prompt with its data is too long for the model: shorten it, or take a model with a longer context"
    hints: Mapping[int, str] = {
        401: f"check {key}: the provider does not accept it",
        402: "the account has no credit left",
        403: f"{key} may not use `{model}`: check the account's rights and its region",
        404: f"check the model name `{model}`" + (" and `api_base`" if place == "`api_base`" else ""),
        429: "too many requests or no credit: raise the account's limit, or set a `fallback` for the model",
    }
    if fault.status < 400:
        return f"check {place}: redirects are not followed"
    if fault.status >= 500:
        return "the provider has trouble: run it again later, or set a `fallback` for the model"
    return hints.get(fault.status, f"check the model name `{model}` and its `options` in octops.yaml")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _wire_status(link: BaseException) -> int:
    """Only httpx's own exception and the provider SDK's tell what was received; litellm's carry made-up responses."""
    own = type(link).__module__.split(".")[0]
    status = getattr(getattr(link, "response", None), "status_code", None)
    return status if own in ("httpx", "openai") and isinstance(status, int) else 0


def _parsed(chain: Sequence[BaseException]) -> bool:
    return any(isinstance(link, ValueError | LookupError | TypeError | AttributeError) for link in chain[1:])


def _retry_after(error: Exception) -> str:
    headers = getattr(error, "litellm_response_headers", None) or {}
    found = headers.get("retry-after", "") if hasattr(headers, "get") else ""
    return found if isinstance(found, str) else ""


def _said(text: str) -> str:
    """The message inside a provider's error document, or the text itself."""
    start = text.find("{")
    if start < 0:
        return text
    try:
        document, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return text
    inner = document.get("error", document) if isinstance(document, dict) else document
    message = inner.get("message") if isinstance(inner, dict) else inner
    return message if isinstance(message, str) and message else text
