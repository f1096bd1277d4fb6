"""Another hand's model server agrees with octops on both wire formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from tests.kit import GitProject, git_project
from tests.peers.conftest import ModelPeer

PROVIDERS = ("openai", "anthropic")
MODELS = {"openai": "openai/gpt-4o-mini", "anthropic": "anthropic/claude-sonnet-4-5"}
Records = Mapping[str, Mapping[str, Any]]


def settings(aimock: ModelPeer) -> str:
    bases = {"openai": f"{aimock.base}/v1", "anthropic": aimock.base}
    aliases = "".join(
        f'  {provider}: {{model: {MODELS[provider]}, api_base: "{bases[provider]}", api_key: {{env: PEER_KEY}}}}\n'
        for provider in PROVIDERS
    )
    return f"version: 1\nmodels:\n{aliases}"


def task(provider: str, prompt: str, more: str = "") -> str:
    return f'model: {provider}\nprompt: {prompt}\nschedule: {{frequency: daily, at: "08:00"}}\n{more}'


def files(aimock: ModelPeer) -> dict[str, str | bytes]:
    tasks = {
        f"tasks/{provider}-{name}.yaml": task(provider, prompt, more)
        for provider in PROVIDERS
        for name, prompt, more in (
            ("plain", "plain", ""),
            ("tool", "with a tool", "sources: [notes]\n"),
            ("limited", f"limited {provider}", ""),
        )
    }
    return {
        "octops.yaml": settings(aimock),
        "sources/notes.yaml": "type: local\ninclude: ['*.md']\n",
        "README.md": "Kept in the repository.\n",
        **tasks,
    }


@pytest.fixture(scope="module")
def records(aimock: ModelPeer, tmp_path_factory: pytest.TempPathFactory) -> Records:
    """The records of all tasks, applied at once."""
    project = git_project(tmp_path_factory.mktemp("model-peer"), files(aimock), at="2026-03-01T12:00:00Z")
    applied = project.octops("apply", "--auto-approve", "--now", "2026-03-02T08:47Z", PEER_KEY="sk-peer-0123456789")
    assert applied.code == 0, applied.err + applied.out
    return recorded(project)


def recorded(project: GitProject) -> Records:
    paths = project.git("ls-tree", "-r", "--name-only", "octops/runs", "runs").splitlines()
    found = [json.loads(project.git("show", f"octops/runs:{path}")) for path in paths if path.endswith(".json")]
    return {record["task"]: record for record in found}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_plain_answer_is_recorded_with_its_tokens(provider: str, records: Records) -> None:
    record = records[f"{provider}-plain"]

    assert (record["status"], record["text"]) == ("completed", "All is well.")
    assert record["usage"]["input_tokens"] > 0
    assert record["usage"]["output_tokens"] > 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_tool_calls_of_one_turn_go_there_and_back(provider: str, records: Records) -> None:
    record = records[f"{provider}-tool"]
    uses = {use["call"]["id"]: use["result"]["text"] for use in record["turns"][0]["uses"]}

    assert record["text"] == "Both results arrived."
    assert "Kept in the repository." in uses["call_readme"]
    assert "README.md" in uses["call_list"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_rate_limit_is_waited_out_for_as_long_as_it_says(provider: str, records: Records, aimock: ModelPeer) -> None:
    asked = [entry for entry in aimock.journal() if f"limited {provider}" in json.dumps(entry["body"])]
    statuses = [entry["response"]["status"] for entry in asked]
    waits = [(later["timestamp"] - earlier["timestamp"]) / 1000 for earlier, later in pairwise(asked)]

    assert records[f"{provider}-limited"]["text"] == "At the second attempt."
    assert statuses == [429, 200]
    assert waits[0] >= 2


def test_each_conversation_takes_no_request_more_than_its_turns(records: Records, aimock: ModelPeer) -> None:
    turns = sum(len(record["turns"]) for record in records.values())

    assert len(aimock.journal()) == turns + len(PROVIDERS)
