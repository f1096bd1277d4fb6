"""One world of a proof: a bare remote that can kill, clones of it, and octops in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.kit import PATIENCE, ROOT, GitProject, clean_environment, git_project

START = datetime.fromisoformat("2026-03-02T08:10:00+00:00")
"""Ten minutes after the slots of the tasks."""
KEY = "sk-proof-0123456789"
_HOOK = """\
#!/bin/sh
# Counts the pushes, waits in the one that is written in `hold`, and ends octops at the one that is written in `kill`.
cat >/dev/null
cd "{folder}"
number=$(($(cat {moment}.count 2>/dev/null || echo 0) + 1))
echo $number >{moment}.count
while [ "$(cat hold 2>/dev/null)" = "{moment} $number" ]; do sleep 0.05; done
if [ "$(cat kill 2>/dev/null)" = "{moment} $number" ]; then
  rm kill
  kill -9 "$(cat pid)"
  touch killed
  exit 1
fi
"""
_HOOK_NAMES = {"before": "pre-receive", "after": "post-receive"}


def settings(port: int, *, more: str = "") -> str:
    return f"""\
version: 1
models:
  default:
    model: openai/gpt-4o-mini
    api_base: "http://127.0.0.1:{port}/v1"
    api_key: {{env: PROOF_KEY}}
    price: {{input_per_million: 1, output_per_million: 2}}
defaults: {{model: default, limits: {{seconds: 60}}}}
network: {{allow: ["127.0.0.1:{port}"]}}
records: {{pushes_per_minute: 60}}
{more}"""


def task(*destinations: str, schedule: str = 'schedule: {frequency: daily, at: "08:00"}') -> str:
    listed = "".join(f"  - {destination}\n" for destination in destinations)
    return f"prompt: Report on <<run_id>>.\n{schedule}\n" + (f"destinations:\n{listed}" if listed else "")


def webhook(port: int, name: str, guarantee: str = "at_least_once") -> str:
    return f'{{type: webhook, url: "http://127.0.0.1:{port}/{name}", guarantee: {guarantee}}}'


@dataclass(slots=True)
class World:
    """A project with a bare remote beside it. `now` is where octops' clock starts next time."""

    folder: Path
    project: GitProject
    now: datetime = START
    started: int = field(default=0)

    @classmethod
    def make(cls, folder: Path, files: Mapping[str, str | bytes]) -> World:
        project = git_project(folder, files, at="2026-03-01T12:00:00Z")
        world = cls(folder=folder, project=project)
        project.git("init", "--quiet", "--bare", "--initial-branch=main", str(world.remote))
        project.git("remote", "add", "origin", str(world.remote))
        project.git("push", "--quiet", "--set-upstream", "origin", "main")
        for moment, name in _HOOK_NAMES.items():
            hook = world.remote / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(_HOOK.format(folder=folder, moment=moment))
            hook.chmod(0o755)
        return world

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    def clone(self, name: str) -> GitProject:
        """Another work tree of the same remote."""
        self.project.git("clone", "--quiet", str(self.remote), str(self.folder / name))
        return GitProject(self.folder / name)

    def start(self, *arguments: str, project: GitProject | None = None) -> subprocess.Popen[bytes]:
        """An octops process with the clock at `now`; its streams go to files beside the project."""
        self.started += 1
        root = (project or self.project).root
        log = self.folder / f"octops-{self.started}"
        with log.with_suffix(".out").open("wb") as out, log.with_suffix(".err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "octops", *arguments, "--now", self.now.isoformat()],
                cwd=root,
                env=clean_environment(self.folder / "home", PYTHONPATH=str(ROOT), PROOF_KEY=KEY),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        (self.folder / "pid").write_text(str(process.pid))
        return process

    def apply(self, *, project: GitProject | None = None) -> subprocess.Popen[bytes]:
        return self.start("apply", "--auto-approve", project=project)

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)

    def end_leases(self) -> None:
        """As if the runners had been silent for so long: leases hold in real time, whatever `--now` says."""
        claims = {path: json.loads(content) for path, content in self.files("open/").items()}
        for path, claim in claims.items():
            ended = json.dumps({**claim, "lease_until": "2026-03-02T08:00:00Z"}).encode()
            self._commit(path, ended)

    def kill(self) -> None:
        """End the process that was started last, as the kernel would."""
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        (self.folder / "killed").touch()

    def kill_at_push(self, moment: str, number: int) -> None:
        (self.folder / "kill").write_text(f"{moment} {number}\n")

    def hold_push(self, moment: str, number: int) -> None:
        (self.folder / "hold").write_text(f"{moment} {number}\n")

    def let_push_go(self) -> None:
        (self.folder / "hold").unlink()

    def wait_for_push(self, moment: str, number: int) -> None:
        """Until so many pushes have come so far."""
        count, give_up_at = self.folder / f"{moment}.count", time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            if count.exists() and int(count.read_text().strip() or 0) >= number:
                return
            time.sleep(0.05)
        raise AssertionError(f"push {number} never came: {self.said()}")

    @property
    def killed(self) -> bool:
        return (self.folder / "killed").exists()

    @property
    def pushes(self) -> int:
        count = self.folder / "after.count"
        return int(count.read_text()) if count.exists() else 0

    def quiet(self) -> bool:
        """Whether the plan has nothing to do and nothing to wait for."""
        planned = self.start("plan", "--detailed-exitcode")
        return planned.wait(60) == 0 and not self.files("open/")

    def files(self, prefix: str = "") -> dict[str, bytes]:
        """What the ledger on the remote holds, by path."""
        listed = self._remote("ls-tree", "-r", "-z", "octops/runs") if self._has_ledger() else b""
        entries = [line.partition(b"\t") for line in listed.split(b"\0") if line]
        wanted = {path.decode(): head.split()[2].decode() for head, _, path in entries}
        return {
            path: self._remote("cat-file", "blob", blob) for path, blob in wanted.items() if path.startswith(prefix)
        }

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(text) for path, text in self.files("runs/").items() if path.endswith(".json")]

    def claims(self) -> dict[str, dict[str, Any]]:
        """The open claims by run."""
        claims = map(json.loads, self.files("open/").values())
        return {claim["run"]: claim for claim in claims}

    def heads(self) -> dict[str, dict[str, Any]]:
        """What is remembered by task."""
        return {Path(path).stem: json.loads(content) for path, content in self.files("tasks/").items()}

    def writes(self) -> list[str]:
        """The subjects of the ledger's commits, oldest first."""
        return self._remote("log", "--reverse", "--format=%s", "octops/runs").decode().splitlines()

    def said(self) -> str:
        """Everything octops printed, for a message of a failing test."""
        logs = sorted(self.folder.glob("octops-*"), key=lambda path: path.stat().st_mtime)
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')}" for log in logs)

    def _commit(self, path: str, content: bytes) -> None:
        """One file of the ledger, changed by hand on the remote."""
        stream = (
            b"commit refs/heads/octops/runs\ncommitter Ada <ada@example.com> 1772438400 +0000\ndata 7\nby hand\n"
            b"from refs/heads/octops/runs^0\nM 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)
        )
        self._remote("fast-import", "--quiet", stdin=stream)

    def _has_ledger(self) -> bool:
        return bool(self._remote("for-each-ref", "refs/heads/octops/runs"))

    def _remote(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = ["git", "--git-dir", str(self.remote), *arguments]
        environment = clean_environment(self.folder / "home")
        return subprocess.run(command, capture_output=True, check=True, env=environment, input=stdin).stdout
