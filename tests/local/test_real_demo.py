"""`octops demo` with the small model of this machine: what stands in git afterwards, never what the model wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from octops.app.demonstrating import TASKS
from octops.declare.file import Files, SourceFile, blob_id
from octops.declare.load import declare
from octops.model.ids import TaskId
from tests.kit import GitProject, Outcome
from tests.local.real import WEIGHTS, real_cache


@dataclass(frozen=True)
class Shown:
    """What the command said, and the two repositories it leaves."""

    outcome: Outcome
    project: GitProject
    remote: GitProject

    @property
    def kept(self) -> list[str]:
        return self.remote.git("ls-tree", "-r", "--name-only", "octops/runs").splitlines()

    def text(self, path: str) -> str:
        return self.remote.git("show", f"octops/runs:{path}")

    @property
    def records(self) -> dict[str, Mapping[str, Any]]:
        found = [
            json.loads(self.text(path)) for path in self.kept if path.startswith("runs/") and path.endswith("json")
        ]
        return {record["task"]: record for record in found}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    cache, folder = real_cache(), tmp_path_factory.mktemp("demo")
    here = GitProject(folder / "here")
    here.root.mkdir()
    words = ("demo", "--model", WEIGHTS.model, "--yes", "--keep", "harbour")
    outcome = here.octops(*words, timeout=300, XDG_CACHE_HOME=str(cache))
    kept = here.root / "harbour"
    return Shown(outcome, GitProject(kept / "project"), GitProject(kept / "remote.git"))


def test_both_tasks_are_completed_for_nothing_by_exactly_the_pinned_file(shown: Shown) -> None:
    assert shown.outcome.code == 0, shown.outcome.err
    records = shown.records
    assert sorted(records) == sorted(TASKS)
    for record in records.values():
        assert (record["status"], record["model_answered"]) == ("completed", WEIGHTS.model)
        assert record["provenance"]["local"]["file_sha256"] == WEIGHTS.sha256
        usage = record["usage"]
        assert usage["input_tokens"] > 0 < usage["output_tokens"]
        assert usage["cost_usd"] == 0
        assert [it["status"] for it in record["deliveries"]] == ["delivered"]


def test_each_answer_stands_in_git_where_its_destination_says(shown: Shown) -> None:
    answers = {path.split("/")[0]: shown.text(path) for path in shown.kept if path.startswith(("reports/", "triage/"))}
    assert sorted(answers) == ["reports", "triage"]
    assert answers["reports"].strip()
    assert isinstance(json.loads(answers["triage"]), dict)


def test_the_fields_fit_the_schema_of_the_task(shown: Shown) -> None:
    paths = shown.project.git("ls-files", "*.yaml", "*.md").splitlines()
    contents = {path: (shown.project.root / path).read_bytes() for path in paths}
    files = Files(tuple(SourceFile(path, content, blob_id(content)) for path, content in contents.items()))
    schema = declare(files).project.tasks[TaskId("support-triage")].output.schema
    assert schema
    jsonschema.validate(json.loads(shown.records["support-triage"]["text"]), schema)


def test_git_alone_shows_the_branch_that_was_pushed(shown: Shown) -> None:
    tip = shown.remote.git("rev-parse", "octops/runs")
    assert shown.outcome.out.count(tip) == 1
    assert shown.project.git("ls-remote", "origin", "refs/heads/octops/runs").startswith(tip)
    assert "octops/runs" not in shown.project.git("branch", "--format=%(refname:short)")
