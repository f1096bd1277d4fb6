"""The inputs of the quality benchmark: what stands in `inputs/`, and where each takes the example's place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("inputs")
TASKS = ("support-triage", "weekly-change-digest", "release-notes", "announce-page")
PLACES = {
    "weekly-change-digest": ("log", "log/this-week.md"),
    "support-triage": ("message", "inbox/latest.md"),
    "release-notes": ("changelog", "CHANGELOG.md"),
}
"""Task → the key of an input, and the file of the example that it replaces."""
PARAMETERS = ("url", "news", "audience")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input of one task. `given` is its entry in the file: the text, and what a person says about it."""

    task: str
    id: str
    given: Mapping[str, Any]

    @property
    def files(self) -> Mapping[str, str]:
        if self.task not in PLACES:
            return {}
        key, path = PLACES[self.task]
        return {path: self.given[key]}

    @property
    def parameters(self) -> Mapping[str, str]:
        return {} if self.files else {name: self.given[name] for name in PARAMETERS if name in self.given}

    @property
    def material(self) -> str:
        """All that an answer may take its numbers, dates and links from."""
        return "\n".join([*self.files.values(), *self.parameters.values()])

    @property
    def digest(self) -> str:
        """Of what the model gets, not of what a person says about it."""
        given = json.dumps([self.task, self.files, self.parameters], sort_keys=True)
        return hashlib.sha256(given.encode()).hexdigest()


def cases(task: str, part: str = "inputs") -> list[Case]:
    """`part` is `practice`, for trying out a prompt; `inputs`, which are measured, but the prompts were tuned on them
    later; or `held_out`, which no prompt was tuned on: measured once, for a figure that can be believed.
    """
    entries = yaml.safe_load((FOLDER / f"{task}.yaml").read_text(encoding="utf-8"))[part]
    return [Case(task=task, id=entry["id"], given=entry) for entry in entries]
