"""The rules that judge an answer of the example's tasks: the same answer always gets the same score.

They compare text with text, so they see less than a reader does: a number, a date, a link, a name in brackets or a
placeholder that is not in the material is `invented`; a wrong claim without any of these is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.quality_cases import Case

Counted = tuple[int, int]
"""So many of so many."""

NUMBER = re.compile(r"\d+(?:[.:,]\d+)*")
ISSUE = re.compile(r"#(\d+)")
ENDS_WITH_NUMBER = re.compile(r"\(#(\d+)\)\.?$")
LINK = re.compile(r"https?://[^\s<>()\"'`]+")
BRACKETS = re.compile(r"\(([^()]*)\)")
PLACEHOLDER = re.compile(r"\[[^\]\n]+\](?!\()")
MARKDOWN = re.compile(r"\*\*|__|`|^#+ |^[*] |\]\(", re.MULTILINE)
DATES = re.compile(
    r"\b(?:January|February|March|April|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)\b"
)
MOST_WORDS = 80
DAY = "Monday, 2 March 2026, 2026-03-02"
"""What prompts may say of the day of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of a run: `data` is the parsed answer of a task with a schema."""

    completed: bool
    text: str
    data: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`shape`: fields, bullets, length and form are those that were asked for."""

    completed: bool
    shape: bool = False
    right: Mapping[str, Counted] = field(default_factory=dict)
    facts: Counted = (0, 0)
    invented: tuple[str, ...] = ()

    @property
    def flawless(self) -> bool:
        counts = [*self.right.values(), self.facts]
        return self.completed and self.shape and not self.invented and all(good == of for good, of in counts)


def score(case: Case, said: Said) -> Score:
    """A run that did not complete has no shape, and nothing of it is right."""
    judged = _RULES[case.task](case, said)
    if said.completed:
        return judged
    nothing = {name: (0, of) for name, (_, of) in judged.right.items()}
    return Score(completed=False, right=nothing, facts=(0, judged.facts[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a log or changelog: its first word, its number, and what must stay with it."""

    kind: str
    number: str
    who: str
    figures: frozenset[str]


def _digest(case: Case, said: Said) -> Score:
    """A bullet for each line and nothing else, in the log's order; each keeps its number, person and figures."""
    entries = _entries(case.given["log"])
    lines = _lines(said.text)
    return Score(
        completed=True,
        shape=len(lines) == len(entries) and all(map(_is_bullet, lines)),
        right={"place": _in_place(entries, lines), "person": _named(entries, lines)},
        facts=_facts(entries, lines),
        invented=_invented(case, said.text, brackets=True),
    )


def _notes(case: Case, said: Said) -> Score:
    """A bullet for each entry and nothing else, in the changelog's order, ending with its number; the rest left out."""
    unreleased, _, older = case.given["changelog"].partition("## Unreleased")[2].partition("\n## ")
    unnoticed = {str(number) for number in case.given.get("unnoticed", ())}
    entries = [entry for entry in _entries(unreleased) if entry.number not in unnoticed]
    out = sorted({*unnoticed, *ISSUE.findall(older)})
    lines, numbers = _lines(said.text), ISSUE.findall(said.text)
    wanted = [entry.number for entry in entries]
    return Score(
        completed=True,
        shape=[number for number in numbers if number not in out] == wanted
        and all(_is_bullet(line) and ENDS_WITH_NUMBER.search(line) for line in lines),
        right={
            "kind": (sum(_keeps_kind(entry, lines) for entry in entries), len(entries)),
            "left out": (sum(number not in numbers for number in out), len(out)),
        },
        facts=_facts(entries, lines),
        invented=_invented(case, said.text),
    )


def _triage(case: Case, said: Said) -> Score:
    """The fields as a person filled them in; the summary or the question says what the message is about."""
    fields = said.data if isinstance(said.data, Mapping) else {}
    given = case.given
    senders = {name.casefold() for name in (given["sender"], *given.get("also_sender", ()))}
    right = {
        "topic": (int(fields.get("topic") in given["topics"]), 1),
        "sender": (int(str(fields.get("sender", "")).strip().casefold() in senders), 1),
    }
    if given["urgent"] is not None:
        right["urgent"] = (int(fields.get("urgent") is given["urgent"]), 1)
    words = f"{fields.get('summary', '')} {fields.get('question', '')}"
    return Score(
        completed=True,
        shape=said.completed,
        right=right,
        facts=_said(given["says"], words),
        invented=_invented(case, words),
    )


def _announcement(case: Case, said: Said) -> Score:
    """Short plain text without exclamation marks, with the link once and last."""
    text, url = said.text.strip(), case.given["url"]
    last = text.rstrip(".").endswith(url) and text.count(url) == 1
    short = len(text.split()) <= MOST_WORDS
    return Score(
        completed=True,
        shape=short and not MARKDOWN.search(text) and "!" not in text,
        right={"link": (int(last), 1)},
        facts=_said(case.given["says"], text),
        invented=_invented(case, text),
    )


_RULES: Mapping[str, Callable[[Case, Said], Score]] = {
    "weekly-change-digest": _digest,
    "support-triage": _triage,
    "release-notes": _notes,
    "announce-page": _announcement,
}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_bullet(line: str) -> bool:
    return line.startswith(("- ", "* "))


def _entries(text: str) -> list[Entry]:
    """`- feat: maps show ramps (#301, Jonas)` or `- Added: maps show ramps. (#301)`; what has no number is none."""
    entries = []
    for line in text.splitlines():
        body, found, brackets = line.removeprefix("- ").rpartition("(#")
        number, _, who = brackets.rstrip(")").partition(", ")
        if found:
            kind = body.partition(":")[0]
            entries.append(Entry(kind=kind, number=number, who=who, figures=_figures(body)))
    return entries


def _lines_with(entry: Entry, lines: Sequence[str]) -> list[str]:
    return [line for line in lines if entry.number in ISSUE.findall(line)]


def _in_place(entries: Sequence[Entry], lines: Sequence[str]) -> Counted:
    """Entries whose line is the one that has their place, and no other's number."""
    right = [ISSUE.findall(line) == [entry.number] for entry, line in zip(entries, lines, strict=False)]
    return sum(right), len(entries)


def _keeps_kind(entry: Entry, lines: Sequence[str]) -> bool:
    found = _lines_with(entry, lines)
    return bool(found) and all(line.lstrip("-* ").startswith(entry.kind) for line in found)


def _named(entries: Sequence[Entry], lines: Sequence[str]) -> Counted:
    """Entries whose line names the person who did it and nobody else of the log; nobody where the log names nobody."""
    people = {entry.who for entry in entries if entry.who}

    def right(entry: Entry) -> bool:
        found = _lines_with(entry, lines)
        named = {who for who in people for line in found if re.search(rf"\b{re.escape(who)}\b", line)}
        return bool(found) and named == ({entry.who} if entry.who else set())

    return sum(map(right, entries)), len(entries)


def _facts(entries: Sequence[Entry], lines: Sequence[str]) -> Counted:
    """The number of each entry, and the figures in its text, in a line of its own."""
    kept = of = 0
    for entry in entries:
        found = " ".join(_lines_with(entry, lines))
        kept += bool(found) + len(entry.figures & _figures(found))
        of += 1 + len(entry.figures)
    return kept, of


def _said(rows: Sequence[Sequence[str]], text: str) -> Counted:
    return sum(any(str(word).casefold() in text.casefold() for word in row) for row in rows), len(rows)


def _invented(case: Case, text: str, *, brackets: bool = False) -> tuple[str, ...]:
    """What stands in the text, and nowhere in the material."""
    material = f"{case.material}\n{DAY}"
    known = _figures(material)
    found = [number for number in NUMBER.findall(LINK.sub("", text)) if _bare(number) not in known]
    found += [date for date in DATES.findall(text) if date.rstrip("s") not in material]
    found += [link for link in LINK.findall(text) if link.rstrip(".,:;") not in material]
    found += [mark for mark in PLACEHOLDER.findall(text) if mark not in material]
    if brackets:
        words = [word.strip() for inner in BRACKETS.findall(text) for word in inner.split(",")]
        found += [word for word in words if word and word not in material]
    return tuple(dict.fromkeys(found))


def _figures(text: str) -> frozenset[str]:
    return frozenset(map(_bare, NUMBER.findall(text)))


def _bare(number: str) -> str:
    """8:20 and 08:20 are one time."""
    return number.lstrip("0") or "0"
