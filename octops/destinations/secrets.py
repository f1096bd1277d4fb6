"""Secrets of a destination: put where `{env: NAME}` stands, and kept out of everything that is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from octops.model.ids import Value
from octops.model.run import DeliveryError
from octops.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    config: Mapping[str, Any] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


def resolve(config: Mapping[str, Value], known: Mapping[str, str]) -> Resolved:
    """The keys with every `{env: NAME}` replaced. Raises DeliveryError with the names of all that are not set."""
    missing: dict[str, None] = {}
    used: dict[str, None] = {}

    def value_of(value: Value) -> Any:
        match value:
            case {"env": str(name), **rest} if not rest:
                # A line end is what an editor or a pipe left behind, never part of a key.
                secret = known.get(name, "").rstrip("\r\n")
                (used if secret else missing).setdefault(secret or name)
                return secret
            case Mapping():
                return {key: value_of(item) for key, item in value.items()}
            case list() | tuple():
                return tuple(value_of(item) for item in value)
            case _:
                return value

    resolved = {key: value_of(value) for key, value in config.items()}
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        plural = "variables {} are" if len(missing) > 1 else "variable {} is"
        raise DeliveryError(f"the environment {plural.format(names)} not set", retryable=False)
    return Resolved(config=resolved, secrets=tuple(used))


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """The text without any of the secrets, however they are spelled."""
    return Redactor(secrets).text(text)


@contextmanager
def redacted_errors(secrets: tuple[str, ...]) -> Iterator[None]:
    """Lets a DeliveryError through without the secrets in its words."""
    try:
        yield
    except DeliveryError as error:
        raise DeliveryError(
            redacted(str(error), secrets),
            retryable=error.retryable,
            certain=error.certain,
            retry_after=error.retry_after,
        ) from None
