"""How often a delivery is tried, how long is waited, and what is said of it in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from octops.destinations.prepared import Outlet
from octops.model.run import DeliveryError, DeliveryStatus, Result

ATTEMPTS = 4
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
LONGEST_REQUESTED_WAIT = 120.0
"""Seconds a server can make us wait between two attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a delivery. `error` is that of the last attempt, empty when it was delivered."""

    status: DeliveryStatus
    """`unknown`: no attempt is known to have arrived, and one may have."""
    attempts: int
    ended_at: datetime
    proof: str = ""
    error: str = ""


async def deliver_with_retries(
    outlet: Outlet,
    result: Result,
    *,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
    now: Callable[[], datetime],
) -> Outcome:
    """Deliver under one id until it is taken, refused for good, or tried `attempts` times. Raises no DeliveryError.

    At most once means one attempt. `random` gives numbers in [0, 1).
    """
    allowed = 1 if outlet.guarantee == "at_most_once" else max(1, attempts)
    certain = True
    for attempt in range(1, allowed + 1):
        try:
            proof = await outlet.deliverer.deliver(result)
        except DeliveryError as error:
            certain = certain and error.certain
            if attempt == allowed or not error.retryable:
                status = DeliveryStatus.FAILED if certain else DeliveryStatus.UNKNOWN
                return Outcome(status=status, attempts=attempt, ended_at=now(), error=str(error))
            await sleep(_wait(attempt, error.retry_after, random()))
        else:
            return Outcome(status=DeliveryStatus.DELIVERED, attempts=attempt, ended_at=now(), proof=proof.text)
    raise AssertionError("a delivery is tried at least once")


def _wait(attempt: int, requested: float | None, chance: float) -> float:
    """Full jitter, so that many runners do not come back together; what a server asks for counts, within bounds."""
    if requested is not None:
        return min(requested, LONGEST_REQUESTED_WAIT)
    return chance * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
