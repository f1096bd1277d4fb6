"""What was spent is counted once, on the day it was spent, whatever became of the run, its runner and its task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from octops.ledger.claims import Charge, Release, Take, TakeOver
from octops.ledger.codec import decode
from octops.ledger.definitions import Define, Move, Prune
from octops.ledger.documents import Claim, Pruned, encode
from octops.ledger.files import Put
from octops.ledger.heads import spent
from octops.ledger.history import read_history
from octops.ledger.layout import PRUNED, head_path, open_path
from octops.ledger.ledger import Ledger, overlay
from octops.ledger.outcome import Transition
from octops.ledger.results import Finish, Store
from octops.model.history import Head
from octops.model.ids import RunId, TaskId
from octops.model.run import Usage
from tests.ledger.kit import LEASE, NOW, RUN, SLOT, TASK, MemoryBranch, Origin, claim, definition, record

PAID = Usage(input_tokens=100, output_tokens=20, cost_usd=0.5)
DAY = "2026-03-02"
LATER = NOW + LEASE + timedelta(seconds=1)
HEAD = head_path(TASK)


def defined(**changes: object) -> dict[str, bytes]:
    return {HEAD: encode(replace(Head(definition=definition(), activated_at=NOW), **changes))}  # type: ignore[arg-type]


def play(files: Mapping[str, bytes], *transitions: Transition) -> dict[str, bytes]:
    now = dict(files)
    for transition in transitions:
        outcome = transition.derive(now)
        assert outcome.accepted, (transition.word, outcome.refusal)
        overlay(now, outcome.files)
    return now


def day_sum(files: Mapping[str, bytes]) -> float:
    """As the planner adds it up."""
    heads = [decode(Head, content) for path, content in files.items() if path.startswith("tasks/")]
    pruned = decode(Pruned, files[PRUNED]).spent_usd if PRUNED in files else {}
    claims = [decode(Claim, content) for path, content in files.items() if path.startswith("open/")]
    return spent(heads, NOW, answers=[it.answer for it in claims if it.answer], pruned=pruned)[0]


def take(nonce: str = "n1") -> Take:
    return Take(claim=claim(nonce))


def take_over(nonce: str = "n2") -> TakeOver:
    return TakeOver(run=RUN, nonce=nonce, runner="laptop", now=LATER, lease_until=LATER + LEASE)


def release(nonce: str = "n1", usage: Usage = PAID) -> Release:
    return Release(run=RUN, nonce=nonce, now=NOW, usage=usage, spent_at=NOW)


def finish(nonce: str, usd: float) -> Finish:
    return Finish(run=RUN, nonce=nonce, record=record(usage=replace(PAID, cost_usd=usd)))


def claimed(files: Mapping[str, bytes]) -> Claim:
    return decode(Claim, files[open_path(RUN)])


def test_an_attempt_that_was_given_back_leaves_nothing_but_its_cost() -> None:
    files = play(defined(), take(), release())

    assert open_path(RUN) not in files
    assert day_sum(files) == 0.5


def test_the_next_attempt_knows_what_those_before_it_used() -> None:
    files = play(defined(), take(), release(), take("n2"), release("n2"), take("n3"))

    assert claimed(files).earlier_usage == PAID + PAID


def test_the_cost_of_cut_off_attempts_is_counted_once_however_the_run_ends() -> None:
    files = play(defined(), take(), release(), take("n2"), finish("n2", 2.0))

    assert day_sum(files) == 2.5
    assert decode(Head, files[HEAD]).cut_off == {}


def test_a_release_that_is_derived_again_counts_once() -> None:
    for before in ((take(),), (take(), take_over())):
        nonce = "n2" if len(before) == 2 else "n1"
        files = play(defined(), *before, release(nonce), release(nonce))

        assert day_sum(files) == 0.5


def test_a_later_attempt_that_is_given_back_keeps_its_claim_and_counts_too() -> None:
    files = play(defined(), take(), take_over(), release("n2"))

    assert (claimed(files).lease_until, claimed(files).attempt, day_sum(files)) == (NOW, 2, 0.5)
    again = play(files, replace(take_over("n3"), now=LATER))
    assert claimed(again).earlier_usage == PAID


def test_an_answer_that_is_stored_is_counted_as_it_says_and_not_by_its_release() -> None:
    answer = record(usage=replace(PAID, cost_usd=0.75))
    files = play(defined(), take(), Store(run=RUN, nonce="n1", answer=answer), release())

    assert day_sum(files) == 0.75


def test_a_run_that_was_asked_for_and_given_back_still_waits_for_an_apply() -> None:
    asked = Take(claim=replace(claim("n0"), attempt=0, requested=True, lease_until=NOW, parameters={"url": "x"}))
    files = play(defined(), asked, replace(take_over("n1"), now=LATER), release("n1"))

    waiting = claimed(files)
    assert (waiting.attempt, waiting.lease_until, waiting.parameters) == (0, NOW, {"url": "x"})
    assert day_sum(files) == 0.5


def test_what_a_runner_spent_that_lost_its_run_is_charged_and_nothing_else_is_written() -> None:
    taken = play(defined(), take(), take_over())
    files = play(taken, Charge(run=RUN, usage=PAID, spent_at=NOW))

    assert day_sum(files) == 0.5
    assert {path for path in files if files[path] != taken.get(path)} == {HEAD}


def test_what_is_charged_after_the_run_has_ended_is_only_money() -> None:
    files = play(defined(), take(), take_over(), replace(finish("n2", 2.0), settled_until=SLOT))
    after = play(files, Charge(run=RUN, usage=PAID, spent_at=NOW))

    assert (day_sum(after), decode(Head, after[HEAD]).cut_off) == (2.5, {})


def test_a_renamed_task_pays_under_its_new_name() -> None:
    files = play(defined(), take(), Move(source=TASK, target=TaskId("news")))

    paid = play(files, replace(release(), heir="news"))

    assert decode(Head, paid[head_path("news")]).spent_usd == {DAY: 0.5}


def test_a_price_that_is_not_known_costs_nothing_and_its_tokens_are_kept() -> None:
    unknown = Usage(input_tokens=7, output_tokens=1, cost_usd=None)
    files = play(defined(), take(), release(usage=unknown), take("n2"))

    assert (day_sum(files), claimed(files).earlier_usage) == (0.0, unknown)


def test_runs_that_never_come_to_a_record_are_forgotten_after_twenty() -> None:
    files = defined()
    for number in range(25):
        run = RunId(f"{TASK}@name-{number}")
        files = play(files, Charge(run=run, usage=PAID, spent_at=NOW))

    head = decode(Head, files[HEAD])
    assert (len(head.cut_off), head.spent_usd) == (20, {DAY: 12.5})


def test_a_pruned_task_leaves_what_it_spent() -> None:
    files = play(defined(spent_usd={DAY: 3.0}), Prune(task=TASK))

    assert (HEAD in files, day_sum(files)) == (False, 3.0)


def test_what_several_pruned_tasks_spent_is_added_up_and_pruning_again_changes_nothing() -> None:
    other = TaskId("other")
    known = Head(definition=definition(), activated_at=NOW, spent_usd={DAY: 2.0})
    files = play({**defined(spent_usd={DAY: 3.0}), head_path(other): encode(known)}, Prune(task=TASK))
    files = play(files, Prune(task=other), Prune(task=other), Prune(task=TASK))

    assert day_sum(files) == 5.0


def test_a_pruned_task_that_comes_back_starts_with_nothing_spent_and_nothing_is_lost() -> None:
    files = play(defined(spent_usd={DAY: 3.0}), Prune(task=TASK))

    files = play(files, Define(task=TASK, definition=definition(), activated_at=NOW), take(), finish("n1", 1.0))

    assert (decode(Head, files[HEAD]).spent_usd, day_sum(files)) == ({DAY: 1.0}, 4.0)


def test_a_run_that_ends_after_its_head_was_pruned_is_counted_all_the_same() -> None:
    files = play(defined(), take(), Prune(task=TASK), finish("n1", 2.0))

    assert day_sum(files) == 2.0


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"spent_usd": 3}'])
def test_sums_that_cannot_be_read_are_told_and_begun_anew(content: bytes) -> None:
    ledger = Ledger(branch=MemoryBranch(Origin()), clock=lambda: NOW)
    ledger.write([Put(path=PRUNED, content=content), Define(task=TASK, definition=definition(), activated_at=NOW)])
    told = read_history(ledger, NOW)
    ledger.write([take(), finish("n1", 3.0), Prune(task=TASK)])

    assert [it.code for it in told.diagnostics] == ["corrupt-ledger-file"]
    assert read_history(ledger, NOW).history.spent_day_usd == 3.0


def test_the_planner_counts_what_pruned_tasks_spent() -> None:
    ledger = Ledger(branch=MemoryBranch(Origin()), clock=lambda: NOW)
    ledger.write([Define(task=TASK, definition=definition(), activated_at=NOW), take(), finish("n1", 2.0)])
    before = read_history(ledger, NOW).history
    ledger.write([Prune(task=TASK)])
    after = read_history(ledger, NOW).history

    assert before.spent_day_usd == after.spent_day_usd == 2.0
    assert (after.heads, after.spent_month_usd) == ({}, 2.0)
