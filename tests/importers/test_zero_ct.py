from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from octops.importers.draft import ImportRefused
from octops.template import render
from tests.importers.world import brought, everything, project_in, told

TASK: dict[str, Any] = {
    "id": "0c0f5a34",
    "name": "Weekly Report",
    "prompt": "Summarise the week.\nBe short.",
    "model": "gpt-4o-mini",
    "schedule": "weekly",
    "scheduleDays": ["friday", "monday"],
    "scheduleTime": "09:00",
    "status": "active",
    "timezone": "Europe/Berlin",
    "skillIds": ["s1"],
    "skills": [
        {
            "id": "s1",
            "name": "Style Guide",
            "content": "Write short.",
            "description": "How we write",
            "frontmatter": {"author": "Ada", "tags": ["style"], "requiredSources": ["github"]},
            "version": 3,
        }
    ],
    "sources": [
        {
            "id": "q1",
            "name": "GitHub",
            "slug": "github",
            "type": "mcp",
            "config": {
                "transport": "stdio",
                "command": "npx",
                "args": ["-y", "@scope/server"],
                "env": {"GITHUB_TOKEN": "ghp_abcdefghijklmnopqrstuvwxyz12"},
            },
        }
    ],
    "destinations": [{"type": "webhook", "value": "https://hooks.example.com/in", "label": "Team"}],
}


def test_a_task_comes_with_its_skills_sources_and_destinations(tmp_path: Path) -> None:
    brought(tmp_path, "0ct", TASK)
    task = project_in(tmp_path).tasks["weekly-report"]  # type: ignore[index]
    assert (task.name, task.model, task.timezone) == ("Weekly Report", "openai/gpt-4o-mini", "Europe/Berlin")
    assert task.prompt == "Summarise the week.\nBe short."
    assert task.schedule is not None
    assert (task.schedule.days, task.schedule.at) == (("monday", "friday"), ("09:00",))
    assert (task.skills, task.sources, task.destinations) == (("style-guide",), ("github",), ("team",))


def test_keys_become_references_and_are_listed(tmp_path: Path) -> None:
    found = brought(tmp_path, "0ct", TASK)
    assert "ghp_" not in everything(tmp_path, found)
    assert "env: {GITHUB_TOKEN: {env: GITHUB_TOKEN}}" in (tmp_path / "sources/github.yaml").read_text()
    assert [note.place for note in found.to_set] == ["OPENAI_API_KEY", "GITHUB_TOKEN"]


def test_a_skill_keeps_what_the_format_has_a_place_for(tmp_path: Path) -> None:
    brought(tmp_path, "0ct", TASK)
    skill = project_in(tmp_path).skills["style-guide"]  # type: ignore[index]
    assert (skill.name, skill.description, skill.text) == ("style-guide", "How we write", "Write short.\n")
    assert skill.front_matter["author"] == "Ada"


@pytest.mark.parametrize(
    ("fields", "schedule"),
    [
        ({"schedule": "daily", "scheduleTime": "9:05"}, 'schedule: {frequency: daily, at: "09:05"}'),
        ({"frequency": "hourly", "hourlyInterval": 2}, "schedule: {frequency: hourly, every: 2}"),
        ({"schedule": "hourly", "scheduleTime": "00:15"}, 'schedule: {frequency: hourly, at: ":15"}'),
        ({"frequency": "once", "scheduledDate": "2026-12-24", "scheduledTime": "15:00"}, 'date: "2026-12-24"'),
        ({"schedule": "once", "nextRunAt": "2026-12-24T14:00:00Z", "timezone": "Europe/Berlin"}, 'at: "15:00"'),
        ({"frequency": "weekly", "scheduledDay": "monday", "scheduledTime": "08:00"}, "days: [monday]"),
        ({"schedule": "daily", "cronExpression": "0 9 * * 1-5"}, 'schedule: {cron: "0 9 * * 1-5"}'),
    ],
)
def test_every_way_to_say_when(tmp_path: Path, fields: dict[str, Any], schedule: str) -> None:
    brought(tmp_path, "0ct", {"name": "x", "prompt": "p", **fields})
    assert schedule in (tmp_path / "tasks/x.yaml").read_text()
    project_in(tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"schedule": "daily"},
        {"schedule": "weekly", "scheduleTime": "09:00"},
        {"cronExpression": "0 0 * * * *"},
        {"schedule": "yearly"},
    ],
)
def test_a_schedule_that_says_too_little_is_told(tmp_path: Path, fields: dict[str, Any]) -> None:
    found = brought(tmp_path, "0ct", {"name": "x", "prompt": "p", **fields})
    assert "schedule:" not in (tmp_path / "tasks/x.yaml").read_text()
    assert "schedule" in told(found) or "cronExpression" in told(found)


@pytest.mark.parametrize(
    ("fields", "told_of_it"), [({}, True), ({"timezone": "Europe/Berlin"}, False), ({"schedule": None}, False)]
)
def test_a_schedule_without_a_zone_was_in_the_zone_of_the_organization(
    tmp_path: Path, fields: dict[str, Any], told_of_it: bool
) -> None:
    task = {"name": "x", "prompt": "p", "schedule": "daily", "scheduleTime": "09:00"}
    found = brought(tmp_path, "0ct", {**task, **fields})
    assert ("your organization's" in told(found)) == told_of_it


def test_an_unknown_variable_of_a_scheduled_task_pauses_it_until_it_is_set(tmp_path: Path) -> None:
    task = {"name": "x", "prompt": "For {{organizationName}}", "schedule": "daily", "scheduleTime": "09:00"}
    found = brought(tmp_path, "0ct", task)
    read = project_in(tmp_path).tasks["x"]  # type: ignore[index]
    assert (read.prompt, read.status) == ("For <<organization_name>>", "paused")
    assert "variables.organization_name" in told(found)


def test_text_that_looks_like_a_variable_of_ours_stays_text(tmp_path: Path) -> None:
    prompt = "a <<b>> c \\<<d>> <<EOF {{current_date}} x << 3 <<{{current_date}}>>"
    brought(tmp_path, "0ct", {"name": "x", "prompt": prompt})
    written = project_in(tmp_path).tasks["x"].prompt  # type: ignore[index]
    wanted = "a <<b>> c \\<<d>> <<EOF 2026 x << 3 <<2026>>"
    assert render(written, {"current_date": "2026"}) == wanted


@pytest.mark.parametrize("fields", [{"status": "paused"}, {"status": "completed"}, {"isActive": False}])
def test_what_does_not_run_there_does_not_run_here(tmp_path: Path, fields: dict[str, Any]) -> None:
    brought(tmp_path, "0ct", {"name": "x", "prompt": "p", **fields})
    assert project_in(tmp_path).tasks["x"].status == "paused"  # type: ignore[index]


@pytest.mark.parametrize(
    ("destination", "written"),
    [
        ({"type": "email", "value": "ada@example.com"}, "to: ada@example.com"),
        ({"type": "sms", "value": "+1 (555) 010-0000"}, 'to: "+15550100000"'),
        ({"type": "webhook", "value": "https://hooks.slack.com/services/T/B/abcdefghijklmnop"}, "SLACK_WEBHOOK_URL}"),
        ({"type": "webhook", "value": "https://x.example/h?token=abc"}, "host: x.example"),
    ],
)
def test_every_destination_of_theirs(tmp_path: Path, destination: dict[str, Any], written: str) -> None:
    found = brought(tmp_path, "0ct", {"name": "x", "prompt": "p", "destinations": [destination]})
    assert written in everything(tmp_path, found)
    assert "abcdefghijklmnop" not in everything(tmp_path, found)
    assert "token=abc" not in everything(tmp_path, found)
    project_in(tmp_path)


@pytest.mark.parametrize(
    ("auth", "written"),
    [
        ({"authType": "bearer"}, "auth: {type: bearer, token: {env: LINEAR_TOKEN}}"),
        ({"authType": "basic"}, "password: {env: LINEAR_PASSWORD}"),
        ({"authType": "api_key", "authConfig": {"headerName": "X-K"}}, "name: X-K"),
        ({"authType": "oauth"}, "needs a person"),
        ({"authType": "query"}, "needs a person"),
        ({"authType": "composio"}, "Composio"),
    ],
)
def test_every_way_a_source_proves_who_asks(tmp_path: Path, auth: dict[str, Any], written: str) -> None:
    source = {"name": "Linear", "type": "mcp", "config": {"transport": "http", "url": "https://mcp.linear.app/mcp"}}
    found = brought(tmp_path, "0ct", {"name": "x", "prompt": "p", "sources": [{**source, **auth}]})
    assert written in everything(tmp_path, found)
    project_in(tmp_path)


def test_what_has_no_place_is_told_line_by_line(tmp_path: Path) -> None:
    found = brought(tmp_path, "0ct", [{**TASK, "colour": "red", "skillIds": ["s1", "s9"]}])
    places = [note.place for note in found.left_out]
    assert "[0].colour" in places
    assert "[0].id" in places
    assert "`s9` is not in the file" in told(found)


def test_two_tasks_with_one_source_share_it_and_two_of_one_name_are_two(tmp_path: Path) -> None:
    brought(tmp_path, "0ct", {"tasks": [TASK, {**TASK, "prompt": "Another."}]})
    project = project_in(tmp_path)
    assert list(project.tasks) == ["weekly-report", "weekly-report-2"]
    assert list(project.sources) == ["github"]


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    brought(tmp_path, "0ct", TASK)
    path = tmp_path / "tasks/weekly-report.yaml"
    path.write_text("prompt: mine\nmodel: a/b\n")
    found = brought(tmp_path, "0ct", TASK)
    assert path.read_text() == "prompt: mine\nmodel: a/b\n"
    assert "tasks/weekly-report.yaml" in found.kept
    assert found.files == {}


@pytest.mark.parametrize(
    "document", ["", "[", "{}", "[]", "3", "null", '{"tasks": 4}', "[" * 5000, '{"name": NaN}', '"x"']
)
def test_what_is_no_task_is_refused_with_a_sentence(tmp_path: Path, document: str) -> None:
    with pytest.raises(ImportRefused):
        brought(tmp_path, "0ct", document)
    assert list(tmp_path.glob("*.yaml")) == []


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="larger than 5 MB"):
        brought(tmp_path, "0ct", " " * (5 * 1024 * 1024 + 1))


def test_a_task_that_cannot_be_made_valid_is_left_out_and_the_others_come(tmp_path: Path) -> None:
    large = {"name": "large", "prompt": "word " * 60_000}
    found = brought(tmp_path, "0ct", [large, {"name": "small", "prompt": "p"}])
    assert list(project_in(tmp_path).tasks) == ["small"]
    assert "tasks/large.yaml: left out" in told(found)


def test_what_is_no_list_is_told(tmp_path: Path) -> None:
    task = {"name": "9", "prompt": "x", "skills": "str", "sources": {"a": 1}, "destinations": "me", "model": "gpt-4o"}
    found = brought(tmp_path, "0ct", [task, {**task, "sources": ["s1"]}])
    for place in ("[0].skills", "[0].sources", "[0].destinations", "[1].sources[0]"):
        assert f"{place}: it is no" in told(found)


def test_a_task_without_a_model_is_told_which_one_it_got(tmp_path: Path) -> None:
    found = brought(tmp_path, "0ct", {"name": "x", "prompt": "x"})
    assert "model: the task names no model: `anthropic/claude-sonnet-4-5` is written" in told(found)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{"prompt": ' + "[" * 300 + "]" * 300 + "}", "the file is nested too deeply"),
        ("[" * 50_000 + "]" * 50_000, "the file is nested too deeply"),
        ('{"name": "NaN",\n "prompt": NaN}', "`NaN` at line 2, column 12 is no number"),
        ('{"name": "a", // 1e999\n "prompt": 1e999}', "`1e999` at line 2, column 12 is no number"),
        ('{"id": ' + "1" * 5000 + "}", "is no number"),
        ('{"prompt": "a", "prompt": "b"}', "the key `prompt` stands in one mapping twice"),
        ('{"prompt": "a"', "the file is not JSON at line 1"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_for_what_is_wrong_with_it(
    tmp_path: Path, document: str, said: str
) -> None:
    with pytest.raises(ImportRefused, match=re.escape(said)):
        brought(tmp_path, "0ct", document)


def test_how_deep_a_document_may_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        brought(tmp_path, "0ct", "[" * 201 + "1" + "]" * 201)
    assert "in more than 200 lists and mappings" in caught.value.diagnostics[0].detail
