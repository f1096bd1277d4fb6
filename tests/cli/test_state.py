from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from octops.ledger.claims import Take
from octops.ledger.documents import encode
from octops.repository.commits import Draft
from tests.cli.past import NOW, apply_tasks, at, claim, ledger_of, record, write_records
from tests.kit import SMALL_PROJECT, GitProject

HOOK = "#!/bin/sh\necho 'protected by rule 7' >&2\nexit 1\n"


@pytest.fixture
def shared(project: GitProject) -> GitProject:
    project.git("init", "--quiet", "--bare", "../remote.git")
    project.git("remote", "add", "origin", str(project.root.parent / "remote.git"))
    return project


def test_a_ledger_this_clone_can_write_is_said_to_be_so_and_nothing_is_written(shared: GitProject) -> None:
    before = shared.git("for-each-ref")
    outcome = shared.octops("state", "doctor")
    assert (outcome.code, outcome.err) == (0, "")
    assert "can be written from here; it does not exist yet" in outcome.out
    assert "Nothing is wrong with it." in outcome.out
    assert shared.git("for-each-ref") == before
    assert shared.git("ls-remote", "origin") == ""


def refusing(shared: GitProject) -> None:
    hook = shared.root.parent / "remote.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)


def test_a_rehearsal_claims_no_more_than_it_tried(shared: GitProject) -> None:
    """No rehearsal reaches the rules of the other side."""
    refusing(shared)
    outcome = shared.octops("state", "doctor")
    assert outcome.code == 0
    assert "A push was only rehearsed: hooks and branch rules of the remote judge real ones" in outcome.out
    assert "`octops state doctor --write`" in outcome.out
    assert json.loads(shared.octops("state", "doctor", "--format", "json").out)["written"] is False


def test_a_real_push_hears_what_the_rules_of_the_remote_say(shared: GitProject) -> None:
    refusing(shared)
    outcome = shared.octops("state", "doctor", "--write")
    assert (outcome.code, shared.git("ls-remote", "origin")) == (1, "")
    assert "error[push-refused]" in outcome.err
    assert "protected by rule 7" in outcome.err
    assert "cannot be written from here" in outcome.out


@pytest.mark.parametrize("begun", [False, True], ids=["first write", "with a past"])
def test_a_real_push_leaves_a_commit_that_changes_nothing(shared: GitProject, begun: bool) -> None:
    if begun:
        write_records(ledger_of(shared), [record()])
    before = shared.octops("runs", "--format", "json").out
    outcome = shared.octops("state", "doctor", "--write")
    assert (outcome.code, outcome.err) == (0, "")
    assert "A commit that changes nothing was written." in outcome.out
    remote = str(shared.root.parent / "remote.git")
    assert shared.git("--git-dir", remote, "log", "-1", "--format=%s", "octops/runs") == "octops: 1 checked"
    if begun:
        changed = shared.git("--git-dir", remote, "diff", "--name-only", "octops/runs^", "octops/runs")
        assert changed == "octops-ledger.json"
    assert shared.octops("runs", "--format", "json").out == before
    assert shared.octops("state", "doctor").code == 0


def test_without_a_remote_the_ledger_lies_here(project: GitProject) -> None:
    write_records(ledger_of(project), [record()])
    outcome = project.octops("state", "doctor", "--now", "2026-03-02T18:00Z")
    assert outcome.out == (
        "The ledger `octops/runs` in this repository (no remote) can be written from here. Nothing is wrong with it.\n"
    )


def test_a_remote_that_is_away_is_an_error_with_a_cure(shared: GitProject) -> None:
    (shared.root.parent / "remote.git").rename(shared.root.parent / "gone.git")
    outcome = shared.octops("state", "doctor")
    assert outcome.code == 1
    assert "cannot be written from here" in outcome.out
    assert "error[remote-unreachable]" in outcome.err
    assert "see that `git ls-remote` works here" in outcome.err
    assert "git said: " in outcome.err


def test_a_branch_of_that_name_that_is_no_ledger_is_an_error(project: GitProject) -> None:
    project.git("branch", "octops/runs")
    outcome = project.octops("state", "doctor", "--format", "json")
    document = json.loads(outcome.out)
    assert (outcome.code, document["writable"]) == (1, False)
    assert [it["code"] for it in document["diagnostics"]] == ["not-a-ledger"]


def by_hand(project: GitProject, files: dict[str, bytes]) -> None:
    ledger = ledger_of(project)
    ledger.refresh()
    draft = Draft(parent=ledger.tip, files=files, message="by hand", committed_at=NOW, identity=ledger.branch.identity)
    ledger.branch.move(ledger.tip, ledger.branch.build(draft))


def test_two_records_of_one_run_are_an_error_though_the_ledger_can_be_written(project: GitProject) -> None:
    write_records(ledger_of(project), [record()])
    by_hand(project, {"runs/2026/03/05/daily-digest--20260302T170000Z.json": encode(record())})
    outcome = project.octops("state", "doctor", "--format", "json", "--now", "2026-03-02T18:00Z")
    document = json.loads(outcome.out)
    assert (outcome.code, document["writable"]) == (1, True)
    assert [it["code"] for it in document["diagnostics"]] == ["two-records"]


@pytest.mark.parametrize(
    ("head", "code"), [(b"{", "corrupt-ledger-file"), (None, "forgetful-head")], ids=["unreadable", "forgetful"]
)
def test_a_head_broken_by_hand_is_named_with_a_cure(project: GitProject, head: bytes | None, code: str) -> None:
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest"], at("2026-03-01T12:00"))
    (fresh,) = ledger.branch.contents([ledger.branch.entries(ledger.tip, ["tasks"])[0].blob]).values()
    write_records(ledger, [record("2026-03-01T17:00"), record()])
    assert project.octops("state", "doctor", "--now", "2026-03-02T18:00Z").err == ""
    by_hand(project, {"tasks/daily-digest.json": head or fresh})
    outcome = project.octops("state", "doctor", "--now", "2026-03-02T18:00Z")
    assert (outcome.code, outcome.err.count("warning[")) == (0, 1)
    assert f"warning[{code}]" in outcome.err
    assert "`tasks/daily-digest.json`" in outcome.err
    assert "restore it from the branch's history" in outcome.err


def test_what_is_only_odd_is_a_warning_with_a_cure(project: GitProject) -> None:
    ahead = claim("daily-digest@x", claimed_at=NOW + timedelta(days=3))
    ledger_of(project).write([Take(claim=ahead)])
    outcome = project.octops("state", "doctor", "--now", "2026-03-02T17:30Z")
    assert outcome.code == 0
    assert "warning[clock-skew]" in outcome.err
    assert "(NTP)" in outcome.err


def test_programs_get_where_the_ledger_is(shared: GitProject) -> None:
    write_records(ledger_of(shared), [record()])
    document = json.loads(shared.octops("state", "doctor", "--format", "json", "--now", "2026-03-02T18:00Z").out)
    assert document["ledger"]["branch"] == "octops/runs"
    assert document["ledger"]["remote"].endswith("remote.git")
    assert len(document["ledger"]["tip"]) == 40
    assert (document["writable"], document["diagnostics"]) == (True, [])


def test_octops_yaml_says_which_branch(project: GitProject) -> None:
    project.write({"octops.yaml": SMALL_PROJECT["octops.yaml"] + "records: {branch: audit/ai}\n"})  # type: ignore[operator]
    assert "`audit/ai`" in project.octops("state", "doctor").out


def test_both_groups_and_commands_take_a_directory(project: GitProject, tmp_path: Path) -> None:
    folder = GitProject(tmp_path)
    here = project.octops("state", "doctor")
    assert folder.octops("state", "-C", str(project.root), "doctor") == here
    assert folder.octops("state", "doctor", "-C", str(project.root)) == here
    assert folder.octops("-C", str(project.root), "state", "doctor") == here


@pytest.mark.parametrize("arguments", [["state"], ["state", "doktor"]])
def test_what_is_no_command_is_refused(project: GitProject, arguments: list[str]) -> None:
    outcome = project.octops(*arguments)
    assert outcome.code == 1
    assert "doctor" in outcome.err
    assert "Traceback" not in outcome.err
