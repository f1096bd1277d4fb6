from __future__ import annotations

import json
from typing import Any

import pytest

from octops.model.run import Usage
from tests.cli.past import apply_tasks, at, failed, ledger_of, record, skipped, write_records
from tests.kit import SMALL_PROJECT, GitProject, git_project

NOW = "2026-03-10T12:00Z"


def used(usd: float | None) -> Usage:
    return Usage(input_tokens=100, output_tokens=10, cost_usd=usd)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> GitProject:
    project = git_project(tmp_path_factory.mktemp("past"), SMALL_PROJECT)
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest", "weekly-report"])
    write_records(
        ledger,
        [
            record("2025-12-31T17:00", usage=used(8.0)),
            # Its slot is of February, its money is March's.
            record("2026-02-28T23:00", usage=used(1.0), finished_at=at("2026-03-01T00:10")),
            failed("2026-03-01T17:00", usage=used(0.25)),
            skipped("2026-02-27T17:00"),
            record("2026-03-02T17:00", task="weekly-report", usage=used(2.0), model_answered="", model_asked="local/x"),
            record("unpriced", task="weekly-report", usage=used(None), started_at=at("2026-03-03T12:00")),
        ],
    )
    return project


def costs(past: GitProject, *arguments: str) -> dict[str, Any]:
    outcome = past.octops("cost", "--format", "json", "--now", NOW, *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    document: dict[str, Any] = json.loads(outcome.out)
    assert document["diagnostics"] == []
    return document


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ([], [("weekly-report", 2, 2.0, 1), ("daily-digest", 2, 1.25, 0)]),
        (["--by", "model"], [("local/x", 1, 2.0, 0), ("claude-sonnet-4-5-20250929", 3, 1.25, 1)]),
        (
            ["--by", "day"],
            [("2026-03-01", 2, 1.25, 0), ("2026-03-02", 2, 2.0, 1)],
        ),
        (["--by", "month"], [("2025-12", 1, 8.0, 0), ("2026-03", 4, 3.25, 1)]),
        (["--by", "month", "--since", "2026-03-01T12:00Z"], [("2026-03", 3, 2.25, 1)]),
        (["--by", "day", "--since", "2026-03-01T00:00Z"], [("2026-03-01", 2, 1.25, 0), ("2026-03-02", 2, 2.0, 1)]),
        (["--by", "task", "--since", "1h"], []),
    ],
    ids=["task", "model", "day", "month", "month since", "day since", "nothing"],
)
def test_runs_are_added_up_by_what_was_asked(
    past: GitProject, arguments: list[str], rows: list[tuple[str, int, float, int]]
) -> None:
    document = costs(past, *arguments)
    by = document["by"]
    assert [(it[by], it["runs"], it["cost_usd"], it["unknown_price_runs"]) for it in document["costs"]] == rows


def test_the_total_is_of_all_and_says_since_when(past: GitProject) -> None:
    document = costs(past)
    assert document["total"] == {
        "runs": 4,
        "input_tokens": 400,
        "output_tokens": 40,
        "cost_usd": 3.25,
        "unknown_price_runs": 1,
    }
    assert document["since"] == "2026-02-09T00:00:00Z"
    assert costs(past, "--by", "month")["since"] == "2025-04-01T00:00:00Z"


def test_a_sum_of_which_no_price_is_known_is_not_zero(project: GitProject) -> None:
    write_records(ledger_of(project), [record(usage=used(None))])
    assert costs(project)["costs"][0]["cost_usd"] is None
    shown = project.octops("cost", "--now", NOW).out
    assert "unknown" in shown
    assert "The price of 1 run is not known and not in the sums" in shown


def test_people_get_a_table_with_a_total(past: GitProject) -> None:
    lines = past.octops("cost", "--by", "month", "--now", NOW).out.splitlines()
    assert lines[0] == "Runs that ended since 2025-04-01 00:00 UTC:"
    assert [line.split() for line in lines[3:6]] == [
        ["2025-12", "1", "100", "10", "$8.00", "-"],
        ["2026-03", "4", "400", "40", "$3.25", "1"],
        ["total", "5", "500", "50", "$11.25", "1"],
    ]


def test_nothing_spent_is_said_in_words(project: GitProject) -> None:
    assert project.octops("cost", "--now", NOW).out == "Runs that ended since 2026-02-09 00:00 UTC: none.\n"


def test_programs_get_money_without_the_noise_of_binary_fractions(project: GitProject) -> None:
    parts = used(0.1) + used(0.2)
    costs = [parts, used((0.0 + 3 * 0.4 + 0.1) / 1_000_000), used(0.7)]
    write_records(ledger_of(project), [record(f"2026-03-0{day}T17:00", usage=it) for day, it in enumerate(costs, 1)])
    told = json.loads(project.octops("runs", "--format", "json").out)["runs"]
    assert [run["usage"]["cost_usd"] for run in told] == [0.7, 1.3e-06, 0.3]
    assert json.loads(project.octops("cost", "--format", "json", "--now", NOW).out)["total"]["cost_usd"] == 1.0000013
