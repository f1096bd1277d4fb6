from __future__ import annotations

import json

import pytest

from octops.ledger.claims import Take
from tests.cli.past import claim, ledger_of, requested, talk, write_records
from tests.kit import GitProject


@pytest.fixture
def past(project: GitProject) -> GitProject:
    write_records(ledger_of(project), [talk()])
    return project


def test_everything_a_run_did_is_a_line_in_the_order_of_time(past: GitProject) -> None:
    lines = past.octops("logs", "daily-digest@20260302T170000Z").out.splitlines()
    assert [tuple(line.split()[:2]) for line in lines] == [
        ("2026-03-02T17:04:11Z", "started"),
        ("2026-03-02T17:04:13Z", "turn"),
        ("2026-03-02T17:04:13Z", "tool"),
        ("2026-03-02T17:04:16Z", "turn"),
        ("2026-03-02T17:04:31Z", "completed"),
        ("2026-03-02T17:04:40Z", "delivery"),
    ]
    assert 'changelog__read_file {"path": "CHANGELOG.md"} (0.5 s, 20 characters)' in lines[2]


@pytest.mark.parametrize("word", [(), ("daily-digest",)])
def test_without_an_id_it_is_the_newest_run(past: GitProject, word: tuple[str, ...]) -> None:
    assert "daily-digest@20260302T170000Z" in past.octops("logs", *word).out


def test_programs_get_the_same_lines(past: GitProject) -> None:
    document = json.loads(past.octops("logs", "--format", "json").out)
    assert document["run"] == "daily-digest@20260302T170000Z"
    assert document["log"][1] == {
        "at": "2026-03-02T17:04:13Z",
        "what": "turn",
        "text": "1: 2.0 s, 0 tokens in, 0 out, $0.00, stopped: tool_calls",
    }
    assert document["diagnostics"] == []


def test_a_running_run_ends_with_who_holds_it(past: GitProject) -> None:
    ledger_of(past).write([Take(claim=claim("daily-digest@now"))])
    last = past.octops("logs", "daily-digest@now").out.splitlines()[-1]
    assert last.split() == ["-", "running", "claimed,", "its", "runner", "is", "gone"]


def test_a_run_nobody_has_started_has_no_line_but_who_asked_for_it(past: GitProject) -> None:
    ledger_of(past).write([Take(claim=requested("daily-digest@later"))])
    (line,) = past.octops("logs", "daily-digest@later").out.splitlines()
    assert line == "2026-03-02T17:30:00Z  pending    asked for by runner-7; the next `octops apply` starts it"


def test_no_run_at_all_is_said(project: GitProject) -> None:
    outcome = project.octops("logs")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[no-runs]" in outcome.err
