"""The manifest that `octops init --ci kubernetes` prints is a CronJob as Kubernetes publishes it, of an indexed Job."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from octops import __version__
from octops.ci.templates import Facts, workflows
from tests.kit import GitProject

SCHEMA = json.loads((Path(__file__).parent / "kubernetes_cronjob.schema.json").read_text(encoding="utf-8"))
FACTS = {
    "plain": Facts(version=__version__),
    "odd": Facts(
        version=__version__,
        folder="my reports",
        branch="feature/a: b #c",
        repository='https://git.example.com/"ada"/reports.git',
        keys=("ANTHROPIC_API_KEY", "TEAM_HOOK"),
    ),
}


def manifest(facts: Facts = FACTS["plain"]) -> dict[str, Any]:
    (text,) = workflows("kubernetes", facts).values()
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def problems(document: dict[str, Any]) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


def indexed_job(document: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = document["spec"]["jobTemplate"]["spec"]
    return spec


def container(document: dict[str, Any]) -> dict[str, Any]:
    (only,) = indexed_job(document)["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize("facts", FACTS.values(), ids=FACTS)
def test_it_is_valid_against_the_published_schema(facts: Facts) -> None:
    assert problems(manifest(facts)) == []


def test_what_is_printed_is_valid_too(project: GitProject) -> None:
    assert problems(yaml.safe_load(project.octops("init", "--ci", "kubernetes").out)) == []


@pytest.mark.parametrize(
    "breaking",
    [
        lambda document: document["spec"].pop("schedule"),
        lambda document: document.update(kind="CronJobs"),
        lambda document: indexed_job(document).update(completion=2),
        lambda document: indexed_job(document).update(parallelism="2"),
        lambda document: container(document).update(envs=[]),
        lambda document: container(document)["env"].append({"value": "x"}),
    ],
    ids=["no schedule", "another kind", "no such key", "a text for a number", "deep down", "a variable without a name"],
)
def test_the_schema_finds_mistakes(breaking: Callable[[dict[str, Any]], object]) -> None:
    document = copy.deepcopy(manifest())
    breaking(document)
    assert problems(document)


def test_the_name_of_a_branch_is_one_word_for_the_shell(tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    git.chmod(0o755)
    document = manifest(Facts(version=__version__, branch="a$(id)`id`'\"b", repository="https://git.example.com/ada"))
    (script,) = container(document)["args"]
    clone = script[script.index("git clone") : script.index("cd /work")]
    said = subprocess.run(
        [*container(document)["command"], clone],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "OCTOPS_REPOSITORY": "https://git.example.com/ada"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert said[said.index("--branch") + 1] == "a$(id)`id`'\"b"


def test_every_tick_starts_one_pod_for_each_shard_and_none_ends_another() -> None:
    job = indexed_job(manifest())
    variables = {it["name"]: it.get("value") for it in container(manifest())["env"]}
    assert job["completionMode"] == "Indexed"
    assert job["completions"] == job["parallelism"] == int(variables["OCTOPS_SHARDS"]) > 1
    # A limit by index is only taken with `Never`; one for the whole Job would end all pods with the first that fails.
    assert (job["backoffLimitPerIndex"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert "backoffLimit" not in job


def test_the_pods_take_all_shards_counted_from_1(tmp_path: Path) -> None:
    octops = tmp_path / "octops"
    octops.write_text('#!/bin/sh\necho "$@"\n')
    octops.chmod(0o755)
    document = manifest(FACTS["odd"])
    (script,) = container(document)["args"]
    last = script[script.index("exec ") :].replace("/work/venv/bin/octops", str(octops))
    said = [
        subprocess.run(
            [*container(document)["command"], last],
            env={"PATH": "/usr/bin:/bin", "JOB_COMPLETION_INDEX": str(index), "OCTOPS_SHARDS": "3"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for index in range(3)
    ]
    assert said == [f"-C my reports apply --auto-approve --deadline 40m --shard {number}/3" for number in (1, 2, 3)]
