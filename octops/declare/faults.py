"""A broken rule of one file: what to say about it, and what cannot be used because of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from octops.declare.literal_secrets import fingerprint
from octops.declare.located import At, Pointer, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A problem of one file. `unusable` leads to what cannot be used because of it, None when everything can."""

    problem: Problem
    unusable: Pointer | None
    superfluous: bool = False
    """What is unusable is a key that does not belong there: without it the rest is as it should be."""
    silent: bool = False
    """Another problem has said it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule of a schema that a value does not keep."""

    kind: str
    keyword: str
    """`type`, `required`, `pattern` …"""
    rule: Any
    """What the schema says after the keyword."""
    node: Mapping[str, Any]
    """The part of the schema the keyword stands in."""
    way: tuple[str | int, ...]
    """From the top of the schema to the keyword, references included."""
    value: Any
    path: Pointer


def fault(code: str, summary: str, detail: str, path: Pointer) -> Fault:
    """A value that cannot be used."""
    return Fault(problem=Problem(code=code, summary=summary, detail=detail, place=At(path=path)), unusable=path)


def literal_secret(value: str, path: Pointer) -> Problem:
    """A secret written out where it must be a reference."""
    return secret_problem(
        "literal-secret",
        f"{label(path)} holds the secret itself ({fingerprint(value)})",
        path,
        after=", and change the secret at its provider: it is in the file's history",
    )


def secret_problem(code: str, summary: str, path: Pointer, *, after: str = "") -> Problem:
    """A value that must be a reference to a secret: it is never shown, and the cure is the same everywhere."""
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "secret")
    name = "".join(letter if letter.isalnum() else "_" for letter in key).upper()
    detail = f"write `{{env: {name}}}` with the name of an environment variable{after}"
    return Problem(code=code, summary=summary, detail=detail, place=At(path=path), secret=True)


def label(path: Pointer) -> str:
    """A path as people write it: `schedule.at`, `prefetch[0].tool`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return f"`{text}`"


def shown(value: object) -> str:
    """A value as it may stand in a sentence: short, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"
