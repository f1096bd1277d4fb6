from __future__ import annotations

import pytest

from octops.errors import Severity
from octops.schedule.meaning import cron_problems


def codes(text: str) -> list[str]:
    return [problem.code for problem in cron_problems(text)]


@pytest.mark.parametrize(
    "text",
    [
        "30 8 * * MON-FRI",
        "*/5 * * * *",
        "*/15 8-18/2 * * *",
        "0 */6 * * *",
        "0 0 * * 0-7",
        "0 0 29 2 *",
        "0 0 31 1,2 *",
        "0 0 L 2 *",
        "0 0 30,L 2 *",
        "0 0 * 2 SUN#5",
        "0 0 1 */3 *",
        "7-47/20 * * * *",
        "@hourly",
        "@yearly",
    ],
)
def test_plain_expressions_have_no_problem(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", ["0 0 30 2 *", "0 0 31 4 *", "0 0 31 2,4,6,9,11 *", "0 0 30,31 FEB *", "0 0 30 2 MON"])
def test_dates_that_never_come_are_refused(text: str) -> None:
    assert codes(text) == ["cron-never"]
    assert "`L` is the last day" in cron_problems(text)[0].detail


def test_a_refusal_says_how_long_the_months_are() -> None:
    assert cron_problems("0 0 30 2 *")[0].detail.startswith("the longest of these months has 29 days")


@pytest.mark.parametrize(
    "text", ["0 0 1-31 * MON", "0 0 1 * 0-6", "0 0 1 * SUN-SAT", "0 0 1 * 1-7", "0 0 1-9,10-31 * 5"]
)
def test_a_day_field_that_spells_out_every_day_beside_another_is_refused(text: str) -> None:
    assert codes(text) == ["cron-days"]
    assert "changes nothing" in cron_problems(text)[0].summary


def test_what_is_written_wrongly_is_refused_before_its_meaning_is_judged() -> None:
    assert codes("99 0 30 2 *") == ["cron-value"]


@pytest.mark.parametrize("text", ["0 0 13 * FRI", "0 0 L * MON", "0 0 1-31/2 * MON"])
def test_two_day_fields_are_warned_about(text: str) -> None:
    found = [problem for problem in cron_problems(text) if problem.code == "cron-either-day"]
    assert [problem.severity for problem in found] == [Severity.WARNING]
    assert "either is enough" in found[0].summary


@pytest.mark.parametrize(
    "text",
    ["*/7 * * * *", "0-59/7 * * * *", "0 */5 * * *", "0 0-23/5 * * *", "0 0 */2 * *", "0 0 1 */5 *", "0 0 * * */2"],
)
def test_uneven_steps_are_warned_about(text: str) -> None:
    found = {problem.code: problem.severity for problem in cron_problems(text)}
    assert found["cron-uneven"] is Severity.WARNING


def test_a_warning_about_hours_names_the_schedule_that_keeps_counting() -> None:
    assert "`frequency: hourly`" in cron_problems("0 */5 * * *")[0].detail


@pytest.mark.parametrize(
    "text", ["* * * * *", "*/4 * * * *", "58,2 * * * *", "0,3 9 * * *", "0,59 * * * *", "*/7 * * * *"]
)
def test_more_often_than_every_five_minutes_is_warned_about(text: str) -> None:
    assert "often" in codes(text)


@pytest.mark.parametrize("text", ["58,2 9 * * *", "0,59 8 * * *", "0 0,23 * * *"])
def test_minutes_of_hours_that_do_not_meet_are_not_close(text: str) -> None:
    assert codes(text) == []


def test_minutes_meet_over_midnight() -> None:
    assert codes("0,58 0,23 * * *") == ["often"]
