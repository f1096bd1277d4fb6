"""What a reviewer should look at first: what a changed task can newly touch, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from octops.model.plan import Change, ChangeAction, Effects
from octops.report.words import money

JUMP_RATIO = 1.5
JUMP_USD = 1.0
"""A month that costs half as much again, and at least a dollar more, is worth a look."""

KINDS = ("recipient", "host", "command", "secret", "tool", "files", "model", "limits", "deleted", "cost")
"""The kinds of points, the most far-reaching first."""
OWN_WORDS = ("deleted", "cost")
"""Kinds whose text is a sentence of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing to look at. Both texts may hold what stands in the files: escape them."""

    kind: str
    """`host`, `secret`, `recipient` …; also `deleted` and `cost`."""
    text: str

    @property
    def sentence(self) -> str:
        return self.text if self.kind in OWN_WORDS else f"new {self.kind} {self.text}"


def attention(change: Change) -> tuple[Point, ...]:
    """The points of one change, the most far-reaching kinds first; empty when there is nothing new."""
    return (*effect_points(change.new_effects), *_other_points(change))


def effect_points(effects: Effects) -> Iterator[Point]:
    """Effects one by one, a recipient before a host before a model."""
    kinds = {
        "recipient": effects.recipients,
        "host": effects.hosts,
        "command": effects.commands,
        "secret": tuple(f"{secret.name} goes to {secret.goes_to}" for secret in effects.secrets),
        "tool": effects.tools,
        "files": effects.reads,
        "model": effects.models,
        # One line: five limits that nobody changed would bury what matters.
        "limits": (", ".join(effects.caps),) if effects.caps else (),
    }
    for kind, texts in kinds.items():
        yield from (Point(kind=kind, text=text) for text in texts)


def _other_points(change: Change) -> Iterator[Point]:
    if change.action is ChangeAction.DELETE:
        yield Point(kind="deleted", text="the task is deleted and will not run again")
    if jump := _cost_jump(change):
        yield Point(kind="cost", text=jump)


def _cost_jump(change: Change) -> str:
    if change.estimate is None or change.estimate_before is None:
        return ""
    now, before = change.estimate.month_usd, change.estimate_before.month_usd
    if before is None:
        return ""
    if now is None:
        return f"its cost was about {money(before)} a month and is now unknown"
    if now - before < JUMP_USD or now < before * JUMP_RATIO:
        return ""
    return f"it will cost about {money(now)} a month instead of {money(before)}"
