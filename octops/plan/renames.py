"""Tasks that were renamed: as octops.yaml says (`moved`), or as it could say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from octops.errors import Diagnostic, Location, Severity
from octops.model.history import Definition
from octops.model.ids import TaskId
from octops.model.task import Task

ALIKE = 0.9
"""Share of words two prompts have in common before a rename is suggested."""
_PAIRS = 2_500
_WORDS = 2_000


def moves(
    moved: Mapping[TaskId, TaskId], before: Collection[TaskId], after: Collection[TaskId]
) -> dict[TaskId, TaskId]:
    """New id → old id, for every `moved` that is still to be done: the old one is known, the new one is not yet."""
    done: dict[TaskId, TaskId] = {}
    for old in moved:
        new = _end(old, moved)
        if old in before and old not in after and new in after and new not in before:
            done.setdefault(new, old)
    return done


def heir(task: TaskId, moved: Mapping[TaskId, TaskId]) -> TaskId:
    """The id a task has now; its own where it was not renamed."""
    return _end(task, moved) if task in moved else task


def suggestions(
    deleted: Mapping[TaskId, Definition], created: Mapping[TaskId, Definition], tasks: Mapping[TaskId, Task]
) -> tuple[Diagnostic, ...]:
    """A note for every new task that is nearly what a deleted one was; no task is in two notes."""
    if not deleted or not created:
        return ()
    pairs = _same_prompts(deleted, created)
    gone = {old: definition for old, definition in deleted.items() if old not in pairs.values()}
    new = {id_: definition for id_, definition in created.items() if id_ not in pairs}
    if len(gone) * len(new) <= _PAIRS:
        pairs |= _similar_prompts(gone, new)
    return tuple(_note(pairs[task], task, tasks[task].path) for task in sorted(pairs))


def _end(old: TaskId, moved: Mapping[TaskId, TaskId]) -> TaskId:
    """Where a chain of renames ends; one that runs in a circle ends where it began."""
    seen, new = {old}, moved[old]
    while new in moved and new not in seen:
        seen.add(new)
        new = moved[new]
    return new


def _same_prompts(deleted: Mapping[TaskId, Definition], created: Mapping[TaskId, Definition]) -> dict[TaskId, TaskId]:
    """New id → old id of equal prompts, in the order of ids."""
    by_prompt: dict[str, list[TaskId]] = {}
    for old in sorted(deleted, reverse=True):
        by_prompt.setdefault(deleted[old].facets.get("prompt", old), []).append(old)
    return {
        new: olds.pop() for new in sorted(created) if (olds := by_prompt.get(created[new].facets.get("prompt", "")))
    }


def _similar_prompts(
    deleted: Mapping[TaskId, Definition], created: Mapping[TaskId, Definition]
) -> dict[TaskId, TaskId]:
    """New id → old id of the most alike prompts that are alike enough, each id once."""
    words = {id_: _words(definition) for id_, definition in {**deleted, **created}.items()}
    ranked = sorted((-_share(words[old], words[new]), old, new) for old in deleted for new in created)
    pairs: dict[TaskId, TaskId] = {}
    for share, old, new in ranked:
        if -share >= ALIKE and new not in pairs and old not in pairs.values():
            pairs[new] = old
    return pairs


def _words(definition: Definition) -> Counter[str]:
    return Counter(definition.texts.get("prompt", "").split()[:_WORDS])


def _share(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _note(old: TaskId, new: TaskId, path: str) -> Diagnostic:
    return Diagnostic(
        severity=Severity.NOTE,
        code="maybe-renamed",
        summary=f"task `{new}` is nearly what `{old}` was",
        detail=f"to keep its history, add `{{from: {old}, to: {new}}}` to the list `moved` in octops.yaml",
        location=Location(filename=path),
    )
