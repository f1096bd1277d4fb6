"""An apply in a job of GitHub Actions: where it refuses, and what it tells the runner."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import KEY, World, world
from tests.kit import ROOT, Outcome, clean_environment
from tests.modelserver import Say

TASKS = {
    "tasks/morning.yaml": 'prompt: Say hello.\nschedule: {frequency: daily, at: "08:00"}\n',
    "tasks/asked.yaml": "prompt: Say hello.\n",
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, TASKS, remote=True) as made:
        yield made


def job(tmp_path: Path, *, event: str = "schedule", branch: str = "main", fork: bool = False) -> dict[str, str]:
    payload = tmp_path / "event.json"
    payload.write_text(json.dumps({"repository": {"default_branch": "main", "fork": fork}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REF": f"refs/heads/{branch}",
        "GITHUB_EVENT_PATH": str(payload),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }


def refused(outcome: Outcome, code: str) -> bool:
    return outcome.code == 1 and f"error[{code}]" in outcome.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event": "pull_request"}, "pull-request"),
        ({"event": "pull_request_target"}, "pull-request"),
        ({"branch": "feature"}, "not-default-branch"),
        ({"fork": True}, "fork"),
    ],
    ids=["pull request", "pull request target", "another branch", "fork"],
)
def test_apply_and_run_refuse_before_anything_is_asked_or_written(
    here: World, tmp_path: Path, changes: dict[str, object], code: str
) -> None:
    environment = job(tmp_path, **changes)  # type: ignore[arg-type]
    assert refused(here.apply(**environment), code)
    assert refused(here.octops("run", "asked", **environment), code)
    assert here.server.journal == []
    assert here.ledger_files() == []


def test_the_octops_yaml_of_the_default_branch_lets_another_branch_in(here: World, tmp_path: Path) -> None:
    here.commit({"octops.yaml": here.settings(more="apply: {branches: [staging]}\n")})
    here.project.git("switch", "-q", "-c", "staging")
    assert here.apply(**job(tmp_path, branch="staging")).code == 0


def test_a_branch_cannot_let_itself_in(here: World, tmp_path: Path) -> None:
    here.project.git("switch", "-q", "-c", "staging")
    here.commit({"octops.yaml": here.settings(more="apply: {branches: [staging]}\n")}, push=False)
    assert refused(here.apply(**job(tmp_path, branch="staging")), "not-default-branch")


def test_a_fork_can_let_itself_in_by_its_default_branch(here: World, tmp_path: Path) -> None:
    here.commit({"octops.yaml": here.settings(more="apply: {forks: true}\n")})
    assert here.apply(**job(tmp_path, fork=True)).code == 0


def test_the_dry_run_and_the_staged_run_are_not_refused(here: World, tmp_path: Path) -> None:
    environment = job(tmp_path, event="pull_request")
    assert here.octops("run", "asked", "--dry-run", **environment).code == 0
    assert here.octops("run", "asked", "--staged", **environment).code == 0


def test_a_shallow_checkout_is_enough(here: World, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    here.project.git("clone", "-q", "--depth=1", f"file://{here.remote}", str(shallow))
    environment = job(tmp_path)
    outcome = here.octops("apply", "-C", str(shallow), "--auto-approve", "--now", "2026-03-02T08:47Z", **environment)
    assert outcome.code == 0, outcome.err


def test_the_log_takes_no_commands_while_it_runs_and_secrets_are_masked_first(here: World, tmp_path: Path) -> None:
    # In a process whose two streams are pipes, as the runner reads them.
    arguments = ("apply", "--auto-approve", "--now", "2026-03-02T08:47Z")
    err = here.project.octops(*arguments, TEST_KEY=KEY, **job(tmp_path)).err
    (token,) = re.findall(r"^::stop-commands::(\w{32})$", err, re.MULTILINE)
    lines = err.splitlines()
    assert lines.index(f"::add-mask::{KEY}") < lines.index(f"::stop-commands::{token}") < lines.index(f"::{token}::")
    assert KEY not in "".join(line for line in lines if not line.startswith("::add-mask::"))


def test_every_apply_has_another_token(here: World, tmp_path: Path) -> None:
    tokens = [re.findall(r"stop-commands::(\w+)", here.apply(**job(tmp_path)).err)[0] for _ in range(2)]
    assert len(set(tokens)) == 2


def test_no_mask_is_written_where_it_would_land_in_a_file(here: World, tmp_path: Path) -> None:
    environment = clean_environment(tmp_path / "home", PYTHONPATH=str(ROOT), TEST_KEY=KEY, **job(tmp_path))
    command = [sys.executable, "-m", "octops", "apply", "--auto-approve", "--now", "2026-03-02T08:47Z"]
    log = tmp_path / "log"
    with log.open("wb") as file:
        subprocess.run(command, cwd=here.project.root, env=environment, stdout=subprocess.PIPE, stderr=file, check=True)
    both = subprocess.run(
        command, cwd=here.project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
    )
    assert KEY.encode() not in log.read_bytes() + both.stdout
    assert b"::stop-commands::" in log.read_bytes()


def test_outside_a_job_there_are_no_commands(here: World) -> None:
    assert "::" not in here.apply().err


def test_the_summary_and_the_outputs_say_what_was_done(here: World, tmp_path: Path) -> None:
    assert here.apply(**job(tmp_path)).code == 0
    summary = (tmp_path / "summary.md").read_text()
    assert summary.startswith("### octops apply\n\nDefinitions: 2 added, 0 changed, 0 destroyed. Runs: 1 completed")
    assert "| `morning@20260302T080000Z` | completed | 15 |" in summary
    outputs = dict(line.split("=", 1) for line in (tmp_path / "outputs").read_text().splitlines())
    assert (outputs["changes"], outputs["due"], outputs["failed"]) == ("2", "1", "0")
    assert outputs["summary"].startswith("Definitions: 2 added")


def test_a_failed_run_is_an_annotation_after_the_log_takes_commands_again(here: World, tmp_path: Path) -> None:
    here.models.acts["default"] = [Say(text="")]
    outcome = here.apply(**job(tmp_path))
    assert outcome.code == 3
    lines = outcome.err.splitlines()
    (error,) = [number for number, line in enumerate(lines) if line.startswith("::error title=run-failed::")]
    (resumed,) = [number for number, line in enumerate(lines) if re.fullmatch(r"::\w{32}::", line)]
    assert error > resumed
    assert "What went wrong" in (tmp_path / "summary.md").read_text()
    assert "failed=1\n" in (tmp_path / "outputs").read_text()


def test_json_on_stdout_stays_one_document(here: World, tmp_path: Path) -> None:
    json.loads(here.apply("--format", "json", **job(tmp_path)).out)
