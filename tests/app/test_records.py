from __future__ import annotations

from pathlib import Path

import pytest

from octops.app.records import open_ledger
from octops.app.workspace import open_workspace
from octops.errors import GitError, OctopsError, UsageError
from octops.model.project import Records, Settings
from tests.cli.past import ledger_of, record, write_records
from tests.kit import GitProject


@pytest.fixture
def shared(project: GitProject) -> GitProject:
    """The project with a remote that holds a ledger with one run; this clone has not seen it."""
    project.git("init", "--quiet", "--bare", "../remote.git")
    project.git("-C", "../remote.git", "config", "uploadpack.allowFilter", "true")
    project.git("clone", "--quiet", "../remote.git", "../writer")
    write_records(ledger_of(project.root.parent / "writer"), [record()])
    project.git("remote", "add", "origin", f"file://{project.root.parent}/remote.git")
    return project


def codes(error: OctopsError) -> list[str]:
    return [diagnostic.code for diagnostic in error.diagnostics]


@pytest.mark.parametrize("plan_only", [True, False])
def test_a_refreshed_ledger_stands_at_the_newest_tip(shared: GitProject, plan_only: bool) -> None:
    ledger = open_ledger(open_workspace(shared.root), Settings(), refresh=True, plan_only=plan_only)
    assert ledger.tip == shared.git("-C", "../remote.git", "rev-parse", "octops/runs")


def test_for_a_plan_no_folder_of_records_is_fetched(shared: GitProject) -> None:
    workspace = open_workspace(shared.root)
    ledger = open_ledger(workspace, Settings(), refresh=True, plan_only=True)
    with pytest.raises(GitError):
        ledger.branch.entries(ledger.tip, ["runs"])
    whole = open_ledger(workspace, Settings(), refresh=True)
    assert len(whole.branch.entries(whole.tip, ["runs"])) == 2


def test_a_ledger_that_is_not_refreshed_is_the_one_seen_last(shared: GitProject) -> None:
    workspace = open_workspace(shared.root)
    assert open_ledger(workspace, Settings(), refresh=False).tip == ""
    seen = open_ledger(workspace, Settings(), refresh=True).tip
    write_records(ledger_of(shared.root.parent / "writer"), [record("2026-03-01T17:00")])
    assert open_ledger(workspace, Settings(), refresh=False).tip == seen
    assert open_ledger(workspace, Settings(), refresh=True).tip != seen


def test_a_ledger_that_is_not_refreshed_cannot_reach_the_remote_for_anything(shared: GitProject) -> None:
    workspace = open_workspace(shared.root)
    open_ledger(workspace, Settings(), refresh=True)
    ledger = open_ledger(workspace, Settings(), refresh=False)
    places = [it for it in ledger.branch.entries(ledger.tip) if it.path.startswith("runs/")]
    with pytest.raises(GitError):
        ledger.branch.contents(it.blob for it in places)
    online = open_ledger(workspace, Settings(), refresh=True)
    assert len(online.branch.contents(it.blob for it in places)) == len(places)


def test_without_push_the_ledger_is_a_branch_of_this_repository(shared: GitProject) -> None:
    settings = Settings(records=Records(branch="mine", push=False))
    ledger = open_ledger(open_workspace(shared.root), settings, refresh=True)
    assert (ledger.branch.name, ledger.branch.where, ledger.tip) == ("mine", "", "")


@pytest.mark.parametrize(
    ("plan_only", "said"), [(True, "`octops plan` does that"), (False, "`octops plan`, `octops runs` and all others")]
)
def test_a_remote_that_is_away_is_told_with_a_way_on(shared: GitProject, plan_only: bool, said: str) -> None:
    workspace = open_workspace(shared.root)
    open_ledger(workspace, Settings(), refresh=True, plan_only=plan_only)
    (shared.root.parent / "remote.git").rename(shared.root.parent / "gone.git")
    with pytest.raises(OctopsError) as caught:
        open_ledger(workspace, Settings(), refresh=True, plan_only=plan_only)
    assert codes(caught.value) == ["remote-unreachable", "not-refreshed"]
    assert said in caught.value.diagnostics[1].detail


def test_of_a_remote_that_is_away_and_was_never_seen_nothing_is_promised(shared: GitProject) -> None:
    workspace = open_workspace(shared.root)
    open_ledger(workspace, Settings(), refresh=True)
    shared.git("remote", "set-url", "origin", f"file://{shared.root.parent}/other.git")
    with pytest.raises(OctopsError) as caught:
        open_ledger(workspace, Settings(), refresh=True)
    assert codes(caught.value) == ["remote-unreachable", "ledger-not-seen"]
    assert "--refresh=false" not in caught.value.diagnostics[1].detail


def test_another_error_has_no_such_way_on(project: GitProject) -> None:
    project.git("branch", "octops/runs")
    for refresh in (True, False):
        with pytest.raises(OctopsError) as caught:
            open_ledger(open_workspace(project.root), Settings(), refresh=refresh)
        assert codes(caught.value) == ["not-a-ledger"]


def test_outside_git_there_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_ledger(open_workspace(tmp_path), Settings(), refresh=True)
    assert codes(caught.value) == ["no-repository"]
