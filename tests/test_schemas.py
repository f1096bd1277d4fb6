"""What the schemas promise: a hint for every key, the nouns' defaults, effects read from annotations alone."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from octops.model.project import ApplyPlaces, Budget, PreviewPlaces, Price, Records, Settings
from octops.model.run import DeliveryStatus, ErrorKind, Record, Usage
from octops.model.task import Limits, Schedule, Task
from octops.schemas import KINDS, EffectKey, effect_keys, fixed_hosts, schema, schema_text
from tests.kit import ROOT
from tests.schema_nodes import Node, keys, nodes, resolved, rules

NOT_BLANK = r"[^ \t\r\n]"
PLUGINS = [(kind, type_) for kind in ("source", "destination") for type_ in schema(kind)["$defs"]["type"]["enum"]]


def alone(kind: str, node: Node) -> Node:
    """A subschema that can be used by itself."""
    return {"$defs": schema(kind).get("$defs", {}), **node}


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_valid_2020_12_and_says_what_it_is(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    jsonschema_rs.validator_for(schema(kind))

    assert schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema(kind)["$id"] == f"https://octops.dev/schemas/{kind}.schema.json"
    assert schema(kind)["title"]
    assert schema(kind)["description"].endswith(".")


def test_every_schema_file_belongs_to_a_kind() -> None:
    assert {path.name for path in (ROOT / "schemas").iterdir()} == {
        "catalog.json",
        *(f"{kind}.schema.json" for kind in KINDS),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_description_and_examples(kind: str) -> None:
    bare = [place for place, node in keys(kind) if not node.get("description") or not node.get("examples")]
    assert bare == []


@pytest.mark.parametrize("kind", KINDS)
def test_descriptions_are_sentences_that_fit_an_error_message(kind: str) -> None:
    described = [(place, node["description"]) for place, node in rules(kind) if "description" in node]
    assert [place for place, text in described if not text.endswith(".") or len(text) > 250 or "\n" in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_and_default_keeps_its_own_schema(kind: str) -> None:
    wrong = [
        (place, value)
        for place, node in rules(kind)
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]
        if not jsonschema.Draft202012Validator(alone(kind, node)).is_valid(value)
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_is_said_in_words_too(kind: str) -> None:
    silent = [
        place
        for place, node in keys(kind)
        if "default" in node and "default" not in node["description"].lower() and "defaults" not in place
    ]
    assert silent == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_mapping_takes_keys_it_does_not_know(kind: str) -> None:
    assert [place for place, node in rules(kind) if takes_objects(node) and not closed(node)] == []


def takes_objects(node: Node) -> bool:
    named = node.get("type", ())
    return "object" in (named if isinstance(named, list) else [named]) or "properties" in node


def closed(node: Node) -> bool:
    """Nothing unknown, or names with a pattern, or free with the reason why, or left to branches that are closed."""
    match node.get("additionalProperties"):
        case False:
            return True
        case True:
            return "$comment" in node
        case dict():
            return "propertyNames" in node
        case _:
            return "allOf" in node or "if" in node


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_stands_alone_and_carries_nothing_unused(kind: str) -> None:
    used = {node["$ref"] for _, node in nodes(schema(kind)) if "$ref" in node}
    assert used == {f"#/$defs/{name}" for name in schema(kind).get("$defs", {})}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_told_apart_by_a_key_and_never_by_trying(kind: str) -> None:
    assert [place for place, node in nodes(schema(kind)) if {"oneOf", "anyOf"} & node.keys()] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_pattern_lets_a_line_break_end_a_text(kind: str) -> None:
    # `$` of Python also stands before a last line break; that of JavaScript and Rust does not.
    patterns = {node["pattern"] for _, node in nodes(schema(kind)) if "pattern" in node} - {NOT_BLANK}
    assert [pattern for pattern in patterns if not (pattern.startswith("^") and pattern.endswith(r"$(?!\n)"))] == []


@pytest.mark.parametrize(("kind", "type_"), PLUGINS)
def test_every_type_has_a_branch_of_its_own(kind: str, type_: str) -> None:
    assert any(rule["if"]["properties"]["type"] == {"const": type_} for rule in schema(kind)["allOf"])


@pytest.mark.parametrize(("kind", "type_"), PLUGINS)
def test_every_type_says_what_it_touches(kind: str, type_: str) -> None:
    assert effect_keys(kind, type_) or fixed_hosts(kind, type_)


@pytest.mark.parametrize("kind", ["source", "destination"])
def test_every_branch_of_every_type_says_what_it_touches(kind: str) -> None:
    branches = {
        name: node
        for name, node in schema(kind)["$defs"].items()
        if node.get("properties", {}).get("type") == {"$ref": "#/$defs/type"}
    }
    silent = [
        name
        for name, node in branches.items()
        if not any({"x-octops-effect", "x-octops-hosts"} & {*resolved(kind, part), *part} for _, part in nodes(node))
    ]
    assert len(branches) >= len(schema(kind)["$defs"]["type"]["enum"])
    assert silent == []


@pytest.mark.parametrize("kind", ["source", "destination"])
def test_effects_are_one_of_seven_words(kind: str) -> None:
    words = {key.effect for of, type_ in PLUGINS if of == kind for key in effect_keys(of, type_)}
    assert words <= {"host", "url", "command", "recipient", "path", "branch", "read"}


@pytest.mark.parametrize(
    ("kind", "type_", "expected"),
    [
        ("source", "mcp", {"command": "command", "url": "url", "auth.token_url": "url"}),
        ("source", "api", {"base_url": "url", "openapi": "read", "auth.token_url": "url"}),
        ("source", "local", {"path": "read", "include": "read"}),
        ("destination", "webhook", {"url": "url recipient", "host": "host"}),
        ("destination", "email", {"to": "recipient", "host": "host"}),
        ("destination", "sms", {"to": "recipient"}),
        ("destination", "slack", {"url": "recipient", "channel": "recipient"}),
        ("destination", "file", {"path": "path", "branch": "branch"}),
        ("destination", "github", {"repo": "recipient", "api_url": "url"}),
        ("destination", "apprise", {"url": "recipient", "host": "host"}),
    ],
)
def test_effect_keys_are_found_in_every_branch_of_a_type(kind: str, type_: str, expected: dict[str, str]) -> None:
    found = {(".".join(key.path), key.effect) for key in effect_keys(kind, type_)}
    assert found == {(key, effect) for key, effects in expected.items() for effect in effects.split()}


def test_an_effect_key_is_named_once_even_if_several_branches_have_it() -> None:
    assert effect_keys("destination", "github").count(EffectKey(("repo",), "recipient")) == 1


@pytest.mark.parametrize(
    ("type_", "hosts"),
    [
        ("slack", {"hooks.slack.com", "slack.com"}),
        ("sms", {"api.twilio.com"}),
        ("github", {"api.github.com"}),
        ("file", set()),
    ],
)
def test_hosts_that_no_key_names_are_fixed_by_the_type(type_: str, hosts: set[str]) -> None:
    assert set(fixed_hosts("destination", type_)) == hosts


def test_an_unknown_type_touches_nothing() -> None:
    assert effect_keys("destination", "pigeon") == ()
    assert fixed_hosts("destination", "pigeon") == ()


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        schema_text("../pyproject")


def test_an_inline_destination_may_have_any_type_of_a_destination() -> None:
    inline = schema("task")["properties"]["destinations"]["items"]["properties"]["type"]["enum"]
    assert inline == schema("destination")["$defs"]["type"]["enum"]


def default_of(kind: str, *path: str) -> Any:
    node = schema(kind)
    for key in path:
        node = resolved(kind, resolved(kind, node)["properties"][key])
    return node["default"]


def test_the_documented_defaults_are_those_of_the_nouns() -> None:
    assert {name: default_of("task", "limits", name) for name in ("turns", "tool_calls", "tokens", "seconds")} == {
        name: value for name, value in dataclasses.asdict(Limits()).items() if value is not None
    }
    assert default_of("octops", "records", "branch") == Records().branch
    assert default_of("octops", "records", "keep") == Records().keep
    assert default_of("octops", "parallelism") == Settings().parallelism
    assert default_of("octops", "timezone") == Settings().timezone
    assert default_of("octops", "defaults", "schedule", "max_catch_up") == schedule_default("max_catch_up")
    assert default_of("octops", "defaults", "schedule", "catch_up") == schedule_default("catch_up")
    assert default_of("task", "retry", "attempts") == task_default("retry_attempts")
    assert default_of("task", "deliver") == task_default("deliver")
    assert default_of("task", "output", "format") == task_default("output").format


def schedule_default(name: str) -> Any:
    return next(field.default for field in dataclasses.fields(Schedule) if field.name == name)


def task_default(name: str) -> Any:
    return next(field.default for field in dataclasses.fields(Task) if field.name == name)


def fields(noun: type) -> set[str]:
    return {field.name for field in dataclasses.fields(noun)}


def test_a_record_has_the_keys_of_the_noun() -> None:
    assert schema("run")["properties"].keys() == fields(Record)
    assert schema("run")["$defs"]["usage"]["properties"].keys() == fields(Usage)


def test_a_record_knows_every_status_and_failure() -> None:
    defs = schema("run")["$defs"]
    assert defs["delivery"]["properties"]["status"]["enum"] == list(DeliveryStatus)
    assert defs["failure"]["properties"]["kind"]["enum"] == list(ErrorKind)


def test_a_task_has_the_keys_of_the_noun() -> None:
    assert {*schema("task")["properties"]} - {"retry"} == fields(Task) - {"id", "path", "retry_attempts"}


def test_octops_yaml_has_the_keys_of_the_nouns() -> None:
    properties = schema("octops")["properties"]
    assert properties["budget"]["properties"].keys() == fields(Budget)
    assert properties["records"]["properties"].keys() == fields(Records)
    assert properties["apply"]["properties"].keys() == fields(ApplyPlaces)
    assert properties["preview"]["properties"].keys() == fields(PreviewPlaces)
    assert schema("octops")["$defs"]["price"]["properties"].keys() == fields(Price)


@pytest.mark.parametrize("layout", ["octops/schemas", "schemas"], ids=["wheel", "checkout"])
def test_schemas_are_found_beside_the_module_and_beside_the_package(layout: str, tmp_path: Path) -> None:
    (tmp_path / "octops").mkdir()
    (tmp_path / "octops/__init__.py").touch()
    shutil.copy(ROOT / "octops/schemas.py", tmp_path / "octops/schemas.py")
    shutil.copytree(ROOT / "schemas", tmp_path / layout)

    script = "import octops.schemas as s; print(s.__file__, *(s.schema(kind)['title'] for kind in s.KINDS), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [str(tmp_path / "octops/schemas.py"), *(schema(kind)["title"] for kind in KINDS)]
