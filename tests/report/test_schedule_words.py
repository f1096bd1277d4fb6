from __future__ import annotations

import datetime
from typing import Any

import pytest

from octops.model.task import CatchUp, Frequency, Schedule
from octops.plan.document import schedule_document
from octops.report.schedule_words import schedule_words


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({"frequency": "weekly", "days": ("friday",), "at": ("15:00",)}, "weekly on Friday at 15:00"),
        (
            {"frequency": "weekly", "days": ("monday", "friday"), "at": ("15:00",), "every": 2},
            "every 2 weeks on Monday, Friday at 15:00",
        ),
        ({"frequency": "hourly"}, "hourly"),
        ({"frequency": "hourly", "at": (":15",), "every": 3}, "every 3 hours at :15"),
        ({"frequency": "daily", "at": ("08:00", "18:00")}, "daily at 08:00, 18:00"),
        ({"frequency": "cron", "cron": "0 9 * * 1"}, "cron 0 9 * * 1"),
        ({"frequency": "once", "date": datetime.date(2026, 3, 2), "at": ("09:00",)}, "once on 2026-03-02 at 09:00"),
        (
            {"frequency": "daily", "at": ("08:00",), "start": datetime.date(2026, 3, 2), "catch_up": CatchUp.ALL},
            "daily at 08:00, start 2026-03-02, catch_up all",
        ),
        ({"frequency": "daily", "at": ("08:00",), "grace_seconds": 1800}, "daily at 08:00, grace 30m"),
    ],
)
def test_a_schedule_is_said_in_a_few_words_and_its_policy_as_it_is_written(
    schedule: dict[str, Any], words: str
) -> None:
    noun = Schedule(**{**schedule, "frequency": Frequency(schedule["frequency"])})
    assert schedule_words({"schedule": schedule_document(noun)}) == words


def test_no_schedule_is_none_and_an_unknown_one_stands_as_it_is() -> None:
    assert schedule_words({}) == "none"
    assert schedule_words({"schedule": {"frequency": "yearly"}}) == '{"frequency": "yearly"}'
    assert schedule_words({"schedule": {"frequency": ["daily"], "at": {}}}) == '{"frequency": ["daily"], "at": {}}'
