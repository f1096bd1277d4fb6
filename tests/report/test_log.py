from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from octops.model.ids import DestinationId
from octops.model.run import (
    Delivery,
    DeliveryStatus,
    ErrorKind,
    Failure,
    Record,
    Reply,
    RunStatus,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
)
from octops.report.log import entries
from octops.report.show import Shown
from tests.ledger.kit import NOW, record

STARTED = NOW - timedelta(minutes=1)


def use(seconds: float) -> ToolUse:
    call = ToolCall(id="c", name="s__t", arguments=None, raw="{broken")
    return ToolUse(call=call, result=ToolResult(text="no", is_error=True), seconds=seconds)


def told(of: Record) -> list[tuple[str, float | None]]:
    """What happened, and how many seconds after the start."""
    return [(it.what, (it.at - STARTED).total_seconds() if it.at else None) for it in entries(Shown(record=of))]


def test_the_next_turn_begins_when_the_longest_call_of_the_turn_before_ended() -> None:
    turns = (
        Turn(reply=Reply(text=""), uses=(use(1), use(5), use(2)), seconds=10),
        Turn(reply=Reply(text=""), seconds=1),
    )
    assert told(record(started_at=STARTED, turns=turns)) == [
        ("started", 0),
        ("turn", 10),
        ("tool", 11),
        ("tool", 15),
        ("tool", 12),
        ("turn", 16),
        ("completed", 60),
    ]


def test_a_call_with_broken_arguments_is_shown_as_it_was_written() -> None:
    turn = Turn(reply=Reply(text=""), uses=(use(1),))
    texts = [it.text for it in entries(Shown(record=record(started_at=STARTED, turns=(turn,))))]
    assert "s__t {broken (1.0 s, an error)" in texts


def test_a_failure_comes_before_the_end() -> None:
    failure = Failure(kind=ErrorKind.MODEL, message="no")
    assert told(record(started_at=STARTED, status=RunStatus.FAILED, failure=failure)) == [
        ("started", 0),
        ("error", 60),
        ("failed", 60),
    ]


def test_deliveries_go_on_after_the_end_and_untried_ones_come_last() -> None:
    sent = Delivery(
        id="1",
        destination=DestinationId("a"),
        recipient="x",
        status=DeliveryStatus.DELIVERED,
        updated_at=NOW + timedelta(seconds=5),
    )
    waiting = replace(sent, id="2", status=DeliveryStatus.PENDING, updated_at=None)
    assert told(record(deliveries=(waiting, sent)))[-3:] == [("completed", 60), ("delivery", 65), ("delivery", None)]


def test_a_run_that_never_started_only_ends() -> None:
    assert told(record(status=RunStatus.SKIPPED, reason="superseded")) == [("skipped", 60)]
