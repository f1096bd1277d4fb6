"""Which parts of a schema say something about a value: changes with the words our schemas decide by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = "Mapping[str, Any]"

_TYPES: Mapping[str, type] = {"string": str, "object": dict, "array": list}


def applying(root: Schema, branch: Schema, value: Any) -> Iterator[Schema]:
    """Every subschema that says something about this very value."""
    yield branch
    if "$ref" in branch:
        yield from applying(root, root["$defs"][branch["$ref"].removeprefix("#/$defs/")], value)
    for it in branch.get("allOf", ()):
        yield from applying(root, it, value)
    if "if" in branch:
        chosen = branch.get("then" if _holds(branch["if"], value) else "else")
        if chosen is not None:
            yield from applying(root, chosen, value)


def _holds(condition: Schema, value: Any) -> bool:
    """The few words our schemas use in an `if`."""
    if not isinstance(value, dict):
        return False
    if "not" in condition and _holds(condition["not"], value):
        return False
    if any(name not in value for name in condition.get("required", ())):
        return False
    return all(_is(rule, value[name]) for name, rule in condition.get("properties", {}).items() if name in value)


def _is(rule: Schema, value: Any) -> bool:
    if "const" in rule:
        return bool(value == rule["const"])
    if "enum" in rule:
        return value in rule["enum"]
    return isinstance(value, _TYPES.get(rule.get("type", ""), object))
