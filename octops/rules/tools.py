"""Which tools of a source may be called, as far as its file tells: a `local` source has the same ones everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from octops.model.ids import Value
from octops.model.project import Source

_PATTERN: Final[Mapping[str, Value]] = {
    "type": "string",
    "maxLength": 1000,
    "description": "A glob such as `docs/**/*.md`. Default: all files.",
}
FILE_TOOLS: Final[Mapping[str, Mapping[str, Value]]] = {
    "list_files": {"type": "object", "properties": {"pattern": _PATTERN}, "additionalProperties": False},
    "read_file": {
        "type": "object",
        "properties": {
            "path": {"type": "string", "maxLength": 4096, "description": "A path as list_files writes it."},
            "offset": {"type": "integer", "minimum": 1, "description": "The line to begin with. Default: 1."},
            "limit": {"type": "integer", "minimum": 1, "description": "How many lines. Default: as many as fit."},
        },
        "required": ["path"],
        "additionalProperties": False,
    },
    "search_files": {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "The text to look for."},
            "pattern": _PATTERN,
        },
        "required": ["text"],
        "additionalProperties": False,
    },
}


def is_declared(source: Source, tool: str) -> bool:
    """Whether the source's patterns let a model use the tool; `deny` wins."""
    return any(fnmatchcase(tool, pattern) for pattern in source.allow) and not any(
        fnmatchcase(tool, pattern) for pattern in source.deny
    )


def arguments_of(tool: str) -> tuple[str, ...]:
    """The names it takes."""
    properties = FILE_TOOLS[tool]["properties"]
    return tuple(properties) if isinstance(properties, Mapping) else ()


def needed_arguments(tool: str) -> tuple[str, ...]:
    required = FILE_TOOLS[tool].get("required")
    return tuple(map(str, required)) if isinstance(required, list) else ()
