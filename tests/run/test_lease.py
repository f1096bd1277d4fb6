from __future__ import annotations

from datetime import timedelta

import pytest

from octops.model.ids import TaskId
from octops.model.project import Project
from octops.model.task import Limits, Task
from octops.run.lease import LOADING, MARGIN, lease


@pytest.mark.parametrize(("model", "loading"), [("openai/gpt-x", timedelta()), ("local/any", LOADING)])
def test_a_lease_lasts_as_long_as_the_run_may_and_as_its_model_may_take_to_load(model: str, loading: timedelta) -> None:
    task = Task(id=TaskId("a"), path="tasks/a.yaml", prompt="x", model=model, limits=Limits(seconds=60))

    assert lease(task, Project(tasks={task.id: task})) == timedelta(seconds=60) + loading + MARGIN


def test_a_run_whose_task_is_gone_is_held_for_its_deliveries() -> None:
    assert lease(None, Project(tasks={})) == MARGIN
