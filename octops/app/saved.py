"""A saved plan, and whether it still says what would happen: applied = reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from octops.errors import Diagnostic, StalePlan, UsageError
from octops.model.plan import Plan
from octops.report.plan_json import plan_json

_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    as_of: datetime
    document: Mapping[str, Any]


def read_saved(path: Path) -> SavedPlan:
    """Raises UsageError for a file that `octops plan -o` did not write."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        document = json.loads(path.read_bytes())
        about = document["octops"]
        if about["base"]:
            raise UsageError(
                f"`{path}` compares two commits: there is nothing in it to apply",
                code="not-applicable",
                detail="save one without `--base`",
            )
        return SavedPlan(as_of=_instant(about["now"]), document=document)
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror}", code="no-such-file") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        detail = "save one with `octops plan -o plan.json`"
        raise UsageError(f"`{path}` is not a saved plan", code="not-a-plan", detail=detail) from error


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or not datetime.min.year < instant.year < datetime.max.year:
        raise ValueError("it is no time a plan could be made at")
    return instant


def check_saved(saved: SavedPlan, fresh: Plan) -> None:
    """Raises StalePlan, a diagnostic per action, unless `fresh` (made for the same instant) says exactly the same."""
    now = plan_json(fresh)
    found = list(_differences(saved.document, now))
    if found:
        head = Diagnostic(
            code="stale-plan",
            summary="Saved plan is stale: it no longer says what would happen, nothing was done",
            detail="make and review a new one with `octops plan -o plan.json`",
        )
        raise StalePlan(head, *(Diagnostic(code="stale-action", summary=text) for text in found))


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    planned_for, this = before["octops"].get("revision"), now["octops"]["revision"]
    if planned_for != this:
        yield f"the saved plan was made for {_revision(planned_for)}, and this is {_revision(this)}"
    if before["octops"].get("dirty") != now["octops"]["dirty"]:
        yield "the work tree has changes that are not committed now, or had them then"
    yield from _settings(before["octops"].get("settings"), now["octops"]["settings"])
    for key in ("resource_changes", "run_changes"):
        planned, fresh = _by_address(before.get(key)), _by_address(now[key])
        for address in sorted(planned.keys() | fresh.keys()):
            if planned.get(address) != fresh.get(address):
                yield _difference(address, planned.get(address), fresh.get(address))


def _revision(revision: Any) -> str:
    return f"revision `{str(revision)[:12]}`" if revision else "files outside any commit"


def _settings(planned: Any, fresh: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(planned, Mapping):
        yield "the saved plan does not say which settings it was made with: another version of octops made it"
        return
    for key in sorted(planned.keys() | fresh.keys(), key=str):
        if planned.get(key) != fresh.get(key):
            yield f"`{key}` in octops.yaml says something else now"


def _by_address(actions: Any) -> dict[str, Any]:
    if not isinstance(actions, list):
        return {}
    return {str(action.get("address")): action for action in actions if isinstance(action, Mapping)}


def _difference(address: str, planned: Any, fresh: Any) -> str:
    if fresh is None:
        return f"`{address}` is not to be done any more: it was done, withdrawn, or is in other hands"
    if planned is None:
        return f"`{address}` is to be done now and is not in the saved plan"
    return f"`{address}` differs from the saved plan"
