"""A project and the world around it, all of it real: a bare remote, a model over HTTP, a webhook that listens."""

from __future__ import annotations

import http.server
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.apply import warm
from tests.kit import GitProject, Outcome, git_project
from tests.modelserver import Act, Asked, ModelServer, Say
from tests.serving import serving

START = "2026-03-01T12:00:00Z"
"""When the project was committed: no slot before it counts."""
NOW = "2026-03-02T08:47Z"
"""A tick 47 minutes after the slot of `MORNING`."""
MORNING = '{frequency: daily, at: "08:00"}'
KEY = "sk-test-1234567890abcdef"

Files = Mapping[str, str]


def slot(task: str, day: int = 2) -> str:
    """The run id of a morning's slot."""
    return f"{task}@202603{day:02d}T080000Z"


class Models:
    """What each model answers. Models without acts say `ok`; the last act of a list is repeated."""

    def __init__(self) -> None:
        self.acts: dict[str, list[Act] | Callable[[Asked], Act]] = {}
        self._said: dict[str, int] = {}

    def say(self, name: str, *acts: Act) -> None:
        """From now on a model does these, one after the other."""
        self.acts[name] = list(acts)
        self._said.pop(name, None)

    def __call__(self, asked: Asked) -> Act:
        name = str(asked.body.get("model"))
        acts = self.acts.get(name, [Say(text="All is well.")])
        if callable(acts):
            return acts(asked)
        number = self._said.get(name, 0)
        self._said[name] = number + 1
        return acts[min(number, len(acts) - 1)]


@dataclass
class Hook:
    """A webhook's receiver: what came in, and the status it answers with, by path."""

    port: int = 0
    status: dict[str, int] = field(default_factory=dict)
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def events(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for where, _, body in self.got if where == f"/{path}"]

    def ids(self, path: str) -> list[str]:
        return [headers["webhook-id"] for where, headers, _ in self.got if where == f"/{path}"]


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.status.get(self.path, 204))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    with serving(server) as hook.port:
        yield hook


@dataclass
class World:
    project: GitProject
    remote: Path | None
    server: ModelServer
    models: Models
    hook: Hook

    def octops(self, *arguments: str, key: str = KEY, **environment: str) -> Outcome:
        keys = {"TEST_KEY": key} if key else {}
        return warm.octops(self.project.root, arguments, {**keys, **environment})

    def cold(self, *arguments: str, **environment: str) -> Outcome:
        """In a process that has imported nothing yet: 4 s more where a model is asked."""
        return self.project.octops(*arguments, TEST_KEY=KEY, **environment)

    def apply(self, *arguments: str, now: str = NOW, **environment: str) -> Outcome:
        return self.octops("apply", "--auto-approve", "--now", now, *arguments, **environment)

    def settings(self, models: Mapping[str, str] | None = None, more: str = "") -> str:
        """octops.yaml with an alias for each model; `models` adds keys to some, as a flow mapping's inside."""
        return settings(self.server, self.hook, models or {}, more)

    def asked(self, model: str) -> list[Asked]:
        return [asked for asked in self.server.journal if asked.body.get("model") == model]

    def git(self, *arguments: str) -> str:
        where = () if self.remote is None else ("--git-dir", str(self.remote))
        return self.project.git(*where, *arguments)

    def ledger_files(self) -> list[str]:
        if not self.git("for-each-ref", "refs/heads/octops/runs"):
            return []
        return self.git("ls-tree", "-r", "--name-only", "octops/runs").splitlines()

    def ledger_text(self, path: str) -> str:
        return self.git("show", f"octops/runs:{path}")

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record by its run id, as it lies on the branch."""
        paths = [path for path in self.ledger_files() if path.startswith("runs/") and path.endswith(".json")]
        found = [json.loads(self.ledger_text(path)) for path in paths]
        return {record["run"]: record for record in found}

    def record(self, run: str) -> dict[str, Any]:
        return self.records()[run]

    def heads(self) -> dict[str, dict[str, Any]]:
        paths = [path for path in self.ledger_files() if path.startswith("tasks/")]
        return {Path(path).stem: json.loads(self.ledger_text(path)) for path in paths}

    def open_claims(self) -> list[str]:
        return [path for path in self.ledger_files() if path.startswith("open/")]

    def rewrite(self, path: str, content: bytes) -> None:
        """One file of the ledger, changed by hand."""
        where = self.project.root / ".git" if self.remote is None else self.remote
        stream = (
            b"commit refs/heads/octops/runs\ncommitter Ada <ada@example.com> 1772438400 +0000\ndata 7\nby hand\n"
            b"from refs/heads/octops/runs^0\nM 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)
        )
        subprocess.run(["git", "--git-dir", where, "fast-import", "--quiet"], input=stream, check=True)

    def ledger_from_the_future(self) -> None:
        """The ledger as a runner would leave it whose clock is years ahead."""
        where = () if self.remote is None else ("--git-dir", str(self.remote))
        at = "2099-01-01T00:00:00Z"
        arguments = ("commit-tree", "-m", "ahead", "-p", "octops/runs", "octops/runs^{tree}")
        commit = self.project.git(*where, *arguments, at=at)
        self.git("update-ref", "refs/heads/octops/runs", commit)

    def whole_ledger(self) -> str:
        """Every byte of every version of every file of the branch."""
        return self.git("log", "-p", "--format=%H %an %B", "octops/runs")

    def commit(self, files: Mapping[str, str], at: str = START, *, push: bool = True) -> None:
        self.project.write(files)
        self.project.commit(at=at)
        if push and self.remote is not None:
            self.project.git("push", "-q", "origin", "main")


def settings(server: ModelServer, hook: Hook, models: Mapping[str, str], more: str) -> str:
    def alias(name: str, keys: str) -> str:
        usual = {
            "model": f"openai/{name}",
            "api_base": f'"{server.openai_base}"',
            "api_key": "{env: TEST_KEY}",
            "price": "{input_per_million: 1, output_per_million: 2}",
        }
        rest = ", ".join(f"{key}: {value}" for key, value in usual.items() if f"{key}:" not in keys)
        return f"  {name}: {{{', '.join(filter(None, (keys, rest)))}}}\n"

    aliases = "".join(alias(name, keys) for name, keys in {"default": "", **models}.items())
    return (
        f"version: 1\nmodels:\n{aliases}defaults: {{model: default}}\n"
        f'records: {{pushes_per_minute: 60}}\nnetwork: {{allow: ["127.0.0.1:{hook.port}"]}}\n{more}'
    )


@contextmanager
def world(
    folder: Path,
    files: Callable[[ModelServer, Hook], Files] | Files,
    *,
    models: Mapping[str, str] | None = None,
    more: str = "",
    remote: bool = False,
) -> Iterator[World]:
    """`files` beside octops.yaml, committed at `START`; with `remote` pushed to a bare repository."""
    says = Models()
    with ModelServer(says) as server, listening() as hook:
        own = files(server, hook) if callable(files) else files
        project = git_project(folder, {"octops.yaml": settings(server, hook, models or {}, more), **own}, at=START)
        bare = folder / "remote.git" if remote else None
        if bare is not None:
            project.git("init", "-q", "--bare", "--initial-branch=main", str(bare))
            project.git("remote", "add", "origin", str(bare))
            project.git("push", "-q", "-u", "origin", "main")
        yield World(project, bare, server, says, hook)
