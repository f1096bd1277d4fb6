"""Which prompts, skills and declarations a plan changes; a text that many tasks share is one change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from octops.model.history import Definition
from octops.model.ids import TaskId
from octops.model.plan import Change

RENDERED = "rendered"
"""The name of the text that shows a prompt with its placeholders filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One text before and after, for every task it changes for; `before` is empty when it is new to them."""

    name: str
    """`prompt`, `skill:<id>`, `destination:<id>` …"""
    tasks: tuple[TaskId, ...]
    before: str
    after: str


def text_changes(changes: Iterable[Change]) -> tuple[TextChange, ...]:
    """In the order of the first task each text changes for."""
    tasks: dict[tuple[str, str, str], list[TaskId]] = {}
    for change in changes:
        for key in _of(change):
            tasks.setdefault(key, []).append(change.task)
    return tuple(
        TextChange(name=name, before=before, after=after, tasks=tuple(ids))
        for (name, before, after), ids in tasks.items()
    )


def _of(change: Change) -> Iterator[tuple[str, str, str]]:
    old = change.before.texts if change.before else {}
    for name, after in change.after.texts.items() if change.after else ():
        before = old.get(name, "")
        if before != after:
            yield name, before, after
    if change.before and change.after:
        yield from _referred(change.before, change.after)


def _referred(before: Definition, after: Definition) -> Iterator[tuple[str, str, str]]:
    """Declarations that say something else; of those a task newly refers to, all they say."""
    # Without any, a ledger may just not have kept them: then what they were is not known.
    for name, text in after.referred.items() if before.referred else ():
        was = before.referred.get(name, "")
        if was != text:
            yield name, was, text
