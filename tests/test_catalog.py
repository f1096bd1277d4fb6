"""schemas/catalog.json leads an editor from a file of a project to its schema, in SchemaStore's format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from octops.declare.naming import name_of
from octops.schemas import schema
from octops.sources.globs import Globs
from tests.kit import ROOT

CATALOG: dict[str, Any] = json.loads((ROOT / "schemas/catalog.json").read_bytes())
ENTRY = {
    "type": "object",
    "required": ["name", "description", "url"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string", "minLength": 1},
        "fileMatch": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 1},
        "url": {"type": "string", "pattern": "^https://"},
    },
    "additionalProperties": False,
}
"""What SchemaStore asks of an entry of its catalog, where there are no versions."""
EXAMPLES = ROOT / "examples"


def matching(path: str) -> list[str]:
    """The schemas an editor takes for a file: a name without a folder is meant anywhere."""
    found = []
    for entry in CATALOG["schemas"]:
        globs = Globs([glob if "/" in glob else f"**/{glob}" for glob in entry["fileMatch"]])
        if globs.match(path.split("/")):
            found.append(entry["url"])
    return found


def test_the_catalog_is_one_that_schemastore_takes_entries_from() -> None:
    assert CATALOG["$schema"] == "https://json.schemastore.org/schema-catalog.json"
    assert CATALOG["version"] == 1
    jsonschema.validate(CATALOG["schemas"], {"type": "array", "items": ENTRY, "uniqueItems": True})


@pytest.mark.parametrize("entry", CATALOG["schemas"], ids=lambda entry: entry["name"])
def test_every_entry_says_what_its_schema_says(entry: dict[str, Any]) -> None:
    kind = entry["url"].rpartition("/")[2].removesuffix(".schema.json")
    assert entry["url"] == schema(kind)["$id"]
    assert entry["name"] == schema(kind)["title"]
    assert entry["description"] == schema(kind)["description"]


def yaml_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))


@pytest.mark.parametrize("path", [*yaml_files(EXAMPLES), "tasks/team/digest.yml", "sources/a.yml"])
@pytest.mark.parametrize("above", ["", "reports/"])
def test_a_file_of_a_project_is_led_to_the_schema_of_its_kind(above: str, path: str) -> None:
    assert matching(above + path) == [schema(name_of(path).kind)["$id"]]


@pytest.mark.parametrize("path", ["docker-compose.yaml", "skills/a/SKILL.md", "tasks/digest.md", "tasks.yaml"])
def test_other_files_are_led_nowhere(path: str) -> None:
    assert matching(path) == []
