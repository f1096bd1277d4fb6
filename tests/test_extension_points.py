"""Adding one thing touches one place: every row of every table has a file, a schema branch, an example and a test.

A new frequency, source type, destination type or command that lacks one of them is named here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from octops.cli import COMMANDS
from octops.destinations.table import TYPES as DESTINATIONS
from octops.model.task import Frequency
from octops.schedule.slots import FREQUENCIES
from octops.schemas import effect_keys, schema
from octops.sources.table import TYPES as SOURCES
from tests.kit import ROOT

EXAMPLES = ROOT / "examples"


def documents(folder: str) -> list[dict[str, object]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((EXAMPLES / folder).rglob("*.*"))]
    return [document for text in texts for document in yaml.safe_load_all(text.split("\n---\n", 1)[0]) if document]


def named_tests(folder: str, name: str) -> list[Path]:
    return [path for path in (ROOT / "tests" / folder).rglob("test_*.py") if name in path.stem]


def mentioned(document: object, key: str, value: str) -> bool:
    """`key: value` stands somewhere in a document, or a key of that name where no value is given."""
    if isinstance(document, dict):
        here = document.get(key) == value or any(mentioned(entry, key, value) for entry in document.values())
        return here or (key == "frequency" and value in document)
    return isinstance(document, list) and any(mentioned(entry, key, value) for entry in document)


def types_of(kind: str) -> set[str]:
    return {branch["if"]["properties"]["type"]["const"] for branch in schema(kind)["allOf"]}


@pytest.mark.parametrize("frequency", list(Frequency))
def test_a_frequency_is_one_file_one_line_one_branch_one_example_one_test(frequency: Frequency) -> None:
    assert FREQUENCIES[frequency].__module__ == f"octops.schedule.{frequency}"
    assert frequency.value in str(schema("task")["$defs"])
    examples = [*documents("tasks"), *schema("task")["properties"]["schedule"]["examples"]]
    assert any(mentioned(document, "frequency", frequency) for document in examples)
    assert named_tests("schedule", frequency)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_type_is_one_file_one_line_one_branch_one_example_one_test(name: str) -> None:
    assert SOURCES[name].__module__ == f"octops.sources.{name}"
    assert name in types_of("source")
    assert effect_keys("source", name), "its branch says what it can touch"
    assert any(mentioned(document, "type", name) for document in documents("sources"))
    assert named_tests("sources", name)


@pytest.mark.parametrize("name", DESTINATIONS)
def test_a_destination_type_is_one_file_one_line_one_branch_one_example_one_test(name: str) -> None:
    assert DESTINATIONS[name].__module__ == f"octops.destinations.{name}"
    assert name in types_of("destination")
    assert effect_keys("destination", name), "its branch says what it can touch"
    everything = [*documents("destinations"), *documents("tasks")]
    assert any(mentioned(document, "type", name) for document in everything)
    assert named_tests("destinations", name)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_one_file_one_line_and_is_used_in_a_test(name: str) -> None:
    assert (ROOT / f"octops/cli/{name}.py").is_file()
    used = [path for path in (ROOT / "tests").rglob("test_*.py") if f'"{name}"' in path.read_text(encoding="utf-8")]
    assert used


def test_every_declared_frequency_has_its_function() -> None:
    assert set(FREQUENCIES) == set(Frequency)
