"""What a source of weights is asked for, what it tells on the way, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from octops.local.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a pull is: bytes of the file that are here. `note` is a sentence for people, often empty."""

    source: str
    done: int
    note: str = ""


class SourceFailed(Exception):
    """This source does not have the file, or not all of it, or another one; the next source is asked."""

    def __init__(self, message: str, *, wrong_hash: bool = False) -> None:
        super().__init__(message)
        self.wrong_hash = wrong_hash


Tell: TypeAlias = Callable[[Step], None]
Fetch: TypeAlias = Callable[[Weights, Path, Tell], None]
"""Bring the draft to its full length, going on from what it holds. Raises SourceFailed and OSError."""
