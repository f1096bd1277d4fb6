from __future__ import annotations

import json
from datetime import timedelta

import pytest

from octops.ledger.claims import Take
from octops.model.run import DeliveryStatus, Usage
from octops.repository.commits import Draft
from tests.cli.past import (
    NOW,
    apply_tasks,
    at,
    claim,
    delivery,
    failed,
    ledger_of,
    record,
    requested,
    skipped,
    write_records,
)
from tests.kit import SMALL_PROJECT, GitProject, Outcome, git_project


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> GitProject:
    """A project whose ledger holds a run of every kind."""
    project = git_project(tmp_path_factory.mktemp("past"), SMALL_PROJECT)
    ledger = ledger_of(project)
    apply_tasks(ledger, ["daily-digest", "weekly-report"])
    write_records(
        ledger,
        [
            record("2026-02-28T17:00"),
            skipped("2026-02-27T17:00"),
            failed("2026-03-01T17:00"),
            record("2026-03-02T17:00", deliveries=(delivery(), delivery(DeliveryStatus.FAILED, id="dlv_2"))),
            record("release-42", usage=Usage(input_tokens=5, output_tokens=6, cost_usd=None)),
            record("2026-03-02T09:00", task="weekly-report"),
        ],
    )
    ledger.write([Take(claim=claim("daily-digest@again"))])
    return project


def listed(past: GitProject, *arguments: str) -> list[str]:
    outcome = past.octops("runs", "--format", "json", "--now", "2026-03-02T17:31Z", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    return [run["run"] for run in json.loads(outcome.out)["runs"]]


def test_runs_come_newest_first_and_a_named_one_stands_where_it_was_started(past: GitProject) -> None:
    assert listed(past) == [
        "daily-digest@again",
        "daily-digest@20260302T170000Z",
        "daily-digest@release-42",
        "weekly-report@20260302T090000Z",
        "daily-digest@20260301T170000Z",
        "daily-digest@20260228T170000Z",
        "daily-digest@20260227T170000Z",
    ]


@pytest.mark.parametrize(
    ("arguments", "tails"),
    [
        (["weekly-report"], ["20260302T090000Z"]),
        (["--status", "failed"], ["20260301T170000Z"]),
        (["--status", "failed", "--status", "skipped"], ["20260301T170000Z", "20260227T170000Z"]),
        (["--status", "running"], ["again"]),
        (["--limit", "2"], ["again", "20260302T170000Z"]),
        (["--since", "0m"], []),
        (["--since", "1h"], ["again", "20260302T170000Z"]),
        (["--since", "2026-03-02T10:00Z"], ["again", "20260302T170000Z", "release-42"]),
        (["--since", "2026-03-02T17:00Z"], ["again", "20260302T170000Z"]),
        (["daily-digest", "--since", "2d", "--status", "completed"], ["20260302T170000Z", "release-42"]),
        (["--since", "999999w", "--status", "skipped"], ["20260227T170000Z"]),
        (["weekly-report", "--status", "failed"], []),
    ],
    ids=lambda words: " ".join(words) if words and words[0].startswith("-") else None,
)
def test_a_list_holds_what_was_asked_for(past: GitProject, arguments: list[str], tails: list[str]) -> None:
    assert [run.partition("@")[2] for run in listed(past, *arguments)] == tails


def test_people_get_a_table(past: GitProject) -> None:
    outcome = past.octops("runs", "--now", "2026-03-02T17:31Z")
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in outcome.out.splitlines()}
    assert rows["daily-digest@again"] == "running - - - - - -"
    assert rows["daily-digest@release-42"] == "completed - claude-sonnet-4-5-20250929 5 6 unknown -"
    assert rows["daily-digest@20260301T170000Z"].startswith("failed (timeout) 4 minutes 11 seconds late claude")
    assert rows["daily-digest@20260302T170000Z"].endswith("1,840 312 $0.010 1 delivered, 1 failed")
    assert rows["daily-digest@20260227T170000Z"] == "skipped (superseded) - - - - - -"


def test_programs_get_what_failed_and_how_to_cure_it(past: GitProject) -> None:
    outcome = past.octops("runs", "--status", "failed", "--format", "json")
    document = json.loads(outcome.out)
    (run,) = document["runs"]
    assert document["diagnostics"] == []
    assert run["error"] == {
        "kind": "timeout",
        "message": "the model did not answer within 60 seconds",
        "hint": "raise `limits.seconds`, or choose a faster model",
    }
    assert run["usage"] == {"input_tokens": 1840, "output_tokens": 312, "cost_usd": 0.0102}
    assert (run["scheduled_at"], run["lateness_seconds"]) == ("2026-03-01T17:00:00Z", 251)


def test_a_run_whose_runner_is_gone_is_told_apart_from_one_at_work(past: GitProject) -> None:
    def reason(now: str) -> str:
        outcome = past.octops("runs", "--status", "running", "--format", "json", "--now", now)
        return str(json.loads(outcome.out)["runs"][0]["reason"])

    assert reason("2026-03-02T17:31Z") == ""
    assert reason("2026-03-02T17:45Z") == "lease_expired"


def test_a_run_that_was_asked_for_and_not_started_is_pending(project: GitProject) -> None:
    write_records(ledger_of(project), [record()])
    ledger_of(project).write([Take(claim=requested("daily-digest@later"))])
    assert listed(project, "--status", "pending") == ["daily-digest@later"]
    outcome = project.octops("runs", "--format", "json", "--now", "2026-03-02T18:00Z")
    (first, _) = json.loads(outcome.out)["runs"]
    assert (first["status"], first["reason"], first["requested_at"], first["started_at"]) == (
        "pending",
        "requested",
        "2026-03-02T17:30:00Z",
        None,
    )
    row = project.octops("runs", "--status", "pending").out.splitlines()[-1]
    assert " ".join(row.split()) == "daily-digest@later pending (requested) - - - - - -"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["daily-digets"], "did you mean `daily-digest`?"),
        (["--since", "yesterday"], "`yesterday` is no time: write a length"),
        (["--since", "7y"], "`7y` is no time"),
        (["--status", "queued"], "queued"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_way_on(past: GitProject, arguments: list[str], said: str) -> None:
    outcome = past.octops("runs", *arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err


def test_a_ledger_that_does_not_exist_yet_is_an_empty_list(project: GitProject) -> None:
    assert project.octops("runs") == Outcome(0, "No runs: the ledger holds none like this.\n", "")


@pytest.mark.parametrize("applied", [False, True])
def test_a_declared_task_without_a_run_has_an_empty_list_applied_or_not(project: GitProject, applied: bool) -> None:
    if applied:
        apply_tasks(ledger_of(project), ["daily-digest"])
    assert project.octops("runs", "daily-digest") == Outcome(0, "No runs: the ledger holds none like this.\n", "")
    assert project.octops("runs", "daily-digets").code == 1


def test_outside_git_there_is_no_ledger(tmp_path: object) -> None:
    folder = GitProject(tmp_path / "plain").write(SMALL_PROJECT)  # type: ignore[operator]
    outcome = folder.octops("runs")
    assert outcome.code == 1
    assert "error[no-repository]" in outcome.err
    assert "git init" in outcome.err


def test_other_files_may_be_wrong_but_not_the_one_that_says_where_the_ledger_is(past: GitProject) -> None:
    good = (past.root / "octops.yaml").read_text()
    past.write({"tasks/broken.yaml": "promt: x\n"})
    try:
        assert past.octops("runs").code == 0
        past.write({"octops.yaml": good + "records: {brunch: x}\n"})
        outcome = past.octops("runs")
    finally:
        past.write({"octops.yaml": good})
        (past.root / "tasks/broken.yaml").unlink()
    assert outcome.code == 1
    assert "octops.yaml:" in outcome.err


def test_one_corrupt_record_does_not_hide_the_others(project: GitProject) -> None:
    ledger = ledger_of(project)
    write_records(ledger, [record(), record("2026-03-01T17:00")])
    bad = {"runs/2026/03/01/daily-digest--20260301T170000Z.json": b'{"run": 1}'}
    draft = Draft(parent=ledger.tip, files=bad, message="x", committed_at=NOW, identity=ledger.branch.identity)
    ledger.branch.move(ledger.tip, ledger.branch.build(draft))
    outcome = project.octops("runs", "--format", "json")
    document = json.loads(outcome.out)
    assert [run["run"] for run in document["runs"]] == ["daily-digest@20260302T170000Z"]
    assert [it["code"] for it in document["diagnostics"]] == ["corrupt-ledger-file"]
    assert "warning[corrupt-ledger-file]" in project.octops("runs").err


def test_a_claim_beside_its_record_is_not_a_second_run(project: GitProject) -> None:
    ledger = ledger_of(project)
    ledger.write([Take(claim=claim("daily-digest@20260302T170000Z", slot="2026-03-02T17:00"))])
    orphan = ledger.branch.contents([ledger.branch.entries(ledger.tip, ["open"])[0].blob])
    write_records(ledger, [record("2026-03-01T17:00")])
    path = "runs/2026/03/02/daily-digest--20260302T170000Z.json"
    content = next(iter(orphan.values())).replace(b'"claimed_at"', b'"status": "completed", "finished_at"')
    draft = Draft(
        parent=ledger.tip, files={path: content}, message="x", committed_at=NOW, identity=ledger.branch.identity
    )
    ledger.branch.move(ledger.tip, ledger.branch.build(draft))
    assert listed(project) == ["daily-digest@20260302T170000Z", "daily-digest@20260301T170000Z"]
    assert listed(project, "--status", "running") == []


@pytest.fixture
def shared(project: GitProject) -> GitProject:
    """The project with a remote beside it, which holds the ledger."""
    project.git("init", "--quiet", "--bare", "--initial-branch=main", "../remote.git")
    project.git("remote", "add", "origin", str(project.root.parent / "remote.git"))
    project.git("push", "--quiet", "origin", "main")
    write_records(ledger_of(project), [record()])
    return project


def test_another_clone_sees_the_runs_without_checking_anything_out(shared: GitProject) -> None:
    shared.git("clone", "--quiet", "--no-checkout", str(shared.root.parent / "remote.git"), "../other")
    other = GitProject(shared.root.parent / "other")
    assert listed(other) == ["daily-digest@20260302T170000Z"]
    assert sorted(path.name for path in other.root.iterdir()) == [".git"]
    assert listed(GitProject(shared.root.parent / "remote.git")) == ["daily-digest@20260302T170000Z"]


def test_without_refresh_nothing_is_asked_of_the_remote(shared: GitProject) -> None:
    assert len(listed(shared)) == 1
    (shared.root.parent / "remote.git").rename(shared.root.parent / "gone.git")
    assert listed(shared, "--refresh=false") == ["daily-digest@20260302T170000Z"]
    outcome = shared.octops("runs")
    assert outcome.code == 1
    assert "error[remote-unreachable]" in outcome.err
    assert "--refresh=false" in outcome.err


def test_without_refresh_not_even_a_missing_record_is_fetched(shared: GitProject) -> None:
    shared.git("clone", "--quiet", str(shared.root.parent / "remote.git"), "../other")
    shared.git("-C", "../remote.git", "config", "uploadpack.allowFilter", "true")
    other = GitProject(shared.root.parent / "other")
    other.git("remote", "set-url", "origin", f"file://{shared.root.parent}/remote.git")
    ledger_of(other).refresh()
    for command in (["runs"], ["show", "daily-digest@20260302T170000Z"], ["status"]):
        outcome = other.octops(*command, "--refresh=false")
        assert outcome.code == 1
        assert "error[not-fetched]" in outcome.err
        assert "leave out `--refresh=false`" in outcome.err
    assert listed(other) == ["daily-digest@20260302T170000Z"]
    assert listed(other, "--refresh=false") == ["daily-digest@20260302T170000Z"]


def test_a_clone_that_never_saw_the_ledger_says_so_where_nothing_is_fetched(shared: GitProject) -> None:
    shared.git("clone", "--quiet", str(shared.root.parent / "remote.git"), "../fresh")
    fresh = GitProject(shared.root.parent / "fresh")
    for command in (["runs"], ["plan", "--now", "2026-03-02T18:00Z"], ["cost"]):
        outcome = fresh.octops(*command, "--refresh=false")
        assert (outcome.code, "note[ledger-not-seen]" in outcome.err) == (0, True), outcome.err
    assert "ledger-not-seen" not in fresh.octops("runs").err


def test_a_long_list_goes_on_from_day_to_day_in_order(project: GitProject) -> None:
    many = [record(f"2026-02-{day:02}T{hour:02}:00") for day in range(1, 11) for hour in range(24)]
    write_records(ledger_of(project), many)
    moment = at("2026-02-10T23:00")
    assert listed(project, "--limit", "30") == [
        f"daily-digest@{moment - timedelta(hours=back):%Y%m%dT%H%M%SZ}" for back in range(30)
    ]
