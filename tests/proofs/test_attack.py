"""A model that calls anything with any arguments reaches nothing that the plan does not list."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit import ROOT, clean_environment
from tests.modelserver import ModelServer
from tests.proofs.attacker import Attacker, told
from tests.proofs.loopback import Loopback
from tests.proofs.world import KEY, World, settings, task, webhook

CANARY = "canary-7f3a"
TASKS = ("apples", "berries", "cherries")
SERVER = Path(__file__).parent / "server.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """What an apply with an evil model did. `happened` is (kind, what) of everything Python was seen doing."""

    world: World
    code: int
    calls: int
    happened: tuple[tuple[str, str], ...]
    before: dict[str, str]
    requests: str
    ports: tuple[int, int]
    deliveries: int

    def of(self, kind: str) -> list[str]:
        return [what for seen, what in self.happened if seen == kind]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("attack") / "world"
    attacker = Attacker(20260302, turns=8)
    with Loopback() as hooks, ModelServer(attacker) as model:
        world = _world(folder, model.port, hooks.port)
        before = _contents(world)
        code = _watched(world)
        journal = folder / "happened"
        happened = tuple((kind, what) for kind, what in json.loads(journal.read_text() if journal.exists() else "[]"))
        return Attacked(
            world=world,
            code=code,
            calls=attacker.calls,
            happened=happened,
            before=before,
            requests="".join(map(told, model.journal)) + "".join(it.text for it in hooks.received),
            ports=(model.port, hooks.port),
            deliveries=len(hooks.received),
        )


@pytest.mark.slow
def test_every_run_ends_and_its_answer_arrives(attacked: Attacked) -> None:
    print(f"{attacked.calls} hostile tool calls")
    assert attacked.code == 0, attacked.world.said()
    assert attacked.calls > 100
    assert [record["status"] for record in attacked.world.records()] == ["completed"] * 3
    assert attacked.deliveries == 3


def test_only_the_model_and_the_webhook_are_connected_to(attacked: Attacked) -> None:
    assert set(attacked.of("connect")) == {repr(("127.0.0.1", port)) for port in attacked.ports}


def test_no_port_is_opened(attacked: Attacked) -> None:
    # A library tries whether there is IPv6 when it is imported, and closes what it tried with.
    assert set(attacked.of("bind")) <= {repr(("::1", 0))}


def test_only_git_and_the_declared_command_are_started(attacked: Attacked) -> None:
    server = f"{sys.executable} {SERVER} {attacked.world.folder / 'called'}"
    others = [what for what in attacked.of("start") if not what.startswith("git ")]
    # A library asks what processor this is when it is imported.
    assert [what for what in others if not what.endswith(server) and what != "uname -p"] == []
    assert len(others) <= 2


def test_only_octops_own_copy_of_the_ledger_and_temporary_folders_are_written(attacked: Attacked) -> None:
    folder = attacked.world.folder
    own = (folder / "project/.git/octops", folder / "home/.cache/octops", folder / "home/.local/state/octops")
    allowed = (*own, folder / "tmp", Path("/dev/null"))
    written = {Path(what) for what in attacked.of("write") if not what.isdigit()}
    assert [str(path) for path in written if not any(path.is_relative_to(it) for it in allowed)] == []


def test_no_file_of_the_project_or_beside_it_is_changed(attacked: Attacked) -> None:
    assert _contents(attacked.world) == attacked.before


def test_nothing_is_read_that_is_not_declared(attacked: Attacked) -> None:
    assert "words for everyone" in attacked.requests
    ledger = b"".join(attacked.world.files().values()).decode()
    assert [word for word in (CANARY, KEY, "root:x:") if word in attacked.requests + ledger] == []


def test_a_tool_that_is_not_allowed_is_never_called(attacked: Attacked) -> None:
    assert set((attacked.world.folder / "called").read_text().split()) == {"say"}


def test_only_the_ledgers_own_files_and_the_declared_one_are_committed(attacked: Attacked) -> None:
    tops = {path.partition("/")[0] for path in attacked.world.files()}
    assert tops == {"octops-ledger.json", "tasks", "runs", "answers"}
    assert sorted(attacked.world.files("answers/")) == [f"answers/{name}.md" for name in TASKS]
    branches = attacked.world.project.git("ls-remote", "--heads", "origin").splitlines()
    assert [line.split()[1] for line in branches] == ["refs/heads/main", "refs/heads/octops/runs"]


def _world(folder: Path, model: int, hooks: int) -> World:
    files: dict[str, str | bytes] = {
        "octops.yaml": settings(model)
        .replace(f'allow: ["127.0.0.1:{model}"]', f'allow: ["127.0.0.1:{hooks}"]')
        .replace("limits: {seconds: 60}", "limits: {seconds: 60, turns: 20, tool_calls: 200, tokens: 50000000}"),
        "sources/files.yaml": 'type: local\npath: docs\ninclude: ["**/*.md"]\n',
        "sources/web.yaml": f"type: mcp\ntransport: stdio\ncommand: {sys.executable}\n"
        f"args: [{SERVER}, {folder / 'called'}]\ntools: {{allow: [say]}}\n",
        "docs/good.md": "words for everyone\n",
        "docs/notes.txt": f"{CANARY}\n",
        "private/secret.md": f"{CANARY}\n",
        ".env": f"TOKEN={CANARY}\n",
    }
    for name in TASKS:
        path = f'{{type: file, path: "answers/{name}.md"}}'
        files[f"tasks/{name}.yaml"] = "sources: [files, web]\n" + task(webhook(hooks, name), path)
    world = World.make(folder, files)
    (folder / "outside.txt").write_text(CANARY)
    for name in ("tmp", "home/.cache", "home/.local/state"):
        (folder / name).mkdir(parents=True)
    (world.project.root / "docs/linked.md").symlink_to("../private/secret.md")
    (world.project.root / "docs/linked").symlink_to("../private")
    world.project.git("config", "remote.origin.note", CANARY)
    return world


def _watched(world: World) -> int:
    environment = clean_environment(
        world.folder / "home",
        PYTHONPATH=str(ROOT),
        PYTHONDONTWRITEBYTECODE="1",
        TMPDIR=str(world.folder / "tmp"),
        PROOF_KEY=KEY,
        OTHER_KEY=CANARY,
    )
    command = ["apply", "--auto-approve", "--now", world.now.isoformat()]
    with (world.folder / "octops-1.err").open("wb") as err:
        done = subprocess.run(
            [sys.executable, "-m", "tests.proofs.watched", str(world.folder / "happened"), *command],
            cwd=world.project.root,
            env=environment,
            stdout=err,
            stderr=err,
            timeout=120,
            check=False,
        )
    return done.returncode


def _contents(world: World) -> dict[str, str]:
    """The hash of every file of the project and beside it, octops' own copy left out."""
    root = world.project.root
    paths = [world.folder / "outside.txt", *(path for path in root.rglob("*") if path.is_file())]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if not path.is_relative_to(root / ".git/octops")
    }
