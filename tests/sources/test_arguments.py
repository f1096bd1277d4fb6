from __future__ import annotations

import time
from typing import Any

import pytest

from octops.sources.arguments import Arguments, offered_schema
from tests.kit import SOON


def doubling(levels: int) -> dict[str, Any]:
    steps = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{levels}": {"type": "object"}}}


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


def test_complaints_say_where_and_what() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["m"]}
    assert Arguments(schema).complaints({"n": "x"}) == (
        '`arguments`: "m" is a required property',
        '`n`: "x" is not of type "integer"',
    )


def test_references_within_the_schema_are_followed() -> None:
    schema = {"properties": {"n": {"$ref": "#/$defs/count"}}, "$defs": {"count": {"minimum": 1}}}
    assert Arguments(schema).complaints({"n": 0}) == ("`n`: 0 is less than the minimum of 1",)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "frob"},
        {"$ref": "http://127.0.0.1:9/x"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        {"$dynamicRef": "#x"},
        {"properties": {"a": {"pattern": "(?=x)y"}}},
        doubling(60),
        deep(5000),
    ],
    ids=["broken", "web", "file", "itself", "nowhere", "dynamic", "lookahead", "doubling", "deep"],
)
def test_a_schema_that_cannot_be_judged_by_lets_all_through_soon(schema: dict[str, Any]) -> None:
    started = time.monotonic()
    assert Arguments(schema).complaints({"a": "zzz"}) == ()
    assert time.monotonic() - started < SOON


def test_a_slow_pattern_is_not_slow() -> None:
    started = time.monotonic()
    complaints = Arguments({"properties": {"a": {"pattern": "^(a+)+$"}}}).complaints({"a": "a" * 5000 + "!"})
    assert (len(complaints), time.monotonic() - started < SOON) == (1, True)


def test_many_complaints_are_cut() -> None:
    schema = {"properties": {str(n): {"type": "integer"} for n in range(100)}}
    complaints = Arguments(schema).complaints({str(n): "x" * 1000 for n in range(100)})
    assert (len(complaints), max(map(len, complaints)) < 400) == (5, True)


@pytest.mark.parametrize(
    ("schema", "offered"),
    [
        ({}, {"type": "object", "properties": {}}),
        ({"$schema": "x", "type": "object"}, {"type": "object", "properties": {}}),
        ({"type": "string", "properties": 3}, {"type": "object", "properties": {}}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        ({"title": "x" * 70_000}, None),
    ],
    ids=["empty", "dialect", "string", "properties", "long"],
)
def test_providers_get_the_schema_of_an_object(schema: dict[str, Any], offered: dict[str, Any] | None) -> None:
    assert offered_schema(schema) == offered
