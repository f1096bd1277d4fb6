"""The two halves of a Markdown file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octops.declare.frontmatter import FrontMatter, split
from octops.declare.yamlfile import YamlError


@pytest.mark.parametrize(
    ("text", "yaml", "body", "body_line"),
    [
        ("---\nname: x\n---\nBody\n", "name: x\n", "Body\n", 4),
        ("---\nname: x\n---\n\nBody\n", "name: x\n", "Body\n", 5),
        ("---\nname: x\n---\n\n\n  Body  \n\n", "name: x\n", "\n  Body  \n\n", 5),
        ("---\nname: x\n---\n  \nBody", "name: x\n", "Body", 5),
        ("---\nname: x\n---", "name: x\n", "", 4),
        ("---\n---\nBody", "", "Body", 3),
        ("---\nskills:\n- a\n---\nBody", "skills:\n- a\n", "Body", 5),
        ("--- \t\na: 1\n--- \nBody", "a: 1\n", "Body", 4),
        ("---\na: |\n  ---\n  x\n----\n---\nBody\n---\nmore", "a: |\n  ---\n  x\n----\n", "Body\n---\nmore", 7),
    ],
)
def test_the_front_matter_is_what_stands_between_the_two_lines(text: str, yaml: str, body: str, body_line: int) -> None:
    assert split(text) == FrontMatter(yaml=yaml, yaml_line=2, body=body, body_line=body_line)


@pytest.mark.parametrize("text", ["", "Body\n", "\n---\na: 1\n---\n", "----\n", "--- a: 1\n---\n", " ---\na\n---\n"])
def test_without_a_first_line_of_dashes_everything_is_body(text: str) -> None:
    assert split(text) == FrontMatter(yaml="", yaml_line=1, body=text, body_line=1)


@pytest.mark.parametrize("text", ["---", "---\n", "---\nname: x\nBody\n", "---\nname: x\n --- \n", "---\nx\n---y\n"])
def test_front_matter_without_an_end_is_an_error_at_its_start(text: str) -> None:
    with pytest.raises(YamlError) as caught:
        split(text)

    problem = caught.value.problem
    assert (problem.code, problem.line, problem.column, problem.end_column) == ("unclosed-front-matter", 1, 1, 4)
    assert "`---`" in problem.detail


@given(st.lists(st.sampled_from(["---", "a: 1", "", " ", "text", "--- "]), max_size=8).map("\n".join))
def test_the_line_numbers_lead_back_into_the_file(text: str) -> None:
    try:
        halves = split(text)
    except YamlError:
        return
    lines = text.split("\n")
    yaml_lines = halves.yaml.split("\n")[:-1]

    assert lines[halves.body_line - 1 :] == (halves.body.split("\n") if halves.body_line <= len(lines) else [])
    assert lines[halves.yaml_line - 1 :][: len(yaml_lines)] == yaml_lines
