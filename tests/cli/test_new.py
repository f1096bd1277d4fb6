from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from octops.schemas import schema
from tests.kit import ROOT, SMALL_PROJECT, GitProject, clean_environment, git_project


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return git_project(tmp_path, SMALL_PROJECT)


TYPES = {
    "source": {
        "mcp": ["command=npx", "args=-y,server"],
        "api": ["base_url=https://x.example", "endpoints=[{name: a, path: /a}]"],
        "local": ["path=docs"],
    },
    "destination": {
        "webhook": ["url=https://x.example/hook"],
        "email": ["to=a@x.example", "from=b@x.example", "host=smtp.x.example"],
        "sms": ["to=+15550100000", "from=+15550100001", "account_sid=AC1", "auth_token=TWILIO_AUTH_TOKEN"],
        "slack": ["url=SLACK_WEBHOOK_URL"],
        "file": ["path=out/<<run_id>>.md"],
        "github": ["repo=a/b", "token=GITHUB_TOKEN"],
        "apprise": ["url=APPRISE_URL", "host=x.example"],
    },
}


@pytest.mark.parametrize(
    ("kind", "type_"), [(kind, type_) for kind in TYPES for type_ in schema(kind)["$defs"]["type"]["enum"]]
)
def test_every_type_can_be_written_and_is_valid(project: GitProject, kind: str, type_: str) -> None:
    settings = [word for setting in TYPES[kind][type_] for word in ("--set", setting)]
    outcome = project.octops("new", kind, "fresh", "--type", type_, *settings)
    assert (outcome.code, outcome.out) == (0, f"created  {kind}s/fresh.yaml\n"), outcome.err
    text = (project.root / f"{kind}s/fresh.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=")
    assert f"type: {type_}\n" in text
    assert project.octops("validate", f"{kind}s/fresh.yaml").code == 0
    assert project.octops("fmt", "--check", f"{kind}s/fresh.yaml").code == 0


@pytest.mark.parametrize(
    ("when", "written"),
    [
        ("daily 18:00", 'schedule: {frequency: daily, at: "18:00"}'),
        ("weekly monday,friday 09:00", "days: [monday, friday]"),
        ("hourly :15", 'at: ":15"'),
        ("once 2026-12-24 18:00", 'date: "2026-12-24"'),
        ("0 9 * * MON-FRI", 'schedule: {cron: "0 9 * * MON-FRI"}'),
    ],
)
def test_a_task_gets_its_prompt_and_schedule(project: GitProject, when: str, written: str) -> None:
    outcome = project.octops("new", "task", "news", "--text", "Say what is new.", "--schedule", when)
    assert outcome.code == 0, outcome.err
    assert written in (project.root / "tasks/news.yaml").read_text()
    assert project.octops("validate").code == 0


def test_a_skill_is_a_folder_with_its_instructions(project: GitProject) -> None:
    project.octops("new", "skill", "plain", "--set", "description=How: we write", "--text", "Short.")
    assert (project.root / "skills/plain/SKILL.md").read_text().endswith("---\nShort.\n")
    assert project.octops("validate", "--strict").code == 0


def test_a_secret_is_written_as_the_name_of_its_variable(project: GitProject) -> None:
    project.octops("new", "destination", "chat", "--type", "slack", "--set", "url=SLACK_WEBHOOK_URL")
    assert "url: {env: SLACK_WEBHOOK_URL}" in (project.root / "destinations/chat.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["task", "daily-digest", "--text", "x"], "there is already a task `daily-digest`"),
        (["skill", "writing-style", "--set", "description=x"], "there is already a skill"),
        (["task", "Bad_Id", "--text", "x"], "write `bad-id`"),
        (["task", "../x", "--text", "x"], "cannot be an id"),
        (["task", "x"], "--text"),
        (["task", "x", "--text", "<<nope>>"], "variable `nope` is not defined"),
        (["task", "x", "--text", "y", "--schedule", "sometimes"], "cron"),
        (
            ["task", "x", "--text", "y", "--schedule", "daily 6pm"],
            "`daily 6pm` is no schedule\n  = help: write `daily 18",
        ),
        (["task", "x", "--text", "y", "--schedule", "weekly 09:00"], "`weekly monday,friday 09:00`"),
        (["task", "x", "--text", "y", "--schedule", "daily 08:00,18:00"], 'at: ["08:00", "18:00"]'),
        (["task", "x", "--text", "y", "--set", "limits.turns=5"], "write the whole key: `--set limits='{turns: 5}'`"),
        (["task", "x", "--text", "y", "--set", "output.schema.type=a"], "`--set output='{schema: {type: a}}'`"),
        (["task", "x", "--text", "y", "--set", "=5"], "`--set =5` names no key"),
        (["destination", "x", "--type", "webhook"], "the destination needs `url`\n"),
        (["destination", "x", "--type", "slack"], "needs `token` or `url`, `channel` or `url`"),
        (["source", "x", "--type", "local"], "the source needs `include` or `path`"),
        (["source", "x", "--type", "api", "--set", "base_url=https://x.example"], "needs `endpoints` or `openapi`"),
        (["task", "x", "--text", "y", "--type", "z"], "has no type"),
        (["source", "x"], "one of mcp, api, local"),
        (["source", "x", "--type", "mpc"], "has no type `mpc`"),
        (["source", "x", "--type", "mcp"], "--set command="),
        (["source", "x", "--type", "local", "--set", "path"], "has no `=`"),
        (["source", "x", "--type", "local", "--set", "path=a", "--set", "nope=1"], "nope"),
        (["source", "x", "--type", "local", "--set", "path=a", "--text", "t"], "neither a text nor a schedule"),
        (
            ["destination", "x", "--type", "slack", "--set", "url=https://hooks.slack.com/services/T0/B0/abcdefghijkl"],
            "env",
        ),
        (["source", "x", "--type", "mcp", "--set", "command=a", "--set", "env={"], "is not YAML"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_right_writes_nothing(project: GitProject, arguments: list[str], said: str) -> None:
    outcome = project.octops("new", *arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert project.git("status", "--porcelain") == ""


def test_a_task_without_a_model_is_told_what_to_write_on_the_command_line(tmp_path: Path) -> None:
    outcome = git_project(tmp_path, {}).octops("new", "task", "a", "--text", "x")
    assert "--set model=" in outcome.err
    assert "octops init" in outcome.err
    assert "tasks/a.yaml" not in outcome.err


def test_a_secret_on_the_command_line_is_in_no_history_of_a_file(project: GitProject) -> None:
    url = "https://hooks.slack.com/services/T0/B0/abcdefghijkl"
    outcome = project.octops("new", "destination", "x", "--type", "slack", "--set", f"url={url}")
    assert "history" not in outcome.err
    assert "nothing was written: keep it in an environment variable" in outcome.err
    assert "abcdefghijkl" not in outcome.err


def test_on_a_terminal_it_asks(project: GitProject) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "octops", "new", "source", "server"],
        cwd=project.root,
        env=clean_environment(project.root.parent / "home", PYTHONPATH=str(ROOT), TERM="dumb"),
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.write(master, b"mcp\nmcp-server-git\n")
    out, err = process.communicate(timeout=30)
    os.close(master)
    os.close(slave)
    assert (process.returncode, out.decode()) == (0, "created  sources/server.yaml\n")
    assert "The program to start" in err.decode()
    assert "command: mcp-server-git\n" in (project.root / "sources/server.yaml").read_text()
