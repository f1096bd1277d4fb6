"""From a declared destination to what can be delivered to: recipients, their ids, secrets put in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword

from octops.destinations.secrets import redacted, redacted_errors, resolve
from octops.destinations.surroundings import Surroundings
from octops.destinations.table import destination_type
from octops.model.ids import Value
from octops.model.project import Destination
from octops.model.run import Deliverer, Proof, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One recipient of a destination, ready to be delivered to. `recipient` is the one that `recipients` names."""

    recipient: str
    deliverer: Deliverer
    guarantee: str = "at_least_once"


def recipients(destination: Destination) -> tuple[str, ...]:
    """Who gets the result, in the order of the file, without repeats and without any secret: one stands as `$NAME`.

    Raises DeliveryError for a type that is not available.
    """
    values = _listed(destination.config[destination_type(destination.type).recipient_key])
    return tuple(dict.fromkeys(map(_shown, values)))


def prepare(destination: Destination, surroundings: Surroundings) -> tuple[Outlet, ...]:
    """An outlet for each of `recipients`, in their order. Raises DeliveryError, never retryable, for what cannot work.

    Opens no connection.
    """
    kind = destination_type(destination.type)
    resolved = resolve(destination.config, surroundings.secrets)
    keys = {f"{key}_" if iskeyword(key) else key: value for key, value in resolved.config.items()}
    shown = map(_shown, _listed(destination.config[kind.recipient_key]))
    values = dict(zip(shown, _listed(keys[kind.recipient_key]), strict=True))
    with redacted_errors(resolved.secrets):
        return tuple(
            Outlet(
                recipient=recipient,
                deliverer=_Redacted(
                    deliverer=kind(**{**keys, kind.recipient_key: value, "surroundings": surroundings}),
                    secrets=resolved.secrets,
                ),
                guarantee=destination.guarantee,
            )
            for recipient, value in values.items()
        )


def delivery_id(run_id: str, destination_id: str, recipient: str) -> str:
    """The same for every attempt, in every process: what the other side knows a delivery by."""
    words = json.dumps([run_id, destination_id, recipient], separators=(",", ":"))
    return f"dlv_{hashlib.sha256(words.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redacted:
    """A deliverer whose words, and the other side's words in them, tell no secret."""

    deliverer: Deliverer
    secrets: tuple[str, ...] = field(repr=False)

    async def deliver(self, result: Result) -> Proof:
        with redacted_errors(self.secrets):
            proof = await self.deliverer.deliver(result)
        return Proof(text=redacted(proof.text, self.secrets))


def _listed(value: Value) -> tuple[Value, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _shown(value: Value) -> str:
    return f"${value['env']}" if isinstance(value, Mapping) else str(value)
