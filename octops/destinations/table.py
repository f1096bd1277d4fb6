"""The types of destinations there are: one line each."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from octops.destinations.email import Email
from octops.destinations.file import File
from octops.destinations.webhook import Webhook
from octops.model.run import DeliveryError, Proof, Result
from octops.rules.later import later_in_destination


class DestinationType(Protocol):
    """A frozen dataclass: its fields are the keys of its schema branch, secrets resolved, and `surroundings`.

    It refuses values that can never work when it is made, so that nothing is spent on a result that cannot arrive.
    """

    recipient_key: ClassVar[str]
    """The key that says who gets the result; of a list in it, each entry becomes a delivery of its own."""
    takes_failures: ClassVar[bool]
    """Failed runs are told here too: what arrives is an event, not a text somebody reads."""

    def __init__(self, **keys: Any) -> None: ...

    async def deliver(self, result: Result) -> Proof: ...


TYPES: dict[str, type[DestinationType]] = {
    "webhook": Webhook,
    "email": Email,
    "file": File,
}


def destination_type(name: str) -> type[DestinationType]:
    """Raises DeliveryError for a type that files may already declare and this version cannot serve."""
    if later := later_in_destination(name):
        raise DeliveryError(str(later), retryable=False)
    return TYPES[name]
