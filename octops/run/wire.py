"""The shapes that litellm takes and gives (OpenAI's chat format) ⇄ our messages, tools and replies."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from octops.model.ids import Value
from octops.model.run import Message, Reply, ToolCall, ToolSpec, Usage

_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9_-]")
_STOPS: Final = {
    "end_turn": "stop",
    "eos": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
    "safety": "content_filter",
}


def spoken(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [_spoken(message) for message in messages]


def offered(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": plain(tool.schema)},
        }
        for tool in tools
    ]


def response_format(schema: Mapping[str, Value]) -> dict[str, Any]:
    """Not strict: what providers call strict refuses most ordinary schemas, and we check the answer anyway."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": plain(schema), "strict": False}}


def heard(response: Any) -> Reply | None:
    """None: an answer without a choice. Usage has no cost yet; ids of tool calls are made unique."""
    choices = getattr(response, "choices", None) or ()
    if not choices:
        return None
    message, usage = choices[0].message, getattr(response, "usage", None)
    reason = str(choices[0].finish_reason or "stop")
    return Reply(
        text=whole(message.content) if isinstance(message.content, str) else "",
        tool_calls=_tool_calls(getattr(message, "tool_calls", None) or ()),
        stop_reason=_STOPS.get(reason, reason),
        model=whole(str(getattr(response, "model", "") or "")),
        usage=Usage(
            input_tokens=_count(getattr(usage, "prompt_tokens", 0)),
            output_tokens=_count(getattr(usage, "completion_tokens", 0)),
            cost_usd=None,
        ),
    )


def billed(response: Any) -> float | None:
    """What litellm takes the call to have cost; None where its table does not know the model."""
    cost = (getattr(response, "_hidden_params", None) or {}).get("response_cost")
    return cost if isinstance(cost, float | int) and math.isfinite(cost) and cost >= 0 else None


def whole(text: str) -> str:
    """Text that every file can hold: halves of surrogate pairs, which JSON can carry, become `\ufffd`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def plain(value: Any) -> Any:
    """Frozen mappings and tuples as JSON libraries like them."""
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(entry) for entry in value]
    return value


def _spoken(message: Message) -> dict[str, Any]:
    # Rebuilt from our own nouns: litellm's message objects carry provider fields that others refuse.
    shape: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.role == "tool":
        shape["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        shape["content"] = message.text or None
        shape["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                # Invalid JSON would make some providers refuse the whole conversation.
                "function": {"name": _name(call.name), "arguments": json.dumps(plain(call.arguments or {}))},
            }
            for call in message.tool_calls
        ]
    return shape


def _name(name: str) -> str:
    """A tool that a model made up may have a name that providers refuse to read again."""
    return _OUTSIDE.sub("_", name)[:64] or "_"


def _tool_calls(calls: Sequence[Any]) -> tuple[ToolCall, ...]:
    found: dict[str, ToolCall] = {}
    for number, call in enumerate(calls, 1):
        wanted = whole(str(getattr(call, "id", "") or "")) or f"call_{number}"
        name = wanted if wanted not in found else f"{wanted}_{number}"
        found[name] = _tool_call(name, call.function)
    return tuple(found.values())


def _tool_call(name: str, function: Any) -> ToolCall:
    raw = function.arguments
    text = whole(raw if isinstance(raw, str) else json.dumps(plain(raw)))
    return ToolCall(id=name, name=whole(str(function.name or "")), arguments=_arguments(text), raw=text)


def _arguments(raw: str) -> Mapping[str, Value] | None:
    """No arguments at all are an empty object: models leave them out for tools that take none."""
    try:
        arguments = json.loads(raw.strip() or "{}", parse_constant=_refused)
        json.dumps(arguments, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0
