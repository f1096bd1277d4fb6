"""Runs that somebody started and nobody has finished: which of them this plan takes up, and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from octops.model.history import OpenRun
from octops.model.plan import PlannedRun, RunAction


def taken_up(run: OpenRun, now: datetime, *, gone: str = "", may_spend: bool = True) -> PlannedRun | None:
    """What happens to a run whose lease has ended; None while its runner still holds it.

    `gone` says why its task asks no model any more (`paused`, `deleted`, `moved`), or is empty. An answer that is
    stored is delivered all the same: that asks no model and costs nothing.
    """
    if alive(run, now):
        return None
    if answered(run):
        return _planned(run, RunAction.RESUME, "open_delivery", now)
    if gone:
        skip = _planned(run, RunAction.SKIP, gone, now)
        return replace(skip, covers=(run.scheduled_at,) if run.scheduled_at else ())
    if not may_spend:
        return _planned(run, RunAction.BLOCKED, "budget", now)
    if run.attempt == 0:
        # Asked for by name, and started by nobody yet.
        return _planned(run, RunAction.RUN, "requested", now)
    return _planned(run, RunAction.RESUME, "lease_expired", now)


def alive(run: OpenRun, now: datetime) -> bool:
    """Its runner still holds it."""
    return run.lease_until >= now


def answered(run: OpenRun) -> bool:
    """The model has spoken; what is left is delivering."""
    return run.phase != "claimed"


def lost(run: OpenRun, now: datetime) -> bool:
    """Its runner is gone and left no answer."""
    return not alive(run, now) and not answered(run)


def _planned(run: OpenRun, action: RunAction, reason: str, now: datetime) -> PlannedRun:
    slot = run.scheduled_at
    return PlannedRun(
        task=run.task,
        scheduled_at=slot,
        name="" if slot else run.id.partition("@")[2],
        action=action,
        reason=reason,
        due_at=slot,
        lateness_seconds=max(0, int((now - slot).total_seconds())) if slot else 0,
    )
