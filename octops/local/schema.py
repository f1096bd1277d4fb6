"""JSON Schemas as the runtime's grammar takes them: whole in themselves, without what it only warns of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from octops.model.ids import Value

_DROPPED: Final = frozenset(("$schema", "$id", "$defs", "definitions", "$comment", "examples", "default"))
_UNSUPPORTED: Final = ("(?", "\\b", "\\B", "\\p", "\\P")
_DEEPEST: Final = 24


def bounded(schema: Mapping[str, Value]) -> dict[str, Any]:
    """References into the same document are replaced by what they mean, so that the schema can stand inside another.

    One that leads into itself, or out of the document, allows anything.
    """
    found = _written(schema, schema, (), 0)
    return found if isinstance(found, dict) else {}


def _written(value: Any, root: Mapping[str, Value], through: tuple[str, ...], depth: int) -> Any:
    if depth > _DEEPEST:
        return {}
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str):
            target = None if reference in through else _target(reference, root)
            return {} if target is None else _written(target, root, (*through, reference), depth + 1)
        return {
            key: _entry(key, entry, root, through, depth + 1)
            for key, entry in value.items()
            if key not in _DROPPED and not (key == "pattern" and _foreign(entry))
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_written(entry, root, through, depth + 1) for entry in value]
    return value


def _entry(key: str, entry: Any, root: Mapping[str, Value], through: tuple[str, ...], depth: int) -> Any:
    if key in ("const", "enum"):
        return entry
    if key == "properties" and isinstance(entry, Mapping):
        # Names, not keywords: a property may be called `default`.
        return {name: _written(schema, root, through, depth + 1) for name, schema in entry.items()}
    return _written(entry, root, through, depth)


def _target(reference: str, root: Mapping[str, Value]) -> Any:
    if not reference.startswith("#"):
        return None
    place: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if key:
            place = place.get(key) if isinstance(place, Mapping) else None
    return place


def _foreign(pattern: object) -> bool:
    """The grammar follows whole-text patterns of plain classes; for others it prints a warning and takes any text."""
    text = pattern if isinstance(pattern, str) else ""
    whole = text.startswith("^") and text.endswith("$")
    return not whole or any(word in text for word in _UNSUPPORTED)
