from __future__ import annotations

import json
import random
import re

import pytest
import yaml

from octops.declare.style.file import styled, yaml_text
from octops.declare.yamlfile import parse
from octops.importers.draft import Gathering
from octops.importers.text import lines


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (
            "schedule: {frequency: daily, at: '18:00'}\nprompt: a\n",
            'prompt: a\nschedule: {frequency: daily, at: "18:00"}\n',
        ),
        ("prompt:   a   # why  \n\n\n\nname: b", "name: b\nprompt: a  # why\n"),
        ('prompt: "one\\ntwo\\n"\n', "prompt: |\n  one\n  two\n"),
        ('prompt: "one\\ntwo"\n', "prompt: |-\n  one\n  two\n"),
        ('prompt: "  one\\ntwo\\n"\n', "prompt: |2\n    one\n  two\n"),
        ("prompt: a\ntags: [  # one\n  b]  # two\n", "prompt: a\ntags:  # one\n  - b  # two\n"),
        ("prompt: a\ntags: [b,  # one\n  c]  # two\n", "prompt: a\ntags:\n  - b  # one\n  - c  # two\n"),
        ("prompt: a\ntags: [\n  b,  # one\n]  # all\n", "prompt: a\ntags:  # all\n  - b  # one\n"),
        ("variables: {a: b,  # one\n  c: d}  # two\n", "variables:\n  a: b  # one\n  c: d  # two\n"),
        ('prompt: "one  \\ntwo"\n', 'prompt: "one  \\ntwo"\n'),
        ("prompt: |\n      one\n        two\n\n\nname: x\n", "name: x\nprompt: |\n  one\n    two\n"),
        ("prompt: |+\n  a\n\nname: x\n", "name: x\nprompt: |+\n  a\n\n"),
        ("prompt: >-\n    folded\n    text\n", "prompt: >-\n  folded\n  text\n"),
        ("prompt: a\ntags:\n- b\n- c\n", "prompt: a\ntags:\n  - b\n  - c\n"),
        ("prompt: a\ntags: [b,\n  c]\n", "prompt: a\ntags:\n  - b\n  - c\n"),
        ("prompt: a\nlimits:\n    turns: 1\n    # more\n", "prompt: a\nlimits:\n  turns: 1\n  # more\n"),
        ("# head\n\n# of prompt\nprompt: a\nname: b\n", "# head\n\nname: b\n# of prompt\nprompt: a\n"),
        ("# head\nprompt: a\nname: b\n", "# head\nname: b\nprompt: a\n"),
        ("prompt: a\nsources:\n- # first\n  b # beside\n", "prompt: a\nsources:\n  # first\n  - b  # beside\n"),
        ("---\nprompt: a\n...\n", "prompt: a\n"),
        ("{prompt: a, name: b}\n", "name: b\nprompt: a\n"),
        ('{"prompt": a, variables: {\'one\': 1, "on": 2}}\n', 'prompt: a\nvariables: {one: 1, "on": 2}\n'),
        (
            "prompt: a\nprefetch:\n- tool: t\n  # why\n  source: s\n",
            "prompt: a\nprefetch:\n  # why\n  - source: s\n    tool: t\n",
        ),
        (
            "prompt: a\ndestinations:\n- path: x\n  type: file\n",
            "prompt: a\ndestinations:\n  - type: file\n    path: x\n",
        ),
        ("prompt: a\nvariables: {z: 1, a: 2}\n", "prompt: a\nvariables: {z: 1, a: 2}\n"),
        (
            "prompt: a\noutput: {schema: {required: [b], type: object}, format: json}\n",
            "prompt: a\noutput: {format: json, schema: {required: [b], type: object}}\n",
        ),
        (
            "prompt: a\nvariables:\n  empty:\n  list: []\n  none: {}\n",
            "prompt: a\nvariables:\n  empty:\n  list: []\n  none: {}\n",
        ),
    ],
)
def test_a_task_is_written_in_the_one_style(written: str, wanted: str) -> None:
    assert styled(written, "task", markdown=False) == wanted
    assert styled(wanted, "task", markdown=False) == wanted


def test_a_line_that_is_too_wide_for_brackets_is_written_in_lines() -> None:
    words = ", ".join(f"word{number}" for number in range(20))
    assert styled(f"prompt: a\ntags: [{words}]\n", "task", markdown=False).count("\n  - word") == 20


def test_the_type_decides_the_order_of_a_sources_keys() -> None:
    written = "url: https://x.example\ntransport: http\ndescription: d\ntype: mcp\n"
    wanted = "type: mcp\ntransport: http\ndescription: d\nurl: https://x.example\n"
    assert sorted(styled(written, "source", markdown=False).split("\n")) == sorted(wanted.split("\n"))
    assert styled(written, "source", markdown=False).startswith("type: mcp\n")


def test_in_markdown_only_the_front_matter_changes() -> None:
    body = "\n\nA prompt with trailing blanks  \n\n\n"
    text = f"---\nschedule: {{cron: '0 9 * * *'}}\nname: x\n---  \n{body}"
    assert styled(text, "task", markdown=True) == f'---\nname: x\nschedule: {{cron: "0 9 * * *"}}\n---\n{body}'


def test_markdown_without_front_matter_stays() -> None:
    assert styled("only words  \n", "skill", markdown=True) == "only words  \n"


WORDS = [
    "a",
    "x y",
    "18:00",
    "on",
    "2026-02-15",
    "+1555",
    "a: b",
    "- c",
    "#no",
    "it's",
    'say "hi"',
    "tab\there",
    "a\nb",
    "a\n\n  b\n",
    " lead",
    "trail \nx",
    "",
    "ü",
    "<<name>>",
    "\\<<",
    "null",
    "1.0",
    "{x}",
    "[y]",
    "a\n\n\n",
    "é\u2003x",
]


def some_value(dice: random.Random, depth: int = 0) -> object:
    kind = dice.randrange(4 if depth < 4 else 2)
    if kind == 0:
        return dice.choice([1, -2, 1.5, True, False, None])
    if kind == 1:
        return dice.choice(WORDS)
    if kind == 2:
        return [some_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {f"k{number}": some_value(dice, depth + 1) for number in range(dice.randrange(4))}


@pytest.mark.parametrize("seed", range(120))
def test_any_values_and_comments_survive_and_a_second_pass_changes_nothing(seed: int) -> None:
    dice = random.Random(seed)
    values = {"prompt": "p", "variables": {f"v{number}": some_value(dice) for number in range(5)}}
    text = yaml.safe_dump(
        values, default_flow_style=dice.choice([None, True, False]), width=dice.choice([20, 80, 400]), sort_keys=False,
        indent=dice.choice([2, 4]), allow_unicode=True, default_style=dice.choice([None, None, '"', "'"]),
    )  # fmt: skip
    text = commented(re.sub(r"!!\w+ ", "", text), dice)
    before = parse(text)
    after = styled(text, "task", markdown=False)
    assert json.dumps(parse(after), sort_keys=True) == json.dumps(before, sort_keys=True)
    assert styled(after, "task", markdown=False) == after
    assert text.count("# mark") == after.count("# mark")


def commented(text: str, dice: random.Random) -> str:
    """Comments between the lines, wherever they change nothing."""
    lines_ = text.split("\n")
    for _ in range(6):
        place = dice.randrange(len(lines_))
        tried = [*lines_[:place], " " * dice.randrange(8) + "# mark", *([""] * dice.randrange(3)), *lines_[place:]]
        try:
            same = json.dumps(parse("\n".join(tried))) == json.dumps(parse(text))
        except Exception:  # noqa: BLE001 - a comment that breaks the text is not wanted
            same = False
        lines_ = tried if same else lines_
    return "\n".join(lines_)


@pytest.mark.parametrize("seed", range(80))
def test_values_written_for_the_first_time_are_in_the_style(seed: int) -> None:
    dice = random.Random(seed)
    values = {"prompt": "p", "variables": {f"v{number}": some_value(dice) for number in range(5)}}
    text = yaml_text(values, "task", comment="# first")
    assert parse(text) == values
    assert styled(text, "task", markdown=False) == text


@pytest.mark.parametrize("text", ["18:00", "on", "2026-02-15", "+15550100", "0x1F", "1e5", "~", "a: b", "a #b", "- a"])
def test_texts_that_other_readers_take_for_something_else_are_quoted(text: str) -> None:
    written = yaml_text({"prompt": text}, "task")
    assert yaml.safe_load(written) == {"prompt": text}


def test_a_text_of_an_import_can_always_be_written() -> None:
    text = lines("a\x00b\u202ec\ud800\r\nd", "prompt", Gathering())
    assert parse(yaml_text({"prompt": text}, "task")) == {"prompt": "abc\ufffd\nd"}
