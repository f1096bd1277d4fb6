"""The records branch on a remote, moved by pushes with a lease."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from octops.errors import GitError
from octops.repository.commits import Draft, Identity, build, committed_at
from octops.repository.git import OFFLINE, Finished, disk_full, no_room
from octops.repository.objects import Entry, available, contents, entries, folders
from octops.repository.remote import NAME, without_password
from octops.repository.store import WHOLE, Store

_TIP = "refs/octops/tip"
_BEFORE = "refs/octops/before"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
_CONFLICTS = re.compile(
    r"stale info|fetch first|non-fast-forward|failed to update ref|cannot lock ref|incorrect old value"
    r"|reference already exists|failed to lock"
)
_CREDENTIALS = re.compile(
    r"permission denied|authentication failed|could not read (username|password)|invalid credentials"
    r"|access denied|write access|not authorized|error: 40[13]|host key verification failed",
    re.IGNORECASE,
)


_SAID_OF_EVERYTHING = (
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
)
"""What git adds below whatever ssh says is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBranch:
    """Only the newest commit is kept here, and of its files only those that were asked for."""

    store: Store
    name: str
    identity: Identity = Identity()

    @property
    def where(self) -> str:
        return self.store.remote.shown

    @property
    def host(self) -> str:
        return self.store.remote.host

    def fetch(self) -> str:
        with self.store.locked():
            finished = self._fetch_tip(self.store.filter)
            if finished.code != 0 and "filter" in finished.err:
                # Some hosts know this filter only in a simpler form.
                finished = self._fetch_tip(WHOLE)
            if finished.code == 0:
                return self.known()
        if "couldn't find remote ref" in finished.err:
            return ""
        raise self._unreachable(finished)

    def known(self) -> str:
        return self.store.git.run("rev-parse", "--verify", "--quiet", _TIP).text

    def before(self) -> str:
        return self.store.git.run("rev-parse", "--verify", "--quiet", _BEFORE).text

    def keep_before(self, tip: str) -> None:
        self.store.git.read("update-ref", *((_BEFORE, tip) if tip else ("-d", _BEFORE)))

    def entries(self, tip: str, paths: Sequence[str] = ()) -> tuple[Entry, ...]:
        return entries(self.store.git, tip, paths) if tip else ()

    def folders(self, tip: str, path: str) -> tuple[str, ...]:
        return folders(self.store.git, tip, path) if tip else ()

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        wanted = tuple(dict.fromkeys(blobs))
        found = dict(available(self.store.git, wanted))
        missing = [blob for blob in wanted if blob not in found]
        if missing:
            self._fetch_blobs(missing)
            found |= contents(self.store.git, missing)
        return found

    def committed_at(self, tip: str) -> datetime:
        return committed_at(self.store.git, tip)

    def build(self, draft: Draft) -> str:
        return build(self.store.git, draft)

    def move(self, old: str, new: str) -> bool:
        with self.store.locked():
            finished = self._push(old, new)
            if finished.code == 0:
                self.store.git.read("update-ref", _TIP, new)
                return True
        return self._rejected(finished)

    def rehearse(self, old: str, new: str) -> None:
        finished = self._push(old, new, "--dry-run")
        if finished.code != 0:
            self._rejected(finished)

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.name}"

    def _fetch_tip(self, filter_: str) -> Finished:
        wanted = ("--depth=1", f"--filter={filter_}", "--end-of-options", NAME, f"+{self._ref}:{_TIP}")
        return self.store.online.run(*_FETCH, *wanted)

    def _push(self, old: str, new: str, *options: str) -> Finished:
        return self.store.online.run(
            "push",
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            *options,
            f"--force-with-lease={self._ref}:{old}",
            "--end-of-options",
            NAME,
            f"{new}:{self._ref}",
        )

    def _rejected(self, finished: Finished) -> bool:
        refusals = [line for line in finished.lines if line.startswith("!")]
        if not refusals:
            raise self._unreachable(finished)
        if _CONFLICTS.search(refusals[0]):
            return False
        if no_room(finished):
            raise disk_full(f"the disk of `{self.where}`")
        reason = refusals[0].rpartition("\t")[2]
        said = [
            line.removeprefix("remote:").strip() for line in finished.err.splitlines() if line.startswith("remote:")
        ]
        detail = "; ".join([line for line in said if line][:5]) or f"let this account create and push `{self.name}`"
        raise GitError(f"the remote refused to move `{self.name}`: {reason}", code="push-refused", detail=detail)

    def _unreachable(self, finished: Finished) -> GitError:
        if no_room(finished):
            return disk_full("the disk of this repository")
        if self.store.git.environ.get("GIT_ALLOW_PROTOCOL") == OFFLINE:
            return GitError(
                f"this clone holds only a part of the ledger `{self.name}`, and what is asked for is not in it",
                code="not-fetched",
                detail="leave out `--refresh=false`: then it is fetched",
            )
        said = without_password("; ".join(_telling(finished.err)[-3:]))
        if _CREDENTIALS.search(finished.err):
            return GitError(f"`{self.where}` did not let us in", code="remote-credentials", detail=said)
        return GitError(f"`{self.where}` could not be reached", code="remote-unreachable", detail=said)

    def _fetch_blobs(self, blobs: Sequence[str]) -> None:
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        with self.store.locked():
            finished = self.store.online.run(
                "-c",
                "fetch.negotiationAlgorithm=noop",
                *_FETCH,
                f"--filter={WHOLE}",
                "--stdin",
                "--end-of-options",
                NAME,
                stdin=asked,
            )
        if finished.code != 0:
            raise self._unreachable(finished)


def _telling(err: str) -> list[str]:
    """The lines of what git said that say what is wrong."""
    said = [line.strip() for line in err.splitlines() if line.strip()]
    return [line for line in said if line not in _SAID_OF_EVERYTHING] or said
