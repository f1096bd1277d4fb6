"""A schedule in a few words, as a reviewer reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from octops.model.ids import Value
from octops.model.task import Frequency

_SAID = frozenset({"frequency", "at", "date", "days", "every", "cron"})


def schedule_words(document: Mapping[str, Value]) -> str:
    """`weekly on Friday at 15:00, catch_up all`, from a task's document; `none` without a schedule. Not escaped."""
    written = document.get("schedule")
    if not isinstance(written, Mapping) or not written:
        return "none"
    said = ", ".join([_when(written), *(f"{key} {_listed(written[key])}" for key in written if key not in _SAID)])
    return said if written.get("frequency") in list(Frequency) else _json(written)


def _when(written: Mapping[str, Value]) -> str:
    at = f" at {_listed(written['at'])}" if "at" in written else ""
    match written.get("frequency"):
        case Frequency.ONCE:
            return f"once on {_listed(written.get('date'))}{at}"
        case Frequency.HOURLY:
            return _often("hourly", "hours", written.get("every", 1)) + at
        case Frequency.WEEKLY:
            return f"{_often('weekly', 'weeks', written.get('every', 1))} on {_listed(written.get('days')).title()}{at}"
        case Frequency.CRON:
            return f"cron {_listed(written.get('cron'))}"
        case other:
            return f"{other}{at}"


def _often(one: str, many: str, every: Value) -> str:
    return one if every == 1 else f"every {_listed(every)} {many}"


def _listed(value: Value) -> str:
    """The ledger's words are not checked as the files' are: whatever stands there is shown."""
    items = value if isinstance(value, list | tuple) else [value]
    return ", ".join(item if isinstance(item, str) else _json(item) for item in items)


def _json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, default=dict)
