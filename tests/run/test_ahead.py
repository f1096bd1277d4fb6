"""Claims are taken before there is a place to converse: none of them is forgotten, and none of them is early."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from tests.apply.world import MORNING, Asked, world
from tests.modelserver import Say

TASKS = {f"tasks/t{number}.yaml": f"prompt: Say {number}.\nschedule: {MORNING}\n" for number in range(6)}


def slow(seconds: float) -> Callable[[Asked], Say]:
    def answer(asked: Asked) -> Say:
        time.sleep(seconds)
        return Say(text="done")

    return answer


def test_what_was_claimed_and_had_no_time_left_is_given_back(tmp_path: Path) -> None:
    with world(tmp_path, TASKS, remote=True) as made:
        made.octops("--version")
        made.models.acts["default"] = slow(3)
        first = made.apply("--parallelism", "1", "--deadline", "8s")
        done = len(made.records())

        assert "was not started" in first.out
        assert 0 < done < len(TASKS)
        assert made.open_claims() == []

        made.models.acts.clear()
        again = made.apply("--parallelism", "6")

        assert again.code == 0, again.err
        assert len(made.records()) == len(TASKS)
        assert all(record["attempt"] == 1 for record in made.records().values())


def test_no_more_conversations_go_on_than_asked_for_though_more_is_claimed(tmp_path: Path) -> None:
    with world(tmp_path, TASKS, remote=True) as made:
        made.models.acts["default"] = slow(0.4)

        made.apply("--parallelism", "1")
        asked = [request.at for request in made.server.journal]
        claimed = made.git("log", "--format=%s", "octops/runs")

        assert min(later - earlier for earlier, later in pairwise(asked)) >= 0.4
        assert "3 claimed" in claimed or "4 claimed" in claimed


def test_a_run_without_destinations_is_written_twice_claimed_and_recorded(tmp_path: Path) -> None:
    with world(tmp_path, {"tasks/t.yaml": TASKS["tasks/t0.yaml"]}, remote=True) as made:
        made.apply()

        subjects = made.git("log", "--reverse", "--format=%s", "octops/runs").splitlines()

        assert subjects == ["octops: 1 applied, 1 claimed", "octops: 1 completed"]


def test_the_last_records_wait_for_no_budget_of_pushes(tmp_path: Path) -> None:
    with world(tmp_path, TASKS, remote=True) as made:
        settings = re.sub(r"pushes_per_minute: \d+", "pushes_per_minute: 1", made.settings())
        made.commit({"octops.yaml": settings})
        started = time.monotonic()
        done = made.apply("--parallelism", "6")

        assert done.code == 0, done.err
        assert len(made.records()) == len(TASKS)
        assert time.monotonic() - started < 40
