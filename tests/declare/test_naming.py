"""What a path declares."""

from __future__ import annotations

import pytest

from octops.declare.naming import Name, name_of, suggested_id
from octops.model.ids import ID


@pytest.mark.parametrize(
    ("path", "kind", "id_"),
    [
        ("octops.yaml", "octops", "octops"),
        ("tasks/a.yaml", "task", "a"),
        ("tasks/group/sub/a.yml", "task", "a"),
        ("tasks/a.md", "task", "a"),
        ("tasks/a.b.yaml", "task", "a.b"),
        ("skills/a/SKILL.md", "skill", "a"),
        ("skills/group/a/SKILL.md", "skill", "a"),
        ("skills/a.md", "skill", "a"),
        ("skills/SKILL.md", "skill", "SKILL"),
        ("sources/a.yaml", "source", "a"),
        ("destinations/a.yaml", "destination", "a"),
        ("docs/a.yaml", "", "a"),
        ("tasks", "", ""),
    ],
)
def test_folder_and_file_name_give_kind_and_id(path: str, kind: str, id_: str) -> None:
    assert name_of(path) == Name(kind, id_, path)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Weekly Report", "weekly-report"),
        ("a.b", "a-b"),
        ("_x_", "x"),
        ("Ä", ""),
        ("a" * 80, "a" * 64),
        ("a--b", "a-b"),
    ],
)
def test_a_suggested_id_is_allowed_or_empty(text: str, id_: str) -> None:
    assert suggested_id(text) == id_
    assert not id_ or ID.fullmatch(id_)
