"""Ids: what identifies a thing, and why a run cannot happen twice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NewType, TypeAlias

TaskId = NewType("TaskId", str)
SkillId = NewType("SkillId", str)
SourceId = NewType("SourceId", str)
DestinationId = NewType("DestinationId", str)
RunId = NewType("RunId", str)
"""`<task>@<slot>` or `<task>@<name>`; the same id is the same run."""

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
"""What YAML and JSON files can hold."""

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: `2026-03-02T08:00:00Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def slot_text(slot: datetime) -> str:
    """The slot as it stands in run ids and file names: `20260302T080000Z`."""
    return f"{slot.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def run_id(task: str, slot_or_name: datetime | str) -> RunId:
    """The id of the run of `task` for one slot, or for one name a person chose."""
    tail = slot_or_name if isinstance(slot_or_name, str) else slot_text(slot_or_name)
    return RunId(f"{task}@{tail}")
