from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.kit import SMALL_PROJECT, GitProject, git_project


def test_a_valid_project_is_counted(project: GitProject) -> None:
    outcome = project.octops("validate")
    assert outcome.out == "Success! The configuration is valid: 1 task, 1 skill, 1 source, 1 destination.\n"


def test_everything_wrong_in_every_file_is_said_in_one_run_sorted_by_place(project: GitProject) -> None:
    project.write(
        {
            "tasks/a.yaml": "prompt: <<nobody>>\nskills: [writing-stile]\nmodle: default\n",
            "tasks/b.yaml": "prompt: x\nschedule: {frequency: dayly}\n",
            "destinations/c.yaml": "type: [\n",
        }
    )
    outcome = project.octops("validate", "--format", "json")
    places = [(it["range"]["filename"], it["range"]["start"]["line"]) for it in json.loads(outcome.out)["diagnostics"]]
    assert outcome.code == 1
    assert places == sorted(places)
    assert {name for name, _ in places} == {"tasks/a.yaml", "tasks/b.yaml", "destinations/c.yaml"}


def test_the_json_counts_like_terraform(project: GitProject) -> None:
    project.write({"tasks/a.yaml": "promt: x\n"})
    document = json.loads(project.octops("validate", "--format", "json").out)
    assert document["valid"] is False
    assert document["error_count"] >= 1
    assert document["warning_count"] == 0


def test_named_files_get_only_what_concerns_them(project: GitProject) -> None:
    project.write({"tasks/bad.yaml": "prompt: x\nskills: [nobody]\n"})
    assert project.octops("validate", "tasks/daily-digest.yaml").code == 0
    assert project.octops("validate", "tasks/bad.yaml", "octops.yaml").code == 1


def test_a_warning_is_exit_0_and_with_strict_exit_1(project: GitProject) -> None:
    project.write({"skills/loose.md": "No front matter here.\n"})
    assert project.octops("validate").code == 0
    assert project.octops("validate", "--strict").code == 1


def test_the_files_of_a_commit_can_be_checked(project: GitProject) -> None:
    project.write({"tasks/daily-digest.yaml": "promt: x\n"})
    assert project.octops("validate", "--ref", "HEAD").code == 0
    assert project.octops("validate").code == 1


def test_annotations_name_file_and_line(project: GitProject) -> None:
    project.write({"tasks/a.yaml": "prompt: x\nskills: [writing-stile]\n"})
    outcome = project.octops("validate", "--format", "github")
    assert outcome.out.startswith("::error file=tasks/a.yaml,line=2,")


def test_sarif_and_junit_name_files_from_the_top_of_the_repository(tmp_path: Path) -> None:
    inside = git_project(tmp_path, {f"reports/{name}": text for name, text in SMALL_PROJECT.items()})
    inside.write({"reports/tasks/a.yaml": "prompt: x\nskills: [writing-stile]\n"})
    sarif = inside.octops("validate", "-C", "reports", "--format", "sarif")
    place = json.loads(sarif.out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (sarif.code, place["artifactLocation"]["uri"]) == (1, "reports/tasks/a.yaml")
    junit = inside.octops("validate", "-C", "reports", "--format", "junit")
    assert junit.code == 1
    assert 'name="reports/tasks/a.yaml"' in junit.out


def test_under_github_the_mistakes_are_counted_as_outputs(project: GitProject, tmp_path: Path) -> None:
    project.write({"tasks/a.yaml": "promt: x\n"})
    outputs = tmp_path / "outputs"
    project.octops("validate", GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(outputs))
    assert "failed=" in outputs.read_text()
    assert "failed=0" not in outputs.read_text()


def _bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        _bomb(20),
        "a: &a {x: 1}\n" + "".join(f"k{n}: {{<<: *a}}\n" for n in range(500)),
        "prompt: " + "[" * 50_000,
        "prompt: " + "{a: " * 50_000,
        "prompt: " + "x" * 5_000_000,
        b"prompt: \xff\xfe\x00\n",
        b"\xff\xfep\x00r\x00",
        "prompt: !!python/object/apply:os.system [id]\n",
        "prompt: !!timestamp x\n",
        "prompt: a\nprompt: b\n",
        "- 1\n- 2\n",
        "",
        "\0",
        "<<<<<<< HEAD\nprompt: a\n=======\nprompt: b\n>>>>>>> other\n",
        "? [a, b]\n: c\n",
        "prompt: 1e999\nlimits: {turns: 99999999999999999999}\n",
        "prompt: x\nschedule: {cron: '0 0 30 2 *'}\n",
        'prompt: "\\uD83D"\n',
        "%YAML 9.9\n---\nprompt: x\n",
    ],
    ids=range(19),
)
def test_hostile_content_is_an_error_and_nothing_worse(project: GitProject, content: str | bytes) -> None:
    project.write({"tasks/hostile.yaml": content})
    outcome = project.octops("validate")
    assert outcome.code == 1
    assert "tasks/hostile.yaml" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("kind", ["fifo", "device", "loop", "outside", "folder-loop"])
def test_what_is_not_a_file_inside_the_project_is_not_opened(project: GitProject, tmp_path: Path, kind: str) -> None:
    target = project.root / "tasks/odd.yaml"
    if kind == "fifo":
        os.mkfifo(target)
    elif kind == "device":
        target.symlink_to("/dev/zero")
    elif kind == "loop":
        target.symlink_to(target)
    elif kind == "outside":
        (tmp_path / "secret.yaml").write_text("prompt: secret\n")
        target.symlink_to(tmp_path / "secret.yaml")
    else:
        (project.root / "tasks/odd").symlink_to(project.root / "tasks")
    outcome = project.octops("validate")
    assert outcome.code == 1
    assert "tasks/odd" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_byte_order_mark_and_windows_line_ends_are_fine(project: GitProject) -> None:
    text = str(SMALL_PROJECT["tasks/daily-digest.yaml"]).replace("\n", "\r\n")
    project.write({"tasks/daily-digest.yaml": b"\xef\xbb\xbf" + text.encode()})
    assert project.octops("validate").code == 0


def test_a_file_name_with_a_newline_is_an_error_on_one_line(project: GitProject) -> None:
    project.write({"tasks/a\n::error::b.yaml": "prompt: x\n"})
    outcome = project.octops("validate", "--format", "github")
    assert outcome.code == 1
    assert not any(line.startswith("::error::b") for line in outcome.out.splitlines())


def test_git_settings_of_the_repository_execute_nothing(project: GitProject, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {proof}\ncat\n")
    evil.chmod(0o755)
    project.git("config", "core.fsmonitor", str(evil))
    project.git("config", "core.hooksPath", str(tmp_path))
    project.git("config", "filter.evil.clean", str(evil))
    project.git("config", "filter.evil.smudge", str(evil))
    project.git("config", "filter.evil.required", "true")
    project.git("config", "diff.evil.textconv", str(evil))
    project.write({".gitattributes": "* filter=evil diff=evil\n"})
    for command in (["validate"], ["plan"], ["plan", "--base", "HEAD"], ["validate", "--ref", "HEAD"]):
        assert project.octops(*command).code == 0
    assert not proof.exists()


def test_an_embedded_bare_repository_is_not_entered(project: GitProject, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    inner = project.root / "tasks/inner"
    inner.mkdir()
    project.git("init", "--quiet", "--bare", str(inner))
    (inner / "config").write_text(f"[core]\nbare = true\nfsmonitor = touch {proof}\n")
    outcome = project.octops("validate")
    assert "Traceback" not in outcome.err
    assert not proof.exists()
    assert "Plan: 1 to add" in GitProject(inner).octops("plan").out, "the project around it is the one that counts"
    assert not proof.exists()


def test_one_bad_task_among_many_is_named(tmp_path: Path) -> None:
    files = dict(SMALL_PROJECT)
    files |= {f"tasks/t{number}.yaml": "prompt: x\n" for number in range(1000)}
    files["tasks/t500.yaml"] = "prompt: x\nskills: [nobody]\n"
    outcome = git_project(tmp_path, files).octops("validate", "--format", "json")
    assert [it["range"]["filename"] for it in json.loads(outcome.out)["diagnostics"]] == ["tasks/t500.yaml"]
