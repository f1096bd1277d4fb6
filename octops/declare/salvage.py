"""What of a file with mistakes can still be used, so that one mistake does not hide the next."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from octops.declare.faults import Fault
from octops.declare.located import Pointer

_BLANKS: Mapping[str, Any] = {
    "skills": "",
    "sources": "",
    "destinations": "",
    "required_sources": "",
    "tags": "",
    "prefetch": {"source": "", "tool": ""},
    "parameters": "",
    "models": "",
}
"""Takes the place of an item that cannot be used: the others keep their position, checks pass over it."""

_LOOSE = frozenset(("defaults", "limits", "apply", "preview", "budget", "records", "network", "output", "retry"))
"""Mappings whose keys stand for themselves: without a bad one the others still mean the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """`lost` are the keys at the top about which nothing is known."""

    values: dict[str, Any]
    lost: frozenset[str]


def salvage(values: dict[str, Any], faults: Sequence[Fault]) -> Salvage:
    """The values without what the faults call unusable; the given mapping stays as it is."""
    if not faults:
        return Salvage(values=values, lost=frozenset())
    rest = copy.deepcopy(values)
    lost: set[str] = set()
    # Keys that do not belong there go first: the way to them leads through values that may go next.
    for fault in sorted(faults, key=lambda fault: not fault.superfluous):
        path = fault.unusable
        if path is None:
            continue
        if fault.superfluous:
            _delete(rest, path)
        elif path:
            lost |= _drop(rest, path)
        else:
            lost.update(rest)
            rest.clear()
    return Salvage(values=rest, lost=frozenset(lost))


def _delete(values: dict[str, Any], path: Pointer) -> None:
    here: Any = values
    for step in path[:-1]:
        here = here[step]
    here.pop(path[-1], None)


def _drop(values: dict[str, Any], path: Pointer) -> set[str]:
    top = str(path[0])
    if len(path) > 1 and top in _BLANKS and top in values:
        values[top][path[1]] = copy.deepcopy(_BLANKS[top])
        return set()
    if len(path) > 1 and top in _LOOSE and top in values:
        _delete(values, tuple(takewhile(lambda step: isinstance(step, str), path)))
        # Without an entry of `network.allow`, a host that it names would seem not to be allowed.
        return {top} if path == ("defaults", "model") or top in ("network", "records") else set()
    values.pop(top, None)
    return {top}
