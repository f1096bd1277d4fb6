"""Published MCP servers as sources of a task, from the apply to the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kit import git_project
from tests.modelserver import Asked, Call, ModelServer, Say
from tests.peers.test_model_server import recorded

NOW = "2026-03-02T08:47Z"
SCHEDULE = 'schedule: {frequency: daily, at: "08:00"}\n'
CALLS = {
    "over stdio": Call(name="get-sum", arguments={"a": 2, "b": 40}),
    "over http": Call(name="echo", arguments={"message": "hello there"}),
    "the history": Call(name="git_log", arguments={"repo_path": ".", "max_count": 1}),
}
"""What the model asks for, by words of the prompt."""


def answers(asked: Asked) -> Say:
    """A tool call first, then the tool's words as the answer."""
    messages = asked.body["messages"]
    if messages[-1]["role"] == "tool":
        return Say(text=f"The tool said: {messages[-1]['content']}")
    prompt = next(message["content"] for message in messages if message["role"] == "user")
    offered = [tool["function"]["name"] for tool in asked.body["tools"]]
    call = next(call for words, call in CALLS.items() if words in prompt)
    name = next(name for name in offered if name.rpartition("__")[2] in (call.name, call.name.replace("-", "_")))
    return Say(calls=(Call(name=name, arguments=call.arguments),))


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(answers) as server:
        yield server


def applied(folder: Path, model: ModelServer, prompt: str, source: str, allow: str = "") -> Mapping[str, Any]:
    """The record of one task with one source, applied in a process of its own."""
    project = git_project(
        folder,
        {
            "octops.yaml": (
                f'version: 1\nmodels: {{default: {{model: openai/some, api_base: "{model.openai_base}", '
                f"api_key: {{env: PEER_KEY}}}}}}\ndefaults: {{model: default}}\nnetwork: {{allow: [{allow}]}}\n"
            ),
            "tasks/peer.yaml": f"prompt: Tell {prompt}.\n{SCHEDULE}sources: [peer]\n",
            "sources/peer.yaml": source,
        },
        at="2026-03-01T12:00:00Z",
    )
    done = project.octops("apply", "--auto-approve", "--now", NOW, PEER_KEY="sk-peer-0123456789")
    assert done.code == 0, done.err + done.out
    return recorded(project)["peer"]


def test_the_reference_server_answers_over_stdio(tmp_path: Path, model: ModelServer, everything: Path) -> None:
    source = f'type: mcp\ncommand: node\nargs: ["{everything}", stdio]\n'

    record = applied(tmp_path, model, "over stdio", source)

    assert record["status"] == "completed"
    assert "42" in record["text"]


def test_the_reference_server_answers_over_http(tmp_path: Path, model: ModelServer, everything_port: int) -> None:
    source = f'type: mcp\ntransport: http\nurl: "http://127.0.0.1:{everything_port}/mcp"\n'

    record = applied(tmp_path, model, "over http", source, allow=f'"127.0.0.1:{everything_port}"')

    assert record["status"] == "completed"
    assert "hello there" in record["text"]


def test_the_git_server_tells_of_the_repository_itself(tmp_path: Path, model: ModelServer, git_server: Path) -> None:
    source = (
        f'type: mcp\ncommand: "{git_server}"\nargs: ["-m", mcp_server_git, "--repository", "."]\n'
        "tools: {allow: [git_log]}\n"
    )

    record = applied(tmp_path, model, "the history", source)

    (use,) = record["turns"][0]["uses"]
    assert record["status"] == "completed"
    assert "ada@example.com" in use["result"]["text"].lower() or "Ada" in use["result"]["text"]
