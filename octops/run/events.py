"""What a conversation tells while it goes on, for whoever shows progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from octops.model.run import ToolCall, ToolUse, Turn, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The model is asked; turns count from 1."""

    turn: int


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


Event: TypeAlias = Asking | Calling | Called | Answered
