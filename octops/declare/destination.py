"""The mapping of a destination → the noun Destination: changes with the keys all destinations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octops.model.ids import DestinationId
from octops.model.project import Destination

_SHARED = frozenset(("type", "label", "guarantee"))


def destination_of(values: Mapping[str, Any], *, id_: str, path: str) -> Destination:
    """The keys of its type stay as they are written, in `config`."""
    return Destination(
        id=DestinationId(id_),
        path=path,
        type=values["type"],
        config={key: value for key, value in values.items() if key not in _SHARED},
        label=values.get("label", ""),
        guarantee=values.get("guarantee", "at_least_once"),
    )
