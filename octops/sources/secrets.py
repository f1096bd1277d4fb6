"""Secrets of a source: put where `{env: NAME}` stands, at the last moment."""

from __future__ import annotations

from collections.abc import Mapping

from octops.model.ids import Value
from octops.model.run import ErrorKind
from octops.sources.opening import NotOpened


def resolved(value: Value, secrets: Mapping[str, str]) -> str:
    """The text itself, or the secret it refers to. Raises NotOpened with the name of a variable that is not set."""
    if not isinstance(value, Mapping):
        return str(value)
    name = str(value.get("env", ""))
    # A line end is what an editor or a pipe left behind, never part of a key.
    secret = secrets.get(name, "").rstrip("\r\n")
    if not secret:
        raise NotOpened(
            f"the environment variable `{name}` is not set",
            kind=ErrorKind.CONFIG,
            hint=f"set `{name}` where octops runs; in CI, pass the secret to the step that runs it",
        )
    return secret


def all_resolved(values: Value, secrets: Mapping[str, str]) -> dict[str, str]:
    """A mapping of texts and secrets, such as `env` and `headers`; nothing when the key is missing."""
    return {name: resolved(value, secrets) for name, value in values.items()} if isinstance(values, Mapping) else {}
