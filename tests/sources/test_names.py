from __future__ import annotations

import random
import re

import pytest

from octops.sources.names import offered_names


@pytest.mark.parametrize(
    ("tools", "names"),
    [
        ({"git": ["git_log"]}, ["git__git_log"]),
        ({"a": ["x"], "b": ["x"]}, ["a__x", "b__x"]),
        ({"a": ["x.y"]}, ["a__x_y"]),
        ({"a": ["été"]}, ["a___t_"]),
        ({"a": ["x", "x"]}, ["a__x"]),
    ],
)
def test_a_name_is_source_and_tool_where_that_can_be(tools: dict[str, list[str]], names: list[str]) -> None:
    assert list(offered_names(tools)) == names


def test_a_name_that_can_be_written_as_it_is_never_gives_way() -> None:
    names = offered_names({"a": ["x.y", "x_y", "x/y"]})
    assert names["a__x_y"] == ("a", "x_y")
    assert len(names) == 3


def test_names_are_valid_different_and_the_same_in_every_order() -> None:
    rng = random.Random(7)
    for _ in range(200):
        tools = ["".join(rng.choices("ab._ /é", k=rng.choice([1, 2, 3, 80]))) for _ in range(12)]
        names = offered_names({"s" * rng.choice([1, 64]): tools})
        assert len(names) == len(set(tools))
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in names)
        source = next(iter(names.values()))[0]
        assert offered_names({source: tools[::-1]}) == names
