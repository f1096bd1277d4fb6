"""How long a claim holds a run before others may take it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from octops.local.weights import is_local
from octops.model.project import Project
from octops.model.task import Task
from octops.plan.closure import model_chain

MARGIN: Final = timedelta(minutes=5)
"""What a claim holds beyond the task's own time limit: opening, storing, pushing."""
LOADING: Final = timedelta(minutes=10)
"""How long a model of this machine may take to be loaded: no part of the task's own time."""


def lease(task: Task | None, project: Project) -> timedelta:
    """From the claim to the stored answer. Without a task only deliveries are left to do."""
    if task is None:
        return MARGIN
    chain = model_chain(project.model_of(task), project)
    loading = LOADING if any(is_local(alias.model) for alias in chain) else timedelta()
    return timedelta(seconds=task.limits.seconds) + loading + MARGIN
