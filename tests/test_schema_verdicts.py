"""What the schemas accept and refuse, and where; one verdict in two libraries."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octops.schemas import schema
from tests.schema_documents import BAD, GOOD, SECRET


def explain(kind: str, document: Any) -> set[tuple[str | int, ...]]:
    validator = jsonschema.Draft202012Validator(schema(kind))
    return {tuple(error.absolute_path) for error in validator.iter_errors(document)}


def explain_fast(kind: str, document: Any) -> set[tuple[str | int, ...]]:
    validator = jsonschema_rs.validator_for(schema(kind))
    return {tuple(error.instance_path) for error in validator.iter_errors(document)}


@pytest.mark.parametrize(("kind", "document"), GOOD, ids=str)
def test_what_the_design_describes_is_accepted(kind: str, document: Any) -> None:
    assert explain(kind, document) == set()
    assert explain_fast(kind, document) == set()


@pytest.mark.parametrize(("kind", "document", "place"), BAD, ids=str)
def test_a_mistake_is_refused_at_its_place_and_nowhere_else(
    kind: str, document: Any, place: tuple[str | int, ...]
) -> None:
    assert explain(kind, document) == {place}
    assert explain_fast(kind, document) == {place}


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -1,
        1.0,
        2.5,
        10**30,
        "",
        " ",
        "a",
        "a\n",
        "18:00",
        "\u00e9\u200b",
        "x" * 9000,
        [],
        ["a"],
        {},
        SECRET,
        {"type": "file"},
    ]
)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*place, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A good document with one part exchanged, removed or given a key more."""
    kind, document = draw(st.sampled_from(GOOD))
    whole = {"it": copy.deepcopy(document)}
    *way, last = draw(st.sampled_from([place for place in places(whole) if place]))
    parent: Any = whole
    for key in way:
        parent = parent[key]
    match draw(st.sampled_from(["exchange", "remove", "add"])):
        case "remove" if way:
            del parent[last]
        case "add" if isinstance(parent[last], dict):
            parent[last][draw(st.sampled_from(["type", "env", "cron", "a", "A b"]))] = draw(VALUES)
        case _:
            parent[last] = draw(VALUES)
    return kind, whole["it"]


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(mutated())
def test_the_fast_validator_and_the_one_that_explains_agree(case: tuple[str, Any]) -> None:
    assert explain_fast(*case) == explain(*case)
