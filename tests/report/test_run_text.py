from __future__ import annotations

from datetime import timedelta

import pytest

from octops.model.plan import RunAction
from octops.report.run_text import covered, run_lines, when
from tests.report.samples import EFFECTS, ESTIMATE, NOW, at, run


@pytest.mark.parametrize(
    ("action", "reason", "line"),
    [
        (RunAction.RUN, "due", "  > daily-digest@20260302T080000Z will run: its slot has come"),
        (
            RunAction.RESUME,
            "lease_expired",
            "  > daily-digest@20260302T080000Z will be resumed: the runner that had it is gone",
        ),
        (
            RunAction.SKIP,
            "deadline",
            "  . daily-digest@20260302T080000Z will be skipped: it is older than the deadline of its schedule",
        ),
        (RunAction.BLOCKED, "budget", "  x daily-digest@20260302T080000Z is blocked: the budget is spent"),
    ],
)
def test_what_is_done_and_why_stands_in_one_line(action: RunAction, reason: str, line: str) -> None:
    assert next(run_lines(run(action=action, reason=reason), "UTC", False)) == line


def test_a_run_that_starts_lists_all_it_can_touch() -> None:
    lines = list(run_lines(run(effects=EFFECTS, estimate=ESTIMATE), "UTC", False))
    for text in (
        *EFFECTS.models,
        *EFFECTS.tools,
        *EFFECTS.hosts,
        *EFFECTS.reads,
        *EFFECTS.recipients,
        "cost $0.50, turns 20",
    ):
        assert any(line.endswith(f" {text}") for line in lines)
    assert any("ANTHROPIC_API_KEY goes to host api.anthropic.com" in line for line in lines)


def test_a_run_that_does_not_start_touches_nothing() -> None:
    assert len(list(run_lines(run(action=RunAction.SKIP, effects=EFFECTS), "UTC", False))) == 2


def test_lateness_is_said_of_what_starts() -> None:
    assert when(run(), "Europe/Berlin") == "2026-03-02 09:00 CET (08:00 UTC), 47 minutes late"
    assert when(run(action=RunAction.SKIP), "Europe/Berlin") == "2026-03-02 09:00 CET (08:00 UTC)"


def test_a_spread_start_is_said() -> None:
    spread = run(due_at=at("2026-03-02T08:07"), lateness_seconds=0)
    assert when(spread, "UTC") == "2026-03-02 08:00 UTC, to start at 2026-03-02 08:07 UTC, on time"


def test_a_run_started_by_hand_has_no_slot() -> None:
    assert when(run(scheduled_at=None, name="again"), "UTC") == "started by hand"


def test_a_record_for_several_slots_says_which() -> None:
    several = run(action=RunAction.SKIP, covers=(NOW - timedelta(days=1), at("2026-03-02T08:00")))
    assert covered(several, "UTC") == "2 slots, from 2026-03-01 08:47 UTC to 2026-03-02 08:00 UTC"
    assert covered(run(covers=(at("2026-03-02T08:00"),)), "UTC") == ""


def test_what_a_skip_ends_beyond_the_slots_it_lists_is_told_with_the_first_of_them() -> None:
    covers = (NOW - timedelta(days=1), at("2026-03-02T08:00"))
    text = covered(run(action=RunAction.SKIP, covers=covers, covers_from=at("2025-03-02T08:00")), "UTC")
    assert text == "more than 2 slots, from 2025-03-02 08:00 UTC to 2026-03-02 08:00 UTC"
