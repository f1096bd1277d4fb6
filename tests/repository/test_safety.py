from __future__ import annotations

from pathlib import Path

import pytest

from octops.declare.file import SourceFile, blob_id
from octops.repository import Repository
from octops.repository.activations import Meaning
from octops.repository.git import Git
from tests.repository.sandbox import ENVIRON, Sandbox, git


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file a trap leaves behind when something executes it."""
    return tmp_path / "executed"


@pytest.fixture
def trap(tmp_path: Path, mark: Path) -> Path:
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\ncat\n")
    script.chmod(0o755)
    return script


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox.create(tmp_path / "work")


def read_everything(directory: Path, environ: dict[str, str] | None = None) -> None:
    repository = Repository.open(directory, environ=ENVIRON | (environ or {}))
    assert repository is not None
    head = repository.head()
    files = repository.files("HEAD").files
    repository.dirty([SourceFile(file.path, b"other", blob_id(b"other")) for file in files])
    repository.activations({file.path: file for file in files}, lambda path, content: Meaning(schedule=content))
    repository.revision("HEAD")
    repository.merge_base(head, head)


def set_traps(sandbox: Sandbox, trap: Path) -> None:
    hooks = sandbox.top / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-push", "pre-commit"):
        (hooks / hook).symlink_to(trap)
    for key, value in (
        ("core.fsmonitor", str(trap)),
        ("core.pager", str(trap)),
        ("core.sshCommand", str(trap)),
        ("core.askPass", str(trap)),
        ("pager.log", str(trap)),
        ("log.showSignature", "true"),
        ("gpg.program", str(trap)),
        ("diff.external", str(trap)),
        ("diff.evil.textconv", str(trap)),
        ("diff.evil.command", str(trap)),
        ("filter.evil.smudge", str(trap)),
        ("filter.evil.clean", str(trap)),
        ("filter.evil.process", str(trap)),
        ("alias.log", f"!{trap}"),
        ("diff.orderFile", "/nonexistent"),
        ("diff.relative", "true"),
    ):
        sandbox.git("config", key, value)


def test_reading_runs_no_hook_monitor_filter_pager_or_diff_program(sandbox: Sandbox, trap: Path, mark: Path) -> None:
    attributes = "* filter=evil diff=evil\n"
    sandbox.commit({"tasks/a.yaml": "1", ".gitattributes": attributes})
    sandbox.commit({"tasks/a.yaml": "2"})
    set_traps(sandbox, trap)

    read_everything(sandbox.top)

    assert not mark.exists()


def test_hooks_named_by_the_configuration_do_not_run_either(sandbox: Sandbox, trap: Path, mark: Path) -> None:
    sandbox.commit({"tasks/a.yaml": "1"})
    hooks = sandbox.top / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").symlink_to(trap)
    sandbox.git("config", "core.hooksPath", str(hooks))

    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None
    repository.git.read("update-ref", "refs/octops/test", repository.head())

    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "/nonexistent"),
        ("GIT_WORK_TREE", "/nonexistent"),
        ("GIT_INDEX_FILE", "/nonexistent"),
        ("GIT_OBJECT_DIRECTORY", "/nonexistent"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_EXTERNAL_DIFF", "{trap}"),
        ("GIT_PAGER", "{trap}"),
        ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor'='{trap}'"),
        ("GIT_SHALLOW_FILE", "/nonexistent"),
        ("GIT_TRACE", "{mark}"),
        ("GIT_GLOB_PATHSPECS", "1"),
    ],
)
def test_variables_that_would_lead_git_elsewhere_are_dropped(
    sandbox: Sandbox, trap: Path, mark: Path, name: str, value: str
) -> None:
    sandbox.commit({"tasks/a.yaml": "1"})

    read_everything(sandbox.top, {name: value.format(trap=trap, mark=mark)})

    assert not mark.exists()


@pytest.mark.parametrize(
    "name", ["GIT_ASKPASS", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_CONFIG_KEY_0", "SSH_AUTH_SOCK", "HTTPS_PROXY"]
)
def test_variables_that_reach_a_remote_are_kept(tmp_path: Path, name: str) -> None:
    git = Git(git_dir=tmp_path, environ={name: "value"})

    assert git._environment()[name] == "value"


def test_a_bare_repository_inside_the_work_tree_is_never_taken(sandbox: Sandbox, trap: Path, mark: Path) -> None:
    embedded = sandbox.top / "bots"
    git(sandbox.top, "init", "--quiet", "--bare", "bots")
    (embedded / "tasks").mkdir()
    git(embedded, "config", "core.fsmonitor", str(trap))
    git(embedded, "config", "remote.origin.uploadpack", str(trap))
    sandbox.commit({"bots/tasks/a.yaml": "1"})

    repository = Repository.open(embedded, environ=ENVIRON)

    assert repository is not None
    assert repository.place.git_dir == sandbox.top / ".git"
    assert repository.prefix == "bots"
    read_everything(embedded)
    assert not mark.exists()


def test_reading_can_not_reach_a_remote(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": "1"})
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None

    assert repository.git.run("ls-remote", "--", str(sandbox.top)).code != 0
    assert repository.git.online.run("ls-remote", "--", str(sandbox.top)).code == 0


def test_no_remote_helper_program_can_be_named(sandbox: Sandbox, mark: Path) -> None:
    sandbox.commit({"tasks/a.yaml": "1"})
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None

    assert repository.git.online.run("ls-remote", "--", f"ext::sh -c 'touch {mark}'").code != 0
    assert not mark.exists()


def test_a_commit_replaced_locally_is_read_as_it_was_committed(sandbox: Sandbox) -> None:
    first = sandbox.commit({"tasks/a.yaml": "1"})
    second = sandbox.commit({"tasks/a.yaml": "2"})
    sandbox.git("replace", second, first)
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None

    assert [file.content for file in repository.files(second).files] == [b"2"]


def test_a_branch_named_like_an_option_is_only_a_name(sandbox: Sandbox) -> None:
    commit = sandbox.commit({"tasks/a.yaml": "1"})
    sandbox.git("update-ref", "refs/heads/--upload-pack=x", commit)
    repository = Repository.open(sandbox.top, environ=ENVIRON)
    assert repository is not None

    assert repository.revision("--upload-pack=x") == commit
