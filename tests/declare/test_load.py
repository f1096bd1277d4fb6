"""Files become a project; a cache changes nothing but the time it takes."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest

from octops.declare.cache import Cache
from octops.declare.file import Files
from octops.declare.load import KINDS, cache_salt, check_files, declare
from octops.declare.worktree import read_worktree
from octops.errors import Diagnostic, InvalidProject, Location, Severity, UsageError
from octops.model.project import Budget, ModelAlias, Price, Records
from octops.model.task import CatchUp, Frequency, Limits, Output, Overlap, Parameter, Prefetch, Schedule, TaskStatus
from tests.declare.written import PROJECT, SETTINGS, TASK, around, diagnostics, files, project, with_task
from tests.kit import ROOT

FULL = """\
name: Full
description: Everything at once.
prompt: Read <<url>> in <<language>>.
model: small
schedule:
  frequency: weekly
  days: [monday, friday]
  at: ["09:00", "17:30"]
  every: 2
  start: 2026-01-05
  end: 2026-12-31
  catch_up: all
  max_catch_up: 3
  grace: 30m
  deadline: 2d
  overlap: skip
  spread: 10m
timezone: America/New_York
status: paused
sources: [changelog]
prefetch: [{source: changelog, tool: read_file, arguments: {path: "<<url>>"}}]
skills: [writing-style]
destinations: [team, {type: file, path: here.md, label: Here}]
variables: {language: English}
parameters: {url: {description: The page, default: https://example.com}}
output: {format: json, schema: {type: object}, on_truncated: deliver}
limits: {turns: 5, cost_usd: 1}
retry: {attempts: 5}
deliver: on_change
tags: [a, b]
owner: ada
"""


def test_a_task_has_what_its_file_says() -> None:
    task = project(with_task(FULL)).tasks["t"]
    assert task.schedule == Schedule(
        frequency=Frequency.WEEKLY,
        at=("09:00", "17:30"),
        days=("monday", "friday"),
        every=2,
        start=datetime.date(2026, 1, 5),
        end=datetime.date(2026, 12, 31),
        catch_up=CatchUp.ALL,
        max_catch_up=3,
        grace_seconds=1800,
        deadline_seconds=2 * 86400,
        overlap=Overlap.SKIP,
        spread_seconds=600,
    )
    assert (task.path, task.name, task.description, task.model) == (
        "tasks/t.yaml",
        "Full",
        "Everything at once.",
        "small",
    )
    assert (task.timezone, task.status, task.deliver) == ("America/New_York", TaskStatus.PAUSED, "on_change")
    assert (task.sources, task.skills, task.destinations) == (("changelog",), ("writing-style",), ("team", "t-2"))
    assert task.prefetch == (Prefetch(source="changelog", tool="read_file", arguments={"path": "<<url>>"}),)
    assert task.variables == {"language": "English"}
    assert task.parameters == {"url": Parameter(description="The page", default="https://example.com")}
    assert task.output == Output(format="json", schema={"type": "object"}, on_truncated="deliver")
    assert task.limits == Limits(turns=5, cost_usd=1.0)
    assert (task.retry_attempts, task.tags, task.owner) == (5, ("a", "b"), "ada")


def test_an_inline_destination_is_one_of_the_project_under_the_id_the_task_uses() -> None:
    inline = project(with_task(FULL)).destinations["t-2"]
    assert (inline.path, inline.type, inline.label, inline.config) == (
        "tasks/t.yaml",
        "file",
        "Here",
        {"path": "here.md"},
    )


def test_the_body_of_a_markdown_task_is_its_prompt() -> None:
    task = project(with_task("---\nname: x\n---\n\nSay hello.\n", "tasks/group/hello.md")).tasks["hello"]
    assert (task.prompt, task.name, task.schedule) == ("Say hello.\n", "x", None)


def test_a_parameter_that_is_only_a_text_is_described_by_it() -> None:
    task = project(with_task("prompt: <<url>>\nparameters: {url: The page}\n")).tasks["t"]
    assert task.parameters == {"url": Parameter(description="The page")}


DEADLINES = [
    ("{frequency: once, date: 2026-02-15, at: '09:00'}", "", 86400),
    ("{frequency: daily, at: '09:00'}", "", 7 * 86400),
    ("{frequency: daily, at: '09:00'}", "defaults: {schedule: {deadline: 1w}}\n", 7 * 86400),
    ("{cron: '0 9 * * *'}", "defaults: {schedule: {deadline: 90s}}\n", 90),
    ("{cron: '0 9 * * *', deadline: 3h}", "defaults: {schedule: {deadline: 90s}}\n", 3 * 3600),
]


@pytest.mark.parametrize(("schedule", "defaults", "seconds"), DEADLINES)
def test_a_deadline_is_the_tasks_else_the_projects_else_a_week_or_a_day(
    schedule: str, defaults: str, seconds: int
) -> None:
    written = around(**{"octops.yaml": SETTINGS + defaults, "tasks/t.yaml": f"prompt: x\nschedule: {schedule}\n"})
    task = project(written).tasks["t"]
    assert task.schedule is not None
    assert task.schedule.deadline_seconds == seconds


def test_a_cron_schedule_needs_no_frequency() -> None:
    task = project(with_task("prompt: x\nschedule: {cron: '@daily'}\n")).tasks["t"]
    assert task.schedule is not None
    assert (task.schedule.frequency, task.schedule.cron) == (Frequency.CRON, "@daily")


def test_limits_of_the_project_hold_where_the_task_sets_none() -> None:
    written = around(
        **{
            "octops.yaml": SETTINGS + "defaults: {limits: {turns: 3, tokens: 1000}}\n",
            "tasks/t.yaml": "prompt: x\nlimits: {turns: 9}\n",
        }
    )
    loaded = project(written)
    assert loaded.tasks["t"].limits == Limits(turns=9, tokens=1000)
    assert loaded.tasks["daily-digest"].limits == Limits(turns=3, tokens=1000)


MODELS = [
    ("models: {default: a/b}\n", "", "default"),
    ("models: {default: a/b}\n", "model: default\n", "default"),
    ("models: {fast: a/b}\ndefaults: {model: fast}\n", "", "fast"),
    ("models: {fast: a/b}\ndefaults: {model: fast}\n", "model: default\n", "fast"),
    ("defaults: {model: c/d}\n", "model: a/b\n", "a/b"),
]


@pytest.mark.parametrize(("settings", "task", "model"), MODELS)
def test_default_means_the_alias_of_that_name_else_the_projects_default_model(
    settings: str, task: str, model: str
) -> None:
    loaded = project({"octops.yaml": "version: 1\n" + settings, "tasks/t.yaml": "prompt: x\n" + task})
    assert loaded.model_of(loaded.tasks["t"]) == model


def test_octops_yaml_becomes_settings() -> None:
    text = """\
version: 1
models:
  big:
    model: a/b
    api_base: https://x.org
    api_key: {env: KEY}
    price: {input_per_million: 1, output_per_million: 2.5}
    options: {temperature: 0}
    fallback: small
  small: c/d
defaults: {model: big}
budget: {run_usd: 1, month_usd: 50}
parallelism: 2
records: {branch: ops/runs, push: false, keep: 30d, pushes_per_minute: 3}
network: {allow: ["localhost:11434"]}
moved: [{from: old, to: t}]
"""
    settings = project({"octops.yaml": text, "tasks/t.yaml": "prompt: x\n"}).settings
    assert settings.models["big"] == ModelAlias(
        model="a/b",
        api_base="https://x.org",
        api_key={"env": "KEY"},
        price=Price(input_per_million=1.0, output_per_million=2.5),
        options={"temperature": 0},
        fallback="small",
    )
    assert settings.models["small"] == ModelAlias(model="c/d")
    assert settings.default_model == "big"
    assert settings.budget == Budget(run_usd=1.0, month_usd=50.0)
    assert settings.parallelism == 2
    assert settings.records == Records(branch="ops/runs", push=False, keep="30d", pushes_per_minute=3)
    assert (settings.network_allow, settings.moved) == (("localhost:11434",), {"old": "t"})


def test_a_source_keeps_the_keys_of_its_type_apart_from_the_shared_ones() -> None:
    shared = "tools: {allow: [read_*], deny: [read_all]}\noptional: true\ntimeout_seconds: 5\n"
    text = f"type: mcp\ncommand: npx\nargs: [-y]\n{shared}"
    source = project(around(**{"sources/changelog.yaml": text})).sources["changelog"]
    assert (source.type, source.config) == ("mcp", {"command": "npx", "args": ["-y"]})
    assert (source.allow, source.deny, source.optional, source.timeout_seconds) == (("read_*",), ("read_all",), True, 5)


def test_a_skill_is_its_body_and_keeps_its_front_matter() -> None:
    skill = project(PROJECT).skills["writing-style"]
    assert (skill.text, skill.description) == ("Short sentences.\n", "How we write.")
    assert skill.front_matter == {"name": "writing-style", "description": "How we write."}


def test_mappings_are_sorted_by_id_wherever_the_files_lie() -> None:
    loaded = project({**PROJECT, "tasks/z/a.yaml": TASK, "tasks/b.yaml": TASK})
    assert list(loaded.tasks) == ["a", "b", "daily-digest"]


def test_a_project_without_octops_yaml_has_the_defaults() -> None:
    loaded = project({"tasks/t.yaml": "prompt: x\nmodel: a/b\n"})
    assert (loaded.settings.timezone, loaded.settings.parallelism) == ("UTC", 8)


def test_a_project_may_have_no_task_yet() -> None:
    assert project({"octops.yaml": "version: 1\n"}).tasks == {}


@pytest.mark.parametrize("written", [{}, {"README.md": "x"}, {"skills/x.md": "x"}])
def test_where_there_is_no_project_octops_init_is_the_answer(written: Mapping[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        declare(files(written))
    assert caught.value.diagnostics[0].code == "no-project"
    assert "octops init" in caught.value.diagnostics[0].detail


def test_a_task_that_could_not_even_be_read_is_a_project_with_a_mistake() -> None:
    said = Diagnostic(code="not-a-file", summary="a pipe", location=Location(filename="tasks/t.yaml"))
    with pytest.raises(InvalidProject) as caught:
        declare(files({}, said))
    assert caught.value.diagnostics == (said,)


def test_a_skill_that_could_not_be_read_still_exists() -> None:
    said = Diagnostic(code="not-a-file", summary="a pipe", location=Location(filename="skills/writing-style.md"))
    written = around(**{"skills/writing-style/SKILL.md": None})
    with pytest.raises(InvalidProject) as caught:
        declare(files(written, said))
    assert [it.code for it in caught.value.diagnostics] == ["not-a-file"]


def test_a_skill_in_a_folder_that_is_ignored_does_not_exist() -> None:
    ignored = Location(filename="skills/writing-style")
    said = Diagnostic(severity=Severity.WARNING, code="ignored-folder", summary="a repository", location=ignored)
    with pytest.raises(InvalidProject) as caught:
        declare(files(around(**{"skills/writing-style/SKILL.md": None}), said))
    assert [it.code for it in caught.value.diagnostics] == ["ignored-folder", "unknown-skill"]


def test_warnings_alone_leave_a_project() -> None:
    declared = declare(files(with_task("prompt: x\nmodel: gpt-4o\n")), revision="abc", dirty=True)
    assert [(it.severity, it.code) for it in declared.diagnostics] == [(Severity.WARNING, "bare-model")]
    assert (declared.project.revision, declared.project.dirty) == ("abc", True)


def test_warnings_come_along_when_there_are_errors() -> None:
    found = diagnostics({**PROJECT, "tasks/t.yaml": "prompt: x\nmodel: gpt-4o\n", "tasks/u.yaml": "x: 1\n"})
    assert {str(it.severity) for it in found} == {"warning", "error"}


def test_one_file_is_checked_in_the_light_of_the_others() -> None:
    written = {**PROJECT, "tasks/t.yaml": "prompt: x\nskills: [nope]\n", "tasks/u.yaml": "x: 1\n"}
    found = check_files(files(written), ["tasks/t.yaml"])
    assert [it.code for it in found] == ["unknown-skill"]


def test_the_examples_are_a_project_without_a_word_to_say() -> None:
    assert declare(read_worktree(ROOT / "examples")).diagnostics == ()


def test_every_kind_of_file_has_its_line_in_the_table() -> None:
    assert set(KINDS) == {"octops", "task", "skill", "source", "destination"}


def test_more_mistakes_than_anyone_reads_are_counted() -> None:
    found = diagnostics(with_task("prompt: x\n" + "".join(f"key{n}: 1\n" for n in range(500))))
    assert len(found) == 101
    assert {it.code for it in found} == {"unknown-key", "more-problems"}


def opened(tmp_path: Path) -> Cache:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_STATE_HOME": str(tmp_path / "state")}
    (tmp_path / "project").mkdir(exist_ok=True)
    return Cache.open(tmp_path / "project", cache_salt(), environment=environment)


def declared_twice(tmp_path: Path, first: Files, second: Files) -> tuple[object, object]:
    """What the second files give with a cache filled by the first ones, and without any."""

    def outcome(cache: Cache | None) -> object:
        try:
            return declare(second, cache=cache)
        except InvalidProject as error:
            return error.diagnostics

    cache = opened(tmp_path)
    with contextlib.suppress(InvalidProject):
        declare(first, cache=cache)
    cache.save()
    return outcome(opened(tmp_path)), outcome(None)


CHANGES: list[Mapping[str, str | bytes]] = [
    {},
    {"octops.yaml": "version: 1\nmodels: {default: a/b}\n"},
    {"octops.yaml": SETTINGS.replace("variables: {", "variables: {other: x, ")},
    {"sources/other.yaml": PROJECT["sources/changelog.yaml"], "sources/changelog.yaml": "type: local\n"},
    {"skills/renamed/SKILL.md": PROJECT["skills/writing-style/SKILL.md"]},
    {"tasks/other.md": TASK},
    {"tasks/other.yaml": TASK, "tasks/sub/other.yaml": TASK},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_cache_changes_nothing_but_the_time_it_takes(change: Mapping[str, str | bytes], tmp_path: Path) -> None:
    mentions = TASK + "description: '{{other}}'\n"
    start = {**PROJECT, "tasks/full.yaml": FULL, "tasks/mentions.yaml": mentions.replace("for <<", "{{other}} <<")}
    cached, plain = declared_twice(tmp_path, files(start), files({**start, **change}))
    assert cached == plain


def test_only_files_without_a_word_to_say_are_kept(tmp_path: Path) -> None:
    written = {
        **PROJECT,
        "tasks/bad.yaml": "prompt: x\nx: 1\n",
        "skills/warned.md": "---\nx: 1\ndescription: d\n---\nbody\n",
        "tasks/unknown.yaml": "prompt: x\nskills: [nope]\n",
    }
    cache = opened(tmp_path)
    with pytest.raises(InvalidProject):
        declare(files(written), cache=cache)
    kept = {file.path for file in files(written).files for kind in (*KINDS, "skill.md") if cache.get(file.blob, kind)}
    assert kept == {*PROJECT, "tasks/unknown.yaml"}
