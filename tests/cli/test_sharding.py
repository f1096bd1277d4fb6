"""`plan --matrix` and `apply --shard`: what is printed, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit import SMALL_PROJECT, GitProject, git_project

BEFORE = "2026-03-01T12:00Z"
EVENING = "2026-03-01T18:00Z"
"""The digest of 18:00 in Berlin is due."""


def test_a_matrix_is_one_line_of_json_with_a_shard_for_each_task_to_run(tmp_path: Path) -> None:
    more = {f"tasks/more-{number}.yaml": SMALL_PROJECT["tasks/daily-digest.yaml"] for number in range(2)}
    project = git_project(tmp_path, {**SMALL_PROJECT, **more})
    outcome = project.octops("plan", "--matrix", "16", "--now", EVENING)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == '{"include": [{"shard": "1/3"}, {"shard": "2/3"}, {"shard": "3/3"}]}\n'


def test_there_are_no_more_shards_than_asked_for(tmp_path: Path) -> None:
    more = {f"tasks/more-{number}.yaml": SMALL_PROJECT["tasks/daily-digest.yaml"] for number in range(2)}
    project = git_project(tmp_path, {**SMALL_PROJECT, **more})
    outcome = project.octops("plan", "--matrix", "2", "--now", EVENING)
    assert outcome.out == '{"include": [{"shard": "1/2"}, {"shard": "2/2"}]}\n'


def test_a_matrix_without_work_is_empty(project: GitProject) -> None:
    assert project.octops("apply", "--auto-approve", "--only", "definitions", "--now", BEFORE).code == 0
    outcome = project.octops("plan", "--matrix", "4", "--now", BEFORE)
    assert (outcome.code, outcome.out) == (0, '{"include": []}\n')


def test_in_a_job_the_matrix_and_its_size_are_outputs(project: GitProject, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    project.octops("plan", "--matrix", "4", "--now", EVENING, GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(outputs))
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert (json.loads(told["matrix"]), told["shards"]) == ({"include": [{"shard": "1/1"}]}, "1")
    assert told["due"] == "1"


def test_mistakes_in_the_files_leave_stdout_empty(project: GitProject) -> None:
    project.write({"tasks/daily-digest.yaml": "prompt: [\n"})
    outcome = project.octops("plan", "--matrix", "4")
    assert (outcome.code, outcome.out) == (1, "")
    assert "tasks/daily-digest.yaml:" in outcome.err


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "`0` is no number of shards: write 1 to 256"),
        ("-1", "`-1` is no number of shards: write 1 to 256"),
        ("four", "`four` is no number of shards: write 1 to 256"),
        ("257", "`257` are too many: GitHub starts at most 256 jobs from one matrix"),
    ],
)
def test_a_matrix_has_1_to_256_shards(project: GitProject, number: str, said: str) -> None:
    outcome = project.octops("plan", "--matrix", number)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--base", ("--base", "HEAD")),
        ("-o", ("-o", "plan.json")),
        ("--format", ("--format", "text")),
        ("--format", ("--format", "json")),
        ("--quiet-if-unchanged", ("--quiet-if-unchanged",)),
    ],
)
def test_a_matrix_takes_no_option_that_shows_the_plan_otherwise(
    project: GitProject, option: str, words: tuple[str, ...]
) -> None:
    outcome = project.octops("plan", "--matrix", "4", *words)
    assert (outcome.code, '"include"' in outcome.out) == (1, False)
    assert f"error[bad-combination]: `--matrix` prints one line of JSON and nothing else, so `{option}`" in outcome.err
    assert not (project.root / "plan.json").exists()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("0/4", "there is no shard `0/4`: they are counted from `1/4` to `4/4`; to an index that begins at 0 add 1"),
        ("5/4", "there is no shard `5/4`: they are counted from `1/4` to `4/4`"),
        ("1/0", "`1/0` shares the work among nobody: write `1/4` for the first of four"),
        ("2", "`2` is not a shard: write `1/4` for the first of four"),
        ("2/", "`2/` is not a shard"),
        ("-1/4", "`-1/4` is not a shard"),
        ("1/4/2", "`1/4/2` is not a shard"),
        ("٢/4", "`٢/4` is not a shard"),
    ],
)
def test_a_shard_that_cannot_be_is_refused(project: GitProject, word: str, said: str) -> None:
    outcome = project.octops("apply", "--auto-approve", "--shard", word)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err


def test_a_saved_plan_is_not_shared(project: GitProject) -> None:
    project.octops("plan", "-o", "plan.json")
    outcome = project.octops("apply", "--shard", "1/2", "plan.json")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[bad-combination]: a saved plan is applied by one machine, so `--shard` does not go" in outcome.err
