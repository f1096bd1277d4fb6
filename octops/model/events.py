"""What a run tells while it goes on, for whoever shows progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from octops.model.run import Delivery, Record, ToolCall, ToolUse, Turn, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The model is asked; turns count from 1."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The model has spoken and calls tools: what it used so far is to be paid, whatever becomes of the run."""

    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """A tool call starts. Its arguments are the model's words: untrusted."""

    call: ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    use: ToolUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A turn is over, tool calls included. `usage` is the whole conversation's so far."""

    turn: Turn
    usage: Usage


Event: TypeAlias = Asking | Owed | Calling | Called | Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The run is claimed: nobody else will start it."""

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something the run goes on without: an optional source that did not open."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A delivery has come to an end, well or not."""

    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run's record stands."""

    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """The run is not ours: somebody else has it, finished it, or took it over."""

    reason: str


RunEvent: TypeAlias = Event | Started | Noted | Sent | Ended | LeftAlone
