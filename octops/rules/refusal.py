"""A no with its reason and its cure: changes with what is said about something that can never work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`at` leads to the key of the declaration it is about."""

    code: str
    what: str
    cure: str
    at: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.what}; {self.cure}"
