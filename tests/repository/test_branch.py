from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octops.errors import GitError
from octops.repository import Repository
from octops.repository.branch import Branch
from octops.repository.commits import Draft, check_path
from octops.repository.remote_branch import RemoteBranch
from tests.repository.sandbox import ENVIRON, PERSON, Sandbox, git, snapshot

NAME = "octops/runs"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(tmp_path / "remote.git", "config", "uploadpack.allowFilter", "true")
    return tmp_path / "remote.git"


@pytest.fixture
def sandbox(tmp_path: Path, remote: Path) -> Sandbox:
    made = Sandbox.create(tmp_path / "work")
    made.git("remote", "add", "origin", str(remote))
    made.commit({"tasks/a.yaml": "prompt: x\n"})
    made.git("push", "--quiet", "origin", "main")
    return made


def branch(directory: Path, *, environ: Mapping[str, str] | None = None, push: bool = True, name: str = NAME) -> Branch:
    repository = Repository.open(directory, environ=ENVIRON | dict(environ or {}))
    assert repository is not None
    return repository.branch(name, push=push)


def write(branch: Branch, tip: str, files: Mapping[str, bytes | None], message: str = "octops: test\n") -> str:
    draft = Draft(parent=tip, files=files, message=message, committed_at=NOW, identity=branch.identity)
    return branch.build(draft)


def put(branch: Branch, files: Mapping[str, bytes | None]) -> str:
    tip = branch.fetch()
    new = write(branch, tip, files)
    assert branch.move(tip, new)
    return new


def read(branch: Branch) -> dict[str, bytes]:
    found = branch.entries(branch.fetch())
    contents = branch.contents(entry.blob for entry in found)
    return {entry.path: contents[entry.blob] for entry in found}


def test_before_the_first_write_the_branch_has_no_tip(sandbox: Sandbox) -> None:
    assert branch(sandbox.top).fetch() == ""


def test_what_is_written_is_on_the_remote(sandbox: Sandbox, remote: Path) -> None:
    tip = put(branch(sandbox.top), {"runs/2026/03/02/a.json": b"{}\n"})

    assert git(remote, "rev-parse", f"refs/heads/{NAME}") == tip
    assert git(remote, "show", f"{tip}:runs/2026/03/02/a.json") == "{}"


def test_the_first_commit_is_an_orphan(sandbox: Sandbox, remote: Path) -> None:
    tip = put(branch(sandbox.top), {"a": b"1"})

    assert git(remote, "rev-list", tip) == tip


def test_files_are_added_changed_and_deleted_and_the_rest_stays(sandbox: Sandbox) -> None:
    ledger = branch(sandbox.top)
    put(ledger, {"x/a": b"1", "x/b": b"1", "c": b"1"})
    put(ledger, {"x/a": b"2", "x/b": None, "d/e": b"3"})

    assert read(ledger) == {"x/a": b"2", "c": b"1", "d/e": b"3"}


def test_bytes_are_kept_as_they_are(sandbox: Sandbox) -> None:
    sandbox.git("config", "core.autocrlf", "true")
    sandbox.write({".gitattributes": "* text eol=crlf\n"})
    content = bytes(range(256)) + b"\r\n\n\r"
    ledger = branch(sandbox.top)

    put(ledger, {'a b/ü".md': content})

    assert read(branch(sandbox.top)) == {'a b/ü".md': content}


def test_the_second_of_two_writers_is_refused(sandbox: Sandbox, remote: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(remote), "other")
    one, other = branch(sandbox.top), branch(tmp_path / "other")
    put(one, {"a": b"1"})
    tip = one.fetch()
    assert other.fetch() == tip

    assert one.move(tip, write(one, tip, {"a": b"2"}))
    assert not other.move(tip, write(other, tip, {"a": b"3"}))
    assert read(other) == {"a": b"2"}


def test_of_two_first_writers_one_is_refused(sandbox: Sandbox, remote: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(remote), "other")
    one, other = branch(sandbox.top), branch(tmp_path / "other")

    assert one.move("", write(one, "", {"a": b"1"}))
    assert not other.move("", write(other, "", {"a": b"2"}))


def test_a_branch_that_was_deleted_meanwhile_refuses_the_move(sandbox: Sandbox, remote: Path) -> None:
    ledger = branch(sandbox.top)
    tip = put(ledger, {"a": b"1"})
    git(remote, "update-ref", "-d", f"refs/heads/{NAME}")

    assert not ledger.move(tip, write(ledger, tip, {"a": b"2"}))
    assert ledger.fetch() == ""


def test_a_branch_rewound_on_the_remote_is_seen_as_it_is_now(sandbox: Sandbox, remote: Path) -> None:
    ledger = branch(sandbox.top)
    first = put(ledger, {"a": b"1"})
    second = put(ledger, {"a": b"2"})
    git(remote, "update-ref", f"refs/heads/{NAME}", first)

    assert not ledger.move(second, write(ledger, second, {"a": b"3"}))
    assert ledger.fetch() == first
    assert read(ledger) == {"a": b"1"}


def test_without_a_remote_the_local_branch_is_moved(tmp_path: Path) -> None:
    sandbox = Sandbox.create(tmp_path / "alone")
    sandbox.commit({"a": ""})
    ledger = branch(sandbox.top)

    tip = put(ledger, {"x": b"1"})

    assert sandbox.git("rev-parse", NAME) == tip
    assert not ledger.move("", write(ledger, "", {"x": b"2"}))
    assert not ledger.move("1" * 40, write(ledger, tip, {"x": b"2"}))
    assert read(ledger) == {"x": b"1"}
    assert sandbox.git("for-each-ref", "--format=%(refname)") == f"refs/heads/main\nrefs/heads/{NAME}"


def test_with_push_off_nothing_reaches_the_remote(sandbox: Sandbox, remote: Path) -> None:
    put(branch(sandbox.top, push=False), {"x": b"1"})

    assert git(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_ledger_somebody_has_checked_out_is_not_moved(tmp_path: Path) -> None:
    sandbox = Sandbox.create(tmp_path / "alone")
    sandbox.commit({"a": ""})
    ledger = branch(sandbox.top)
    tip = put(ledger, {"x": b"1"})
    sandbox.git("worktree", "add", "--quiet", str(tmp_path / "looking"), NAME)

    with pytest.raises(GitError) as raised:
        ledger.move(tip, write(ledger, tip, {"x": b"2"}))
    assert raised.value.diagnostics[0].code == "ledger-checked-out"

    sandbox.git("worktree", "remove", str(tmp_path / "looking"))
    tip = put(ledger, {"x": b"2"})
    sandbox.git("switch", "--quiet", NAME)
    with pytest.raises(GitError):
        ledger.move(tip, write(ledger, tip, {"x": b"3"}))
    sandbox.git("switch", "--quiet", "-")
    assert ledger.move(tip, write(ledger, tip, {"x": b"3"}))


def shape(tmp_path: Path, remote: Path, kind: str) -> Path:
    """A clone of one kind, and the directory octops is called in."""
    clone = {
        "shallow": ["--depth=1"],
        "blobless": ["--filter=blob:none"],
        "treeless": ["--filter=tree:0"],
        "bare": ["--bare"],
        "mirror": ["--mirror"],
    }.get(kind, [])
    git(tmp_path, "clone", "--quiet", *clone, remote.as_uri(), "shape")
    top = tmp_path / "shape"
    if kind == "detached":
        git(top, "checkout", "--quiet", "--detach")
    if kind == "worktree":
        git(top, "worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "linked"))
        return tmp_path / "linked"
    return top


@pytest.mark.parametrize("kind", ["plain", "shallow", "blobless", "treeless", "bare", "mirror", "detached", "worktree"])
def test_every_shape_of_clone_reads_and_writes(sandbox: Sandbox, remote: Path, tmp_path: Path, kind: str) -> None:
    put(branch(sandbox.top), {"x/a": b"1", "x/b": b"2"})

    ledger = branch(shape(tmp_path, remote, kind))
    put(ledger, {"x/a": b"3"})

    assert read(branch(sandbox.top)) == {"x/a": b"3", "x/b": b"2"} == read(ledger)


def settings(sandbox: Sandbox, key: str, value: str) -> None:
    sandbox.git("config", key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("commit.gpgSign", "true"),
        ("push.gpgSign", "true"),
        ("core.autocrlf", "true"),
        ("push.default", "matching"),
        ("push.followTags", "true"),
        ("fetch.prune", "true"),
        ("fetch.unpackLimit", "1"),
        ("remote.origin.mirror", "true"),
        ("remote.origin.fetch", "+refs/*:refs/*"),
        ("core.logAllRefUpdates", "always"),
        ("remote.origin.pushurl", "{remote}"),
        ("url.{remote}.insteadOf", "short:"),
        ("transfer.hideRefs", "refs/octops"),
        ("protocol.version", "0"),
    ],
)
def test_no_setting_of_the_user_changes_what_is_written(sandbox: Sandbox, remote: Path, key: str, value: str) -> None:
    settings(sandbox, key.format(remote=remote), value.format(remote=remote))
    sandbox.git("tag", "-a", "v1", "-m", "one")
    before = git(remote, "for-each-ref", "--format=%(refname) %(objectname)")

    tip = put(branch(sandbox.top), {"x": b"1\r\n"})

    assert git(remote, "for-each-ref", "--format=%(refname) %(objectname)") == f"{before}\nrefs/heads/{NAME} {tip}"
    assert "gpgsig" not in git(remote, "cat-file", "commit", tip)
    assert read(branch(sandbox.top)) == {"x": b"1\r\n"}


def test_nothing_of_the_users_repository_is_touched(sandbox: Sandbox) -> None:
    sandbox.write({"tasks/a.yaml": "prompt: changed\n", "new.txt": "untracked"})
    sandbox.git("add", "new.txt")
    before = snapshot(sandbox.top)

    ledger = branch(sandbox.top)
    put(ledger, {"x": b"1"})
    put(ledger, {"x": b"2", "y": b"3"})
    read(ledger)

    after = {path: content for path, content in snapshot(sandbox.top).items() if not path.startswith(".git/octops/")}
    assert after == before


def test_reading_a_ledger_promises_no_missing_objects_in_the_users_clone(sandbox: Sandbox) -> None:
    ledger = branch(sandbox.top)
    put(ledger, {"x": b"1"})
    read(ledger)

    sandbox.git("gc", "--quiet")
    sandbox.git("fsck", "--strict")
    assert sandbox.git("rev-parse", "--is-shallow-repository") == "false"


def test_no_hook_runs_even_one_that_would_refuse(sandbox: Sandbox) -> None:
    for hook in ("pre-push", "reference-transaction", "pre-commit", "post-commit", "commit-msg"):
        file = sandbox.top / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\nexit 1\n")
        file.chmod(0o755)
    ledger = branch(sandbox.top)
    put(ledger, {"x": b"1"})
    local = branch(sandbox.top, push=False)
    put(local, {"x": b"1"})

    assert read(ledger) == read(local) == {"x": b"1"}


def author(remote: Path) -> str:
    return git(remote, "log", "-1", "--format=%an <%ae> %cn <%ce>", NAME)


def test_without_an_identity_commits_are_by_octops(sandbox: Sandbox, remote: Path) -> None:
    put(branch(sandbox.top), {"x": b"1"})

    assert author(remote) == "octops <octops@localhost> octops <octops@localhost>"


def test_the_users_identity_is_used(sandbox: Sandbox, remote: Path) -> None:
    sandbox.git("config", "user.name", "Grace")
    sandbox.git("config", "user.email", "grace@example.com")

    put(branch(sandbox.top), {"x": b"1"})

    assert author(remote) == "Grace <grace@example.com> Grace <grace@example.com>"


def test_the_identity_of_the_environment_wins(sandbox: Sandbox, remote: Path) -> None:
    put(branch(sandbox.top, environ=PERSON), {"x": b"1"})

    assert author(remote) == "Ada <ada@example.com> Ada <ada@example.com>"


def test_a_name_can_not_add_lines_to_the_commit(sandbox: Sandbox, remote: Path) -> None:
    sandbox.git("config", "user.name", "Eve> 1 +0000\nfrom x <")
    sandbox.git("config", "user.email", "eve@example.com")

    put(branch(sandbox.top), {"x": b"1"})

    assert author(remote).startswith("Eve 1 +0000from x <eve@example.com>")


def test_an_unreachable_remote_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.git("remote", "set-url", "origin", str(tmp_path / "gone.git"))

    with pytest.raises(GitError) as raised:
        branch(sandbox.top).fetch()

    diagnostic = raised.value.diagnostics[0]
    assert diagnostic.code == "remote-unreachable"
    assert "gone.git" in diagnostic.summary


def test_a_password_in_the_address_is_never_shown(sandbox: Sandbox) -> None:
    sandbox.git("remote", "set-url", "origin", "http://user:s3cret@127.0.0.1:1/x.git")

    with pytest.raises(GitError) as raised:
        branch(sandbox.top).fetch()

    assert "s3cret" not in str(raised.value.diagnostics)


def test_a_remote_that_refuses_says_why(sandbox: Sandbox, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'branches need a ticket' >&2\nexit 1\n")
    hook.chmod(0o755)
    ledger = branch(sandbox.top)

    with pytest.raises(GitError) as raised:
        ledger.move("", write(ledger, "", {"x": b"1"}))

    diagnostic = raised.value.diagnostics[0]
    assert diagnostic.code == "push-refused"
    assert "branches need a ticket" in diagnostic.detail


def test_a_rehearsal_moves_nothing(sandbox: Sandbox, remote: Path) -> None:
    ledger = branch(sandbox.top)

    ledger.rehearse("", write(ledger, "", {"x": b"1"}))

    assert ledger.fetch() == ""


def test_the_upstream_remote_of_the_current_branch_counts(sandbox: Sandbox, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "upstream.git")
    sandbox.git("remote", "add", "upstream", str(tmp_path / "upstream.git"))
    sandbox.git("config", "branch.main.remote", "upstream")

    assert branch(sandbox.top).where == str(tmp_path / "upstream.git")


def test_an_address_relative_to_the_work_tree_is_understood(sandbox: Sandbox) -> None:
    sandbox.git("remote", "set-url", "origin", "../remote.git")

    put(branch(sandbox.top), {"x": b"1"})

    assert read(branch(sandbox.top)) == {"x": b"1"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://github.com/a/b.git", "github.com"),
        ("https://token@GitHub.com/a/b", "github.com"),
        ("git@github.com:a/b.git", "github.com"),
        ("ssh://git@github.com:22/a/b", "github.com"),
        ("https://git.example.com:8443/x", "git.example.com"),
        ("/srv/git/x.git", ""),
        ("file:///srv/git/x.git", ""),
        ("../x.git", ""),
    ],
)
def test_the_host_of_a_remote_is_known(sandbox: Sandbox, url: str, host: str) -> None:
    sandbox.git("remote", "set-url", "origin", url)

    assert branch(sandbox.top).host == host


@pytest.mark.parametrize(
    "path",
    [
        "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", ".git/config", "a/.GIT/hooks/x", ".git ", "GIT~1/x",
        ".git:x", "a\\b", "a\nb", "a\0b", "a\u202eb", "a/\u200b.git", "x" * 256, "\ud800",
    ],
)  # fmt: skip
def test_a_path_that_could_leave_the_tree_is_refused(path: str) -> None:
    with pytest.raises(GitError) as raised:
        check_path(path)
    assert raised.value.diagnostics[0].code == "bad-path"


@pytest.mark.parametrize(
    "path", ["a", "runs/2026/03/02/a--x.json", "Bericht für März.md", ".github/x", ".gitignore", "a'\"b"]
)
def test_a_plain_path_is_written(path: str) -> None:
    check_path(path)


def test_a_bad_branch_name_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(GitError):
        branch(sandbox.top, name="--upload-pack=x")


def test_the_private_copy_is_only_a_cache(sandbox: Sandbox) -> None:
    import shutil

    put(branch(sandbox.top), {"x": b"1"})
    shutil.rmtree(sandbox.top / ".git" / "octops")

    assert read(branch(sandbox.top)) == {"x": b"1"}


def test_only_the_files_asked_for_are_fetched(sandbox: Sandbox, tmp_path: Path) -> None:
    put(branch(sandbox.top), {"small": b"1", "large": b"x" * 100_000})
    sandbox.git("push", "--quiet", "origin", "main")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "remote.git"), "fresh")
    ledger = branch(tmp_path / "fresh")

    found = {entry.path: entry.blob for entry in ledger.entries(ledger.fetch())}
    assert ledger.contents([found["small"]]) == {found["small"]: b"1"}

    store = next((tmp_path / "fresh" / ".git" / "octops").glob("*.git"))
    listed = git(store, "--git-dir", str(store), "cat-file", "--batch-all-objects", "--batch-check")
    assert found["small"] in listed
    assert found["large"] not in listed


@pytest.mark.parametrize("simple_host", [False, True])
def test_for_a_plan_only_the_top_folders_are_fetched(sandbox: Sandbox, tmp_path: Path, simple_host: bool) -> None:
    put(branch(sandbox.top), {"tasks/a.json": b"head", "marker": b"m", "runs/2026/03/02/a.json": b"record"})
    if simple_host:
        git(tmp_path / "remote.git", "config", "uploadpackfilter.tree.maxDepth", "0")
    git(tmp_path, "clone", "--quiet", (tmp_path / "remote.git").as_uri(), "fresh")
    repository = Repository.open(tmp_path / "fresh", environ=ENVIRON)
    assert repository is not None
    ledger = repository.branch(NAME, top_only=True)

    tip = ledger.fetch()
    found = {entry.path: entry.blob for entry in ledger.entries(tip, ["tasks", "marker"])}

    assert ledger.contents(found.values()) == {found["tasks/a.json"]: b"head", found["marker"]: b"m"}
    store = next((tmp_path / "fresh" / ".git" / "octops").glob("*.git"))
    listed = git(store, "--git-dir", str(store), "cat-file", "--batch-all-objects", "--batch-check")
    assert listed.count(" tree ") == (6 if simple_host else 3)


def test_a_top_copy_keeps_up_with_the_remote(sandbox: Sandbox, tmp_path: Path) -> None:
    writer = branch(sandbox.top)
    git(tmp_path, "clone", "--quiet", (tmp_path / "remote.git").as_uri(), "fresh")
    repository = Repository.open(tmp_path / "fresh", environ=ENVIRON)
    assert repository is not None
    for text in (b"1", b"2", b"3"):
        put(writer, {"tasks/a.json": text, "runs/2026/x.json": text})
        ledger = repository.branch(NAME, top_only=True)
        found = ledger.entries(ledger.fetch(), ["tasks"])

        assert list(ledger.contents(entry.blob for entry in found).values()) == [text]


def test_settings_of_the_users_repository_reach_the_remote(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.git("config", f"url.{tmp_path}/.insteadOf", "short:")
    sandbox.git("remote", "set-url", "origin", "short:remote.git")

    put(branch(sandbox.top), {"x": b"1"})

    assert read(branch(sandbox.top)) == {"x": b"1"}


def test_a_header_with_a_token_is_in_no_file_and_no_command_line(sandbox: Sandbox) -> None:
    sandbox.git("config", "http.https://git.example.com/.extraheader", "AUTHORIZATION: basic s3cret")
    sandbox.git("remote", "set-url", "origin", "https://git.example.com/x.git")
    ledger = branch(sandbox.top)
    assert isinstance(ledger, RemoteBranch)

    given = ledger.store.online

    assert ("http.https://git.example.com/.extraheader", "AUTHORIZATION: basic s3cret") in given.configuration
    assert not any("s3cret" in word for word in given._options())
    assert not any(b"s3cret" in content for content in snapshot(ledger.store.git.git_dir).values())


def test_two_octops_on_one_clone_take_turns(sandbox: Sandbox) -> None:
    one, two = branch(sandbox.top), branch(sandbox.top)
    put(one, {"x": b"1"})
    assert isinstance(one, RemoteBranch)
    waiting = threading.Thread(target=two.fetch)

    with one.store.locked():
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()

    waiting.join(10)
    assert not waiting.is_alive()
