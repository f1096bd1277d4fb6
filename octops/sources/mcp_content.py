"""The parts of an MCP result → one text: changes with what a model can be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def text_of(result: Mapping[str, Any]) -> str:
    """Texts as they are, anything else as a short word in brackets; structured content when there is no text."""
    parts = [_part(block) for block in result.get("content") or ()]
    structured = result.get("structured_content")
    if structured is not None and not any(block.get("type") == "text" for block in result.get("content") or ()):
        parts.append(json.dumps(structured, ensure_ascii=False))
    return "\n".join(parts)


def _part(block: Mapping[str, Any]) -> str:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "resource", "resource": {"text": str(text)}}:
            return text
        case {"type": "resource", "resource": {"blob": str(blob), **rest}}:
            return _left_out("file", rest, blob)
        case {"type": "resource_link", "uri": uri}:
            return f"[link: {uri}]"
        case {"type": str(kind), "data": str(octets), **rest}:
            return _left_out(kind, rest, octets)
    return "[content of an unknown type]"


def _left_out(kind: str, block: Mapping[Any, Any], octets: str) -> str:
    """Base64 of a picture says nothing to a model that reads text, and costs much."""
    words = [kind, str(block.get("mime_type") or ""), str(block.get("uri") or ""), f"{len(octets) * 3 // 4} bytes"]
    return f"[left out: {' '.join(word for word in words if word)}]"
