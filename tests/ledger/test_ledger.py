from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from octops.errors import GitError
from octops.ledger.claims import Take, TakeOver
from octops.ledger.codec import decode
from octops.ledger.definitions import Define
from octops.ledger.documents import Claim, Marker, encode
from octops.ledger.history import read_history
from octops.ledger.layout import open_path
from octops.ledger.ledger import Ledger, Patience
from octops.ledger.outcome import Refusal, Transition
from octops.ledger.records import find_record, list_records, read_records
from octops.ledger.results import Deliver, Finish, Skip, Store
from octops.model.ids import RunId, TaskId, run_id
from octops.model.run import DeliveryStatus, Record, RunStatus
from octops.repository import Repository
from octops.repository.branch import Branch
from tests.ledger.kit import (
    LEASE,
    NOW,
    RUN,
    SLOT,
    TASK,
    MemoryBranch,
    Origin,
    claim,
    definition,
    delivery,
    files,
    record,
)
from tests.repository.sandbox import ENVIRON, Sandbox, git, snapshot

LATE = NOW + LEASE + timedelta(seconds=1)
ANSWER = record(deliveries=(delivery(),))


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(tmp_path / "remote.git", "config", "uploadpack.allowFilter", "true")
    sandbox = Sandbox.create(tmp_path / "first")
    sandbox.git("remote", "add", "origin", (tmp_path / "remote.git").as_uri())
    sandbox.commit({"tasks/digest.yaml": "prompt: x\n"})
    sandbox.git("push", "--quiet", "origin", "main")
    return tmp_path / "remote.git"


def clone(remote: Path, name: str) -> Ledger:
    git(remote.parent, "clone", "--quiet", remote.as_uri(), name)
    return ledger(remote.parent / name)


def ledger(directory: Path) -> Ledger:
    repository = Repository.open(directory, environ=ENVIRON)
    assert repository is not None
    return over(repository.branch("octops/runs"))


def over(branch: Branch, **patience: object) -> Ledger:
    quick = Patience(seconds=5, sleep=lambda seconds: None, **patience)  # type: ignore[arg-type]
    return Ledger(branch=branch, clock=lambda: NOW, patience=quick)


def write(ledger: Ledger, *transitions: Transition) -> list[bool]:
    return [outcome.accepted for outcome in ledger.write(transitions)]


def take(nonce: str = "n1", **rest: object) -> Take:
    return Take(claim=claim(nonce, **rest))  # type: ignore[arg-type]


def test_a_run_goes_from_claim_to_record_on_the_remote(remote: Path) -> None:
    one = clone(remote, "one")
    sending = delivery(status=DeliveryStatus.SENDING)

    assert write(one, Define(task=TASK, definition=definition(), activated_at=NOW), take()) == [True, True]
    assert write(one, Store(run=RUN, nonce="n1", answer=ANSWER), Deliver(run=RUN, nonce="n1", delivery=sending)) == [
        True,
        True,
    ]
    assert write(one, Finish(run=RUN, nonce="n1", record=ANSWER)) == [True]

    names = git(remote, "ls-tree", "-r", "--name-only", "octops/runs").splitlines()
    assert names == [
        "octops-ledger.json",
        "runs/2026/03/02/digest--20260302T070000Z.json",
        "runs/2026/03/02/digest--20260302T070000Z.md",
        "tasks/digest.json",
    ]
    assert git(remote, "log", "--format=%s", "octops/runs").splitlines() == [
        "octops: 1 completed",
        "octops: 1 answered, 1 sending",
        "octops: 1 applied, 1 claimed",
    ]


def test_the_commit_says_what_each_transition_was_about(remote: Path) -> None:
    write(clone(remote, "one"), take())

    body = git(remote, "log", "-1", "--format=%B", "octops/runs")
    assert body == f"octops: 1 claimed\n\nclaimed {RUN}"


def test_the_second_clone_learns_that_the_run_is_taken(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    two.refresh()

    assert write(one, take("n1")) == [True]
    outcome = two.write([take("n2")])[0]

    assert outcome.refusal is Refusal.TAKEN
    assert outcome.claim is not None
    assert outcome.claim.nonce == "n1"


def test_two_clones_that_write_different_runs_lose_nothing(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    one.refresh()
    two.refresh()

    for number in range(3):
        assert write(one, take(run=f"a@x{number}", slot=None)) == [True]
        assert write(two, take(run=f"b@x{number}", slot=None)) == [True]

    remembered = read_history(refreshed(clone(remote, "three")), NOW)
    assert len(remembered.history.open_runs) == 6


def refreshed(ledger: Ledger) -> Ledger:
    ledger.refresh()
    return ledger


def test_a_runner_that_stalled_past_its_lease_stores_and_finishes_nothing(remote: Path) -> None:
    stalled, heir = clone(remote, "stalled"), clone(remote, "heir")
    assert write(stalled, take("n1")) == [True]
    taken = TakeOver(run=RUN, nonce="n2", runner="heir", now=LATE, lease_until=LATE + LEASE)
    assert write(heir, taken) == [True]

    late = stalled.write([Store(run=RUN, nonce="n1", answer=ANSWER), Finish(run=RUN, nonce="n1", record=ANSWER)])

    assert [outcome.refusal for outcome in late] == [Refusal.LOST, Refusal.LOST]
    assert write(heir, Finish(run=RUN, nonce="n2", record=ANSWER)) == [True]


def test_a_refusal_is_said_only_after_looking_at_the_newest_state(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    assert write(two, take("n2")) == [True]
    one.refresh()
    assert write(two, Finish(run=RUN, nonce="n2", record=ANSWER)) == [True]

    assert one.write([take("n1")])[0].refusal is Refusal.FINISHED


def test_nothing_is_committed_when_everything_is_refused(remote: Path) -> None:
    one = clone(remote, "one")
    write(one, take("n1"))
    before = git(remote, "rev-parse", "octops/runs")

    write(clone(remote, "two"), take("n2"))

    assert git(remote, "rev-parse", "octops/runs") == before


def test_without_a_remote_the_ledger_is_a_local_branch(tmp_path: Path) -> None:
    sandbox = Sandbox.create(tmp_path / "alone")
    sandbox.commit({"tasks/digest.yaml": "prompt: x\n"})
    sandbox.write({"tasks/digest.yaml": "prompt: dirty\n"})
    before = {path: content for path, content in snapshot(sandbox.top).items() if not path.startswith(".git/objects/")}

    alone = ledger(sandbox.top)
    assert write(alone, take()) == [True]
    assert write(alone, Finish(run=RUN, nonce="n1", record=ANSWER)) == [True]

    after = {path: content for path, content in snapshot(sandbox.top).items() if not path.startswith(".git/objects/")}
    assert set(after) - set(before) == {".git/refs/heads/octops/runs"}
    assert {path: after[path] for path in before} == before
    assert find_record(alone, RUN) == ANSWER


def test_history_tells_heads_claims_and_money(remote: Path) -> None:
    one = clone(remote, "one")
    write(one, Define(task=TASK, definition=definition(), activated_at=NOW, revision="r"), take())
    write(one, Finish(run=RUN, nonce="n1", record=ANSWER), take("n3", run="digest@again", slot=None))

    remembered = read_history(refreshed(clone(remote, "two")), NOW)

    assert remembered.history.tip == one.tip
    assert remembered.history.heads[TASK].settled == (SLOT,)
    assert [run.id for run in remembered.history.open_runs] == ["digest@again"]
    assert remembered.claims[0].nonce == "n3"
    assert (remembered.history.spent_day_usd, remembered.history.spent_month_usd) == (0.25, 0.25)
    assert read_history(one, NOW + timedelta(days=1)).history.spent_day_usd == 0
    assert read_history(one, NOW + timedelta(days=40)).history.spent_month_usd == 0


def test_money_of_an_answer_that_is_still_being_delivered_counts(remote: Path) -> None:
    one = clone(remote, "one")
    write(one, take(), Store(run=RUN, nonce="n1", answer=ANSWER))

    history = read_history(refreshed(clone(remote, "two")), NOW).history

    assert (history.spent_day_usd, history.spent_month_usd) == (0.25, 0.25)
    assert read_history(one, NOW + timedelta(days=1)).history.spent_day_usd == 0


@pytest.mark.parametrize(
    "changes",
    [{"run": RunId("digest@other")}, {"task": TaskId("other")}, {"scheduled_at": None}, {"run": RunId("nonsense")}],
    ids=["run", "task", "slot", "no run"],
)
def test_a_claim_that_is_not_about_what_its_name_says_is_passed_over(
    remote: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    one = clone(remote, "one")
    write(one, take())
    by_hand(tmp_path, remote, {open_path(RUN): encode(replace(claim(), **changes)).decode()})

    remembered = read_history(refreshed(one), NOW)

    assert remembered.history.open_runs == ()
    assert [diagnostic.code for diagnostic in remembered.diagnostics] == ["corrupt-ledger-file"]


def test_before_the_first_write_history_is_empty(remote: Path) -> None:
    assert read_history(refreshed(clone(remote, "one")), NOW).history.heads == {}


def test_one_corrupt_file_is_named_and_the_others_are_read(remote: Path, tmp_path: Path) -> None:
    one = clone(remote, "one")
    write(one, Define(task=TASK, definition=definition(), activated_at=NOW), take())
    by_hand(tmp_path, remote, {"tasks/other.json": "{", "open/other--x.json": "[]", "open/notes.txt": "hello"})

    remembered = read_history(refreshed(one), NOW)

    assert set(remembered.history.heads) == {TASK}
    assert len(remembered.claims) == 1
    assert [diagnostic.code for diagnostic in remembered.diagnostics] == ["corrupt-ledger-file"] * 2


def by_hand(tmp_path: Path, remote: Path, changes: dict[str, str]) -> None:
    """What a person does who checks the branch out and edits it."""
    git(tmp_path, "clone", "--quiet", "--branch", "octops/runs", remote.as_uri(), "by-hand")
    Sandbox(tmp_path / "by-hand").commit(dict(changes))
    git(tmp_path / "by-hand", "push", "--quiet")


def test_a_corrupt_record_hides_no_other(remote: Path, tmp_path: Path) -> None:
    one = clone(remote, "one")
    write(one, take(), Finish(run=RUN, nonce="n1", record=ANSWER))
    by_hand(tmp_path, remote, {"runs/2026/03/03/digest--20260303T070000Z.json": "{"})

    found = list(read_records(refreshed(one)))

    assert [getattr(record, "code", getattr(record, "run", "")) for record in found] == ["corrupt-ledger-file", RUN]


def test_records_come_newest_slot_first_and_can_be_narrowed(remote: Path) -> None:
    one = clone(remote, "one")
    for task, days in (("a", 0), ("b", 1), ("a", 2)):
        slot = SLOT + timedelta(days=days)
        run = run_id(task, slot)
        skipped = record(run=run, slot=slot, status=RunStatus.SKIPPED, text="")
        assert write(one, Skip(record=skipped)) == [True]

    def runs(**narrow: str) -> list[str]:
        return [found.run for found in read_records(one, **narrow) if isinstance(found, Record)]

    assert runs() == ["a@20260304T070000Z", "b@20260303T070000Z", "a@20260302T070000Z"]
    assert runs(task="a") == ["a@20260304T070000Z", "a@20260302T070000Z"]
    assert runs(since_day="2026-03-03") == ["a@20260304T070000Z", "b@20260303T070000Z"]
    assert len(list(list_records(one))) == 3


def test_a_named_run_is_found_whatever_its_day(remote: Path) -> None:
    one = clone(remote, "one")
    run = RunId("digest@nightly")
    done = record(run=run, slot=None)
    write(one, take(run=run, slot=None), Finish(run=run, nonce="n1", record=done))

    assert find_record(one, run) == done
    assert find_record(one, "digest@other") is None
    assert one.write([take("n9", run=run, slot=None)])[0].refusal is Refusal.FINISHED


def test_a_rewound_branch_is_noticed(remote: Path) -> None:
    one = clone(remote, "one")
    write(one, take())
    first = git(remote, "rev-parse", "octops/runs")
    write(one, Finish(run=RUN, nonce="n1", record=ANSWER))
    git(remote, "update-ref", "refs/heads/octops/runs", first)

    again = ledger(remote.parent / "one")
    again.refresh()

    assert [diagnostic.code for diagnostic in read_history(again, NOW).diagnostics] == ["ledger-rewound"]


def test_that_a_branch_went_back_is_told_until_somebody_goes_on(remote: Path) -> None:
    write(clone(remote, "one"), take())
    first = git(remote, "rev-parse", "octops/runs")
    write(ledger(remote.parent / "one"), Finish(run=RUN, nonce="n1", record=ANSWER))
    git(remote, "update-ref", "refs/heads/octops/runs", first)

    for look in (Ledger.refresh, Ledger.recall, Ledger.refresh):
        again = ledger(remote.parent / "one")
        look(again)
        assert [diagnostic.code for diagnostic in again.diagnostics] == ["ledger-rewound"]
    again.go_on()
    for look in (Ledger.refresh, Ledger.recall):
        later = ledger(remote.parent / "one")
        look(later)
        assert later.diagnostics == ()


def test_a_branch_that_was_restored_is_as_if_it_had_never_gone_back(remote: Path) -> None:
    write(clone(remote, "one"), take())
    first = git(remote, "rev-parse", "octops/runs")
    write(ledger(remote.parent / "one"), Finish(run=RUN, nonce="n1", record=ANSWER))
    second = git(remote, "rev-parse", "octops/runs")
    git(remote, "update-ref", "refs/heads/octops/runs", first)
    ledger(remote.parent / "one").refresh()
    git(remote, "update-ref", "refs/heads/octops/runs", second)

    for _ in range(2):
        again = ledger(remote.parent / "one")
        again.refresh()
        assert again.diagnostics == ()
    assert again.branch.before() == ""


def test_another_ledger_on_the_same_branch_is_noticed(remote: Path) -> None:
    one, other = clone(remote, "one"), clone(remote, "other")
    write(one, take())
    git(remote, "update-ref", "-d", "refs/heads/octops/runs")
    write(other, take())
    write(other, Finish(run=RUN, nonce="n1", record=ANSWER))

    one.refresh()

    assert [diagnostic.code for diagnostic in one.diagnostics] == ["ledger-rewound"]


def test_a_branch_that_only_went_on_is_not_called_rewound(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    one.refresh()
    write(two, take())
    write(two, Finish(run=RUN, nonce="n1", record=ANSWER))
    one.refresh()

    assert one.diagnostics == ()


def test_a_branch_of_something_else_is_not_written_to(remote: Path) -> None:
    git(remote, "branch", "octops/runs", "main")
    before = git(remote, "rev-parse", "octops/runs")

    with pytest.raises(GitError) as raised:
        write(clone(remote, "one"), take())

    assert raised.value.diagnostics[0].code == "not-a-ledger"
    assert git(remote, "rev-parse", "octops/runs") == before


def test_a_ledger_of_a_newer_octops_is_not_written_to(remote: Path, tmp_path: Path) -> None:
    one = clone(remote, "one")
    write(one, take())
    by_hand(tmp_path, remote, {"octops-ledger.json": '{"format": 99, "lineage": "x"}'})

    with pytest.raises(GitError) as raised:
        write(one, Finish(run=RUN, nonce="n1", record=ANSWER), take("n2", run="b@x", slot=None))

    assert raised.value.diagnostics[0].code == "newer-ledger"


def test_without_the_remote_the_ledger_is_recalled_as_last_seen(remote: Path) -> None:
    one = clone(remote, "one")
    write(one, take())
    read_history(one, NOW)
    remote.rename(remote.with_name("gone.git"))

    again = ledger(remote.parent / "one")
    again.recall()

    assert [run.id for run in read_history(again, NOW).history.open_runs] == [RUN]


@dataclass
class Flaky(MemoryBranch):
    """A remote that takes a push and does not say so, or is away: `trouble` by push, used up one by one."""

    trouble: list[str] = field(default_factory=list)

    def move(self, old: str, new: str) -> bool:
        kind = self.trouble.pop(0) if self.trouble else ""
        if kind == "silent":
            super().move(old, new)
        if kind:
            raise GitError("gone", code="remote-unreachable" if kind != "refused" else "push-refused")
        return super().move(old, new)


def test_a_push_that_arrived_without_an_answer_counts_once() -> None:
    origin = Origin()
    flaky = over(Flaky(origin, trouble=["silent"]))

    assert write(flaky, take()) == [True]
    assert origin.moves == 1


def test_a_record_that_arrived_without_an_answer_is_ours() -> None:
    origin = Origin()
    write(over(MemoryBranch(origin)), take())
    flaky = over(Flaky(origin, trouble=["silent", "away"]))

    assert write(flaky, Finish(run=RUN, nonce="n1", record=ANSWER)) == [True]


def test_a_remote_that_stays_away_ends_in_an_error() -> None:
    flaky = over(Flaky(Origin(), trouble=["away"] * 9), unreachable=2)

    with pytest.raises(GitError):
        write(flaky, take())


def test_a_remote_that_refuses_is_not_asked_again() -> None:
    origin = Origin()
    flaky = Flaky(origin, trouble=["refused", "refused"])

    with pytest.raises(GitError):
        write(over(flaky), take())
    assert flaky.trouble == ["refused"]


@dataclass
class Busy(MemoryBranch):
    """A branch on which somebody else is always faster."""

    others: int = 0

    def move(self, old: str, new: str) -> bool:
        if self.others > 0:
            self.others -= 1
            rival = over(MemoryBranch(self.origin))
            write(rival, take(run=f"rival@x{self.others}", slot=None))
        return super().move(old, new)


def test_a_writer_that_is_overtaken_derives_again_until_it_gets_through() -> None:
    origin = Origin()

    assert write(over(Busy(origin, others=7)), take()) == [True]
    assert len(files(origin)) == 8


def test_a_branch_that_is_always_busy_ends_in_an_error() -> None:
    clock = iter(range(1000))
    busy = over(Busy(Origin(), others=500), monotonic=lambda: float(next(clock)))

    with pytest.raises(GitError) as raised:
        write(busy, take())
    assert raised.value.diagnostics[0].code == "ledger-busy"


def test_waits_between_tries_grow_and_are_drawn_at_random() -> None:
    waits: list[float] = []
    patience = Patience(sleep=waits.append, draw=lambda: 0.5)

    for failures in range(1, 12):
        patience.pause(failures)

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.1, 4.0)


def test_the_second_transition_of_one_write_sees_the_first() -> None:
    outcomes = over(MemoryBranch(Origin())).write([take("n1"), take("n2")])

    assert [outcome.refusal for outcome in outcomes] == [None, Refusal.TAKEN]


def test_only_the_first_write_makes_up_a_lineage() -> None:
    origin = Origin()
    write(over(MemoryBranch(origin)), take())
    first = marker(origin)
    write(over(MemoryBranch(origin)), take(run="a@x", slot=None))

    assert marker(origin) == replace(first, writes=2)


def marker(origin: Origin) -> Marker:
    return decode(Marker, origin.commits[origin.tip][0]["octops-ledger.json"])


def test_a_write_of_a_thousand_runs_is_one_commit(remote: Path) -> None:
    one = clone(remote, "one")
    claims = [claim(run=f"t{number}@x", slot=None) for number in range(1000)]

    assert all(write(one, *(Take(claim=wanted) for wanted in claims)))
    assert git(remote, "rev-list", "--count", "octops/runs") == "1"
    assert isinstance(read_history(one, NOW).claims[999], Claim)
