from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from octops.repository import Repository
from octops.repository.commits import Draft
from octops.repository.remote import Configuration, Setting
from tests.repository.sandbox import ENVIRON, Sandbox, git

NAME = "octops/runs"


@pytest.mark.parametrize("as_url", [False, True])
def test_a_repository_on_disk_hands_over_parts_though_git_by_itself_would_not(tmp_path: Path, as_url: bool) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    bare = tmp_path / "remote.git"
    sandbox = Sandbox.create(tmp_path / "work")
    sandbox.git("remote", "add", "origin", bare.as_uri() if as_url else str(bare))
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None
    ledger = repository.branch(NAME)
    files = {"tasks/a.json": b"head", "runs/2026/03/02/a.json": b"record"}
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    draft = Draft(parent="", files=files, message="x\n", committed_at=at, identity=ledger.identity)
    assert ledger.move(ledger.fetch(), ledger.build(draft))
    git(tmp_path, "clone", "--quiet", bare.as_uri() if as_url else str(bare), "fresh")
    fresh = Repository.open(tmp_path / "fresh", environ=ENVIRON)
    assert fresh is not None

    fresh.branch(NAME, top_only=True).fetch()

    store = next((tmp_path / "fresh/.git/octops").glob("*.git"))
    listed = git(store, "--git-dir", str(store), "cat-file", "--batch-all-objects", "--batch-check")
    assert listed.count(" blob ") == 0
    assert listed.count(" tree ") == 3


@pytest.mark.parametrize(
    ("url", "more", "on_disk"),
    [
        ("/srv/git/x.git", (), True),
        ("../x.git", (), True),
        ("file:///srv/git/x.git", (), True),
        ("./odd:name.git", (), True),
        ("https://git.example.com/x.git", (), False),
        ("ssh://git@git.example.com/x.git", (), False),
        ("git@git.example.com:x.git", (), False),
        ("host:srv/x.git", (), False),
        ("mirror/x.git", (Setting("global", "url.ssh://git@git.example.com/.insteadof", "mirror/"),), False),
        ("/srv/git/x.git", (Setting("global", "url.ssh://git@git.example.com/.insteadof", "mirror/"),), True),
        ("/srv/git/x.git", (Setting("local", "remote.origin.uploadpack", "/opt/upload-pack"),), False),
    ],
)
def test_only_a_repository_on_disk_is_served_by_a_command_of_ours(
    url: str, more: tuple[Setting, ...], on_disk: bool
) -> None:
    configuration = Configuration((Setting("local", "remote.origin.url", url), *more))

    remote = configuration.remote("main")

    assert remote is not None
    served_by = dict(remote.settings).get("remote.ledger.uploadpack", "")
    assert ("allowFilter" in served_by) == on_disk
