"""The comment of a pull request as the command writes it, from real commits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit import SMALL_PROJECT, GitProject, Outcome, git_project
from tests.report.samples import HOSTILE

NOW = "2026-03-02T08:47Z"
TASK = str(SMALL_PROJECT["tasks/daily-digest.yaml"])


def plan(project: GitProject, *arguments: str, **environment: str) -> Outcome:
    return project.octops("plan", "--base", "main~0", "--now", NOW, *arguments, **environment)


def markdown(project: GitProject, *arguments: str) -> str:
    outcome = plan(project, "--format", "markdown", *arguments)
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_the_prompt_is_shown_as_written_and_as_sent_at_the_slot_of_the_clock(project: GitProject) -> None:
    project.write({"tasks/daily-digest.yaml": TASK.replace("Group them", "Sort them")})
    text = markdown(project)
    assert "<code>prompt</code></summary>" in text
    sent = text[text.index("filled in as of 2026-03-02 08:47 UTC") :]
    assert " Compile the key updates of 2026-03-01 for Example Ltd." in sent
    assert "+Sort them by team." in sent


def test_another_value_of_a_variable_is_seen_in_the_prompt_as_sent(project: GitProject) -> None:
    settings = str(SMALL_PROJECT["octops.yaml"]).replace("Example Ltd", "Other GmbH")
    project.write({"octops.yaml": settings})
    text = markdown(project)
    assert "-Compile the key updates of 2026-03-01 for Example Ltd." in text
    assert "+Compile the key updates of 2026-03-01 for Other GmbH." in text


@pytest.mark.parametrize(
    ("task", "shown"),
    [
        ("prompt: No placeholder.\n", False),
        ("prompt: Look at <<url>>.\nparameters: {url: The page}\n", False),
        ("prompt: <<current_date>> <<url>>.\nparameters: {url: The page}\n", True),
        ("prompt: After <<previous_run_at>>.\nschedule: {frequency: daily, at: '18:00'}\n", False),
    ],
    ids=["nothing to fill in", "only what a person gives", "both", "what only a run knows"],
)
def test_a_prompt_that_cannot_or_need_not_be_filled_in_never_fails_a_plan(
    project: GitProject, task: str, shown: bool
) -> None:
    project.write({"tasks/new.yaml": task})
    assert ("filled in as of" in markdown(project)) is shown


def test_nothing_changed_is_one_line_or_with_quiet_none(project: GitProject) -> None:
    assert len(markdown(project).splitlines()) == 2
    assert markdown(project, "--quiet-if-unchanged") == ""
    assert plan(project, "--quiet-if-unchanged").out == ""


def test_quiet_is_not_silent_about_a_change(project: GitProject) -> None:
    project.write({"tasks/new.yaml": "prompt: x\n"})
    assert "### Plan: 1 to add" in markdown(project, "--quiet-if-unchanged")


def test_the_same_commits_and_clock_give_the_same_bytes(project: GitProject) -> None:
    project.write({f"tasks/t{number}.yaml": f"prompt: <<now>> {number}\n" for number in range(20)})
    assert markdown(project) == markdown(project)


def test_what_needs_eyes_comes_first(project: GitProject) -> None:
    project.write(
        {
            "tasks/daily-digest.yaml": TASK + "limits: {turns: 90}\n",
            "destinations/team.yaml": "type: webhook\nurl: https://other.example.com/x\n",
            "tasks/cheap.yaml": "prompt: x\n",
        }
    )
    project.git("rm", "-q", "--cached", "octops.yaml")
    text = markdown(project)
    first = text[text.index("Look at these first") : text.index("| task |")]
    assert "new recipient `team: https://other.example.com/x`" in first
    assert "new host `other.example.com`" in first
    assert "new limits `turns 90`" in first


def test_deleting_everything_is_a_plan(project: GitProject) -> None:
    (project.root / "tasks/daily-digest.yaml").unlink()
    text = markdown(project)
    assert "the task is deleted and will not run again" in text


def test_a_thousand_new_tasks_are_one_bounded_comment(project: GitProject) -> None:
    project.write({f"tasks/t{number}.yaml": f"prompt: Task {number} of <<current_date>>\n" for number in range(1000)})
    text = markdown(project)
    assert len(text.encode("utf-16-le")) // 2 <= 65_536
    assert "did not fit" in text


def test_a_hostile_prompt_and_name_stay_in_their_fences(project: GitProject) -> None:
    words = "".join(character for character in HOSTILE if character.isprintable() or character == "\n")
    task = {"name": "@everyone <img src=x> ]() ```", "prompt": words.replace("<<", "<")}
    project.write({"tasks/hostile.yaml": json.dumps(task)})
    text = markdown(project)
    lines = text.splitlines()
    assert sum(line.startswith("<details>") for line in lines) == lines.count("</details>") == 1
    outside = [line for line in lines if not line.startswith(("+", "-", " "))]
    assert not any("@everyone" in line or "<img" in line for line in outside)


@pytest.mark.parametrize("format_", ["markdown", "github"])
def test_a_base_that_is_broken_counts_as_empty_and_it_is_said(tmp_path: Path, format_: str) -> None:
    broken = git_project(tmp_path, {**SMALL_PROJECT, "tasks/bad.yaml": "promt: x\n"})
    (broken.root / "tasks/bad.yaml").unlink()
    outcome = plan(broken, "--format", format_)
    assert outcome.code == 0, outcome.err


def test_files_that_cannot_be_planned_are_told_in_markdown_and_fail(project: GitProject) -> None:
    project.write({"tasks/bad.yaml": "prompt: x\nskills: [nobody]\n"})
    outcome = plan(project, "--format", "markdown")
    assert outcome.code == 1
    assert "### This cannot be planned: 1 error" in outcome.out
    assert "unknown-skill" in outcome.err


def test_annotations_point_to_the_changed_line_from_the_top_of_the_repository(tmp_path: Path) -> None:
    inside = git_project(tmp_path, {f"reports/{name}": text for name, text in SMALL_PROJECT.items()})
    inside.write({"reports/tasks/daily-digest.yaml": TASK + "limits: {turns: 90}\n"})
    outcome = plan(inside, "-C", "reports", "--format", "github")
    assert "::warning file=reports/tasks/daily-digest.yaml,line=9,col=1,endLine=9,title=look-at-this::" in outcome.out


def test_under_github_the_plan_is_also_the_summary_and_the_outputs(project: GitProject, tmp_path: Path) -> None:
    project.write({"tasks/new.yaml": "prompt: x\n"})
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("before\n")
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    assert plan(project, **job).code == 0
    assert "### Plan: 1 to add" in summary.read_text()
    assert summary.read_text().startswith("before\n")
    assert outputs.read_text() == "changes=1\ndue=0\nfailed=0\nsummary=Plan: 1 to add, 0 to change, 0 to destroy.\n"


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "github"])
def test_under_github_a_plan_that_cannot_be_made_is_the_summary_too(
    project: GitProject, tmp_path: Path, format_: str
) -> None:
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    hostile = "nosuch```@ada<img src=x>"
    assert plan(project, "--base", hostile, "--format", format_, **job).code == 1
    written = summary.read_text()
    assert "### This cannot be planned: 1 error" in written
    opened = written.index("````text\n")
    assert opened < written.index(hostile) < written.index("````", opened + 4)
    assert outputs.read_text() == "failed=1\nsummary=1 error\n"


def test_under_github_files_that_cannot_be_planned_are_the_summary_too(project: GitProject, tmp_path: Path) -> None:
    project.write({"tasks/new.yaml": "promt: x\n", "tasks/other.yaml": "promt: x\n"})
    summary = tmp_path / "summary.md"
    assert plan(project, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary)).code == 1
    assert "tasks/new.yaml:1:1" in summary.read_text()
    assert "tasks/other.yaml:1:1" in summary.read_text()


def test_a_full_or_missing_summary_costs_nothing(project: GitProject, tmp_path: Path) -> None:
    full = tmp_path / "full.md"
    full.write_bytes(b"x" * 1024 * 1024)
    for path in (str(full), str(tmp_path / "no/such/folder")):
        assert plan(project, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=path).code == 0
    assert full.stat().st_size == 1024 * 1024


@pytest.mark.parametrize("status", ["active", "paused"])
def test_a_schedule_is_shown_as_it_was_and_as_it_becomes(project: GitProject, status: str) -> None:
    daily, weekly = 'frequency: daily, at: "18:00"', 'frequency: weekly, days: [friday], at: "15:00"'
    task = f"{TASK.replace(daily, weekly)}status: {status}\n"
    project.write({"tasks/daily-digest.yaml": task})
    project.commit()
    project.write({"tasks/daily-digest.yaml": task.replace(weekly, "frequency: hourly")})
    assert "updated: `schedule` `weekly on Friday at 15:00` → `hourly`" in markdown(project)
    project.write({"tasks/daily-digest.yaml": task.replace(f"schedule: {{{weekly}}}\n", "")})
    assert "updated: `schedule` `weekly on Friday at 15:00` → `none`" in markdown(project)
