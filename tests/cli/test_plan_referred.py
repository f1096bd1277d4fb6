"""What a plan says of a task's sources, destinations and models, which other files declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import GitProject, git_project

MODEL = "version: 1\nmodels: {fast: {model: openai/x, api_base: 'https://llm.example.com/v1', options: {top_p: 1}}}\n"
MAIL = "type: email\nto: a@example.com\nfrom: b@example.com\nhost: smtp.example.com\n"
HOOK = "type: webhook\nurl: https://hooks.example.com/x\nheaders: {X-Team: a, Authorization: {env: HOOK_TOKEN}}\n"
LOCAL = "type: local\npath: docs\n"
FILES: dict[str, str | bytes] = {
    "octops.yaml": MODEL,
    "tasks/a.yaml": "prompt: hi\nmodel: fast\nsources: [log]\ndestinations: [mail, hook]\n",
    "sources/log.yaml": LOCAL,
    "destinations/mail.yaml": MAIL,
    "destinations/hook.yaml": HOOK,
}
EDITS = [
    ("destinations/mail.yaml", MAIL.replace("b@", "c@"), ['-from: "b@example.com"', '+from: "c@example.com"']),
    ("destinations/mail.yaml", f"{MAIL}reply_to: d@example.com\n", ['+reply_to: "d@example.com"']),
    ("destinations/mail.yaml", f"{MAIL}subject: <<run_id>>\n", ['+subject: "<<run_id>>"']),
    ("destinations/hook.yaml", HOOK.replace("Team: a", "Team: b"), ['-headers.X-Team: "a"', '+headers.X-Team: "b"']),
    (
        "destinations/hook.yaml",
        HOOK.replace("HOOK_TOKEN", "OTHER"),
        ['-headers.Authorization: {"env": "HOOK_TOKEN"}', '+headers.Authorization: {"env": "OTHER"}'],
    ),
    (
        "octops.yaml",
        MODEL.replace("/v1", "/other"),
        ['-api_base: "https://llm.example.com/v1"', '+api_base: "https://llm.example.com/other"'],
    ),
    ("octops.yaml", MODEL.replace("top_p: 1", "top_p: 0"), ["-options.top_p: 1", "+options.top_p: 0"]),
    ("sources/log.yaml", f"{LOCAL}timeout_seconds: 5\n", ["+timeout_seconds: 5"]),
    ("sources/log.yaml", f"{LOCAL}tools: {{allow: [read_file]}}\n", ['+tools.allow: ["read_file"]']),
]


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    project = git_project(tmp_path, FILES)
    assert project.octops("apply", "--only", "definitions", "--auto-approve").code == 0
    return project


@pytest.mark.parametrize(("path", "content", "lines"), EDITS)
def test_a_changed_key_of_what_a_task_refers_to_is_shown_old_and_new(
    project: GitProject, path: str, content: str, lines: list[str]
) -> None:
    project.write({path: content})
    for against in ([], ["--base", "main"]):
        text = project.octops("plan", *against).out
        comment = project.octops("plan", "--format", "markdown", *against).out
        assert [line for line in text.splitlines() if line.strip() in lines] == [f"          {line}" for line in lines]
        assert [line for line in comment.splitlines() if line in lines] == lines
        assert "(what it refers to has changed)" not in text


def test_keys_in_another_order_and_a_price_are_no_change(project: GitProject) -> None:
    project.write({"destinations/mail.yaml": "\n".join(reversed(MAIL.splitlines())) + "\n"})
    assert "No changes." in project.octops("plan").out
