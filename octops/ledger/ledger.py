"""Transitions written to the branch: fetch, build, push; when somebody was faster, derive again."""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from octops.errors import Diagnostic, GitError, Severity
from octops.ledger.documents import FORMAT, Marker, encode, read_marker
from octops.ledger.layout import MARKER, RUNS
from octops.ledger.outcome import Needs, Outcome, Transition
from octops.ledger.seen import Seen
from octops.repository.branch import Branch
from octops.repository.commits import Draft

_LISTED = 50
_UNSURE = ("remote-unreachable", "git-timeout")
"""After these a push may have arrived or not: the next look at the branch tells."""


def new_nonce() -> str:
    """What makes one claim differ from every other."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on when others are faster, or the remote is away. Waits are drawn at random."""

    seconds: float = 120.0
    unreachable: int = 3
    """Pushes in a row that may find no remote."""
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.SystemRandom().random

    def pause(self, failures: int) -> None:
        self.sleep(min(4.0, 0.05 * 2**failures) * (0.5 + self.draw()))


@dataclass(slots=True)
class Ledger:
    """The records branch as transitions see it. One thread at a time may use it."""

    branch: Branch
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    patience: Patience = field(default_factory=Patience)
    lineage: Callable[[], str] = new_nonce
    as_of: datetime | None = None
    """The time by which what is written was judged; the marker keeps the newest."""
    tip: str = ""
    marker: Marker | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was noticed about the branch as a whole."""
    _checked: str | None = None
    _before: str = ""
    _seen: Seen = field(default_factory=Seen)

    def refresh(self) -> str:
        """The newest tip. Raises GitError when it cannot be had, is no ledger, or is of a newer format."""
        if self._checked is None:
            self._before = self.branch.before()
            self._accept(self._before or self.branch.known())
        before, tip = self.marker, self.tip
        self._accept(self.branch.fetch())
        if before is not None and not _follows(before, self.marker):
            self._went_back(tip)
        elif tip == self._before:
            self.go_on()
        return self.tip

    def recall(self) -> str:
        """The tip seen last, without asking the remote."""
        if before := self.branch.before():
            self._went_back(before)
        self._accept(self.branch.known())
        return self.tip

    def go_on(self) -> None:
        """Take the branch as it is. Where it went back, that was told: until then every look at it tells so."""
        if self._before:
            self.branch.keep_before("")
            self._before = ""

    def _went_back(self, before: str) -> None:
        if before != self._before:
            self.branch.keep_before(before)
            self._before = before
        self.diagnostics = (_rewound(self.branch),)

    def newest(self) -> datetime | None:
        """When the tip was written; None while there is none."""
        return self.branch.committed_at(self.tip) if self.tip else None

    def write(
        self, transitions: Sequence[Transition], *, before_push: Callable[[], None] | None = None
    ) -> list[Outcome]:
        """Make all transitions one commit. Each outcome holds once this returns; refused ones changed nothing.

        Raises GitError when the branch could not be moved; then nothing is known to have been written.
        """
        deadline = self.patience.monotonic() + self.patience.seconds
        failures = 0
        fresh = self._checked is None
        if fresh:
            self.refresh()
        while True:
            attempt = Attempt(self, transitions)
            attempt.build()
            if attempt.commit is None and not fresh:
                # Nothing to push means nothing proves that this tip is the newest.
                self.refresh()
                fresh = True
                continue
            if attempt.commit is None or self._push(attempt, before_push, last=failures >= self.patience.unreachable):
                return attempt.outcomes
            failures += 1
            if self.patience.monotonic() > deadline:
                raise GitError(
                    f"the ledger `{self.branch.name}` could not be moved: others were always faster",
                    code="ledger-busy",
                    detail="fewer runners at once, or a smaller `records.pushes_per_minute`, leave room for all",
                )
            self.patience.pause(failures)
            self._refresh_patiently(failures)
            fresh = True

    def _push(self, attempt: Attempt, before_push: Callable[[], None] | None, *, last: bool) -> bool:
        if before_push is not None:
            before_push()
        try:
            return attempt.push()
        except GitError as error:
            if last or error.diagnostics[0].code not in _UNSURE:
                raise
            return False

    def _refresh_patiently(self, failures: int) -> None:
        while True:
            try:
                self.refresh()
            except GitError as error:
                failures += 1
                if failures > self.patience.unreachable or error.diagnostics[0].code not in _UNSURE:
                    raise
                self.patience.pause(failures)
            else:
                return

    def read(self, needs: Iterable[Needs]) -> dict[str, bytes]:
        """The files that exist among what is needed."""
        wanted = list(needs)
        paths = list(dict.fromkeys(path for need in wanted for path in need.paths))
        names = {name for need in wanted for name in need.names}
        found = list(self.branch.entries(self.tip, paths)) if paths else []
        if names:
            everything = self.branch.entries(self.tip, [RUNS])
            found += [entry for entry in everything if entry.path.rpartition("/")[2] in names]
        contents = self.branch.contents(entry.blob for entry in found)
        return {entry.path: contents[entry.blob] for entry in found}

    def needed(self, transitions: Iterable[Transition]) -> dict[str, bytes]:
        """The files that exist among what the transitions need; git is asked only for those not known already."""
        needs = [transition.needs for transition in transitions]
        paths = list(dict.fromkeys(path for need in needs for path in need.paths))
        known = self._seen.known(self.tip, paths)
        unknown = tuple(path for path in paths if path not in known)
        names = tuple(dict.fromkeys(name for need in needs for name in need.names))
        read = self.read([Needs(paths=unknown, names=names)])
        self._seen.note({path: read.get(path) for path in unknown})
        return {**{path: content for path, content in known.items() if content is not None}, **read}

    def advance(self, tip: str, marker: Marker, changed: Mapping[str, bytes | None]) -> None:
        """Take note of a tip this ledger pushed itself."""
        self._seen.moved(self.tip, tip, changed)
        self.tip = self._checked = tip
        self.marker = marker

    def _accept(self, tip: str) -> None:
        if tip != self._checked:
            self.tip = tip
            self.marker = read_marker(self.read([Needs(paths=(MARKER,))]).get(MARKER)) if tip else None
        self._checked = tip


def _follows(before: Marker, after: Marker | None) -> bool:
    return after is not None and after.lineage == before.lineage and after.writes >= before.writes


def _rewound(branch: Branch) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="ledger-rewound",
        summary=f"the ledger `{branch.name}` went back: it holds fewer writes than when it was last seen here",
        detail="runs it no longer tells of may happen again: restore the branch, or pause tasks, before you apply",
    )


class Attempt:
    """One round: build a commit on the tip as it is known, and push it."""

    def __init__(self, ledger: Ledger, transitions: Sequence[Transition]) -> None:
        self._ledger = ledger
        self._transitions = transitions
        self._tip = ""
        self._marker = Marker(format=FORMAT, lineage="")
        self._changed: dict[str, bytes | None] = {}
        self.commit: str | None = None
        self.outcomes: list[Outcome] = []

    def build(self) -> None:
        """Derive every transition, each seeing what those before it write."""
        ledger = self._ledger
        self._tip = ledger.tip
        files = ledger.needed(self._transitions)
        done: list[Transition] = []
        for transition in self._transitions:
            outcome = transition.derive(files)
            self.outcomes.append(outcome)
            if outcome.files:
                done.append(transition)
                self._changed |= outcome.files
                overlay(files, outcome.files)
        if self._changed:
            self._marker = self._next_marker()
            self.commit = ledger.branch.build(self._draft(self._changed, done, self._marker))

    def push(self) -> bool:
        """False when the branch moved in between."""
        if self.commit is None or not self._ledger.branch.move(self._tip, self.commit):
            return False
        self._ledger.advance(self.commit, self._marker, self._changed)
        return True

    def _next_marker(self) -> Marker:
        before = self._ledger.marker or Marker(format=FORMAT, lineage=self._ledger.lineage())
        times = [time for time in (before.as_of, self._ledger.as_of) if time is not None]
        return replace(before, writes=before.writes + 1, as_of=max(times, default=None))

    def _draft(self, changed: Mapping[str, bytes | None], done: Sequence[Transition], marker: Marker) -> Draft:
        return Draft(
            parent=self._tip,
            files={**changed, MARKER: encode(marker)},
            message=message(done),
            committed_at=self._ledger.clock(),
            identity=self._ledger.branch.identity,
        )


def overlay(files: dict[str, bytes], writes: Mapping[str, bytes | None]) -> None:
    """Make the writes in the files."""
    for path, content in writes.items():
        if content is None:
            files.pop(path, None)
        else:
            files[path] = content


def message(done: Sequence[Transition]) -> str:
    """`octops: 3 claimed, 2 completed`, then what each was about."""
    counts = Counter(transition.word for transition in done)
    lines = [f"{transition.word} {transition.subject}" for transition in done]
    if len(lines) > _LISTED:
        lines[_LISTED:] = [f"and {len(lines) - _LISTED} more"]
    subject = ", ".join(f"{count} {word}" for word, count in counts.items())
    return "\n".join([f"octops: {subject}", "", *lines, ""])
