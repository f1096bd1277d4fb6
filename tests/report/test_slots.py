from __future__ import annotations

from octops.model.ids import TaskId
from octops.report.slots import Firing, slots_json, slots_text
from tests.report.samples import at


def firing(task: str, zone: str, instant: str) -> Firing:
    return Firing(task=TaskId(task), timezone=zone, scheduled_at=at(instant))


FIRINGS = (
    firing("digest", "America/New_York", "2026-03-07T08:00"),
    firing("digest", "America/New_York", "2026-03-08T07:00"),
    firing("weekly-report", "UTC", "2026-03-08T07:00"),
)


def test_programs_get_each_slot_in_utc_and_as_the_clock_on_the_wall_shows_it() -> None:
    assert slots_json(FIRINGS) == {
        "slots": [
            {"task": "digest", "scheduled_at": "2026-03-07T08:00:00Z", "local": "2026-03-07T03:00:00-05:00"},
            {"task": "digest", "scheduled_at": "2026-03-08T07:00:00Z", "local": "2026-03-08T03:00:00-04:00"},
            {"task": "weekly-report", "scheduled_at": "2026-03-08T07:00:00Z", "local": "2026-03-08T07:00:00+00:00"},
        ]
    }


def test_people_get_a_line_per_slot() -> None:
    assert slots_text(FIRINGS) == (
        "digest         2026-03-07 03:00 EST (08:00 UTC)\n"
        "digest         2026-03-08 03:00 EDT (07:00 UTC)\n"
        "weekly-report  2026-03-08 07:00 UTC\n"
    )


def test_no_slot_is_said_in_words() -> None:
    assert slots_text(()) == "No slots: nothing fires in this time.\n"
    assert slots_json(()) == {"slots": []}


def test_slots_may_come_from_a_generator() -> None:
    assert slots_text(it for it in FIRINGS) == slots_text(FIRINGS)
