from __future__ import annotations

from typing import Any

import pytest

from octops.app.whereabouts import refusal, whereabouts
from octops.model.project import ApplyPlaces

REPOSITORY = {"repository": {"default_branch": "main", "fork": False}}
FORK = {"repository": {"default_branch": "main", "fork": True}}
NOTHING = ApplyPlaces()


def github(event: str, ref: str) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_REF": ref}


def gitlab(source: str, **more: str) -> dict[str, str]:
    return {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": source, "CI_DEFAULT_BRANCH": "main", **more}


def judged(environ: dict[str, str], event: dict[str, Any], allowed: ApplyPlaces = NOTHING) -> str:
    """`fine`, `pull-request` or the code of the refusal."""
    place = whereabouts(environ, event)
    assert place is not None
    if place.for_pull_request:
        return "pull-request"
    problem = refusal(place, allowed)
    return problem.diagnostics[0].code if problem else "fine"


@pytest.mark.parametrize("environ", [{}, {"CI": "true"}, {"GITHUB_ACTIONS": "false"}, {"GITLAB_CI": ""}])
def test_outside_the_ci_we_know_there_is_no_place(environ: dict[str, str]) -> None:
    assert whereabouts(environ, {}) is None


@pytest.mark.parametrize(
    ("name", "ref", "event", "verdict"),
    [
        ("schedule", "refs/heads/main", REPOSITORY, "fine"),
        ("push", "refs/heads/main", REPOSITORY, "fine"),
        ("workflow_dispatch", "refs/heads/main", REPOSITORY, "fine"),
        ("push", "refs/heads/feature", REPOSITORY, "not-default-branch"),
        ("push", "refs/tags/main", REPOSITORY, "not-default-branch"),
        ("workflow_dispatch", "refs/heads/main2", REPOSITORY, "not-default-branch"),
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-1", REPOSITORY, "not-default-branch"),
        ("pull_request", "refs/pull/1/merge", REPOSITORY, "pull-request"),
        ("pull_request_target", "refs/heads/main", REPOSITORY, "pull-request"),
        ("pull_request_review", "refs/heads/main", REPOSITORY, "pull-request"),
        ("workflow_run", "refs/heads/main", {**REPOSITORY, "workflow_run": {"event": "pull_request"}}, "pull-request"),
        ("workflow_run", "refs/heads/main", {**REPOSITORY, "workflow_run": {"event": "push"}}, "fine"),
        ("schedule", "refs/heads/main", FORK, "fork"),
        ("push", "refs/heads/main", {}, "unknown-default-branch"),
        ("push", "", REPOSITORY, "not-default-branch"),
        ("push", "refs/heads/main", {"repository": "odd", "workflow_run": []}, "unknown-default-branch"),
    ],
)
def test_where_github_lets_an_apply_run(name: str, ref: str, event: dict[str, Any], verdict: str) -> None:
    assert judged(github(name, ref), event) == verdict


@pytest.mark.parametrize(
    ("environ", "verdict"),
    [
        (gitlab("schedule", CI_COMMIT_BRANCH="main"), "fine"),
        (gitlab("web", CI_COMMIT_BRANCH="main"), "fine"),
        (gitlab("push", CI_COMMIT_BRANCH="feature"), "not-default-branch"),
        (gitlab("push", CI_COMMIT_TAG="v1"), "not-default-branch"),
        (gitlab("merge_request_event"), "pull-request"),
        (gitlab("external_pull_request_event", CI_COMMIT_BRANCH="main"), "pull-request"),
        (gitlab("parent_pipeline", CI_COMMIT_BRANCH="main", CI_MERGE_REQUEST_IID="3"), "pull-request"),
        ({"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"}, "unknown-default-branch"),
    ],
)
def test_where_gitlab_lets_an_apply_run(environ: dict[str, str], verdict: str) -> None:
    assert judged(environ, {}) == verdict


@pytest.mark.parametrize(
    ("branch", "allowed", "verdict"),
    [
        ("staging", ApplyPlaces(branches=("staging",)), "fine"),
        ("release/1.2", ApplyPlaces(branches=("release/*",)), "fine"),
        ("release", ApplyPlaces(branches=("release/*",)), "not-default-branch"),
        ("main", ApplyPlaces(branches=("staging",)), "fine"),
        ("staging2", ApplyPlaces(branches=("staging",)), "not-default-branch"),
    ],
)
def test_branches_that_are_listed_are_let_in(branch: str, allowed: ApplyPlaces, verdict: str) -> None:
    assert judged(github("push", f"refs/heads/{branch}"), REPOSITORY, allowed) == verdict


def test_a_fork_that_lives_its_own_life_is_let_in_on_its_default_branch_only() -> None:
    own = ApplyPlaces(forks=True)
    assert judged(github("schedule", "refs/heads/main"), FORK, own) == "fine"
    assert judged(github("push", "refs/heads/x"), FORK, own) == "not-default-branch"
