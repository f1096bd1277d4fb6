from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from octops.local.weights import table
from tests.kit import ROOT, GitProject, git_project

NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture
def place(tmp_path: Path) -> GitProject:
    return git_project(tmp_path, {"README.md": "no project here\n"})


def test_list_says_what_each_model_needs_and_honestly_what_it_is_good_for(place: GitProject) -> None:
    outcome = place.octops("model", "list")
    assert outcome.code == 0
    for words in ("local/qwen2.5-coder-1.5b", "1.12 GB", "memory", "tokens a second", "judges badly"):
        assert words in outcome.out


@pytest.mark.parametrize("name", table())
def test_what_is_said_of_a_models_answers_are_the_figures_measured_on_its_page(name: str) -> None:
    page = (ROOT / "docs/local-models.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines() if f"| {name} |" in line]
    facts = [row[6].split("/") for row in rows if len(row) > 10]
    kept, of = (sum(int(fact[place]) for fact in facts) for place in (0, 1))
    right = dict(part.rsplit(" ", 1) for row in rows if row[1] == "support-triage" for part in row[5].split(", "))
    quality = table()[name].quality
    assert f"{kept} of {of} facts kept" in quality
    assert f"{right['topic'].replace('/', ' of ')} topics" in quality
    assert f"{right['urgent'].replace('/', ' of ')} times" in quality


def test_list_as_json_is_one_document(place: GitProject) -> None:
    document = json.loads(place.octops("model", "list", "--format", "json").out)
    assert [model["model"] for model in document["models"]] == ["local/qwen2.5-coder-1.5b", "local/qwen2.5-coder-0.5b"]
    assert (document["models"][0]["here"], document["diagnostics"]) == (False, [])
    assert document["folder"].endswith("home/.cache/octops/models")


def test_a_pull_without_a_terminal_to_ask_on_says_what_it_would_bring_and_stops(place: GitProject) -> None:
    outcome = place.octops("model", "pull", "qwen2.5-coder-0.5b")
    assert (outcome.code, "491 MB" in outcome.err, "add `--yes`" in outcome.err) == (1, True, True)
    assert not (place.root.parent / "home/.cache/octops/models").exists()


def test_the_name_may_be_the_one_of_octops_yaml(place: GitProject) -> None:
    assert "491 MB" in place.octops("model", "pull", "local/qwen2.5-coder-0.5b").err


@pytest.mark.parametrize("command", ["pull", "remove"])
def test_an_unknown_model_is_answered_with_the_known_ones(place: GitProject, command: str) -> None:
    outcome = place.octops("model", command, "gpt-9")
    assert (outcome.code, "`qwen2.5-coder-1.5b`, `qwen2.5-coder-0.5b`" in outcome.err) == (1, True)


def test_a_pull_without_any_network_says_so_and_leaves_no_file(place: GitProject) -> None:
    outcome = place.octops("model", "pull", "--yes", "--from", "index", "qwen2.5-coder-0.5b", **NO_INDEX)
    assert outcome.code == 1
    assert "error[no-source]" in outcome.err
    assert not list((place.root.parent / "home/.cache/octops/models").glob("*.gguf"))


def test_a_cache_that_cannot_be_written_is_named(place: GitProject) -> None:
    outcome = place.octops("model", "pull", "--yes", "qwen2.5-coder-0.5b", XDG_CACHE_HOME="/dev/null")
    assert (outcome.code, "`/dev/null/octops/models` cannot be written" in outcome.err) == (1, True)


def test_without_a_home_there_is_no_place_for_models(place: GitProject) -> None:
    outcome = place.octops("model", "list", HOME="")
    assert (outcome.code, "set HOME or XDG_CACHE_HOME" in outcome.err) == (1, True)


def test_remove_frees_what_was_pulled_and_what_was_begun(place: GitProject) -> None:
    models = place.root.parent / "home/.cache/octops/models"
    models.mkdir(parents=True)
    for name in ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", ".qwen2.5-coder-0.5b-instruct-q4_k_m.gguf.index"):
        (models / name).write_bytes(b"x" * 3_000_000)
    (models / "mine.gguf").write_bytes(b"x")
    outcome = place.octops("model", "remove", "qwen2.5-coder-0.5b")
    assert (outcome.code, "6 MB are free again" in outcome.out) == (0, True)
    assert [path.name for path in models.iterdir()] == ["mine.gguf"]


LOCAL = {
    "octops.yaml": "version: 1\ndefaults: {model: local/qwen2.5-coder-0.5b}\n",
    "tasks/one.yaml": 'prompt: Say something.\nschedule: {frequency: daily, at: "08:00"}\n',
}


def test_apply_with_a_local_model_that_is_not_here_starts_nothing_and_names_the_command(tmp_path: Path) -> None:
    project = git_project(tmp_path, LOCAL)
    outcome = project.octops("apply", "--auto-approve", "--now", "2026-03-02T08:10Z")
    assert (outcome.code, "error[no-model]" in outcome.err) == (1, True)
    assert "pull qwen2.5-coder-0.5b" in outcome.err or "pip install 'octops[local]'" in outcome.err
    assert project.git("for-each-ref", "refs/heads/octops/runs") == ""


def test_a_local_model_is_planned_without_a_key_a_host_or_a_price(tmp_path: Path) -> None:
    outcome = git_project(tmp_path, LOCAL).octops("plan", "--now", "2026-03-02T08:10Z")
    assert outcome.code == 0
    assert "local/qwen2.5-coder-0.5b" in outcome.out
    assert not any(word in outcome.out for word in ("secret", "host "))
