"""What destinations are given besides their own keys: changes with what a delivery may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRequest:
    """One file to be put on a branch. Asked twice with the same content, the second changes nothing."""

    branch: str
    path: str
    content: bytes
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Shared by all deliveries of an apply."""

    secrets: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""
    commit: Callable[[CommitRequest], Awaitable[str]]
    """Gives the id of the commit that holds the file. Raises GitError; it must be safe to ask again after one."""
    now: Callable[[], datetime]
    version: str
    network_allow: tuple[str, ...] = ()
    """`host` or `host:port`: plain connections and private addresses may be used there."""
    records_branch: str = "octops/runs"
