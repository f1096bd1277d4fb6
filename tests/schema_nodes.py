"""The subschemas of a schema file, one by one: changes with the JSON Schema words the files use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octops.schemas import schema

Node = dict[str, Any]
PARTS = ("properties", "$defs", "dependentSchemas")
CONDITIONS = ("if", "not", "dependentSchemas")


def nodes(node: Node, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every subschema with the way to it."""
    yield place, node
    for word, value in node.items():
        if word in PARTS:
            for key, part in value.items():
                yield from nodes(part, (*place, word, key))
        elif word in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
            if isinstance(value, dict):
                yield from nodes(value, (*place, word))
        elif word == "allOf":
            for number, part in enumerate(value):
                yield from nodes(part, (*place, word, str(number)))


def rules(kind: str) -> list[tuple[str, Node]]:
    """The subschemas that describe something, without those that only ask a question."""
    return [
        ("/".join(place), node) for place, node in nodes(schema(kind)) if not any(word in CONDITIONS for word in place)
    ]


def keys(kind: str) -> list[tuple[str, Node]]:
    """The subschemas of keys, each with what it refers to behind its own words."""
    found = []
    for place, node in rules(kind):
        parts = place.split("/")
        if len(parts) > 1 and parts[-2] == "properties":
            found.append((place, {**resolved(kind, node), **node}))
    return found


def resolved(kind: str, node: Node) -> Node:
    while "$ref" in node:
        node = schema(kind)["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node
