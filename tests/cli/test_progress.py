from __future__ import annotations

import asyncio
import re
import time

import pytest

from octops.cli.progress import TOGETHER_SECONDS, Lines
from octops.model.events import Asking, Calling, Noted, Started
from octops.model.ids import RunId
from octops.model.run import ToolCall
from octops.report.progress import line
from tests.kit import SOON

RUN = RunId("digest@20260302T170000Z")


def said(capsys: pytest.CaptureFixture[str], until: str = "") -> str:
    text, give_up_at = "", time.monotonic() + SOON
    while until not in text and time.monotonic() < give_up_at:
        time.sleep(0.01)
        text += capsys.readouterr().err
    return text


def test_while_a_model_writes_the_silence_is_broken_with_how_long_it_has_been_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Lines(quiet_seconds=0.05) as tell:
        tell(RUN, Started(attempt=1))
        tell(RUN, Asking(turn=1))
        text = said(capsys, until="waiting")
    first, second, *_ = text.splitlines()
    assert first == f"{RUN}: started"
    assert re.fullmatch(rf"waiting for the answer of the model: {RUN} \(\d s\)", second)


def test_nothing_is_waited_for_once_the_model_has_answered(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(quiet_seconds=0.05) as tell:
        tell(RUN, Asking(turn=1))
        tell(RUN, Noted(text="it goes on"))
        said(capsys, until="it goes on")
        time.sleep(0.2)
    assert "waiting" not in capsys.readouterr().err


def test_lines_that_come_in_time_leave_nothing_to_add(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(quiet_seconds=3) as tell:
        tell(RUN, Asking(turn=1))
        for _ in range(15):
            time.sleep(0.3)
            tell(RunId("other@first"), Noted(text="so far"))
    assert "waiting" not in capsys.readouterr().err


def test_lines_that_come_close_together_are_all_written_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [RunId(f"t{number}@first") for number in range(50)]

    async def tell_all() -> str:
        for run in runs:
            tell(run, Started(attempt=1))
        await asyncio.sleep(2 * TOGETHER_SECONDS)
        return capsys.readouterr().err

    with Lines() as tell:
        text = asyncio.run(tell_all())

    assert text.splitlines() == [f"{run}: started" for run in runs]


def test_nothing_that_was_told_is_lost_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    async def tell_last() -> None:
        tell(RUN, Started(attempt=1))

    with Lines() as tell:
        asyncio.run(tell_last())

    assert capsys.readouterr().err == f"{RUN}: started\n"


def test_arguments_that_are_no_json_are_shown_as_the_model_wrote_them_short_and_escaped() -> None:
    raw = '{"path": "a\x1b[2J", ' + "x" * 500
    text = line(RUN, Calling(call=ToolCall(id="1", name="notes__read_file", arguments=None, raw=raw)))
    assert text.startswith(f'{RUN}: calls notes__read_file {{"path": "a\\x1b[2J", xxx')
    assert len(text) < 250
