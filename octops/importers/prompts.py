"""`{{name}}` → `<<name>>`: changes with what other programs write in braces."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from octops.importers.draft import Gathering
from octops.placeholders import marks
from octops.template import BUILT_INS

_BRACES = re.compile(r"\{\{\{\s*(?P<three>[^{}\n]{1,200}?)\s*\}\}\}|\{\{\s*(?P<two>[^{}\n]{1,200}?)\s*\}\}")
_NAME = re.compile(r"[@&]?\s*[A-Za-z_][\w.-]*", re.ASCII)
_SAME = {"date": "current_date", "today": "current_date", "time": "current_time", "task": "task_name"}
"""What others call a variable that every run has here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The text with our variables in it, and the names of those that nobody defines yet."""

    text: str
    unknown: tuple[str, ...]


def converted(text: str, place: str, gathering: Gathering) -> Prompt:
    """Every `{{name}}` of a text as `<<name>>`; what is more than a name stays as it is, and is told."""
    pieces: list[str] = []
    unknown: dict[str, None] = {}
    at = 0
    for match in _BRACES.finditer(text):
        inside = match["three"] or match["two"]
        if not _NAME.fullmatch(inside):
            gathering.leave(place, f"`{match[0][:60]}` is more than a name: it stays in the text as it is")
            continue
        name = _named(inside, place, gathering)
        before = _escaped(text[at : match.start()])
        # A backslash before `<<` would make it a literal one.
        pieces += [before, " " if before.endswith("\\") else "", f"<<{name}>>"]
        at = match.end()
        if name not in BUILT_INS:
            unknown[name] = None
    return Prompt(text="".join([*pieces, _escaped(text[at:])]), unknown=tuple(unknown))


def define(values: dict[str, Any], prompt: Prompt, place: str, id_: str, gathering: Gathering) -> None:
    """Give the unknown variables a place: parameters of a task that is triggered, variables of one that fires."""
    if not prompt.unknown:
        return
    if "schedule" not in values:
        values["parameters"] = {name: {"required": True} for name in prompt.unknown}
        return
    values["variables"] = {name: f"set {name} in this file" for name in prompt.unknown}
    values["status"] = "paused"
    for name in prompt.unknown:
        gathering.set(f"tasks/{id_}.yaml: variables.{name}", "a value for the prompt; the task is paused until then")


def escaped(text: str) -> str:
    """A text that is no template, as one."""
    return _escaped(text)


def _named(inside: str, place: str, gathering: Gathering) -> str:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", inside.lstrip("@& ")).lower()
    name = re.sub(r"[^a-z0-9_]+", "_", plain).strip("_")[:64] or "value"
    name = _SAME.get(name, name)
    name = f"_{name}" if name[0].isdigit() else name
    if name != inside:
        gathering.leave(place, f"`{{{{{inside[:60]}}}}}` is called `<<{name}>>` here")
    return name


def _escaped(text: str) -> str:
    """Everything that octops would read as a variable, or as an escape, made plain text."""
    pieces: list[str] = []
    at = 0
    is_special: Callable[[Any], bool] = lambda mark: mark.placeholder is not None or mark.escaped  # noqa: E731
    for mark in filter(is_special, marks(text)):
        pieces += [text[at : mark.start], "\\", text[mark.start : mark.end]]
        at = mark.end
    return "".join([*pieces, text[at:]])
