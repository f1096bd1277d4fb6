"""A records branch that went back: what had happened may happen again, and whoever applies is told before it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import MORNING, World, world

LATER = "2026-03-02T08:52Z"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """`digest` has run, and the branch is as it was before anything of that was written."""
    with world(tmp_path, {"tasks/digest.yaml": f"prompt: News.\nschedule: {MORNING}\n"}, remote=True) as made:
        assert made.apply("--only", "definitions").code == 0
        before = made.git("rev-parse", "octops/runs")
        assert made.apply().code == 0
        made.git("update-ref", "refs/heads/octops/runs", before)
        yield made


def warned(made: World, *arguments: str) -> bool:
    return "warning[ledger-rewound]" in made.octops(*arguments).err


def test_that_others_looked_before_keeps_no_apply_from_being_warned(made: World) -> None:
    for command in (("runs", "--limit", "1"), ("plan", "--now", LATER), ("status",), ("state", "doctor"), ("cost",)):
        assert warned(made, *command), command
    assert warned(made, "plan", "--refresh=false", "--now", LATER)
    not_approved = made.octops("apply", "--now", LATER)
    assert (not_approved.code, "warning[ledger-rewound]" in not_approved.err) == (1, True)
    assert "warning[ledger-rewound]" in made.apply(now=LATER).err


def test_once_an_apply_went_on_it_is_told_no_more(made: World) -> None:
    assert "warning[ledger-rewound]" in made.apply(now=LATER).err
    assert not warned(made, "runs")
    assert made.apply(now="2026-03-02T08:55Z").err == ""
