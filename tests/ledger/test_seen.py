from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from octops.ledger.claims import Take
from octops.ledger.layout import open_path
from octops.ledger.ledger import Ledger
from octops.ledger.outcome import Refusal
from octops.ledger.results import Finish, Store
from octops.model.ids import run_id
from octops.repository.objects import Entry
from tests.ledger.kit import NOW, RUN, SLOT, MemoryBranch, Origin, claim, delivery, files, record

OTHER = run_id("other", SLOT)


@dataclass
class Listening(MemoryBranch):
    """Notes every path that is looked up."""

    asked: list[str] = field(default_factory=list)

    def entries(self, tip: str, paths: Sequence[str] = ()) -> tuple[Entry, ...]:
        self.asked += paths
        return super().entries(tip, paths)


def ledger(branch: MemoryBranch) -> Ledger:
    return Ledger(branch=branch, clock=lambda: NOW)


def test_what_this_runner_wrote_itself_is_not_looked_up_again() -> None:
    branch = Listening(Origin())
    ours = ledger(branch)
    assert ours.write([Take(claim=claim())])[0].accepted
    branch.asked.clear()

    assert ours.write([Finish(run=RUN, nonce="n1", record=record())])[0].accepted

    assert open_path(RUN) not in branch.asked
    assert open_path(RUN) not in files(branch.origin)


def test_what_was_not_there_is_looked_up_again_once_somebody_else_has_written() -> None:
    origin = Origin()
    ours, theirs = ledger(MemoryBranch(origin)), ledger(MemoryBranch(origin))
    assert ours.write([Take(claim=claim())])[0].accepted
    refused = ours.write([Finish(run=OTHER, nonce="n1", record=record(run=OTHER))])
    assert refused[0].refusal is Refusal.LOST
    assert theirs.write([Take(claim=claim("n2", run=OTHER))])[0].accepted

    (outcome,) = ours.write([Take(claim=claim("n3", run=OTHER))])

    assert outcome.refusal is Refusal.TAKEN
    assert outcome.claim is not None
    assert outcome.claim.nonce == "n2"


def test_an_answer_too_long_to_be_held_is_read_again() -> None:
    branch = Listening(Origin())
    ours = ledger(branch)
    answer = record(text="word " * 10_000, deliveries=(delivery(),))
    assert ours.write([Take(claim=claim())])[0].accepted
    assert ours.write([Store(run=RUN, nonce="n1", answer=answer)])[0].accepted
    branch.asked.clear()

    (outcome,) = ours.write([Store(run=RUN, nonce="n1", answer=record())])

    assert open_path(RUN) in branch.asked
    assert outcome.claim is not None
    assert outcome.claim.answer == answer


def test_two_transitions_of_one_commit_see_each_other() -> None:
    branch = Listening(Origin())
    ours = ledger(branch)

    first, second = ours.write([Take(claim=claim()), Take(claim=claim("n2"))])

    assert first.accepted
    assert second.refusal is Refusal.TAKEN
