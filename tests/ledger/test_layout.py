from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from octops.ledger.layout import answer_path, file_name, head_path, open_path, record_path, run_of, slot_of, task_of


def test_a_slots_record_lies_in_the_folder_of_its_day() -> None:
    path = record_path("digest@20260302T080000Z", date(2030, 1, 1))

    assert path == "runs/2026/03/02/digest--20260302T080000Z.json"
    assert answer_path(path) == "runs/2026/03/02/digest--20260302T080000Z.md"


def test_a_named_runs_record_lies_in_the_folder_of_the_day_given() -> None:
    assert record_path("digest@retry.1", date(2026, 3, 2)) == "runs/2026/03/02/digest--retry.1.json"


def test_heads_and_claims_have_folders_of_their_own() -> None:
    assert head_path("digest") == "tasks/digest.json"
    assert open_path("digest@x") == "open/digest--x.json"
    assert task_of("tasks/digest.json") == "digest"


def test_different_runs_have_different_files_and_lead_back() -> None:
    tasks = ["a", "a-", "a--b", "a---", "a-b", "b"]
    tails = ["x", "b--x", "b---x", "b-x", "x--", "x-", "20260302T080000Z", "A.b_c", "-".join("abc")]
    runs = [f"{task}@{tail}" for task, tail in product(tasks, tails)]

    names = [file_name(run) for run in runs]

    assert len(set(names)) == len(runs)
    assert [run_of(name) for name in names] == runs


@pytest.mark.parametrize("path", ["open/x", "open/README.md", "open/--x.json", "open/A--x.json", "open/a--.json"])
def test_files_that_are_not_ours_are_no_runs(path: str) -> None:
    assert run_of(path) is None


@pytest.mark.parametrize(
    ("run", "slot"),
    [
        ("a@20260302T080000Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("a@20261302T080000Z", None),
        ("a@nightly", None),
    ],
)
def test_the_slot_is_read_from_the_run_id(run: str, slot: datetime | None) -> None:
    assert slot_of(run) == slot
