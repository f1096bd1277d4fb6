"""What tests share: a real git project in a folder, the command line in a process, fakes that keep their promise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SOON = 15
"""Seconds: far more than what is meant to end soon takes on a machine that is busy or stands still for a moment, and
far less than what it must not wait for. No test asks for a shorter time: that would test the machine."""
PATIENCE = 60
"""Seconds: how long a test waits for something to begin before it says that it did not."""

GIT_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment with an empty home and none of the developer's git settings."""
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home), **GIT_IDENTITY, **more}


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class GitProject:
    """A project in a git work tree, used through the same command line as a person's."""

    root: Path

    def write(self, files: Mapping[str, str | bytes]) -> GitProject:
        for path, content in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def git(self, *arguments: str, at: str = "2026-03-01T00:00:00Z") -> str:
        """Run git here with a fixed identity; `at` is the author and committer time."""
        environment = clean_environment(self.root.parent / "home", GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at)
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "change", at: str = "2026-03-01T00:00:00Z") -> str:
        """Commit everything as it is; the new commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD")

    def octops(self, *arguments: str, timeout: float = 60, **environment: str) -> Outcome:
        """Run the command line in a process of its own, in the project's folder."""
        done = subprocess.run(
            [sys.executable, "-m", "octops", *arguments],
            cwd=self.root,
            env=clean_environment(self.root.parent / "home", PYTHONPATH=str(ROOT), **environment),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def git_project(
    folder: Path, files: Mapping[str, str | bytes] | None = None, at: str = "2026-03-01T00:00:00Z"
) -> GitProject:
    """A fresh repository with `files` in its first commit, made at `at`."""
    root = folder / "project"
    root.mkdir(parents=True)
    project = GitProject(root)
    project.git("init", "--quiet", "--initial-branch=main")
    if files:
        project.write(files)
        project.commit("first", at=at)
    return project


SMALL_PROJECT: dict[str, str | bytes] = {
    "octops.yaml": """\
version: 1
timezone: Europe/Berlin
variables:
  organization_name: Example Ltd
models:
  default:
    model: anthropic/claude-sonnet-4-5
    api_key: {env: ANTHROPIC_API_KEY}
defaults:
  model: default
""",
    "tasks/daily-digest.yaml": """\
name: Daily digest
prompt: |
  Compile the key updates of <<scheduled_date>> for <<organization_name>>.
  Group them by team.
schedule: {frequency: daily, at: "18:00"}
sources: [changelog]
skills: [writing-style]
destinations: [team]
""",
    "skills/writing-style/SKILL.md": """\
---
name: writing-style
description: How we write
---
Write short sentences.
""",
    "sources/changelog.yaml": """\
type: local
path: docs
include: ["**/*.md"]
""",
    "destinations/team.yaml": """\
type: webhook
url: https://hooks.example.com/team
""",
}
"""A valid project with one of each; tests change copies of it."""
