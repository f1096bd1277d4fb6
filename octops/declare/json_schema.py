"""A JSON Schema that a user wrote into a file: whether it is one, and needs nothing outside itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from octops.declare.located import At, Key, Pointer, Problem

_REFERENCES = frozenset(("$ref", "$dynamicRef"))
_NAMES = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))
"""Keywords whose keys are names, not keywords."""
_VALUES = frozenset(("const", "enum", "default", "examples", "example"))
"""Keywords whose values are no schemas."""


def json_schema_problems(schema: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    """Everything that would keep the schema from being used; nothing is fetched."""
    from jsonschema_rs import meta

    bare = {key: value for key, value in schema.items() if key != "$schema"}
    if not meta.is_valid(bare):
        yield from _broken_rules(bare, at)
    else:
        yield from _walk(schema, schema, at)


def _broken_rules(schema: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        path = tuple(error.absolute_path)
        keyword = path[-1] if path else "schema"
        yield Problem(
            code="bad-json-schema",
            summary=f"this is not a JSON Schema: `{keyword}` cannot be what stands here",
            detail=f"JSON Schema, draft 2020-12, says: {error.message[:200]}",
            place=At(path=(*at, *path)),
        )


def _walk(node: Any, root: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _walk(item, root, (*at, index))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _keyword(key, value, root, (*at, key))


def _keyword(key: str, value: Any, root: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    if key in _REFERENCES and isinstance(value, str):
        yield from _reference(value, root, at)
    elif key == "pattern" and isinstance(value, str):
        yield from _pattern(value, At(path=at))
    elif key in _NAMES and isinstance(value, dict):
        for name, item in value.items():
            if key == "patternProperties":
                yield from _pattern(name, Key(path=(*at, name)))
            yield from _walk(item, root, (*at, name))
    elif key not in _VALUES:
        yield from _walk(value, root, at)


def _reference(target: str, root: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    if not target.startswith("#"):
        yield Problem(
            code="remote-reference",
            summary=f"the schema refers to `{target[:80]}`, which is outside the file",
            detail="write what it means under `$defs`, and refer to it as `#/$defs/<name>`: nothing is fetched",
            place=At(path=at),
        )
    elif target.startswith("#/") and not _resolves(target, root):
        yield Problem(
            code="bad-json-schema",
            summary=f"the schema refers to `{target[:80]}`, which it does not have",
            detail="write it under `$defs`, or correct the reference",
            place=At(path=at),
        )


def _resolves(target: str, root: Mapping[str, Any]) -> bool:
    here: Any = root
    for step in target[2:].split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and step.isdecimal() and int(step[:9]) < len(here):
            here = here[int(step[:9])]
        elif isinstance(here, dict) and step in here:
            here = here[step]
        else:
            return False
    return True


def _pattern(pattern: str, place: At | Key) -> Iterator[Problem]:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield Problem(
            code="bad-json-schema",
            summary=f"the pattern cannot be used: {error}",
            detail="write a regular expression that Python and JSON Schema both know",
            place=place,
        )
