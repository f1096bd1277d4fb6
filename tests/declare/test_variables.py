"""Prompts whose variables are plainly right are not looked at twice, and that hides nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from octops.declare.known import DeclaredTask, Known
from octops.declare.variables import variable_problems
from octops.model.ids import TaskId
from octops.model.project import Settings
from octops.model.task import Task
from octops.template import check

VARIABLES = {"team": "a", "teams": ["a"], "nothing": None, "count": 3}
PIECES = ["<<team>>", "<<teams>>", "<<nothing>>", "<<count>>", "<<nobody>>", "<<task_name>>", "<<previous_run_at>>"]
PIECES += [
    "<<window_start>>",
    "\\<<team>>",
    "<<<team>>>",
    "<<team | upper>>",
    "<< team >>",
    "<<team.x>>",
    "{{team}}",
    "{{",
]
PIECES += ["<<", ">>", "<", ">", "\\", "a", "\n", "team", "<<TEAM>>", "<<te-am>>"]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_prompt_is_told_exactly_what_its_template_gets_wrong(prompt: str) -> None:
    task = Task(id=TaskId("t"), path="tasks/t.yaml", prompt=prompt)
    found = variable_problems(DeclaredTask(task=task), Known(settings=Settings(variables=VARIABLES)))
    assert [it.summary for it in found] == [it.summary for it in check(prompt, VARIABLES)]
