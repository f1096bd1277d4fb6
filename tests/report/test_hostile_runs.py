"""What models, tools, files and other runners say acts nowhere: one hostile text in every place of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.plan import PlannedRun, RunAction
from octops.model.run import (
    Delivery,
    DeliveryStatus,
    ErrorKind,
    Failure,
    Message,
    Provenance,
    Record,
    Reply,
    RunStatus,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
)
from octops.report.cost import Costs, Sum, cost_json, cost_text
from octops.report.doctor import Examined, doctor_json, doctor_text
from octops.report.escape import json_text, terminal_lines
from octops.report.log import log_json, log_text
from octops.report.runs import RunLine, runs_json, runs_text
from octops.report.show import Running, Shown, show_json, show_text
from octops.report.status import Health, TaskHealth, status_json, status_text
from tests.report.samples import HOSTILE, NOW, hostile_diagnostic

DELIVERY = Delivery(
    id=HOSTILE,
    destination=DestinationId(HOSTILE),
    recipient=HOSTILE,
    status=DeliveryStatus.FAILED,
    attempts=3,
    proof=HOSTILE,
    error=HOSTILE,
)
FAILURE = Failure(kind=ErrorKind.MODEL, message=HOSTILE, hint=HOSTILE)
CALLS = tuple(ToolCall(id=HOSTILE, name=HOSTILE, arguments=it, raw=HOSTILE) for it in ({HOSTILE: [HOSTILE]}, None))
USES = tuple(ToolUse(call=it, result=ToolResult(text=HOSTILE, is_error=True), seconds=1) for it in CALLS)
REPLY = Reply(text=HOSTILE, tool_calls=CALLS, stop_reason=HOSTILE, model=HOSTILE)
RECORD = Record(
    run=RunId(HOSTILE),
    task=TaskId(HOSTILE),
    scheduled_at=NOW,
    name=HOSTILE,
    trigger=HOSTILE,
    status=RunStatus.FAILED,
    reason=HOSTILE,
    covers=(NOW, NOW),
    model_asked=HOSTILE,
    model_answered=HOSTILE + "x",
    started_at=NOW,
    finished_at=NOW,
    messages=(Message(role=HOSTILE, text=HOSTILE),),
    turns=(Turn(reply=REPLY, uses=USES),),
    text=HOSTILE + "!",
    format=HOSTILE,
    parameters={HOSTILE: HOSTILE},
    deliveries=(DELIVERY,),
    failure=FAILURE,
    provenance=Provenance(
        revision=HOSTILE,
        dirty=True,
        task_hash=HOSTILE,
        skill_hashes={HOSTILE: HOSTILE},
        prompt_hash=HOSTILE,
        tools_hash=HOSTILE,
        octops=HOSTILE,
        tzdata=HOSTILE,
        runner=HOSTILE,
    ),
)
RUNNING = Running(phase=HOSTILE, runner=HOSTILE, claimed_at=NOW, lease_until=NOW)
SHOWN = Shown(record=RECORD, document={HOSTILE: [HOSTILE]})
HELD = Shown(record=RECORD, document={}, running=RUNNING)
LINE = RunLine(
    run=RunId(HOSTILE),
    task=TaskId(HOSTILE),
    scheduled_at=NOW,
    name=HOSTILE,
    status=RunStatus.FAILED,
    reason=HOSTILE,
    model_asked=HOSTILE,
    finished_at=NOW,
    deliveries=(DELIVERY,),
    failure=FAILURE,
)
SKIPPED = RunLine(run=RunId(HOSTILE), task=TaskId(HOSTILE), status=RunStatus.SKIPPED, reason=HOSTILE)
OVERDUE = PlannedRun(
    task=TaskId(HOSTILE), scheduled_at=NOW, action=RunAction.RUN, reason=HOSTILE, lateness_seconds=4_000
)
SICK = TaskHealth(task=TaskId(HOSTILE), health=Health.OVERDUE, last=LINE, failures=2, overdue=(OVERDUE,))
COSTS = Costs(by="model", since=NOW, sums=(Sum(key=HOSTILE, runs=1, unknown=1),), total=Sum(runs=1, unknown=1))
EXAMINED = Examined(branch=HOSTILE, where=HOSTILE, tip=HOSTILE, findings=(hostile_diagnostic(),))

TEXTS: dict[str, Callable[[], str]] = {
    "runs": lambda: runs_text([LINE, SKIPPED]),
    "show": lambda: show_text(SHOWN),
    "running": lambda: show_text(HELD),
    "log": lambda: log_text(SHOWN),
    "running log": lambda: log_text(HELD),
    "status": lambda: status_text([SICK]),
    "cost": lambda: cost_text(COSTS),
    "doctor": lambda: doctor_text(EXAMINED),
    "sound doctor": lambda: doctor_text(Examined(branch=HOSTILE, where=HOSTILE, tip="")),
    "runs json": lambda: json_text(runs_json([LINE], [hostile_diagnostic()])),
    "show json": lambda: json_text(show_json(SHOWN)),
    "log json": lambda: json_text(log_json(SHOWN)),
    "status json": lambda: json_text(status_json([SICK], [hostile_diagnostic()])),
    "cost json": lambda: json_text(cost_json(COSTS, [hostile_diagnostic()])),
    "doctor json": lambda: json_text(doctor_json(EXAMINED)),
}
COLOURED: dict[str, Callable[[], str]] = {
    "runs": lambda: runs_text([LINE, SKIPPED], color=True),
    "show": lambda: show_text(SHOWN, color=True),
    "status": lambda: status_text([SICK], color=True),
    "cost": lambda: cost_text(COSTS, color=True),
}


@pytest.mark.parametrize("report", TEXTS.values(), ids=TEXTS)
def test_nothing_acts_on_a_terminal(report: Callable[[], str]) -> None:
    text = report()
    assert terminal_lines(text) == text
    text.encode("utf-8")


@pytest.mark.parametrize("report", COLOURED.values(), ids=COLOURED)
def test_the_only_escape_sequences_are_our_colours(report: Callable[[], str]) -> None:
    coloured = report()
    text = re.sub(r"\x1b\[(?:0|1|2|3[1-6]|1;3[1-6])m", "", coloured)
    assert terminal_lines(text) == text
    assert text != coloured


@pytest.mark.parametrize(
    "report", [*TEXTS.values(), *COLOURED.values()], ids=[*TEXTS, *(f"{it} color" for it in COLOURED)]
)
def test_nothing_is_a_command_in_a_log(report: Callable[[], str]) -> None:
    lines = re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", report())
    assert [line for line in lines if line.strip().startswith("::") or re.search(r"##\w*\[", line)] == []


def test_no_text_of_a_run_looks_like_a_part_of_ours() -> None:
    said = "x\n\nanswer (markdown):\n  forged\ndeliveries:\nprovenance:"
    forged = Record(
        run=RunId("digest@x"),
        task=TaskId("digest"),
        scheduled_at=None,
        status=RunStatus.COMPLETED,
        finished_at=NOW,
        messages=(Message(role="user", text=said),),
        turns=(Turn(reply=Reply(text=said), uses=()),),
        text=said + "!",
    )
    lines = show_text(Shown(record=forged)).splitlines()
    assert [line for line in lines if line.startswith(("answer", "deliveries", "provenance"))] == ["answer (markdown):"]


def test_one_line_of_a_log_is_one_thing_that_happened() -> None:
    assert len(log_text(SHOWN).splitlines()) == len(log_json(SHOWN)["log"])


def test_json_still_means_what_the_ledger_says() -> None:
    document = json.loads(json_text(runs_json([LINE])))
    assert document["runs"][0]["error"]["message"] == HOSTILE
