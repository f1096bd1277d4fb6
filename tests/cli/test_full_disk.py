"""Commands that write files, on a disk that fills up while they do: none of the files is there afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import GitProject, Outcome
from tests.machine import small_disk
from tests.modelserver import ModelServer


def refused(outcome: Outcome) -> str:
    assert outcome.code == 1, outcome.err
    assert "no space left on device" in outcome.err.lower()
    assert "Traceback" not in outcome.err
    return outcome.err


@pytest.mark.parametrize("arguments", [[], ["--git"]], ids=["files", "repository"])
def test_init_takes_back_what_it_had_written(tmp_path: Path, arguments: list[str]) -> None:
    with small_disk(tmp_path / "disk", "96k") as disk:
        (disk / "mine.txt").write_text("mine")
        refused(GitProject(disk).octops("init", *arguments))
        assert [path.name for path in disk.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("kept", [True, False])
def test_the_demo_leaves_no_scratch_repository(tmp_path: Path, kept: bool) -> None:
    here = tmp_path / "here"
    here.mkdir()
    with small_disk(tmp_path / "disk", "128k") as disk, ModelServer() as server:
        words = ["demo", "--model", "openai/gpt-5-mini", "--api-base", server.openai_base]
        place = ["--keep", str(disk / "harbour")] if kept else []
        refused(GitProject(here).octops(*words, *place, TMPDIR=str(disk)))
        assert list(disk.iterdir()) == []
        assert server.journal == []
