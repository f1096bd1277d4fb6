"""What a shard leaves to others, with a real ledger; no model is asked."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from octops.app.applying import Application
from octops.app.planning import Planned, make_plan
from octops.app.records import open_ledger
from octops.app.sharing import Sharing, in_turn
from octops.app.wishes import Wishes, errands_of
from octops.app.workspace import Workspace, open_workspace
from octops.errors import GitError
from octops.ledger.claims import Take
from octops.ledger.documents import Claim
from octops.model.ids import RunId, TaskId, run_id
from octops.plan.shards import Shard
from octops.run.errand import Errand
from tests.kit import GitProject, git_project

FIRST, SECOND = Shard(number=1, of=2), Shard(number=2, of=2)
NOW = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
SLOTS = [datetime(2026, 3, day, 8, tzinfo=UTC) for day in (2, 3, 4)]
OWN, OTHER, LAST = (
    next(name for name in map("task-{}".format, itertools.count(start)) if shard.holds(name))
    for start, shard in ((0, FIRST), (0, SECOND), (50, SECOND))
)
ALL_MORNINGS = 'prompt: Tell the news.\nschedule: {frequency: daily, at: "08:00", catch_up: all}\n'
SETTINGS = """\
version: 1
defaults: {model: openai/gpt-4o-mini}
"""


@pytest.fixture
def noted(tmp_path: Path) -> GitProject:
    """Three tasks with three mornings each, their definitions noted on the remote."""
    files = {f"tasks/{name}.yaml": ALL_MORNINGS for name in (OWN, OTHER, LAST)}
    project = git_project(tmp_path, {"octops.yaml": SETTINGS, **files}, at="2026-03-01T12:00:00Z")
    project.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    project.git("push", "--quiet", "origin", "main")
    assert project.octops("apply", "--auto-approve", "--only", "definitions", "--now", "2026-03-01T13:00Z").code == 0
    return project


def planned_in(project: GitProject) -> tuple[Workspace, Planned]:
    workspace = open_workspace(project.root)
    return workspace, make_plan(workspace, NOW, to_apply=True)


def claim_elsewhere(workspace: Workspace, planned: Planned, task: str, slot: datetime) -> RunId:
    """Another machine takes a run, and holds it."""
    run = run_id(task, slot)
    lease_until = NOW + timedelta(hours=1)
    claim = Claim(
        run=run,
        task=TaskId(task),
        scheduled_at=slot,
        nonce="elsewhere",
        runner="another machine",
        claimed_at=NOW,
        lease_until=lease_until,
    )
    ledger = open_ledger(workspace, planned.loaded.project.settings, refresh=True)
    ledger.clock = lambda: NOW
    (outcome,) = ledger.write([Take(claim=claim)])
    assert outcome.accepted
    return run


def defined(workspace: Workspace, planned: Planned, shard: Shard) -> tuple[list[str], list[str]]:
    """The tasks whose definitions this shard wrote, and what was refused to it."""
    assert planned.ledger is not None
    # Two commits that are alike to the second and the byte are one commit to git.
    planned.ledger.clock = lambda: NOW + timedelta(seconds=shard.number)
    with Application(workspace, planned, lambda: NOW, lambda run, event: None) as application:
        application.define(Wishes(shard=shard, runs=False))
        application.settle()
    return [change.task for change in application.applied.definitions], application.applied.refused


def sharing(planned: Planned, shard: Shard = FIRST) -> Sharing:
    wishes = Wishes(shard=shard)
    return Sharing(planned, errands_of(planned, wishes), wishes)


def test_every_run_of_the_plan_is_named_once(noted: GitProject) -> None:
    _, planned = planned_in(noted)
    shared = sharing(planned)

    found = shared.left(None)

    assert found is not None
    assert [errand.run for errand in shared.own] == [run_id(OWN, slot) for slot in SLOTS]
    assert sorted(errand.run for errand in found.errands) == [
        run_id(it, slot) for it in (OTHER, LAST) for slot in SLOTS
    ]
    assert shared.left(None) is None


def test_what_others_have_taken_since_the_plan_and_what_comes_after_it_is_not_named(noted: GitProject) -> None:
    workspace, planned = planned_in(noted)
    shared = sharing(planned)
    claim_elsewhere(workspace, planned, OTHER, SLOTS[0])

    found = shared.left(None)

    assert found is not None
    assert [errand.run for errand in found.errands] == [run_id(LAST, slot) for slot in SLOTS]


def test_the_runs_of_one_task_stay_in_their_order_and_the_last_task_comes_first() -> None:
    errands = [
        Errand(run=run_id(task, slot), task=None, scheduled_at=slot, parameters={})
        for slot in SLOTS
        for task in (OTHER, LAST)
    ]

    assert [errand.run for errand in in_turn(errands, FIRST)] == [
        run_id(task, slot) for task in (LAST, OTHER) for slot in SLOTS
    ]


def test_the_ledger_that_cannot_be_read_is_not_guessed_at(noted: GitProject) -> None:
    _, planned = planned_in(noted)
    (noted.root.parent / "remote.git").rename(noted.root.parent / "away.git")

    with pytest.raises(GitError):
        sharing(planned).left(None)


def test_of_two_that_planned_the_same_definitions_the_first_has_noted_them_and_none_is_refused(
    noted: GitProject,
) -> None:
    noted.write({f"tasks/{OWN}.yaml": ALL_MORNINGS.replace("news", "weather")})
    plans = [planned_in(noted), planned_in(noted)]

    applied = [defined(*plan, shard) for plan, shard in zip(plans, (FIRST, SECOND), strict=True)]

    assert applied == [([OWN], []), ([], [])]


@pytest.mark.anyio
async def test_a_shard_that_cannot_look_what_is_left_has_done_its_share_and_says_so(noted: GitProject) -> None:
    workspace, planned = planned_in(noted)
    errands = [errand for errand in errands_of(planned, Wishes()) if not FIRST.holds(errand.run.partition("@")[0])]
    (noted.root.parent / "remote.git").rename(noted.root.parent / "away.git")

    with Application(workspace, planned, lambda: NOW, lambda run, event: None) as application:
        carried = await application.run(errands, Wishes(shard=FIRST))

    assert (carried.records, carried.broken, carried.not_started) == ((), (), ())
    assert [note.code for note in application.applied.notes] == ["shard-alone"]


@pytest.mark.anyio
@pytest.mark.parametrize("shard", [FIRST, None])
async def test_a_task_whose_run_somebody_holds_is_left_to_them_whole(noted: GitProject, shard: Shard | None) -> None:
    """They go on with the later runs: two runs of one task at once would break its order."""
    workspace, planned = planned_in(noted)
    errands = [errand for errand in errands_of(planned, Wishes()) if errand.run.startswith(f"{OWN}@")]
    claim_elsewhere(workspace, planned, OWN, SLOTS[0])
    told: list[str] = []

    with Application(workspace, planned, lambda: NOW, lambda run, event: told.append(run)) as application:
        carried = await application.run(errands, Wishes(shard=shard))

    assert carried.left_alone == tuple(run_id(OWN, slot) for slot in SLOTS)
    assert (carried.records, carried.broken, application.applied.troubled) == ((), (), False)
    # Among shards it is no news.
    assert told == ([] if shard else [run_id(OWN, SLOTS[0])])
