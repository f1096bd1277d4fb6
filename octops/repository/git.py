"""One git process: what it may see, what it may run, how long it may take."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from octops.errors import GitError

_OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "safe.bareRepository=explicit",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "commit.gpgSign=false",
    "log.showSignature=false",
    "core.logAllRefUpdates=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "core.quotePath=false",
    "color.ui=false",
    "protocol.version=2",
    "advice.detachedHead=false",
)
# What credential helpers, CI checkouts (an `extraheader` in GIT_CONFIG_*) and a person's own network set-up need.
# Everything else that starts with GIT_ could point git at another repository, index or hook.
_KEPT = re.compile(
    r"GIT_(ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|EXEC_PATH|CONFIG_COUNT|CONFIG_(KEY|VALUE)_\d+"
    r"|CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|ALLOW_PROTOCOL|SSL_\w+|PROXY_SSL_\w+|HTTP_\w+"
    r"|(AUTHOR|COMMITTER)_(NAME|EMAIL))"
)
OFFLINE = "none"
"""As GIT_ALLOW_PROTOCOL: no transport may be used, `online` or not."""
_NO_TRANSPORT = {"GIT_ALLOW_PROTOCOL": OFFLINE, "GIT_NO_LAZY_FETCH": "1"}
_FULL = re.compile(r"no space left on device|out of diskspace|disk quota exceeded", re.IGNORECASE)
SECONDS = 60.0
"""How long one git process may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a git process left: its exit code and both streams."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.out.decode(errors="replace").splitlines())

    @property
    def text(self) -> str:
        """The output without the line end."""
        return self.out.decode(errors="replace").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Starts git on one git directory. It can only reach the network through `online`."""

    git_dir: Path
    work_tree: Path | None = None
    directory: Path | None = None
    """Where git is started; None: the top of the work tree, or the git directory."""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    seconds: float = SECONDS
    network: bool = False
    configuration: tuple[tuple[str, str], ...] = ()
    """Settings given to git through its environment, where no process list shows them."""

    @property
    def online(self) -> Git:
        """The same git, allowed to talk to remotes."""
        return replace(self, network=True)

    def run(self, *arguments: str, stdin: bytes = b"") -> Finished:
        """Run git to its end, whatever its exit code. Raises GitError when git is missing or takes too long."""
        with self.process(*arguments, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(stdin, timeout=self.seconds)
            except subprocess.TimeoutExpired as error:
                raise _too_slow(arguments, self.seconds) from error
        return Finished(code=process.returncode, out=out, err=err.decode(errors="replace").strip())

    def read(self, *arguments: str, stdin: bytes = b"") -> Finished:
        """Run git and raise GitError, with what git said, unless it succeeds."""
        finished = self.run(*arguments, stdin=stdin)
        if finished.code != 0:
            raise failure(arguments, finished)
        return finished

    @contextmanager
    def process(self, *arguments: str, stderr: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        """A running git whose streams the caller reads; it and its children are gone when the block ends."""
        command = ["git", *self._options(), *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=self._environment(),
                cwd=self.directory or self.work_tree or self.git_dir,
                # An interrupt at the terminal must not cut a push in half, and a time limit must end ssh as well.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            detail = "install git 2.34 or newer, and see that it is on the PATH"
            raise GitError("`git` was not found", code="no-git", detail=detail) from error
        try:
            yield process
        finally:
            _end(process)

    def _options(self) -> Sequence[str]:
        tree = [f"--work-tree={self.work_tree}"] if self.work_tree else []
        pairs = [word for option in _OPTIONS for word in ("-c", option)]
        return ["--no-pager", f"--git-dir={self.git_dir}", *tree, *pairs]

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in self.environ.items() if not name.startswith("GIT_") or _KEPT.fullmatch(name)
        }
        given = kept.get("GIT_CONFIG_COUNT", "")
        count = int(given) if given.isdecimal() else 0
        for number, (key, value) in enumerate(self.configuration, start=count):
            kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
            kept["GIT_CONFIG_COUNT"] = str(number + 1)
        return {
            **kept,
            "LC_ALL": "C",
            "LANGUAGE": "",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            **({} if self.network else _NO_TRANSPORT),
        }


def failure(arguments: Sequence[str], finished: Finished) -> GitError:
    """The error for a git process that refused, with its own last words."""
    said = [line for line in finished.err.splitlines() if line.strip()]
    word = next((argument for argument in arguments if not argument.startswith("-")), "")
    if no_room(finished):
        return disk_full("the disk of this repository")
    if "promisor" in finished.err or "lazy fetch" in finished.err or "not allowed" in finished.err:
        return missing_objects()
    return GitError(f"`git {word}` failed", detail="; ".join(said[-3:]))


def no_room(finished: Finished) -> bool:
    """Whether git, or the git of the other side, says that its disk is full."""
    return bool(_FULL.search(finished.err))


def disk_full(where: str) -> GitError:
    return GitError(
        f"there is no room left on {where}: the ledger could not be written",
        code="disk-full",
        detail="make room there and apply again: all that the ledger holds is kept, and what was claimed is taken up "
        "when its lease has ended",
    )


def missing_objects() -> GitError:
    """The clone was made without the files that are needed, and nothing is fetched behind the user's back."""
    return GitError(
        "this clone does not hold the files of that revision: it was cloned without them",
        code="missing-objects",
        detail="run `git fetch --refetch --filter=blob:limit=256k` (or clone without `--filter`) and try again",
    )


def _too_slow(arguments: Sequence[str], seconds: float) -> GitError:
    return GitError(f"`git {arguments[0]}` took longer than {seconds:g} seconds and was stopped", code="git-timeout")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
    process.wait()
