"""What a model would be sent, for `octops render`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from octops.model.ids import TaskId, instant_text
from octops.model.run import Message
from octops.report.escape import terminal, terminal_lines, workflow_safe_lines
from octops.report.paint import Style, paint
from octops.report.words import count, local_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A task's messages at one slot, before any tool or model was asked."""

    task: TaskId
    model: str
    """The litellm id an alias stands for."""
    messages: tuple[Message, ...]
    skills: tuple[str, ...] = ()
    """Ids in the order in which their texts stand before the prompt."""
    tools: tuple[str, ...] = ()
    """`source: pattern`, as the plan lists them."""
    input_tokens: int = 0
    """Estimated from the length of the messages."""
    scheduled_at: datetime | None = None
    timezone: str = "UTC"


def render_json(rendering: Rendering) -> dict[str, Any]:
    """The exact texts, unescaped but for JSON."""
    slot = rendering.scheduled_at
    return {
        "task": rendering.task,
        "scheduled_at": instant_text(slot) if slot else None,
        "model": rendering.model,
        "skills": list(rendering.skills),
        "tools": list(rendering.tools),
        "estimate": {"input_tokens": rendering.input_tokens},
        "messages": [{"role": message.role, "text": message.text} for message in rendering.messages],
        "diagnostics": [],
    }


def render_text(rendering: Rendering, *, color: bool = False) -> str:
    """For people: texts are indented, so that nothing in them can look like the next message."""
    lines = [*_head(rendering), *_messages(rendering, color)]
    return workflow_safe_lines("\n".join(lines) + "\n")


def _head(rendering: Rendering) -> Iterator[str]:
    slot = rendering.scheduled_at
    facts = {
        "task": rendering.task,
        "slot": local_time(slot, rendering.timezone) if slot else "none, started by hand",
        "model": rendering.model or "none",
        "skills": ", ".join(rendering.skills) or "none",
        "tools": ", ".join(rendering.tools) or "none",
        "tokens": f"about {count(rendering.input_tokens, 'token')} before tool results",
    }
    yield from (f"{name:<7} {terminal(text)}" for name, text in facts.items())


def _messages(rendering: Rendering, color: bool) -> Iterator[str]:
    for message in rendering.messages:
        yield ""
        yield paint(f"{terminal(message.role)}:", Style.HEADING, color)
        for line in terminal_lines(message.text.rstrip("\n")).split("\n"):
            yield f"  {line}" if line else ""
