from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from octops.ledger.files import Put
from tests.cli.past import at, ledger_of
from tests.cli.terminal import on_a_terminal
from tests.kit import ROOT, SMALL_PROJECT, GitProject, git_project
from tests.modelserver import ModelServer

SERVER = ROOT / "tests/sources/servers/real.py"
KEY = "sk-test-1234567890"
QUIET = ("--now", "2026-03-01T06:00Z")
"""Before the first slot: nothing is due."""


def documents(project: GitProject, *arguments: str, **environment: str) -> dict[str, Any]:
    outcome = project.octops("doctor", "--format", "json", *arguments, **environment)
    document: dict[str, Any] = json.loads(outcome.out)
    assert outcome.code == (0 if document["ready"] else 1)
    return document


def codes(document: dict[str, Any]) -> list[str]:
    return [it["code"] for it in document["diagnostics"]]


@pytest.fixture
def shared(project: GitProject) -> GitProject:
    project.git("init", "--quiet", "--bare", "../remote.git")
    project.git("remote", "add", "origin", str(project.root.parent / "remote.git"))
    return project


def test_where_all_is_well_it_says_ready(shared: GitProject) -> None:
    outcome = shared.octops("doctor", *QUIET, ANTHROPIC_API_KEY=KEY)

    assert (outcome.code, outcome.err) == (0, "")
    for line in ("ok      python", "ok      git", "ok      files    1 task", "`ANTHROPIC_API_KEY` is set", "Ready: "):
        assert line in outcome.out
    assert KEY not in outcome.out


def test_it_writes_nothing_anywhere(shared: GitProject) -> None:
    before = shared.git("for-each-ref")
    shared.octops("doctor", ANTHROPIC_API_KEY=KEY)

    assert shared.git("for-each-ref") == before
    assert shared.git("ls-remote", "origin") == ""
    assert shared.git("status", "--porcelain") == ""


def test_a_missing_key_blocks_and_has_its_cure(shared: GitProject) -> None:
    outcome = shared.octops("doctor", *QUIET)

    assert outcome.code == 1
    assert "`ANTHROPIC_API_KEY` is not set" in outcome.out
    assert "= help: set `ANTHROPIC_API_KEY`" in outcome.out
    assert "Not ready" in outcome.out


def test_a_fallback_that_can_be_asked_makes_it_a_warning(shared: GitProject) -> None:
    text = str(SMALL_PROJECT["octops.yaml"]).replace(
        "    api_key: {env: ANTHROPIC_API_KEY}", "    fallback: openai/gpt-5"
    )
    shared.write({"octops.yaml": text})

    document = documents(shared, *QUIET, OPENAI_API_KEY=KEY)
    assert [(it["code"], it["severity"]) for it in document["diagnostics"] if "key" in it["code"]] == [
        ("no-key", "warning")
    ]


def test_secrets_of_destinations_and_sources_are_needed_too(shared: GitProject) -> None:
    destination = "type: webhook\nurl: https://hooks.example.com/team\nsecret: {env: TEAM_SECRET}\n"
    shared.write({"destinations/team.yaml": destination})

    assert "no-secret" in codes(documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY))
    assert documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY, TEAM_SECRET="whsec_abc")["ready"]


def test_what_only_paused_tasks_need_is_not_asked_for(shared: GitProject) -> None:
    shared.write({"tasks/daily-digest.yaml": str(SMALL_PROJECT["tasks/daily-digest.yaml"]) + "status: paused\n"})
    assert documents(shared, *QUIET)["ready"]


def test_a_local_model_without_its_weights_says_how_they_come(shared: GitProject) -> None:
    shared.write(
        {"octops.yaml": "version: 1\ndefaults: {model: local/qwen2.5-coder-0.5b}\nvariables: {organization_name: X}\n"}
    )
    (found,) = (it for it in documents(shared, *QUIET)["diagnostics"] if it["code"] == "no-model")
    assert found["detail"].startswith(("`octops model pull", "install it"))


def test_a_program_that_is_not_there_is_named(shared: GitProject) -> None:
    shared.write({"sources/changelog.yaml": "type: mcp\ncommand: no-such-program\n"})
    (found,) = (
        it for it in documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY)["diagnostics"] if it["code"] == "no-command"
    )
    assert "`no-such-program` was not found" in found["summary"]
    assert "`daily-digest`" in found["detail"]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("destinations/team.yaml", "type: slack\nurl: {env: HOOK}\n", "destination type `slack` is not available yet"),
        ("sources/changelog.yaml", "type: mcp\ntransport: sse\nurl: https://m.example/\n", "transport `sse` is not"),
    ],
)
def test_what_this_version_cannot_run_yet_blocks(shared: GitProject, path: str, text: str, said: str) -> None:
    shared.write({path: text})
    document = documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY, HOOK="https://hooks.example.com/x")
    (found,) = (it for it in document["diagnostics"] if it["code"] == "not-available")

    assert not document["ready"]
    assert said in found["summary"]
    assert path in found["detail"]


def test_a_folder_that_is_not_there_is_a_warning_because_something_may_make_it(shared: GitProject) -> None:
    shared.write({"sources/changelog.yaml": "type: local\npath: nowhere\n"})
    document = documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY)
    (found,) = (it for it in document["diagnostics"] if it["code"] == "no-folder")

    assert document["ready"]
    assert found["summary"] == "there is no folder `nowhere`, and source `changelog` reads it"
    assert found["detail"] == "create it, or correct `path` in sources/changelog.yaml"


def test_files_with_mistakes_are_counted_and_the_ledger_is_looked_at_all_the_same(shared: GitProject) -> None:
    shared.write({"tasks/daily-digest.yaml": "promt: x\n"})
    document = documents(shared)

    assert "invalid" in codes(document)
    assert any(it["topic"] == "ledger" and it["status"] == "ok" for it in document["checks"])


def test_a_remote_that_is_away_blocks(shared: GitProject) -> None:
    (shared.root.parent / "remote.git").rename(shared.root.parent / "gone.git")
    document = documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY)

    (found,) = (it for it in document["diagnostics"] if it["severity"] == "error")
    assert found["code"] == "remote-unreachable"
    assert "git ls-remote" in found["detail"]


def test_what_it_says_of_rights_is_what_was_tried(shared: GitProject) -> None:
    """Hooks and rules of the remote judge real pushes only, so that nothing more can be promised."""
    hook = shared.root.parent / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    texts = [it["text"] for it in documents(shared, *QUIET, ANTHROPIC_API_KEY=KEY)["checks"] if it["topic"] == "ledger"]
    assert len(texts) == 1
    assert texts[0].endswith("remote.git`: a push was rehearsed and went through")


def test_without_a_remote_it_warns_and_goes_on(project: GitProject) -> None:
    document = documents(project, *QUIET, ANTHROPIC_API_KEY=KEY)
    assert document["ready"]
    assert "no-remote" in codes(document)


def test_outside_git_it_says_git_init(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    root.mkdir()
    outcome = GitProject(root).octops("doctor")

    assert outcome.code == 1
    assert "run `git init`" in outcome.out
    assert "run `octops init`" in outcome.out


def test_without_git_nothing_else_is_looked_at(project: GitProject, tmp_path: Path) -> None:
    outcome = project.octops("doctor", PATH=str(tmp_path))

    assert outcome.code == 1
    assert "`git` was not found" in outcome.out
    assert "Traceback" not in outcome.err


def test_runs_that_nobody_starts_show_that_no_timer_ticks(shared: GitProject) -> None:
    document = documents(shared, "--now", "2026-03-01T20:00Z", ANTHROPIC_API_KEY=KEY)
    (found,) = (it for it in document["diagnostics"] if it["code"] == "no-tick")

    assert "1 run is due since 3 hours" in found["summary"]
    assert "octops apply --auto-approve" in found["detail"]


def test_it_tells_the_last_tick(shared: GitProject) -> None:
    ledger_of(shared, at("2026-03-01T06:00")).write([Put(path="tick", content=b"")])
    out = shared.octops("doctor", "--now", "2026-03-01T06:47Z", ANTHROPIC_API_KEY=KEY).out
    assert "the last tick was 47 minutes ago, 2026-03-01 06:00 UTC; nothing waits for one" in out


def here(port: int, more: str = "") -> dict[str, str | bytes]:
    """The small project with its model and its webhook on this machine."""
    return {
        **SMALL_PROJECT,
        "octops.yaml": f'version: 1\nmodels:\n  m: {{model: openai/gpt-5, api_base: "http://127.0.0.1:{port}/v1"}}\n'
        f'defaults: {{model: m}}\nnetwork: {{allow: ["127.0.0.1:{port}"]}}\nvariables: {{organization_name: X}}\n',
        "destinations/team.yaml": f"type: webhook\nurl: http://127.0.0.1:{port}/in\n{more}",
    }


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


def test_nothing_is_connected_to_unless_it_is_allowed(tmp_path: Path) -> None:
    project = git_project(tmp_path, here(free_port()))
    document = documents(project, *QUIET)

    assert document["ready"]
    assert "not-tried" in codes(document)


def test_with_connect_providers_and_destinations_are_tried(tmp_path: Path) -> None:
    with ModelServer() as server:
        project = git_project(tmp_path, here(server.port))
        document = documents(project, *QUIET, "--connect")

    texts = [it["text"] for it in document["checks"] if it["topic"] == "host"]
    assert [text.endswith("accepts connections") for text in texts] == [True, True]
    assert server.journal == []


def test_a_provider_that_does_not_answer_blocks_and_a_destination_is_a_warning(tmp_path: Path) -> None:
    project = git_project(tmp_path, here(free_port()))
    checks = documents(project, *QUIET, "--connect")["checks"]
    assert [it["status"] for it in checks if it["topic"] == "host"] == ["error", "warning"]


@pytest.mark.parametrize(("argument", "status"), [(str(SERVER), "ok"), ("/no/such/server.py", "error")])
def test_with_connect_sources_are_opened_as_a_run_would(tmp_path: Path, argument: str, status: str) -> None:
    source = f'type: mcp\ncommand: {sys.executable}\nargs: ["{argument}"]\ntimeout_seconds: 20\n'
    with ModelServer() as server:
        project = git_project(tmp_path, {**here(server.port), "sources/changelog.yaml": source})
        document = documents(project, *QUIET, "--connect")

    (check,) = (it for it in document["checks"] if it["topic"] == "source")
    assert check["status"] == status


@pytest.mark.parametrize(("typed", "tried"), [("y\n", True), ("\n", False)])
def test_on_a_terminal_it_asks_before_it_connects(tmp_path: Path, typed: str, tried: bool) -> None:
    with ModelServer() as server:
        project = git_project(tmp_path, here(server.port))
        shown = on_a_terminal(project, typed, "doctor", *QUIET)

    assert f"127.0.0.1:{server.port} (model openai/gpt-5)" in shown
    assert ("accepts connections" in shown) is tried
