"""What an import brings: drafts of files, what to set, and what found no place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from octops.declare.naming import suggested_id
from octops.errors import OctopsError, UsageError

MAX_BYTES = 5 * 1024 * 1024
MAX_DRAFTS = 1000
MAX_NOTES = 2000


class ImportRefused(UsageError):
    """The file is not what the format says: nothing was written."""

    def __init__(self, summary: str, detail: str = "") -> None:
        super().__init__(summary, code="cannot-import", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One file to be: the keys of its kind, and the instructions of a skill."""

    kind: str
    id: str
    values: Mapping[str, Any]
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line for the reader: a place in what was read, or a name to set, and what to know about it."""

    place: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`to_set` are variables of the environment and keys of files that need a value; `left_out` has no place here."""

    drafts: tuple[Draft, ...]
    to_set: tuple[Note, ...]
    left_out: tuple[Note, ...]


class Gathering:
    """Collects the drafts and notes of one import; the same thing twice is one draft."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._to_set: dict[str, Note] = {}
        self._left_out: list[Note] = []

    def add(self, kind: str, name: str, values: Mapping[str, Any], body: str = "", *, fallback: str = "") -> str:
        """Keep a draft under an id made from its name; of two different ones the second gets a number."""
        if len(self._drafts) >= MAX_DRAFTS:
            raise ImportRefused(f"the file holds more than {MAX_DRAFTS} things", "split it and import the parts")
        stem = self.id_for(kind, name, fallback or kind)
        for number in range(1, MAX_DRAFTS + 2):
            id_ = stem if number == 1 else f"{stem[:60]}-{number}"
            draft = Draft(kind=kind, id=id_, values=values, body=body)
            if self._drafts.setdefault((kind, id_), draft) == draft:
                return id_
        raise OctopsError

    def id_for(self, kind: str, name: str, fallback: str = "") -> str:
        return suggested_id(name) or suggested_id(fallback) or kind

    def leave(self, place: str, said: str) -> None:
        if len(self._left_out) < MAX_NOTES:
            self._left_out.append(Note(place=place, said=said))

    def set(self, name: str, said: str) -> None:
        """Something a person must give a value before the first run."""
        self._to_set.setdefault(name, Note(place=name, said=said))

    def secret(self, said: str, *words: str) -> dict[str, str]:
        """A reference in place of a key; the words name its variable."""
        name = env_name(*words)
        self.set(name, said)
        return {"env": name}

    def all(self) -> Imported:
        return Imported(
            drafts=tuple(self._drafts.values()),
            to_set=tuple(self._to_set.values()),
            left_out=tuple(self._left_out),
        )


def env_name(*words: str) -> str:
    """`GITHUB_TOKEN` from any words."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(words)).strip("_").upper()[:100] or "KEY"
    return f"_{name}" if name[0].isdigit() else name
