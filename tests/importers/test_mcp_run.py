from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from octops.importers.draft import ImportRefused
from tests.importers.world import brought, everything, project_in, told

TASK: dict[str, Any] = {
    "runner": "openai",
    "openai": {"prompt": "Read {{ url }} and {{struct.field}}.", "model": "gpt-4o"},
    "settings": {"key": "sk-proj-abcdefghijklmnopqrstuv"},
}


def test_a_task_body_becomes_a_task_named_after_its_file(tmp_path: Path) -> None:
    brought(tmp_path, "mcp.run", TASK, "summarize.json")
    task = project_in(tmp_path).tasks["summarize"]  # type: ignore[index]
    assert (task.prompt, task.model) == ("Read <<url>> and <<struct_field>>.", "openai/gpt-4o")
    assert task.schedule is None
    assert all(parameter.required for parameter in task.parameters.values())
    assert list(task.parameters) == ["url", "struct_field"]


def test_its_key_does_not_come_along(tmp_path: Path) -> None:
    found = brought(tmp_path, "mcp.run", TASK)
    assert "sk-proj" not in everything(tmp_path, found)
    assert [note.place for note in found.to_set] == ["OPENAI_API_KEY"]
    assert "settings.key" in told(found)


def test_an_answer_of_the_api_has_a_name_of_its_own(tmp_path: Path) -> None:
    task = {"name": "digest", "slug": "ada/digest", "runner": "anthropic", "created_at": "2025-01-01T00:00:00Z"}
    brought(tmp_path, "mcp.run", [{**task, "anthropic": {"prompt": "Go.", "model": "claude-3-5-sonnet-latest"}}])
    assert project_in(tmp_path).tasks["digest"].model == "anthropic/claude-3-5-sonnet-latest"  # type: ignore[index]


@pytest.mark.parametrize(("written", "wanted"), [
    ("{{{raw}}}", "<<raw>>"),
    ("{{@payload}}", "<<payload>>"),
    ("{{#list}}x{{/list}}", "{{#list}}x{{/list}}"),
    ("{{ two words }}", "{{ two words }}"),
])  # fmt: skip
def test_every_kind_of_braces(tmp_path: Path, written: str, wanted: str) -> None:
    found = brought(tmp_path, "mcp.run", {"runner": "openai", "openai": {"prompt": written}}, "x.json")
    assert project_in(tmp_path).tasks["x"].prompt == wanted  # type: ignore[index]
    assert wanted.startswith("<<raw") or "prompt" in told(found)


def test_options_and_the_tools_of_the_profile_are_told(tmp_path: Path) -> None:
    task = {**TASK, "openai": {"prompt": "x", "temperature": 0.2}}
    found = brought(tmp_path, "mcp.run", task)
    assert "openai.temperature" in told(found)
    assert "add each as a source" in told(found)


@pytest.mark.parametrize(
    "document", [{}, [], {"runner": "openai"}, {"runner": "openai", "openai": {"prompt": " "}}, [3]]
)
def test_what_is_no_task_is_refused(tmp_path: Path, document: Any) -> None:
    with pytest.raises(ImportRefused):
        brought(tmp_path, "mcp.run", document)


@pytest.mark.parametrize(("body", "model", "to_set", "said"), [
    ({"runner": "openai", "openai": {}}, "openai/gpt-5-mini", "OPENAI_API_KEY", "openai.model: the task names no"),
    ({"runner": "huggingface", "huggingface": {"model": "z"}}, "huggingface/z", "HUGGINGFACE_API_KEY", ""),
    ({"runner": "acme", "acme": {"model": "z"}}, "z", "ACME_API_KEY", "acme.model: `z` names no provider"),
])  # fmt: skip
def test_a_model_is_one_of_its_runner_and_its_key_is_listed(
    tmp_path: Path, body: dict[str, Any], model: str, to_set: str, said: str
) -> None:
    prompted = {key: {**value, "prompt": "x"} if isinstance(value, dict) else value for key, value in body.items()}
    found = brought(tmp_path, "mcp.run", {**prompted, "settings": {"key": "abc"}}, "x.json")
    assert project_in(tmp_path).tasks["x"].model == model  # type: ignore[index]
    assert [note.place for note in found.to_set] == [to_set]
    assert said in told(found)
