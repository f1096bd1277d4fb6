"""The structure of what a real model says, never its prose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from octops.local.desk import desk
from octops.local.model import LocalModel
from octops.model.project import ModelAlias
from octops.model.run import ErrorKind, Message, ModelError, ToolSpec
from tests.kit import ROOT, GitProject, git_project
from tests.local.real import WEIGHTS, real_cache

ALIAS = ModelAlias(model=WEIGHTS.model, options={"max_tokens": 40})
TOOL = ToolSpec(
    name="notes__read_file",
    description="Read a file.",
    schema={"type": "object", "properties": {"path": {"enum": ["service.md"]}}, "required": ["path"]},
)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    found = real_cache()
    monkeypatch.setenv("XDG_CACHE_HOME", str(found))
    yield found
    desk().close()


def said(text: str) -> list[Message]:
    return [Message(role="user", text=text)]


@pytest.mark.anyio
@pytest.mark.usefixtures("cache")
async def test_the_real_model_keeps_a_schema_calls_a_tool_and_repeats_itself() -> None:
    model = LocalModel(ALIAS)
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}
    replies = [await model.reply(said("A number."), (), output_schema=schema, seconds=60) for _ in range(2)]
    assert [json.loads(reply.text).keys() for reply in replies] == [{"n"}, {"n"}]
    assert replies[0] == replies[1]
    assert replies[0].usage.input_tokens > 0 < replies[0].usage.output_tokens
    called = await model.reply(said("Which port?"), [TOOL], seconds=60)
    assert [call.arguments for call in called.tool_calls] == [{"path": "service.md"}]
    assert set(model.made_by()) == {"file_sha256", "runtime", "threads", "seed"}


@pytest.mark.anyio
@pytest.mark.usefixtures("cache")
async def test_the_real_model_stops_when_time_is_over_and_answers_the_next() -> None:
    model = LocalModel(ALIAS)
    await model.load()
    with pytest.raises(ModelError) as error:
        await model.reply(said("word " * 3000), (), seconds=1)
    assert error.value.failure.kind is ErrorKind.TIMEOUT
    started = time.monotonic()
    await model.reply(said("Say yes."), (), max_tokens=2, seconds=60)
    assert time.monotonic() - started < 20


CLOSED_AT_ONCE = """\
import sys
from pathlib import Path
from octops.local.runtime import Engine
for _ in range(4):
    Engine(Path(sys.argv[1]), 1).close()
"""


def test_a_model_that_is_closed_as_soon_as_it_is_loaded_does_end(cache: Path) -> None:
    path = cache / "octops/models" / WEIGHTS.file
    subprocess.run([sys.executable, "-c", CLOSED_AT_ONCE, str(path)], cwd=ROOT, check=True, timeout=120)


@pytest.mark.anyio
@pytest.mark.usefixtures("cache")
async def test_the_real_model_says_what_ran_in_circles_and_stops() -> None:
    asked = said("Write the line `- nothing` again and again, for ever.\n\n" + "- nothing\n" * 40)
    reply = await LocalModel(ModelAlias(model=WEIGHTS.model)).reply(asked, (), seconds=120)
    assert reply.stop_reason == "repetition"
    assert reply.usage.input_tokens > 100 < reply.usage.output_tokens < 1000


@pytest.mark.anyio
@pytest.mark.usefixtures("cache")
async def test_the_real_model_refuses_a_prompt_longer_than_its_context() -> None:
    with pytest.raises(ModelError, match="reads at most 8192"):
        await LocalModel(ALIAS).reply(said("word " * 9000), (), seconds=60)


@pytest.mark.anyio
@pytest.mark.usefixtures("cache")
async def test_the_real_model_answers_with_json_where_its_schema_cannot_be_followed() -> None:
    reply = await LocalModel(ALIAS).reply(said("Say 1."), (), output_schema={"type": "frob"}, max_tokens=10, seconds=60)
    assert reply.text


FILES: dict[str, str | bytes] = {
    "octops.yaml": f"version: 1\ndefaults: {{model: {WEIGHTS.model}}}\n",
    "sources/notes.yaml": 'type: local\npath: docs\ninclude: ["**/*.md"]\n',
    "docs/service.md": "It listens on port 8412.\n",
    "tasks/triage.yaml": """\
prompt: "Ada writes that she cannot log in since Monday. Fill in the fields."
schedule: {frequency: daily, at: "08:00"}
output:
  format: json
  schema:
    type: object
    properties: {topic: {type: string, enum: [login, billing]}, urgent: {type: boolean}}
    required: [topic, urgent]
    additionalProperties: false
""",
    "tasks/lookup.yaml": """\
prompt: Look into the files and say which port the service listens on.
schedule: {frequency: daily, at: "08:00"}
sources: [notes]
limits: {turns: 3}
""",
}


@pytest.fixture
def applied(tmp_path: Path, cache: Path) -> GitProject:
    project = git_project(tmp_path, FILES)
    done = project.octops(
        "apply", "--auto-approve", "--now", "2026-03-02T08:10Z", timeout=300, XDG_CACHE_HOME=str(cache)
    )
    assert done.code == 0, done.err
    return project


def record(project: GitProject, task: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        project.git("show", f"octops/runs:runs/2026/03/02/{task}--20260302T080000Z.json")
    )
    return found


def test_apply_runs_tasks_with_a_model_of_this_machine_and_records_which_file_answered(applied: GitProject) -> None:
    triage, lookup = record(applied, "triage"), record(applied, "lookup")
    assert (triage["status"], lookup["status"]) == ("completed", "completed")
    assert set(json.loads(str(triage["text"]))) == {"topic", "urgent"}
    turns = lookup["turns"]
    assert isinstance(turns, list)
    assert turns[0]["reply"]["tool_calls"][0]["name"].startswith("notes__")
    provenance = triage["provenance"]
    assert isinstance(provenance, dict)
    assert provenance["local"]["file_sha256"] == WEIGHTS.sha256
    assert (triage["model_answered"], os.environ.get("OPENAI_API_KEY")) == (WEIGHTS.model, None)
