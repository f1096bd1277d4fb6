"""The fast judge and the one who explains agree, and the explanation helps."""

from __future__ import annotations

import time
from typing import Any

import pytest

from octops.declare.schema import conforms, explain
from octops.declare.yamlfile import parse
from tests.declare.written import DESTINATION, SETTINGS, SOURCE, TASK

VALID = {"octops": SETTINGS, "source": SOURCE, "destination": DESTINATION, "task": TASK, "skill": "name: x\n"}
STRANGE: list[Any] = [None, True, 0, -1, 1.5, "", " ", "x", "09:00", [], ["x"], {}, {"env": "X"}, {"type": "file"}]


@pytest.mark.parametrize("kind", VALID)
def test_a_mapping_that_conforms_has_nothing_to_explain_and_one_that_does_not_has(kind: str) -> None:
    values = parse(VALID[kind])
    assert isinstance(values, dict)
    assert conforms(kind, values)
    for key in [*values, "another"]:
        for value in STRANGE:
            changed = {**values, key: value}
            codes = [it.problem.summary for it in explain(kind, changed)]
            assert conforms(kind, changed) == (codes == ["the file does not keep its schema"]), (key, value, codes)


def told(kind: str, values: dict[str, Any]) -> tuple[str, str]:
    (fault,) = explain(kind, values)
    return fault.problem.summary, fault.problem.detail


WORDS = [
    ({"promt": "x", "prompt": "y"}, "`promt` is not a key of a task", "did you mean `prompt`? What the model is asked"),
    ({"prompt": "y", "zzz": 1}, "`zzz` is not a key of a task", "its keys are `name`, `description`, "),
    ({"prompt": "y", "limits": {"turn": 1}}, "`turn` is not a key of `limits`", "did you mean `turns`? The most model"),
    ({"prompt": "y", "status": "Active"}, "`Active` is not a value of `status`", "did you mean `active`?"),
    ({"prompt": "y", "status": "zzz"}, "`zzz` is not a value of `status`", "write `active` or `paused`"),
    ({"prompt": "y", "skills": "a"}, "`skills` must be a list, not text", "write `[a]`. The ids of the skills"),
    ({"prompt": "y", "skills": "a, b"}, "`skills` must be a list, not text", 'write `["a, b"]`. The ids'),
    ({"prompt": "y", "tags": "*x"}, "`tags` must be a list, not text", 'write `["*x"]`. '),
    ({"prompt": "y", "owner": 12}, "`owner` must be text, not the number 12", 'put it in quotes: `"12"`. Who answers'),
    ({"prompt": "y", "owner": True}, "`owner` must be text, not `true`", 'put it in quotes: `"true"`. Who answers'),
    ({"prompt": "y", "skills": [1]}, "`skills[0]` must be text, not the number 1", 'put it in quotes: `"1"`. An id'),
    ({"prompt": "y", "schedule": {"frequency": "daily"}}, "`schedule` needs the key `at`", "add `at`: The local time"),
    (
        {"prompt": "y", "schedule": {"frequency": "daily", "at": "9:30"}},
        "`9:30` cannot be `schedule.at`",
        "The local time of day as `HH:MM`",
    ),
    (
        {"prompt": "y", "schedule": {"frequency": "daily", "at": "09:00", "overlap": "x"}},
        "`x` is not a value of `schedule.overlap`",
        "write `wait` or `skip`",
    ),
    ({"prompt": "y", "limits": {"turns": 0}}, "`limits.turns` must be at least 1, not `0`", "The most model calls"),
    ({"prompt": "y", "prefetch": [{"source": "a"}]}, "`prefetch[0]` needs the key `tool`", "add `tool`: The name of"),
    (
        {"prompt": "y", "prefetch": [{"source": "A", "tool": "t"}]},
        "`A` cannot be `prefetch[0].source`",
        "The id of one of the task's sources.",
    ),
]


@pytest.mark.parametrize(("values", "summary", "detail"), WORDS)
def test_a_broken_rule_is_told_in_words(values: dict[str, Any], summary: str, detail: str) -> None:
    said = told("task", values)
    assert said[0] == summary
    assert said[1].startswith(detail)


def test_a_secret_written_out_is_told_by_its_fingerprint() -> None:
    summary, detail = told("destination", {"type": "slack", "channel": "x", "token": "hunter2"})
    assert summary == "`token` holds the secret itself (7 characters, sha256:f52fbd32…)"
    assert detail.startswith("write `{env: TOKEN}`")


def test_ten_thousand_different_items_are_compared_in_no_time() -> None:
    items = [{"type": "file", "path": f"{n}"} if n % 2 else f"d{n}" for n in range(10_000)]
    start = time.process_time()
    assert [it.problem.code for it in explain("task", {"prompt": "x", "destinations": [*items, "d0"]})] == [
        "repeated-item"
    ]
    assert time.process_time() - start < 5
