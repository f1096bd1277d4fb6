"""What the checks across files look things up in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from octops.model.ids import DestinationId, SkillId, SourceId
from octops.model.project import Destination, Settings, Skill, Source
from octops.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTask:
    """A task, and what of its file could not be used (`lost`: keys at the top)."""

    task: Task
    lost: frozenset[str] = frozenset()
    inline: frozenset[str] = frozenset()
    """The made-up ids of the destinations written in the task itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything declared, files with mistakes included, so that nobody is told that a broken skill does not exist."""

    settings: Settings = Settings()
    unsure: frozenset[str] = frozenset()
    """Keys of octops.yaml about which nothing is known."""
    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Every id by kind (`task`, `skill`, `source`, `destination`); inline destinations are not among them."""
    skills: Mapping[SkillId, Skill] = field(default_factory=dict)
    sources: Mapping[SourceId, Source] = field(default_factory=dict)
    """Those without a mistake of their own."""
    inline: Mapping[DestinationId, Destination] = field(default_factory=dict)
    """The destinations written in tasks."""
