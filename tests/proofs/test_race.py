"""A short race; `python -m tests.proofs.race` runs the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.race import race


@pytest.mark.slow
def test_four_runners_on_one_remote_start_every_run_once_and_lose_none(tmp_path: Path) -> None:
    finish = race(tmp_path / "race", slots=12, processes=4, parallelism=5)

    assert (finish.codes, finish.doubled, finish.lost, finish.left) == ((0, 0, 0, 0), (), (), ()), finish.said
    assert sum(finish.shares) == 12
