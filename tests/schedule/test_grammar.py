from __future__ import annotations

import pytest

from octops.schedule.grammar import read


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("30 8 * * mon-fri", ("30", "8", "*", "*", "MON-FRI")),
        ("  0\t12 1,15  JAN  * ", ("0", "12", "1,15", "JAN", "*")),
        ("@hourly", ("0", "*", "*", "*", "*")),
        ("@daily", ("0", "0", "*", "*", "*")),
        ("@midnight", ("0", "0", "*", "*", "*")),
        ("@weekly", ("0", "0", "*", "*", "0")),
        ("@monthly", ("0", "0", "1", "*", "*")),
        ("@yearly", ("0", "0", "1", "1", "*")),
        ("@annually", ("0", "0", "1", "1", "*")),
        (" @Daily ", ("0", "0", "*", "*", "*")),
    ],
)
def test_it_reads_five_fields_or_a_shorthand(text: str, fields: tuple[str, ...]) -> None:
    assert (read(text).fields, read(text).problems) == (fields, ())


@pytest.mark.parametrize("text", ["", "   ", "0", "0 8 * *", "0 8 * * * *", "0 0 8 * * * 2026", "* " * 9])
def test_any_other_number_of_fields_is_refused(text: str) -> None:
    assert codes(text) == ["cron-fields"]
    assert f"this one has {len(text.split())}" in read(text).problems[0].summary


@pytest.mark.parametrize("text", ["0 0 8 * * *", "0 0 8 * * * 2026"])
def test_six_and_seven_fields_hear_about_seconds_and_years(text: str) -> None:
    assert "no seconds and no years" in read(text).problems[0].detail


def test_reboot_is_not_a_time() -> None:
    assert codes("@reboot") == ["cron-unsupported"]


@pytest.mark.parametrize("text", ["@every 5m", "@dayly", "@", "@hourly * * * *"])
def test_unknown_shorthands_are_refused_with_the_known_ones(text: str) -> None:
    assert codes(text) == ["cron-syntax"]
    assert "`@hourly`, `@daily`" in read(text).problems[0].detail


@pytest.mark.parametrize(
    "text", ["* * * * ſun", "１ * * * *", "* * * * *" + " " * 500], ids=["long s", "wide 1", "long"]
)
def test_strange_characters_and_endless_text_are_refused(text: str) -> None:
    assert codes(text) == ["cron-syntax"]


def test_full_lists_in_every_field_are_not_too_long() -> None:
    ranges = (range(60), range(24), range(1, 32), range(1, 13))
    fields = [",".join(f"{value:02}" for value in values) for values in ranges]
    assert codes(" ".join([*fields, "*"])) == []


def test_every_mistake_of_every_field_is_told_once() -> None:
    assert codes("99,99,1-1 5/15 ? * MON#6") == [
        "cron-value",
        "cron-range",
        "cron-step",
        "cron-unsupported",
        "cron-value",
    ]


@pytest.mark.parametrize("text", ["0 0 13 * FRI#2", "0 0 L * FRI#2", "0 0 */2 * FRI#2", "0 0 1-31 * FRI#2"])
def test_a_weekday_of_the_month_cannot_be_combined_with_a_day_of_month(text: str) -> None:
    assert codes(text) == ["cron-days"]
    assert "cannot be combined with a day of month" in read(text).problems[0].summary


@pytest.mark.parametrize("text", ["0 0 * * MON#1,FRI", "0 0 * * MON-WED,FRI#1"])
def test_weekdays_with_and_without_a_number_cannot_be_mixed(text: str) -> None:
    assert codes(text) == ["cron-days"]
    assert "mixes" in read(text).problems[0].summary


@pytest.mark.parametrize("text", ["0 0 */2 * MON", "0 0 1 * */2", "0 0 */2 * */2", "0 0 5,*/2 * MON"])
def test_a_stepped_star_cannot_be_combined_with_the_other_day_field(text: str) -> None:
    assert codes(text) == ["cron-days"]
    assert "crons disagree" in read(text).problems[0].detail


@pytest.mark.parametrize(
    "text", ["0 0 */2 * *", "0 0 * * */2", "0 0 */1 * MON", "0 0 1 * */1", "0 0 1-31/2 * MON", "0 0 * * MON#1,FRI#3"]
)
def test_day_fields_with_one_meaning_are_taken(text: str) -> None:
    assert codes(text) == []
