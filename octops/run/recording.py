"""From an attempt to a record: nothing secret in it, nothing endless, and which words made the answer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from octops.ledger.documents import Claim
from octops.model.events import Answered, Called, Calling, Noted, RunEvent
from octops.model.ids import Value
from octops.model.run import (
    Failure,
    Message,
    Provenance,
    Record,
    RunStatus,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
)
from octops.plan.closure import model_chain
from octops.redaction import Redactor
from octops.run.attempt import Attempted, Order, tools_hash
from octops.run.prompt import prompt_hash
from octops.run.site import Site

LONGEST_TEXT = 64 * 1024
"""Characters of one message or tool result in a record. The answer itself is kept whole."""
LONGEST_NAME = 200
"""Characters of what a provider calls its model."""


def record_of(claim: Claim, order: Order, attempted: Attempted, site: Site, started_at: datetime) -> Record:
    """The record to be, without its deliveries. Redacted before anything is stored, shown or sent."""
    answer = attempted.answer
    tidy = Tidy(site.redactor)
    slot = claim.scheduled_at
    return Record(
        run=claim.run,
        task=claim.task,
        scheduled_at=slot,
        name=claim.name,
        trigger="resume" if claim.attempt > 1 else claim.trigger,
        status=RunStatus.FAILED if answer.failure else RunStatus.COMPLETED,
        attempt=claim.attempt,
        model_asked=model_chain(site.project.model_of(order.task), site.project)[0].model,
        model_answered=tidy.name(answer.model),
        started_at=started_at,
        finished_at=site.now(),
        lateness_seconds=max(0, int((started_at - slot).total_seconds())) if slot else 0,
        usage=answer.usage,
        earlier_usage=claim.earlier_usage,
        messages=tuple(tidy.message(message) for message in attempted.messages),
        turns=tuple(tidy.turn(turn) for turn in answer.turns),
        text=site.redactor.text(answer.text),
        data=site.redactor.value(answer.data),
        format=order.task.output.format,
        parameters={name: site.redactor.text(text) for name, text in order.parameters.items()},
        failure=tidy.failure(answer.failure),
        provenance=_provenance(order, attempted, site),
    )


def _provenance(order: Order, attempted: Attempted, site: Site) -> Provenance:
    project = site.project
    skills = [project.skills[skill] for skill in order.task.skills if skill in project.skills]
    return Provenance(
        revision=project.revision,
        dirty=project.dirty,
        task_hash=site.hashes.get(order.task.id, ""),
        skill_hashes={skill.id: hashlib.sha256(skill.text.encode()).hexdigest() for skill in skills},
        prompt_hash=prompt_hash(attempted.messages) if attempted.messages else "",
        tools_hash=tools_hash(attempted.tools),
        octops=site.version,
        tzdata=site.tzdata,
        runner=site.runner,
        local=attempted.local,
    )


class Tidy:
    """Every text of a conversation, redacted and cut."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def text(self, text: str) -> str:
        safe = self._redactor.text(text)
        if len(safe) <= LONGEST_TEXT:
            return safe
        return f"{safe[:LONGEST_TEXT]}\n[cut here: {len(safe) - LONGEST_TEXT} more characters are not in the record]"

    def failure(self, failure: Failure | None) -> Failure | None:
        if failure is None:
            return None
        return replace(failure, message=self.text(failure.message), hint=self.text(failure.hint))

    def name(self, name: str) -> str:
        return self._redactor.text(name)[:LONGEST_NAME]

    def event(self, event: RunEvent) -> RunEvent:
        """What is told while a run goes on; deliveries and records are redacted where they are made."""
        match event:
            case Calling(call=call):
                return Calling(call=self._call(call))
            case Called(use=use):
                return Called(use=self._use(use))
            case Answered(turn=turn, usage=usage):
                return Answered(turn=self.turn(turn), usage=usage)
            case Noted(text=text):
                return Noted(text=self.text(text))
        return event

    def message(self, message: Message) -> Message:
        calls = tuple(self._call(call) for call in message.tool_calls)
        return replace(message, text=self.text(message.text), tool_calls=calls)

    def turn(self, turn: Turn) -> Turn:
        reply = turn.reply
        calls = tuple(self._call(call) for call in reply.tool_calls)
        uses = tuple(self._use(use) for use in turn.uses)
        said = replace(
            reply,
            text=self.text(reply.text),
            tool_calls=calls,
            model=self.name(reply.model),
            stop_reason=self.name(reply.stop_reason),
        )
        return replace(turn, reply=said, uses=uses)

    def _use(self, use: ToolUse) -> ToolUse:
        result = ToolResult(text=self.text(use.result.text), is_error=use.result.is_error)
        return replace(use, call=self._call(use.call), result=result)

    def _call(self, call: ToolCall) -> ToolCall:
        arguments: Value = self._redactor.value(call.arguments)
        kept = arguments if isinstance(arguments, dict) and len(call.raw) <= LONGEST_TEXT else None
        return replace(call, id=self.name(call.id), name=self.name(call.name), arguments=kept, raw=self.text(call.raw))
