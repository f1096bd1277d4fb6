from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from octops.destinations.surroundings import CommitRequest
from octops.errors import GitError
from octops.model.ids import Value
from octops.model.run import Result
from tests.destinations.peers import FAILED, Commits, destination, one, refusal, result, surroundings

pytestmark = pytest.mark.anyio


async def asked(given: Result | None = None, **config: Any) -> CommitRequest:
    commits = Commits()
    config = {"path": "reports/<<scheduled_date>>.md", **config}
    proof = await one(destination("file", **config), surroundings(commit=commits)).deliverer.deliver(given or result())
    assert proof.text == "c0ffee"
    (request,) = commits.asked
    return request


async def test_the_answer_is_committed_to_the_records_branch_and_the_commit_is_the_proof() -> None:
    assert await asked() == CommitRequest(
        branch="octops/runs",
        path="reports/2026-03-02.md",
        content=b"# News\n\nAll is *well*.\n",
        message="Daily digest: digest@20260302T080000Z\n\nOctops-Delivery: dlv_0123456789abcdef\n",
    )


async def test_a_named_branch_is_used() -> None:
    assert (await asked(branch="reports")).branch == "reports"


async def test_the_same_result_is_asked_for_in_the_same_words() -> None:
    assert await asked() == await asked()


async def test_json_is_laid_out_for_reading() -> None:
    given = result(format="json", text='{"ä":1}', data={"ä": 1})
    assert (await asked(given)).content == '{\n  "ä": 1\n}\n'.encode()


async def test_a_failed_run_leaves_why() -> None:
    assert (await asked(FAILED)).content == b"Run digest@20260302T080000Z failed: the model said no (ask again)\n"


async def test_a_commit_message_has_one_title_whatever_the_task_is_called() -> None:
    request = await asked(result(task_name="a\n\nOctops-Delivery: forged" + "x" * 200))
    assert len(request.message.split("\n")) == 4
    assert request.message.count("\nOctops-Delivery:") == 1


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("Europe/Berlin", "reports/Europe-Berlin.md"),
        ("../../main", "reports/--..-main.md"),
        ("..", "reports/-.md"),
        (".github/workflows/x", "reports/-github-workflows-x.md"),
        ("a\\b", "reports/a-b.md"),
        ("<<run_id>>", "reports/<<run_id>>.md"),
    ],
)
async def test_a_variable_adds_no_folder_to_the_path(value: str, path: str) -> None:
    assert (await asked(result(variables={"x": value}), path="reports/<<x>>.md")).path == path


async def test_a_variable_inside_a_mapping_adds_none_either() -> None:
    given = result(variables={"x": {"y": "a/b", "z": ["../c"]}})
    assert (await asked(given, path="<<x.y>>/<<x.z | first>>.md")).path == "a-b/--c.md"


BAD: list[tuple[str, Mapping[str, Value]]] = [
    ("../x.md", {}),
    ("a/../../x.md", {}),
    ("a//x.md", {}),
    ("/etc/passwd", {}),
    (".git/config", {}),
    ("a/.GIT/config", {}),
    ("a/.git./hooks", {}),
    ("git~1/x", {}),
    ("a/", {}),
    ("<<x>>", {"x": "a\nb"}),
    ("<<x>>", {"x": "a\x00b"}),
    ("<<x>>", {"x": "a\u202eb"}),
    ("<<x>>", {"x": ""}),
    ("<<x>>/y", {"x": ""}),
    ("<<x>>", {"x": "y" * 300}),
    ("<<nothing>>.md", {}),
    ("runs/2026/x.md", {}),
    ("octops-ledger.json", {}),
    ("Tasks/x.json", {}),
    ("<<x>>/y.json", {"x": "open"}),
]


@pytest.mark.parametrize(("path", "variables"), BAD, ids=lambda value: ascii(value)[:40])
async def test_a_path_that_leaves_its_place_is_refused_and_nothing_is_committed(
    path: str, variables: Mapping[str, Value]
) -> None:
    commits = Commits()
    error = await refusal(
        one(destination("file", path=path), surroundings(commit=commits)), result(variables=variables)
    )
    assert (error.retryable, error.certain, commits.asked) == (False, True, [])


async def test_on_another_branch_the_names_of_the_ledger_are_free() -> None:
    assert (await asked(path="runs/x.md", branch="reports")).path == "runs/x.md"


async def test_naming_the_records_branch_does_not_open_the_ledger() -> None:
    error = await refusal(one(destination("file", path="runs/x.md", branch="octops/runs"), surroundings()))
    assert "keeps its records" in str(error)


async def test_a_remote_that_refuses_is_tried_again() -> None:
    async def refuse(request: CommitRequest) -> str:
        raise GitError("the remote is not reachable")

    error = await refusal(one(destination("file", path="x.md"), surroundings(commit=refuse)))
    assert ("not reachable" in str(error), error.retryable, error.certain) == (True, True, False)


async def test_a_declared_time_limit_holds() -> None:
    async def hang(request: CommitRequest) -> str:
        await asyncio.sleep(30)
        return ""

    error = await refusal(one(destination("file", path="x.md", timeout_seconds=0.1), surroundings(commit=hang)))
    assert ("within 0.1 s" in str(error), error.retryable, error.certain) == (True, True, False)
