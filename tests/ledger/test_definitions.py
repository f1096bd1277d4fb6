"""Definitions that several applies note at the same time."""

from __future__ import annotations

from datetime import timedelta

from octops.ledger.codec import decode
from octops.ledger.definitions import Define
from octops.ledger.documents import encode
from octops.ledger.layout import head_path
from octops.model.history import Head
from tests.ledger.kit import NOW, TASK, definition

HEAD = head_path(TASK)


def test_what_a_faster_apply_has_noted_stays_as_it_noted_it() -> None:
    """In a shallow clone each of them first saw the task at a time of its own: the earlier one counts."""
    faster = Define(task=TASK, definition=definition("y"), activated_at=NOW, revision="r", expected="")
    slower = Define(
        task=TASK, definition=definition("y"), activated_at=NOW + timedelta(seconds=4), revision="r", expected=""
    )
    files = {path: content for path, content in faster.derive({}).files.items() if content is not None}

    outcome = slower.derive(files)

    assert (outcome.accepted, outcome.files) == (True, {})
    assert decode(Head, files[HEAD]).activated_at == NOW


def test_a_definition_that_was_planned_against_as_it_is_gets_its_new_activation() -> None:
    later = NOW + timedelta(hours=1)
    before = encode(Head(definition=definition("x"), activated_at=NOW))

    outcome = Define(task=TASK, definition=definition("x"), activated_at=later, expected="x").derive({HEAD: before})

    content = outcome.files[HEAD]
    assert content is not None
    assert decode(Head, content).activated_at == later
