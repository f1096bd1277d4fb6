from __future__ import annotations

from dataclasses import replace

import pytest

from octops.model.history import Definition
from octops.model.ids import TaskId
from octops.model.plan import Change, ChangeAction
from octops.report.texts import text_changes
from tests.report.samples import create, definition, delete, update


def test_every_changed_text_is_named_in_the_order_of_the_tasks() -> None:
    assert [(text.tasks, text.name) for text in text_changes([create(), update()])] == [
        (("daily-digest",), "prompt"),
        (("weekly-report",), "prompt"),
        (("weekly-report",), "skill:style"),
    ]


def test_a_text_that_many_tasks_share_is_one_change() -> None:
    (text,) = text_changes([create("a"), create("b")])
    assert text.tasks == ("a", "b")


def test_a_text_that_stayed_is_none() -> None:
    same = definition(texts={"prompt": "x", "skill:a": "y"})
    assert text_changes([Change(task=TaskId("a"), action=ChangeAction.UPDATE, before=same, after=same)]) == ()


def test_a_skill_that_is_new_to_a_task_is_shown_whole() -> None:
    change = replace(
        update(), before=definition(texts={"prompt": "x"}), after=definition(texts={"prompt": "x", "skill:a": "y"})
    )
    (text,) = text_changes([change])
    assert (text.name, text.before, text.after) == ("skill:a", "", "y")


def referring(**texts: str) -> Definition:
    return replace(definition(), referred={f"destination:{id_}": text for id_, text in texts.items()})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"d": "port: 1\n"}, {"d": "port: 2\n"}, [("destination:d", "port: 1\n", "port: 2\n")]),
        ({"d": "port: 1\n"}, {"d": "port: 1\n"}, []),
        ({"d": "port: 1\n"}, {"e": "port: 2\n"}, [("destination:e", "", "port: 2\n")]),
        ({"d": "port: 1\n"}, {}, []),
        ({}, {"d": "port: 2\n"}, []),
    ],
    ids=["changed", "as it was", "newly referred to", "no longer referred to", "not known"],
)
def test_a_declaration_that_a_task_refers_to_is_a_text_of_its_own(
    before: dict[str, str], after: dict[str, str], told: list[tuple[str, str, str]]
) -> None:
    change = replace(update(), before=referring(**before), after=referring(**after))
    assert [(text.name, text.before, text.after) for text in text_changes([change])] == told


def test_a_deleted_task_changes_no_text() -> None:
    assert text_changes([delete()]) == ()
