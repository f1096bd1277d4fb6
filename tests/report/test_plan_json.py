from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from octops.model.ids import TaskId
from octops.model.plan import Plan
from octops.report.escape import json_text
from octops.report.plan_json import plain, plan_json
from octops.schemas import schema
from tests.golden import check_golden
from tests.report.samples import ESTIMATE, NOW, compared, create, large_plan, plan, update


def errors(document: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(schema("plan"), registry=Registry())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_whole_document() -> None:
    check_golden("report/plan.json", json_text(plan_json(plan(), version="0.1.0")))


@pytest.mark.parametrize("sample", [plan(), compared(), Plan(as_of=NOW), large_plan(20)])
def test_every_document_fits_the_schema(sample: Plan) -> None:
    assert errors(plan_json(sample)) == []
    assert errors(plan_json(sample, version="0.1.0")) == []


def test_without_a_version_none_is_named() -> None:
    assert "version" not in plan_json(plan())["octops"]


def test_policies_find_terraforms_keys() -> None:
    change = plan_json(plan())["resource_changes"][0]
    assert (change["address"], change["change"]["actions"], change["change"]["before"]) == (
        "task.daily-digest",
        ["create"],
        None,
    )


def test_a_renamed_task_says_its_old_address() -> None:
    moved = replace(update(), moved_from=TaskId("report"))
    assert plan_json(Plan(as_of=NOW, changes=(moved,)))["resource_changes"][0]["previous_address"] == "task.report"


def test_a_saved_plan_knows_the_hashes_it_was_made_from() -> None:
    change = plan_json(plan())["resource_changes"][2]["change"]
    assert (change["before_hash"], change["after_hash"]) == ("b" * 64, "c" * 64)


def test_runs_say_when_why_and_what_they_touch() -> None:
    run = plan_json(plan())["run_changes"][1]
    assert run["address"] == "run.daily-digest@20260302T080000Z"
    assert run["action_reason"] == "late"
    assert run["lateness_seconds"] == 2820
    assert run["effects"]["secrets"] == [{"name": "ANTHROPIC_API_KEY", "goes_to": "host api.anthropic.com"}]


def test_figures_carry_no_noise() -> None:
    noisy = replace(create(), estimate=replace(ESTIMATE, cost_usd=0.1 + 0.2, runs_per_month=30.0))
    estimate = plan_json(Plan(as_of=NOW, changes=(noisy,)))["resource_changes"][0]["estimate"]
    assert (estimate["cost_usd"], repr(estimate["runs_per_month"])) == (0.3, "30")


def test_keys_are_sorted_however_they_were_written() -> None:
    assert list(plain({"b": {"d": 1, "c": (2.0, 0.5)}, "a": None})) == ["a", "b"]
    assert plain({"b": {"d": 1, "c": (2.0, 0.5)}}) == {"b": {"c": [2, 0.5], "d": 1}}


@pytest.mark.parametrize("figure", [float("inf"), float("nan")])
def test_a_figure_that_json_does_not_know_is_null(figure: float) -> None:
    assert plain(figure) is None


def test_activations_are_sorted_by_task() -> None:
    assert list(plan_json(plan())["octops"]["activations"]) == ["daily-digest", "weekly-report"]
