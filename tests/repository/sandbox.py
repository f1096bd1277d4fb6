"""A git repository in a temporary folder that knows no person, no home and no settings but its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
PERSON = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(directory: Path, *arguments: str, environ: Mapping[str, str] | None = None, check: bool = True) -> str:
    """Plain git, as a person would run it."""
    finished = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments],
        cwd=directory,
        env={**ENVIRON, **PERSON, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and finished.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {finished.stderr}")
    return finished.stdout.strip()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A work tree people commit to; times are given in whole seconds so that tests can name them."""

    top: Path

    @classmethod
    def create(cls, top: Path) -> Sandbox:
        top.mkdir(parents=True, exist_ok=True)
        git(top, "init", "--quiet")
        return cls(top)

    def git(self, *arguments: str, **rest: object) -> str:
        return git(self.top, *arguments, **rest)  # type: ignore[arg-type]

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            target = self.top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files: Mapping[str, str | bytes], at: int = 1_700_000_000, *, remove: tuple[str, ...] = ()) -> str:
        self.write(files)
        for path in remove:
            (self.top / path).unlink()
        self.git("add", "--all")
        dates = {"GIT_AUTHOR_DATE": f"@{at} +0000", "GIT_COMMITTER_DATE": f"@{at} +0000"}
        self.git("commit", "--quiet", "--allow-empty", "-m", f"at {at}", environ=dates)
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, at: int) -> str:
        dates = {"GIT_AUTHOR_DATE": f"@{at} +0000", "GIT_COMMITTER_DATE": f"@{at} +0000"}
        self.git("merge", "--quiet", "--no-ff", "-m", f"merge at {at}", branch, environ=dates)
        return self.git("rev-parse", "HEAD")


def snapshot(directory: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes: what must be the same before and after."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
