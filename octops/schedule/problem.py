"""What can be wrong with a schedule, before anyone knows which file it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from octops.errors import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProblem:
    """`key` is the schedule key it is about (`cron`, `at` …); `detail` says what to write instead."""

    severity: Severity = Severity.ERROR
    code: str
    summary: str
    detail: str = ""
    key: str
