"""`octops comment` end to end: a project with a branch, and the platform's API on loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit import SMALL_PROJECT as SMALL
from tests.kit import GitProject, Outcome, git_project
from tests.platforms.servers import ADA, Fault, Platform, github, gitlab

NOW = "2026-03-02T08:47Z"
MARKER = "<!-- octops-plan -->"


@pytest.fixture
def hub() -> Iterator[Platform]:
    with github() as platform:
        yield platform


@pytest.fixture
def branch(project: GitProject) -> GitProject:
    """A branch `change` whose work tree edits the prompt, and `origin/main` where it began."""
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    project.git("switch", "-q", "-c", "change")
    text = str(SMALL["tasks/daily-digest.yaml"]).replace("Group them by team.", "Group them by product.")
    project.write({"tasks/daily-digest.yaml": text})
    project.commit()
    return project


def comment(project: GitProject, hub: Platform, *arguments: str, **environment: str) -> Outcome:
    known = {"GITHUB_TOKEN": hub.token, "GITHUB_REPOSITORY": "ada/reports", "GITHUB_API_URL": hub.url}
    return project.octops("comment", "--now", NOW, *arguments, **{**known, **environment})


def event(folder: Path, value: dict[str, Any]) -> str:
    path = folder / "event.json"
    path.write_text(json.dumps(value))
    return str(path)


def test_the_plan_is_posted_and_then_edited_in_place(branch: GitProject, hub: Platform) -> None:
    first = comment(branch, hub, "--pr", "12", "--base", "origin/main")
    assert (first.code, first.out) == (0, "comment created: https://example.com/c/1\n"), first.err
    branch.write({"skills/writing-style/SKILL.md": "---\nname: writing-style\ndescription: x\n---\nBe kind.\n"})
    second = comment(branch, hub, "--pr", "12", "--base", "origin/main")
    assert (second.code, second.out) == (0, "comment updated: https://example.com/c/1\n"), second.err
    (body,) = hub.bodies
    assert body.startswith(f"{MARKER}\n### Plan: 0 to add, 1 to change, 0 to destroy.")
    assert "+Be kind." in body


def test_the_comment_is_what_plan_writes(branch: GitProject, hub: Platform) -> None:
    comment(branch, hub, "--pr", "12", "--base", "origin/main")
    written = branch.octops("plan", "--base", "origin/main", "--format", "markdown", "--now", NOW).out
    assert hub.bodies == [written]


def test_a_written_plan_is_posted_as_it_is(branch: GitProject, hub: Platform) -> None:
    written = branch.octops("plan", "--base", "origin/main", "--format", "markdown", "--now", NOW).out
    branch.write({"plan.md": written})
    assert comment(branch, hub, "--pr", "12", "--file", "plan.md").code == 0
    assert hub.bodies == [written]


@pytest.mark.parametrize("text", ["", " \n", f"{MARKER}\n"])
def test_a_text_that_came_out_empty_is_not_posted(branch: GitProject, hub: Platform, text: str) -> None:
    hub.say(f"{MARKER}\n### Plan: 1 to add", hub.me)
    branch.write({"plan.md": text})
    outcome = comment(branch, hub, "--pr", "12", "--file", "plan.md")
    assert outcome.code == 1
    assert "error[empty-text]: `plan.md` holds no text" in outcome.err
    assert "`set -o pipefail`" in outcome.err
    assert hub.bodies == [f"{MARKER}\n### Plan: 1 to add"]


def test_a_plan_that_says_nothing_on_purpose_corrects_an_old_comment_and_begins_none(
    project: GitProject, hub: Platform
) -> None:
    plan = project.octops("plan", "--base", "HEAD", "--format", "markdown", "--quiet-if-unchanged", "--now", NOW).out
    project.write({"plan.md": plan})
    quiet = ("--pr", "12", "--file", "plan.md", "--quiet-if-unchanged")
    assert (plan, comment(project, hub, *quiet).code, hub.bodies) == ("", 0, [])
    hub.say(f"{MARKER}\n### Plan: 1 to add", hub.me)
    assert comment(project, hub, *quiet).code == 0
    assert hub.bodies == [
        f"{MARKER}\nThe text is empty, as `octops plan --quiet-if-unchanged` leaves it when nothing would change."
    ]


def test_in_a_job_of_the_pull_request_nothing_need_be_named(branch: GitProject, hub: Platform, tmp_path: Path) -> None:
    path = event(tmp_path, {"pull_request": {"number": 12, "base": {"ref": "main"}}})
    assert comment(branch, hub, GITHUB_EVENT_PATH=path).code == 0
    assert len(hub.bodies) == 1


HEAD = {"owner": "mallory", "ref": "change", "sha": "a" * 40}


def test_naming_the_pull_request_of_the_job_changes_nothing(branch: GitProject, hub: Platform, tmp_path: Path) -> None:
    path = event(tmp_path, {"pull_request": {"number": 12, "base": {"ref": "main"}}})
    outcome = comment(branch, hub, "--pr", "12", "--repo", "ada/reports", GITHUB_EVENT_PATH=path)
    assert outcome.code == 0, outcome.err
    assert [line.split()[0] for line in hub.requests] == ["GET", "POST"]


@pytest.mark.parametrize("job", [{}, {"pull_request": {"number": 7, "base": {"ref": "nowhere"}}}])
def test_the_branch_that_another_pull_request_is_for_is_asked_for_once(
    branch: GitProject, hub: Platform, tmp_path: Path, job: dict[str, Any]
) -> None:
    hub.pulls = [{"number": 12, "head": HEAD, "base": {"ref": "main"}}]
    hub.say(f"{MARKER}\nold", hub.me)
    outcome = comment(branch, hub, "--pr", "12", GITHUB_EVENT_PATH=event(tmp_path, job))
    assert outcome.code == 0, outcome.err
    assert "+Group them by product." in hub.bodies[0]
    assert [line.partition("?")[0] for line in hub.requests] == [
        "GET /repos/ada/reports/pulls/12",
        "GET /repos/ada/reports/issues/12/comments",
        "PATCH /repos/ada/reports/issues/comments/1",
    ]


def test_the_job_of_another_repositorys_pull_request_tells_nothing_of_this_one(
    branch: GitProject, hub: Platform, tmp_path: Path
) -> None:
    path = event(tmp_path, {"pull_request": {"number": 12, "base": {"ref": "nowhere"}}})
    hub.pulls = [{"number": 12, "head": HEAD, "base": {"ref": "main"}}]
    job = {"GITHUB_EVENT_PATH": path, "GITHUB_REPOSITORY": "ada/other"}
    assert comment(branch, hub, "--pr", "12", "--repo", "ada/reports", **job).code == 0
    assert len(hub.bodies) == 1


def test_the_branch_that_another_merge_request_is_for_is_asked_for(branch: GitProject) -> None:
    with gitlab() as lab:
        given = {
            "GITLAB_CI": "true",
            "GITLAB_TOKEN": lab.token,
            "CI_API_V4_URL": lab.url,
            "CI_PROJECT_ID": "77",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "nowhere",
        }
        outcome = branch.octops("comment", "--now", NOW, "--pr", "12", **given)
        assert outcome.code == 0, outcome.err
        assert lab.requests[0] == "GET /projects/77/merge_requests/12"
        assert len(lab.bodies) == 1


def workflow_run(commit: str) -> dict[str, Any]:
    run = {"head_sha": commit, "head_branch": "change", "head_repository": {"owner": {"login": "mallory"}}}
    return {"workflow_run": run}


def test_a_workflow_of_the_default_branch_finds_the_pull_request_and_only_reads_its_commit(
    branch: GitProject, hub: Platform, tmp_path: Path
) -> None:
    commit = branch.git("rev-parse", "HEAD")
    branch.git("switch", "-q", "main")
    head = {"owner": "mallory", "ref": "change", "sha": commit}
    hub.pulls = [{"number": 12, "head": head, "base": {"ref": "main"}}]
    outcome = comment(branch, hub, "--ref", commit, GITHUB_EVENT_PATH=event(tmp_path, workflow_run(commit)))
    assert outcome.code == 0, outcome.err
    assert "+Group them by product." in hub.bodies[0]
    assert branch.git("status", "--porcelain") == ""


def test_a_pull_request_that_moved_on_is_left_alone(branch: GitProject, hub: Platform, tmp_path: Path) -> None:
    hub.pulls = [
        {"number": 12, "head": {"owner": "mallory", "ref": "change", "sha": "b" * 40}, "base": {"ref": "main"}}
    ]
    commit = branch.git("rev-parse", "HEAD")
    outcome = comment(branch, hub, "--ref", commit, GITHUB_EVENT_PATH=event(tmp_path, workflow_run(commit)))
    assert (outcome.code, hub.bodies) == (0, [])
    assert "no open pull request has" in outcome.out


def test_when_nothing_changes_quiet_begins_no_comment_and_corrects_an_old_one(
    project: GitProject, hub: Platform
) -> None:
    quiet = ("--pr", "12", "--base", "HEAD", "--quiet-if-unchanged")
    assert comment(project, hub, *quiet).code == 0
    assert hub.bodies == []
    hub.say(f"{MARKER}\n### Plan: 1 to add", hub.me)
    comment(project, hub, *quiet)
    assert hub.bodies[0].startswith(f"{MARKER}\nNo changes.")


def test_files_that_cannot_be_planned_are_a_comment_too(branch: GitProject, hub: Platform) -> None:
    branch.write({"tasks/daily-digest.yaml": "<<<<<<< ours\nprompt: a\n=======\nprompt: b ```\n>>>>>>> theirs\n"})
    outcome = comment(branch, hub, "--pr", "12", "--base", "origin/main")
    assert outcome.code == 0
    assert hub.bodies[0].startswith(f"{MARKER}\n### This cannot be planned: 1 error")
    assert "tasks/daily-digest.yaml:1:1" in hub.bodies[0]


def test_two_projects_of_a_repository_have_a_comment_each(tmp_path: Path, hub: Platform) -> None:
    both = git_project(tmp_path, {f"{folder}/{name}": text for folder in ("a", "b") for name, text in SMALL.items()})
    for folder in ("a", "b", "a"):
        assert comment(both, hub, "-C", folder, "--pr", "12", "--base", "HEAD").code == 0
    assert [body.splitlines()[0] for body in hub.bodies] == ["<!-- octops-plan: a -->", "<!-- octops-plan: b -->"]


def test_a_platform_that_stays_broken_is_exit_1_and_the_text_is_kept(
    branch: GitProject, hub: Platform, tmp_path: Path
) -> None:
    hub.faults = [Fault(503, {"retry-after": "0"}) for _ in range(4)]
    outcome = comment(branch, hub, "--pr", "12", "--base", "origin/main", RUNNER_TEMP=str(tmp_path))
    assert outcome.code == 1
    assert "503 Service Unavailable" in outcome.err
    (kept,) = re.findall(r"the text of the comment is in (\S+)", outcome.err)
    assert Path(kept).read_text().startswith(MARKER)
    assert hub.token not in outcome.err + outcome.out


@pytest.mark.parametrize(
    ("told", "compared"),
    [
        ({}, "origin/HEAD"),
        ({"repository": {"default_branch": "main"}}, "origin/main"),
        ({"repository": {"default_branch": "other"}, "pulls": [{"base": {"ref": "main"}}]}, "origin/main"),
    ],
    ids=["nothing is told", "a fork's", "the repository's own"],
)
def test_a_platform_that_cannot_say_which_pull_request_it_is_leaves_the_likely_text(
    branch: GitProject, hub: Platform, tmp_path: Path, told: dict[str, Any], compared: str
) -> None:
    branch.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    hub.faults = [Fault(503, {"retry-after": "0"}) for _ in range(4)]
    commit = branch.git("rev-parse", "HEAD")
    run = {**workflow_run(commit)["workflow_run"], "pull_requests": told.get("pulls", [])}
    path = event(tmp_path, {"workflow_run": run, "repository": told.get("repository", {})})
    outcome = comment(branch, hub, "--ref", commit, GITHUB_EVENT_PATH=path, RUNNER_TEMP=str(tmp_path))
    assert outcome.code == 1
    (kept,) = re.findall(r"the text of the comment is in (\S+)", outcome.err)
    assert "Group them by product." in Path(kept).read_text()
    assert f"it compares with `{compared}`" in outcome.err


def test_where_nothing_is_likely_the_platform_alone_is_told(branch: GitProject, hub: Platform, tmp_path: Path) -> None:
    hub.faults = [Fault(503, {"retry-after": "0"}) for _ in range(4)]
    commit = branch.git("rev-parse", "HEAD")
    path = event(tmp_path, workflow_run(commit))
    outcome = comment(branch, hub, "--ref", commit, GITHUB_EVENT_PATH=path, RUNNER_TEMP=str(tmp_path))
    assert outcome.code == 1
    assert "503 Service Unavailable" in outcome.err
    assert outcome.err.count("error[") == 1


def test_a_platform_that_recovers_gets_its_comment(branch: GitProject, hub: Platform) -> None:
    hub.faults = [Fault(429, {"retry-after": "0"}), Fault(502, {"retry-after": "0"}, method="POST", lost=True)]
    assert comment(branch, hub, "--pr", "12", "--base", "origin/main").code == 0
    assert len(hub.bodies) == 1


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {}, "which pull request"),
        (("--pr", "12", "--base", "HEAD"), {"GITHUB_TOKEN": ""}, "`GITHUB_TOKEN` is not set"),
        (("--pr", "12", "--base", "HEAD"), {"GITHUB_API_URL": "http://example.com"}, "does not start with https://"),
        (("--pr", "12", "--repo", "../user"), {}, "is not a repository"),
        (("--pr", "12", "--repo", "ada/.."), {}, "is not a repository"),
        (("--pr", "12"), {}, "404 Not Found to GET /repos/ada/reports/pulls/12"),
        (("--pr", "12", "--base", "nowhere"), {}, "there is no revision `nowhere`"),
        (("--pr", "12", "--file", "missing.md"), {}, "cannot read `missing.md`"),
        (("--pr", "12", "--file", "a", "--base", "HEAD"), {}, "takes no `--base`"),
        (("--pr", "0"), {}, "--pr"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_posted(
    branch: GitProject, hub: Platform, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    outcome = comment(branch, hub, *arguments, **environment)
    assert outcome.code == 1
    assert said in outcome.err
    assert hub.bodies == []


@pytest.mark.parametrize(
    ("status", "cures"),
    [
        (401, ["`GITHUB_TOKEN` is not valid"]),
        (403, ["`pull-requests: write`", "a fork's pull request", "`workflow_run`"]),
        (404, ["check the number and the repository (`--pr`, `--repo`)"]),
    ],
)
def test_what_the_platform_refuses_is_told_with_what_to_do(
    branch: GitProject, hub: Platform, status: int, cures: list[str]
) -> None:
    hub.faults = [Fault(status)]
    outcome = comment(branch, hub, "--pr", "12", "--base", "origin/main")
    assert outcome.code == 1
    assert [cure for cure in [*cures, "the server says: something is wrong here"] if cure not in outcome.err] == []


@pytest.mark.parametrize("variable", ["GITLAB_TOKEN", "CI_JOB_TOKEN"])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_gitlab_refuses_names_the_token_that_was_used(branch: GitProject, variable: str, status: int) -> None:
    with gitlab() as lab:
        lab.faults = [Fault(status)]
        given = {variable: lab.token, "CI_API_V4_URL": lab.url, "CI_PROJECT_ID": "77", "GITLAB_CI": "true"}
        outcome = branch.octops("comment", "--now", NOW, "--pr", "12", "--base", "origin/main", **given)
    assert outcome.code == 1
    assert f"`{variable}`" in outcome.err
    assert ("`api`" if status != 404 else "`--repo`") in outcome.err


def test_a_text_that_is_too_long_is_refused(branch: GitProject, hub: Platform) -> None:
    branch.write({"plan.md": "x" * 70_000})
    outcome = comment(branch, hub, "--pr", "12", "--file", "plan.md")
    assert outcome.code == 1
    assert "65,536" in outcome.err


@pytest.mark.parametrize("variable", ["GITLAB_TOKEN", "CI_JOB_TOKEN"])
def test_a_merge_request_gets_its_note(branch: GitProject, variable: str) -> None:
    with gitlab() as lab:
        given = {
            "GITLAB_CI": "true",
            variable: lab.token,
            "CI_API_V4_URL": lab.url,
            "CI_PROJECT_ID": "77",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "GITLAB_USER_ID": str(ADA["id"]),
        }
        for word in ("created", "unchanged"):
            outcome = branch.octops("comment", "--now", NOW, **given)
            assert (outcome.code, outcome.out) == (0, f"comment {word}: 77, number 12\n"), outcome.err
        assert lab.bodies[0].startswith(MARKER)
