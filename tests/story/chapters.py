"""The world of the story: Ada's clone, a bare remote, a model on loopback; every command becomes a page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.apply import warm
from tests.golden import check_golden
from tests.kit import GitProject
from tests.modelserver import ModelServer, Say

KEY = "sk-story-1234567890abcdef"
BEGINNING = "2026-03-02T08:00:00Z"


@dataclass
class Story:
    """`octops` runs a command at an instant; what it printed is compared with the next golden file."""

    ada: GitProject
    remote: Path
    model: ModelServer
    answers: list[Say] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Commit → what the story calls it."""

    def octops(self, page: str, *arguments: str, at: str = "") -> None:
        """Run a command and compare what a person sees with `tests/golden/story/<page>.txt`."""
        clock = ("--now", at) if at else ()
        done = warm.octops(self.ada.root, (*arguments, *clock), {"STORY_KEY": KEY})
        told = f"$ {shlex.join(('octops', *arguments, *clock))}\n{done.out}"
        told += f"\n--- stderr\n{done.err}" if done.err else ""
        told += f"\n--- exit code {done.code}\n" if done.code else ""
        check_golden(f"story/{page}.txt", self.plain(told))

    def ledger(self, page: str) -> None:
        """Compare what lies on the branch of the ledger, as the remote holds it."""
        listed = self.ada.git("--git-dir", str(self.remote), "ls-tree", "-r", "--name-only", "octops/runs")
        check_golden(f"story/{page}.txt", f"$ git ls-tree -r --name-only octops/runs\n{listed}\n")

    def read(self, path: str) -> str:
        return (self.ada.root / path).read_text()

    def branch(self, name: str) -> None:
        self.ada.git("switch", "-q", "-c", name)

    def commit(self, name: str, at: str, files: Mapping[str, str] | None = None) -> None:
        """Everything as it is, and `files`, as the next commit."""
        self.ada.write(dict(files or {}))
        self.names[self.ada.commit(name, at=at)] = name

    def merge(self, name: str, at: str) -> None:
        """What the button under the pull request does, and Ada pulls it."""
        self.ada.git("switch", "-q", "main")
        self.ada.git("merge", "-q", "--no-ff", "-m", f"merge {name}", name, at=at)
        self.names[self.ada.git("rev-parse", "HEAD")] = f"merge-of-{name}"
        self.ada.git("push", "-q", "origin", "main")

    def plain(self, text: str) -> str:
        """The text without what differs from one telling to the next: commits, the model's port, how long it took."""
        for commit, name in self.names.items():
            text = text.replace(commit, f"<{name}>").replace(commit[:12], f"<{name}>")
        text = re.sub(r"\b[0-9a-f]{40}\b|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b", "<commit>", text)
        text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
        text = re.sub(r"\bdlv_[0-9a-f]+", "dlv_<id>", text)
        text = re.sub(r"(runner +)\S+", r"\1<runner>", text)
        text = re.sub(r"\bafter \d+ seconds?\b", "after N seconds", text)
        text = re.sub(r"\b\d+\.\d s\b", "N s", text)
        text = re.sub(r"(tzdata +)\S+", r"\1<version>", text)
        text = text.replace(str(self.remote), "<remote>")
        return text.replace(f"127.0.0.1:{self.model.port}", "127.0.0.1:PORT").replace(str(self.ada.root), "<clone>")


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """An empty `main` on the remote, cloned."""
    remote, root = folder / "remote.git", folder / "clone"
    root.mkdir()
    ada = GitProject(root)
    ada.git("init", "-q", "--bare", "--initial-branch=main", str(remote))
    ada.git("init", "-q", "--initial-branch=main")
    ada.git("remote", "add", "origin", str(remote))
    ada.write({"README.md": "# Tea\n\nA kettle that tells when the tea is ready.\n"})
    beginning = ada.commit("beginning", at=BEGINNING)
    ada.git("push", "-q", "-u", "origin", "main")
    answers: list[Say] = []
    with ModelServer(lambda _: answers.pop(0)) as model:
        yield Story(ada, remote, model, answers, {beginning: "beginning"})
