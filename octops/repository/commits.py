"""A commit made of bytes: no index, no work tree, no ref, no hook, no signature, no line-end conversion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from octops.errors import GitError
from octops.repository.git import Finished, Git, failure
from octops.rules.paths import is_writable, not_writable

_UNSAFE_NAME = re.compile(r"[<>\x00-\x1f\x7f]")
_REF = "refs/octops/build"
_REPORT = re.compile(r"fast_import_crash_\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a commit is by. `octops` itself, where git knows nobody."""

    name: str = "octops"
    email: str = "octops@localhost"

    def __str__(self) -> str:
        return f"{_UNSAFE_NAME.sub('', self.name) or 'octops'} <{_UNSAFE_NAME.sub('', self.email)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A commit to be made on `parent` (empty: the first one). In `files`, None deletes."""

    parent: str
    files: Mapping[str, bytes | None]
    message: str
    committed_at: datetime
    identity: Identity = Identity()


def build(git: Git, draft: Draft) -> str:
    """Write the commit's objects and return its id; nothing refers to it yet. Raises GitError for a bad path."""
    for path in draft.files:
        check_path(path)
    arguments = ("fast-import", "--quiet", "--date-format=raw")
    finished = git.run(*arguments, stdin=b"".join(_stream(draft)))
    if finished.code != 0:
        _clear(git, finished)
        raise failure(arguments, finished)
    return finished.lines[0]


def _clear(git: Git, finished: Finished) -> None:
    """A fast-import that fails leaves a report for its own authors in the git directory."""
    report = _REPORT.search(finished.err)
    if report is not None:
        (git.git_dir / report[0]).unlink(missing_ok=True)


def committed_at(git: Git, commit: str) -> datetime:
    """The committer time, UTC."""
    seconds = git.read("log", "-1", "--format=%ct", "--end-of-options", commit).text
    return datetime.fromtimestamp(int(seconds), UTC)


def check_path(path: str) -> None:
    """Refuse a path that could leave the tree, name git's own files, or look like another path."""
    if not is_writable(path):
        refused = not_writable(path)
        raise GitError(refused.what, code=refused.code, detail=refused.cure)


def _stream(draft: Draft) -> Iterator[bytes]:
    message = draft.message.encode()
    yield f"feature done\ncommit {_REF}\nmark :1\n".encode()
    yield f"committer {draft.identity} {int(draft.committed_at.timestamp())} +0000\n".encode()
    yield b"data %d\n%b\n" % (len(message), message)
    if draft.parent:
        yield f"from {draft.parent}\n".encode()
    for path, content in sorted(draft.files.items()):
        if content is None:
            yield f"D {_quoted(path)}\n".encode()
        else:
            yield f"M 100644 inline {_quoted(path)}\ndata {len(content)}\n".encode()
            yield content + b"\n"
    # The name is only there because fast-import wants one: resetting it to nothing leaves no ref behind.
    yield f"get-mark :1\nreset {_REF}\nfrom {'0' * (len(draft.parent) or 40)}\n\ndone\n".encode()


def _quoted(path: str) -> str:
    return '"' + path.replace('"', '\\"') + '"'
