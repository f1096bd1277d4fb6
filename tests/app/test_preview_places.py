from __future__ import annotations

from typing import Any

import pytest

from octops.app.preview_places import from_fork
from octops.app.whereabouts import whereabouts

HOME = {"repository": {"full_name": "ada/reports", "default_branch": "main", "fork": False}}


def judged(environ: dict[str, str], event: dict[str, Any]) -> bool:
    place = whereabouts(environ, event)
    assert place is not None
    return from_fork(place, environ, event)


def head(name: str | None) -> dict[str, Any]:
    return {**HOME, "pull_request": {"head": {"repo": {"full_name": name} if name else None}}}


def run(name: str) -> dict[str, Any]:
    return {**HOME, "workflow_run": {"event": "pull_request", "head_repository": {"full_name": name}}}


@pytest.mark.parametrize(
    ("name", "event", "strange"),
    [
        ("pull_request", head("ada/reports"), False),
        ("pull_request", head("mallory/reports"), True),
        ("pull_request_target", head("mallory/reports"), True),
        ("pull_request_review", head("mallory/reports"), True),
        ("pull_request", head(None), True),
        ("pull_request", HOME, True),
        ("pull_request", {}, True),
        ("pull_request", {"pull_request": {"head": {"repo": {}}}}, True),
        ("workflow_run", run("ada/reports"), False),
        ("workflow_run", run("mallory/reports"), True),
        ("workflow_run", {**HOME, "workflow_run": {"event": "push"}}, True),
        ("issue_comment", {**HOME, "issue": {"pull_request": {"url": "x"}}}, True),
        ("issue_comment", {**HOME, "issue": {"number": 3}}, False),
        ("push", HOME, False),
        ("schedule", {}, False),
    ],
)
def test_whose_files_a_job_of_github_is_about(name: str, event: dict[str, Any], strange: bool) -> None:
    assert judged({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name}, event) is strange


def test_without_the_event_no_repository_is_taken_for_the_jobs_own() -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "ada/reports"}
    assert judged(environ, {})


@pytest.mark.parametrize(
    ("environ", "strange"),
    [
        ({"CI_PIPELINE_SOURCE": "push"}, False),
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, True),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "7"}, False),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8", "CI_MERGE_REQUEST_PROJECT_ID": "7"}, True),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "", "CI_MERGE_REQUEST_PROJECT_ID": ""}, True),
        (
            {"CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "m/r", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "a/r"},
            True,
        ),
    ],
)
def test_whose_files_a_job_of_gitlab_is_about(environ: dict[str, str], strange: bool) -> None:
    source = {"CI_PIPELINE_SOURCE": "merge_request_event"}
    assert judged({"GITLAB_CI": "true", **source, **environ}, {}) is strange
