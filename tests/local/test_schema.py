from __future__ import annotations

import pytest

from octops.local.schema import bounded
from octops.model.ids import Value


def test_references_are_replaced_by_what_they_mean() -> None:
    schema: dict[str, Value] = {
        "type": "object",
        "properties": {"who": {"$ref": "#/$defs/person"}},
        "$defs": {
            "person": {"type": "object", "properties": {"name": {"$ref": "#/$defs/word"}}},
            "word": {"type": "string"},
        },
    }
    person = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert bounded(schema) == {"type": "object", "properties": {"who": person}}


@pytest.mark.parametrize("reference", ["#/$defs/loop", "#/nowhere", "https://example.com/schema.json", "other.json#/a"])
def test_a_reference_into_itself_or_out_of_the_document_allows_anything(reference: str) -> None:
    schema: dict[str, Value] = {"properties": {"a": {"$ref": reference}}, "$defs": {"loop": {"$ref": "#/$defs/loop"}}}
    assert bounded(schema) == {"properties": {"a": {}}}


def test_a_tree_that_holds_itself_ends() -> None:
    schema: dict[str, Value] = {"type": "object", "properties": {"left": {"$ref": "#"}}}
    assert "properties" in bounded(schema)


@pytest.mark.parametrize(
    ("pattern", "kept"), [("^[a-z]{2}$", True), ("[a-z]", False), ("^(?=x)a$", False), ("^\\bword$", False)]
)
def test_patterns_that_the_grammar_cannot_follow_are_left_out(pattern: str, kept: bool) -> None:
    assert ("pattern" in bounded({"type": "string", "pattern": pattern})) is kept


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    schema: dict[str, Value] = {
        "properties": {"default": {"type": "string", "default": "x"}, "pattern": {"type": "string"}}
    }
    assert bounded(schema) == {"properties": {"default": {"type": "string"}, "pattern": {"type": "string"}}}


def test_constants_stay_as_they_are() -> None:
    assert bounded({"enum": [{"$ref": "#/x"}, {"default": 1}]}) == {"enum": [{"$ref": "#/x"}, {"default": 1}]}


def test_fields_keep_the_order_of_the_file() -> None:
    schema: dict[str, Value] = {"properties": {"z": {}, "a": {}, "m": {}}}
    assert list(bounded(schema)["properties"]) == ["z", "a", "m"]
