"""A few points of the crash sweep; `python -m tests.proofs.crash_sweep` takes all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.crash_sweep import Point, sweep

CHOSEN = (
    Point("push", 1, "after"),
    Point("push", 2, "after"),
    Point("model", 3, "after"),
    Point("delivery", 1, "before"),
    Point("delivery", 4, "after"),
)


@pytest.mark.slow
def test_killed_at_any_point_every_run_ends_in_one_record_and_arrives_under_one_id(tmp_path: Path) -> None:
    verdicts = sweep(CHOSEN, tmp_path)

    print(f"{sum(it.reached for it in verdicts.values())} kill points")
    assert {point: (*it.complaints, it.said) for point, it in verdicts.items() if it.complaints} == {}
    assert [point for point, it in verdicts.items() if not it.reached] == []
