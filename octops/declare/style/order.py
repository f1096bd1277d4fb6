"""Keys in the order of their schema: changes with what decides which branch of a schema applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from octops.declare.branches import applying
from octops.declare.style.nodes import Container, Entry, Node
from octops.schemas import schema

_Schema = Mapping[str, Any]


def arrange(node: Node, value: Any, kind: str) -> None:
    """Put the keys of a document of `kind` in order; `value` is what the document says. Free mappings stay."""
    root = schema(kind)
    _arrange(node, value, root, [root])


def _arrange(node: Node, value: Any, root: _Schema, branches: Sequence[_Schema]) -> None:
    if not isinstance(node, Container):
        return
    rules = [it for branch in branches for it in applying(root, branch, value)]
    # The longest list of keys is the one that says how they follow each other.
    rules.sort(key=lambda it: -len(it.get("properties", ())))
    if node.mapping and isinstance(value, dict):
        names = list(dict.fromkeys(name for it in rules for name in it.get("properties", ())))
        places = {name: place for place, name in enumerate(names)}
        node.entries.sort(key=lambda entry: places.get(_name(entry), len(places)))
        for entry in node.entries:
            _enter(entry, value.get(_name(entry)), root, list(_below(rules, _name(entry))))
    elif not node.mapping and isinstance(value, list):
        below = [it["items"] for it in rules if isinstance(it.get("items"), dict)]
        for entry, item in zip(node.entries, value, strict=False):
            _enter(entry, item, root, below)


def _enter(entry: Entry, value: Any, root: _Schema, branches: Sequence[_Schema]) -> None:
    if not isinstance(entry.value, Container):
        return
    if any("destination.schema.json" in branch.get("$comment", "") for branch in branches):
        root = schema("destination")
        branches = [root]
    _arrange(entry.value, value, root, branches)


def _name(entry: Entry) -> str:
    return entry.key.value if entry.key else ""


def _below(rules: Sequence[_Schema], name: str) -> Iterator[_Schema]:
    for it in rules:
        below = it.get("properties", {}).get(name, it.get("additionalProperties"))
        if isinstance(below, dict):
            yield below
