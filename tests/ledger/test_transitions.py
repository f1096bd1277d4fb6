from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from octops.ledger.claims import Release, Renew, Take, TakeOver
from octops.ledger.codec import decode
from octops.ledger.definitions import Define, Move, Prune
from octops.ledger.documents import Claim, Phase, encode
from octops.ledger.layout import PRUNED, head_path, open_path, record_path
from octops.ledger.ledger import overlay
from octops.ledger.outcome import Outcome, Refusal, Transition
from octops.ledger.results import Deliver, Finish, Skip, Store
from octops.model.history import Head, Samples
from octops.model.ids import RunId, TaskId, run_id
from octops.model.run import Delivery, DeliveryStatus, Record, RunStatus, Usage
from tests.ledger.kit import LEASE, NOW, RUN, SLOT, TASK, claim, definition, delivery, record

Files = Mapping[str, bytes]
OPEN = open_path(RUN)
RECORD = record_path(RUN, NOW.date())
HEAD = head_path(TASK)
LATER = NOW + LEASE + timedelta(seconds=1)
ANSWER = record(deliveries=(delivery(), delivery(id="d2")))


def play(files: Files, *transitions: Transition) -> dict[str, bytes]:
    """The files after transitions that are all accepted."""
    now = dict(files)
    for transition in transitions:
        outcome = transition.derive(now)
        assert outcome.accepted, (transition.word, outcome.refusal)
        overlay(now, outcome.files)
    return now


def head(**changes: object) -> Head:
    return replace(Head(definition=definition(), activated_at=NOW), **changes)  # type: ignore[arg-type]


def at(files: Files) -> Claim:
    return decode(Claim, files[OPEN])


def take(nonce: str = "n1", runner: str = "ci") -> Take:
    return Take(claim=claim(nonce, runner=runner))


def take_over(nonce: str = "n2") -> TakeOver:
    return TakeOver(run=RUN, nonce=nonce, runner="laptop", now=LATER, lease_until=LATER + LEASE)


def store(nonce: str = "n1", answer: Record = ANSWER) -> Store:
    return Store(run=RUN, nonce=nonce, answer=answer)


def deliver(delivery: Delivery, nonce: str = "n1") -> Deliver:
    return Deliver(run=RUN, nonce=nonce, delivery=delivery)


def finish(nonce: str = "n1", answer: Record = ANSWER) -> Finish:
    return Finish(run=RUN, nonce=nonce, record=answer)


SENDING = delivery(status=DeliveryStatus.SENDING, attempts=1)
DELIVERED = delivery(status=DeliveryStatus.DELIVERED, attempts=1, proof="250 ok")

CLAIMED = play({}, take())
ANSWERED = play(CLAIMED, store())
DELIVERING = play(ANSWERED, deliver(SENDING))
FINISHED = play(DELIVERING, deliver(DELIVERED), finish())
TAKEN_OVER = play(CLAIMED, take_over())


def test_a_free_run_is_taken() -> None:
    assert at(CLAIMED) == claim()


def test_a_run_somebody_holds_is_not_taken_twice() -> None:
    outcome = take("n2").derive(CLAIMED)

    assert outcome == Outcome(refusal=Refusal.TAKEN, claim=claim())


def test_a_lease_that_ended_is_no_free_run() -> None:
    late = Take(claim=replace(claim("n2"), claimed_at=LATER, lease_until=LATER + LEASE))

    assert late.derive(CLAIMED).refusal is Refusal.TAKEN


def test_a_claim_with_our_nonce_is_ours_already() -> None:
    assert take().derive(CLAIMED) == Outcome(claim=claim())


def test_a_run_with_a_record_is_never_taken_again() -> None:
    assert take("n2").derive(FINISHED).refusal is Refusal.FINISHED


def test_a_named_run_with_a_record_on_any_day_is_never_taken_again() -> None:
    run = run_id(TASK, "nightly")
    files = {"runs/2019/01/01/digest--nightly.json": b"corrupt"}
    wanted = Take(claim=claim(run=run, slot=None))

    assert wanted.needs.names == ("digest--nightly.json",)
    assert wanted.derive(files).refusal is Refusal.FINISHED
    assert wanted.derive({"runs/2019/01/01/other--nightly.json": b""}).accepted


@pytest.mark.parametrize(
    ("settled", "refused"),
    [
        ({"settled": (SLOT,)}, True),
        ({"settled_until": SLOT}, True),
        ({"settled_until": SLOT - timedelta(hours=1)}, False),
        ({"settled": (SLOT + timedelta(hours=1),)}, False),
    ],
)
def test_a_slot_that_shares_another_slots_record_is_not_taken(settled: dict[str, object], refused: bool) -> None:
    outcome = take().derive({HEAD: encode(head(**settled))})

    assert (outcome.refusal is Refusal.FINISHED) == refused


def test_a_live_lease_is_not_taken_over() -> None:
    early = replace(take_over(), now=NOW + timedelta(seconds=1))

    assert early.derive(CLAIMED).refusal is Refusal.TAKEN


def test_an_ended_lease_is_taken_over_as_the_next_attempt() -> None:
    taken = at(TAKEN_OVER)

    assert (taken.attempt, taken.nonce, taken.runner) == (2, "n2", "laptop")
    assert taken.claimed_at == NOW


def test_taking_over_a_stored_answer_asks_no_model_again() -> None:
    taken = at(play(ANSWERED, take_over()))

    assert (taken.attempt, taken.phase, taken.answer) == (1, Phase.ANSWERED, ANSWER)


@pytest.mark.parametrize(
    ("guarantee", "status"),
    [("at_least_once", DeliveryStatus.PENDING), ("at_most_once", DeliveryStatus.UNKNOWN)],
)
def test_a_delivery_cut_off_while_sending_is_sent_again_or_unknown(guarantee: str, status: DeliveryStatus) -> None:
    answer = replace(ANSWER, deliveries=(delivery(guarantee=guarantee),))
    sending = delivery(guarantee=guarantee, status=DeliveryStatus.SENDING)

    files = play(CLAIMED, store(answer=answer), deliver(sending), take_over())

    assert [entry.status for entry in at(files).deliveries] == [status]


def test_what_was_delivered_stays_delivered_after_a_takeover() -> None:
    files = play(DELIVERING, deliver(DELIVERED), take_over())

    assert at(files).deliveries[0] == DELIVERED


@pytest.mark.parametrize(
    "late",
    [store(), deliver(SENDING), finish(), Renew(run=RUN, nonce="n1", lease_until=LATER + 2 * LEASE)],
    ids=lambda transition: transition.word,
)
@pytest.mark.parametrize(
    "files", [TAKEN_OVER, play(ANSWERED, take_over()), {}], ids=["taken over", "with an answer", "freed"]
)
def test_a_runner_that_lost_its_lease_writes_nothing(late: Transition, files: Files) -> None:
    outcome = late.derive(files)

    assert outcome.refusal is Refusal.LOST
    assert outcome.files == {}


@pytest.mark.parametrize("late", [take(), store(), deliver(SENDING), take_over()], ids=lambda t: t.word)
def test_after_the_record_nothing_is_written(late: Transition) -> None:
    outcome = late.derive(FINISHED)

    assert not outcome.accepted
    assert outcome.files == {}


def test_another_record_of_a_finished_run_is_refused() -> None:
    other = replace(ANSWER, text="another")

    assert finish(answer=other).derive(FINISHED).refusal is Refusal.FINISHED


@pytest.mark.parametrize(
    ("again", "files"),
    [
        (take(), CLAIMED),
        (take_over(), TAKEN_OVER),
        (store(), ANSWERED),
        (deliver(SENDING), DELIVERING),
        (deliver(DELIVERED), play(DELIVERING, deliver(DELIVERED))),
        (finish(), FINISHED),
        (Skip(record=record(status=RunStatus.SKIPPED)), play({}, Skip(record=record(status=RunStatus.SKIPPED)))),
        (Release(run=RUN, nonce="n1", now=NOW), {}),
        (Renew(run=RUN, nonce="n1", lease_until=NOW), CLAIMED),
        (Define(task=TASK, definition=definition(), activated_at=NOW), {HEAD: encode(head())}),
        (Move(source=TaskId("old"), target=TASK), {HEAD: encode(head())}),
        (Prune(task=TASK), {}),
    ],
    ids=lambda value: getattr(value, "word", ""),
)
def test_what_arrived_although_the_push_seemed_lost_is_accepted_without_a_second_write(
    again: Transition, files: Files
) -> None:
    assert again.derive(files) == Outcome(claim=again.derive(files).claim)


def test_an_answer_is_stored_with_its_deliveries() -> None:
    assert at(ANSWERED).answer == ANSWER
    assert at(ANSWERED).phase is Phase.ANSWERED


def test_a_stored_answer_is_never_replaced() -> None:
    files = play(ANSWERED, store(answer=replace(ANSWER, text="another")))

    assert at(files).answer == ANSWER


def test_one_delivery_changes_and_the_others_stay_in_order() -> None:
    assert at(DELIVERING).deliveries == (SENDING, delivery(id="d2"))
    assert at(DELIVERING).phase is Phase.DELIVERING


@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN, DeliveryStatus.SUPPRESSED])
def test_a_delivery_that_came_to_its_end_is_not_sent_again(status: DeliveryStatus) -> None:
    files = play(ANSWERED, deliver(delivery(status=status)))

    assert deliver(SENDING).derive(files).refusal is Refusal.FINISHED


def test_a_failed_delivery_may_be_tried_again() -> None:
    files = play(DELIVERING, deliver(delivery(status=DeliveryStatus.FAILED, error="503")))

    assert deliver(replace(SENDING, attempts=2)).derive(files).accepted


@pytest.mark.parametrize("files", [CLAIMED, ANSWERED])
def test_a_delivery_nobody_stored_is_refused(files: Files) -> None:
    assert deliver(replace(SENDING, id="other")).derive(files).refusal is Refusal.MISSING


def test_every_write_can_prolong_the_lease_and_none_shortens_it() -> None:
    longer, shorter = LATER + LEASE, NOW
    files = play(CLAIMED, replace(store(), lease_until=longer), replace(deliver(SENDING), lease_until=shorter))

    assert at(files).lease_until == longer


def test_finishing_leaves_the_record_and_its_answer_and_no_claim() -> None:
    assert set(FINISHED) == {RECORD, RECORD.replace(".json", ".md"), PRUNED}
    assert decode(Record, FINISHED[RECORD]) == ANSWER


def test_a_record_without_text_has_no_page() -> None:
    files = play(CLAIMED, finish(answer=record(text="", status=RunStatus.FAILED)))

    assert set(files) == {RECORD, PRUNED}


def test_a_named_runs_record_is_filed_under_the_day_of_its_claim() -> None:
    run = RunId(f"{TASK}@nightly")
    named = claim(run=run, slot=None)
    done = record(run=run, slot=None, finished_at=NOW + timedelta(days=1))

    files = play({}, Take(claim=named), Finish(run=run, nonce="n1", record=done))

    assert "runs/2026/03/02/digest--nightly.json" in files


def finished_head(before: Head, done: Record = ANSWER, **rest: object) -> Head:
    wanted = replace(finish(answer=done), **rest)  # type: ignore[arg-type]
    return decode(Head, play(play({HEAD: encode(before)}, take()), wanted)[HEAD])


def test_finishing_settles_the_slot_in_the_head() -> None:
    after = finished_head(head())

    assert after.settled == (SLOT,)
    assert after.samples.output_tokens[-1] == 10
    assert after.spent_usd == {"2026-03-02": 0.25}


def test_settled_slots_up_to_the_given_one_become_one_instant() -> None:
    early, next_slot = SLOT - timedelta(hours=2), SLOT + timedelta(hours=1)

    after = finished_head(head(settled=(early, next_slot)), settled_until=SLOT)

    assert (after.settled_until, after.settled) == (SLOT, (next_slot,))


def test_settled_until_never_goes_back() -> None:
    before = head(settled_until=SLOT - timedelta(hours=1))

    assert finished_head(before, settled_until=SLOT - timedelta(days=1)).settled_until == before.settled_until


@pytest.mark.parametrize(
    ("status", "failures"), [(RunStatus.FAILED, 3), (RunStatus.COMPLETED, 0), (RunStatus.SKIPPED, 2)]
)
def test_failures_in_a_row_are_counted(status: RunStatus, failures: int) -> None:
    assert finished_head(head(failures=2), replace(ANSWER, status=status)).failures == failures


def test_only_completed_runs_are_samples_and_only_the_newest_are_kept() -> None:
    many = head()
    for _ in range(25):
        many = finished_head(replace(many, settled=()))

    assert len(many.samples) == 20
    assert finished_head(head(), replace(ANSWER, status=RunStatus.FAILED)).samples == Samples()


def test_an_unknown_cost_is_not_counted_as_spent() -> None:
    assert finished_head(head(), replace(ANSWER, usage=Usage(cost_usd=None))).spent_usd == {}


def test_a_corrupt_head_does_not_keep_a_run_from_its_record() -> None:
    files = play({**CLAIMED, HEAD: b"{"}, finish())

    assert RECORD in files
    assert files[HEAD] == b"{"


@pytest.mark.parametrize(
    "transition", [take("n2"), take_over(), store(), deliver(SENDING), finish()], ids=lambda t: t.word
)
def test_a_corrupt_claim_is_left_alone(transition: Transition) -> None:
    assert transition.derive({OPEN: b"{"}).refusal is Refusal.UNREADABLE


def skip(*covers: int, **changes: object) -> Skip:
    slots = tuple(SLOT - timedelta(hours=hours) for hours in covers)
    return Skip(record=record(status=RunStatus.SKIPPED, reason="superseded", covers=slots, text="", **changes))


def test_skipped_slots_share_one_record_and_are_settled_together() -> None:
    files = play({HEAD: encode(head())}, skip(2, 1))

    assert set(files) == {HEAD, RECORD}
    assert (decode(Head, files[HEAD]).settled_until, decode(Head, files[HEAD]).settled) == (SLOT, ())


def test_a_slot_somebody_runs_is_not_skipped() -> None:
    assert skip().derive(CLAIMED).refusal is Refusal.TAKEN


def test_a_slot_somebody_runs_is_not_covered_by_a_skip_either() -> None:
    slot = SLOT - timedelta(hours=1)
    running = play({}, Take(claim=claim(run=run_id(TASK, slot), slot=slot)))

    assert skip(1).derive(running).refusal is Refusal.TAKEN


def test_a_skip_does_not_cover_what_was_recorded() -> None:
    earlier = record_path(run_id(TASK, SLOT - timedelta(hours=1)), NOW.date())

    assert earlier in skip(1).needs.paths
    assert skip(1).derive({earlier: b"{}"}).refusal is Refusal.FINISHED


def test_releasing_a_first_attempt_leaves_nothing() -> None:
    assert play(CLAIMED, Release(run=RUN, nonce="n1", now=NOW)) == {}


def test_a_skip_ends_the_claim_of_a_runner_that_was_gone_without_an_answer() -> None:
    ended = skip(0, finished_at=LATER)

    assert set(play({**CLAIMED, HEAD: encode(head())}, ended)) == {HEAD, RECORD}
    assert set(play({**CLAIMED, HEAD: encode(head(settled_until=SLOT))}, ended)) == {HEAD, RECORD}


@pytest.mark.parametrize("files", [ANSWERED, DELIVERING, {OPEN: b"{"}], ids=["answered", "delivering", "corrupt"])
def test_a_skip_ends_no_claim_that_may_hold_an_answer(files: Files) -> None:
    assert skip(0, finished_at=LATER).derive(files).refusal is Refusal.TAKEN


def test_a_skip_ends_no_claim_that_was_held_when_it_was_decided() -> None:
    assert skip(0, finished_at=NOW + LEASE).derive(CLAIMED).refusal is Refusal.TAKEN


def test_releasing_a_slot_that_a_newer_skip_has_passed_leaves_it_to_be_taken_up() -> None:
    files = {**CLAIMED, HEAD: encode(head(settled_until=SLOT + timedelta(hours=1)))}
    release = Release(run=RUN, nonce="n1", now=NOW)
    released = play(files, release)

    assert (at(released).lease_until, at(released).attempt) == (NOW, 1)
    assert HEAD in release.needs.paths
    assert RECORD in play(released, take_over(), finish("n2"))


def test_a_run_of_a_renamed_task_is_remembered_under_its_new_id() -> None:
    news = head_path("news")
    ended = replace(finish(), heir="news")
    files = play({**DELIVERING, news: encode(head())}, ended)

    assert news in ended.needs.paths
    assert decode(Head, files[news]).settled == (SLOT,)
    assert HEAD not in files


def test_a_run_of_a_task_whose_head_has_not_moved_is_remembered_under_its_own_id() -> None:
    news = head_path("news")
    before = {**DELIVERING, news: encode(head()), HEAD: encode(head())}
    files = play(before, replace(finish(), heir="news"))

    assert decode(Head, files[HEAD]).settled == (SLOT,)
    assert files[news] == before[news]


@pytest.mark.parametrize("files", [ANSWERED, DELIVERING])
def test_releasing_an_answer_keeps_it_for_the_next_apply(files: Files) -> None:
    released = at(play(files, Release(run=RUN, nonce="n1", now=NOW)))

    assert released.answer is not None
    assert released.lease_until == NOW


def test_releasing_a_later_attempt_does_not_forget_how_many_there_were() -> None:
    files = play(TAKEN_OVER, Release(run=RUN, nonce="n2", now=LATER))

    assert at(files).attempt == 2


def test_releasing_what_somebody_else_took_over_changes_nothing() -> None:
    assert play(TAKEN_OVER, Release(run=RUN, nonce="n1", now=NOW)) == TAKEN_OVER


def test_a_definition_keeps_what_happened_before() -> None:
    before = head(settled=(SLOT,), failures=3)

    files = play({HEAD: encode(before)}, Define(task=TASK, definition=definition("y"), activated_at=NOW, revision="r"))

    assert decode(Head, files[HEAD]) == replace(before, definition=definition("y"), revision="r")


@pytest.mark.parametrize(("expected", "accepted"), [("x", True), ("", False), ("z", False), (None, True)])
def test_a_definition_somebody_else_changed_meanwhile_is_refused(expected: str | None, accepted: bool) -> None:
    wanted = Define(task=TASK, definition=definition("y"), activated_at=NOW, expected=expected)

    assert wanted.derive({HEAD: encode(head())}).accepted == accepted


def test_a_corrupt_head_is_replaced_by_the_next_definition() -> None:
    files = play({HEAD: b"{"}, Define(task=TASK, definition=definition(), activated_at=NOW))

    assert decode(Head, files[HEAD]) == head()


def test_a_renamed_task_takes_its_head_along() -> None:
    files = play({head_path("old"): encode(head())}, Move(source=TaskId("old"), target=TASK))

    assert files == {HEAD: encode(head())}


def test_a_head_is_not_moved_onto_another() -> None:
    both = {head_path("old"): encode(head()), HEAD: encode(head())}

    assert Move(source=TaskId("old"), target=TASK).derive(both).refusal is Refusal.TAKEN


def test_pruning_forgets_the_head_and_keeps_the_records() -> None:
    assert play({**FINISHED, HEAD: encode(head())}, Prune(task=TASK)) == FINISHED


@pytest.mark.parametrize(
    "transition",
    [take(), take_over(), store(), deliver(SENDING), finish(), skip(1, 2), Release(run=RUN, nonce="n", now=NOW),
     Define(task=TASK, definition=definition(), activated_at=NOW), Prune(task=TASK)],
    ids=lambda t: t.word,
)  # fmt: skip
def test_a_transition_writes_only_what_it_needed_to_read_and_answers(transition: Transition) -> None:
    for files in ({}, CLAIMED, ANSWERED, DELIVERING, FINISHED, {HEAD: encode(head())}):
        written = set(transition.derive(files).files)

        assert {path for path in written if not path.endswith(".md")} <= set(transition.needs.paths)
