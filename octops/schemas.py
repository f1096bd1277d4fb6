"""Where the JSON Schemas of the files lie, and what they say a source or a destination touches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

KINDS = ("task", "skill", "source", "destination", "octops", "plan", "run")


@dataclass(frozen=True, slots=True)
class EffectKey:
    """A key of a source or destination that reaches outside, as the schema's `x-octops-effect` says.

    `effect` is `host`, `url`, `command`, `recipient`, `path`, `branch` or `read`; `path` leads to the key from the
    file's root. A key with two effects gives two of these.
    """

    path: tuple[str, ...]
    effect: str


def schema_text(kind: str) -> str:
    """The schema of one kind as it stands in its file. KeyError for a kind that is not in KINDS."""
    if kind not in KINDS:
        raise KeyError(kind)
    return (_folder() / f"{kind}.schema.json").read_text(encoding="utf-8")


@lru_cache(maxsize=len(KINDS))
def schema(kind: str) -> dict[str, Any]:
    """The schema of one kind, parsed once: do not change it."""
    parsed: dict[str, Any] = json.loads(schema_text(kind))
    return parsed


@lru_cache(maxsize=64)
def effect_keys(kind: str, type_: str) -> tuple[EffectKey, ...]:
    """The keys of one type of source or destination that reach outside, in the schema's order."""
    found = (
        EffectKey(path, effect)
        for path, node in _reachable(schema(kind), _branch(kind, type_))
        for effect in _words(node.get("x-octops-effect", ()))
    )
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def fixed_hosts(kind: str, type_: str) -> tuple[str, ...]:
    """The hosts every source or destination of this type may reach, whatever its file says."""
    nodes = (node for _, node in _reachable(schema(kind), _branch(kind, type_)))
    return tuple(dict.fromkeys(host for node in nodes for host in node.get("x-octops-hosts", ())))


def _folder() -> Path:
    # A wheel carries the schemas inside the package; a checkout and an editable install have them beside it.
    packaged = Path(__file__).with_name("schemas")
    return packaged if packaged.is_dir() else Path(__file__).parent.with_name("schemas")


def _words(annotation: str | Sequence[str]) -> Sequence[str]:
    return (annotation,) if isinstance(annotation, str) else annotation


def _branch(kind: str, type_: str) -> Mapping[str, Any]:
    for rule in schema(kind).get("allOf", ()):
        if rule["if"]["properties"].get("type", {}).get("const") == type_:
            then: Mapping[str, Any] = rule["then"]
            return then
    return {}


def _reachable(
    root: Mapping[str, Any], node: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every subschema that may say something about the same file, with the path of the key it is about."""
    yield path, node
    if "$ref" in node:
        yield from _reachable(root, root["$defs"][node["$ref"].removeprefix("#/$defs/")], path)
    for rule in (*node.get("allOf", ()), *(node[word] for word in ("then", "else") if word in node)):
        yield from _reachable(root, rule, path)
    for key, value in node.get("properties", {}).items():
        yield from _reachable(root, value, (*path, key))
