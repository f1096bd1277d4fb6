"""What a run asks of the ledger for its claim: taken, given back, and paid for though it was lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from octops.ledger.claims import Charge, Release, Take, TakeOver
from octops.ledger.documents import Claim
from octops.ledger.outcome import Refusal, Transition
from octops.model.ids import TaskId
from octops.model.run import Answer, Usage
from octops.run.site import Site

if TYPE_CHECKING:
    from octops.run.errand import Errand


def taking(errand: Errand, site: Site, lease_until: datetime, heir: str) -> Transition:
    """A claim of its own, or that of a runner that is gone. `heir` is the id of the task that remembers the run."""
    nonce = site.nonce()
    if errand.take_over:
        return TakeOver(
            run=errand.run,
            nonce=nonce,
            runner=site.runner,
            now=site.leases(),
            lease_until=lease_until,
            heir=heir,
        )
    return Take(
        claim=Claim(
            run=errand.run,
            task=TaskId(errand.run.partition("@")[0]),
            scheduled_at=errand.scheduled_at,
            name=errand.name,
            trigger=errand.trigger,
            parameters=errand.parameters,
            is_catch_up=errand.is_catch_up,
            window_start=errand.window_start,
            nonce=nonce,
            runner=site.runner,
            claimed_at=site.now(),
            lease_until=lease_until,
        )
    )


def giving_back(claim: Claim, site: Site, used: Usage, heir: str) -> Release:
    """`used` is what no answer in the ledger tells of."""
    return Release(
        run=claim.run,
        nonce=claim.nonce,
        # Leases hold to the end of their second.
        now=site.leases() - timedelta(seconds=1),
        usage=used,
        spent_at=site.now(),
        heir=heir,
    )


def charging(claim: Claim, site: Site, used: Usage, heir: str) -> Charge:
    """Money that was spent is counted, though what it was spent on belongs to somebody else now."""
    return Charge(run=claim.run, usage=used, spent_at=site.now(), heir=heir)


def deferred(claim: Claim, answer: Answer) -> str:
    """Why a run that has asked nobody anything waits for a later apply; empty when it does not.

    One that a person waits for, or that somebody has begun before, ends here and now.
    """
    waits = (claim.scheduled_at is not None or claim.requested) and claim.attempt <= 1
    return answer.failure.message if answer.failure and answer.not_begun and waits else ""


REFUSALS = {
    Refusal.FINISHED: "it already has a record",
    Refusal.TAKEN: "another runner has it",
    Refusal.LOST: "another runner took it over",
    Refusal.MISSING: "it was given back or finished in the meantime",
    Refusal.UNREADABLE: "its claim cannot be read; `octops state doctor` names the file",
}
"""Why a run is left alone."""
