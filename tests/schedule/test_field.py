from __future__ import annotations

import pytest

from octops.schedule.field import DATE, FIELDS, WEEKDAY, Field, item_problem

MINUTE, HOUR, _, MONTH, _ = FIELDS


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("*", MINUTE),
        ("*/1", MINUTE),
        ("*/15", MINUTE),
        ("*/60", MINUTE),
        ("0", MINUTE),
        ("05", MINUTE),
        ("59", MINUTE),
        ("0-59", MINUTE),
        ("10-20/10", MINUTE),
        ("*/24", HOUR),
        ("8-18/2", HOUR),
        ("31", DATE),
        ("L", DATE),
        ("*/31", DATE),
        ("12", MONTH),
        ("DEC", MONTH),
        ("JAN-MAR", MONTH),
        ("JUL", MONTH),
        ("3-DEC", MONTH),
        ("*/12", MONTH),
        ("0", WEEKDAY),
        ("7", WEEKDAY),
        ("SUN", WEEKDAY),
        ("THU", WEEKDAY),
        ("WED", WEEKDAY),
        ("MON-FRI", WEEKDAY),
        ("5-7", WEEKDAY),
        ("0-7", WEEKDAY),
        ("*/7", WEEKDAY),
        ("MON#2", WEEKDAY),
        ("7#1", WEEKDAY),
        ("0#5", WEEKDAY),
    ],
)
def test_these_stand_in_a_field(item: str, field: Field) -> None:
    assert item_problem(item, field) is None


@pytest.mark.parametrize(
    ("item", "field", "code", "cure"),
    [
        # Out of range.
        ("60", MINUTE, "cron-value", "write 0 to 59"),
        ("24", HOUR, "cron-value", "write 0 to 23"),
        ("0", DATE, "cron-value", "write 1 to 31"),
        ("32", DATE, "cron-value", "write 1 to 31"),
        ("0", MONTH, "cron-value", "write 1 to 12 or JAN to DEC"),
        ("13", MONTH, "cron-value", "write 1 to 12 or JAN to DEC"),
        ("8", WEEKDAY, "cron-value", "write 0 to 7 or SUN to SAT"),
        ("10-60", MINUTE, "cron-value", "write 0 to 59"),
        ("60-70", MINUTE, "cron-value", "write 0 to 59"),
        ("9" * 400, MINUTE, "cron-value", "write 0 to 59"),
        # Names.
        ("MONDAY", WEEKDAY, "cron-value", "write `MON`"),
        ("JANUARY", MONTH, "cron-value", "write `JAN`"),
        ("MON", MONTH, "cron-value", "write 1 to 12 or JAN to DEC"),
        ("JAN", WEEKDAY, "cron-value", "write 0 to 7 or SUN to SAT"),
        ("MON-FRIDAY", WEEKDAY, "cron-value", "write `FRI`"),
        # Ranges that run backwards or nowhere.
        ("5-1", WEEKDAY, "cron-range", "write `5-6,0-1`"),
        ("1-1", WEEKDAY, "cron-range", "write `1` for that one, or `*` for all"),
        ("FRI-MON", WEEKDAY, "cron-range", "write `5-6,0-1`"),
        ("FRI-SUN", WEEKDAY, "cron-range", "write `5-7`: at the end of a range Sunday is 7"),
        ("7-2", WEEKDAY, "cron-range", "write `0-2`"),
        ("7-0", WEEKDAY, "cron-range", "write `0`"),
        ("SAT-MON", WEEKDAY, "cron-range", "write `6,0-1`"),
        ("22-2", HOUR, "cron-range", "write `22-23,0-2`"),
        ("23-0", HOUR, "cron-range", "write `23,0`"),
        ("NOV-FEB", MONTH, "cron-range", "write `11-12,1-2`"),
        ("30-30/5", MINUTE, "cron-range", "write `30` for that one, or `*` for all"),
        # Steps.
        ("5/15", MINUTE, "cron-step", "write `5`, or a range with its end such as `0-59/15`"),
        ("59/15", MINUTE, "cron-step", "write `59`, or a range with its end such as `0-59/15`"),
        ("MON/2", WEEKDAY, "cron-step", "write `MON`, or a range with its end such as `0-6/2`"),
        ("*/0", MINUTE, "cron-step", "write a step from 1 to 60"),
        ("*/90", MINUTE, "cron-step", "write a step from 1 to 60"),
        ("*/25", HOUR, "cron-step", "write a step from 1 to 24"),
        ("*/8", WEEKDAY, "cron-step", "write a step from 1 to 7"),
        ("8-18/11", HOUR, "cron-step", "write a step from 1 to 10"),
        # Other crons.
        ("?", DATE, "cron-unsupported", "write `*`"),
        ("?", WEEKDAY, "cron-unsupported", "write `*`"),
        ("H", MINUTE, "cron-unsupported", "`spread`"),
        ("H/15", MINUTE, "cron-unsupported", "`spread`"),
        ("H(0-29)/10", MINUTE, "cron-unsupported", "`spread`"),
        ("R", MINUTE, "cron-unsupported", "`spread`"),
        ("R(0-29)", MINUTE, "cron-unsupported", "`spread`"),
        ("R/10", HOUR, "cron-unsupported", "`spread`"),
        ("15W", DATE, "cron-unsupported", "`MON#1`"),
        ("W", DATE, "cron-unsupported", "`MON#1`"),
        ("LW", DATE, "cron-unsupported", "`MON#1`"),
        ("L-3", DATE, "cron-unsupported", "third field"),
        ("L", WEEKDAY, "cron-unsupported", "third field"),
        ("L5", WEEKDAY, "cron-unsupported", "third field"),
        ("5L", WEEKDAY, "cron-unsupported", "third field"),
        ("FRIL", WEEKDAY, "cron-unsupported", "third field"),
        ("FRI#L", WEEKDAY, "cron-unsupported", "third field"),
        ("L", HOUR, "cron-unsupported", "third field"),
        # Weekdays of a month.
        ("MON#0", WEEKDAY, "cron-value", "`#1`"),
        ("MON#6", WEEKDAY, "cron-value", "`#5`"),
        ("8#1", WEEKDAY, "cron-value", "write 0 to 7 or SUN to SAT"),
        ("1#1", DATE, "cron-syntax", "write 1 to 31, or `*`"),
        ("MON#1/2", WEEKDAY, "cron-syntax", "or `*`"),
        # Nothing anyone would know.
        ("", MINUTE, "cron-syntax", "write 0 to 59, or `*`"),
        ("-5", MINUTE, "cron-syntax", "or `*`"),
        ("5-", MINUTE, "cron-syntax", "or `*`"),
        ("1-2-3", MINUTE, "cron-syntax", "or `*`"),
        ("*-5", MINUTE, "cron-syntax", "or `*`"),
        ("**", MINUTE, "cron-syntax", "or `*`"),
        ("*/", MINUTE, "cron-syntax", "or `*`"),
        ("*/5/5", MINUTE, "cron-syntax", "or `*`"),
        ("1.5", MINUTE, "cron-syntax", "or `*`"),
        ("0~59", MINUTE, "cron-syntax", "or `*`"),
        ("+5", MINUTE, "cron-syntax", "or `*`"),
    ],
)
def test_everything_else_is_refused_with_what_to_write(item: str, field: Field, code: str, cure: str) -> None:
    problem = item_problem(item, field)
    assert problem is not None
    assert (problem.code, problem.key) == (code, "cron")
    assert cure in problem.detail


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_summary_names_the_field(field: Field) -> None:
    problem = item_problem("?", field)
    assert problem is not None
    assert f"in the {field.name} field" in problem.summary
