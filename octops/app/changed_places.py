"""Where a change of a task begins in its file: the line a reviewer sees it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from octops.errors import Location

if TYPE_CHECKING:
    from octops.app.comparing import Compared
    from octops.declare.file import Files
    from octops.model.ids import TaskId
    from octops.model.plan import Change


def changed_places(compared: Compared) -> Mapping[TaskId, Location]:
    """The first changed line of each changed task's own file; a task that changed only elsewhere has none."""
    before, after = _contents(compared.before.files), _contents(compared.after.files)
    found: dict[TaskId, Location] = {}
    for change in compared.plan.changes:
        task = compared.after.project.tasks.get(change.task)
        if task is None:
            continue
        line = _first_changed_line(before.get(_old_path(compared, change), b""), after.get(task.path, b""))
        if line:
            found[change.task] = Location(filename=task.path, line=line, end_line=line)
    return found


def _contents(files: Files) -> dict[str, bytes]:
    return {file.path: file.content for file in files.files}


def _old_path(compared: Compared, change: Change) -> str:
    task = compared.before.project.tasks.get(change.moved_from or change.task)
    return task.path if task else ""


def _first_changed_line(before: bytes, after: bytes) -> int:
    """0 when nothing differs. Lines that only went leave their mark on the line that took their place."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return 0
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    return max(1, min(min(len(old), len(new)) if same is None else same, len(new) - 1) + 1)
