from __future__ import annotations

from pathlib import Path

import pytest

from octops.declare.file import SourceFile, blob_id
from octops.declare.worktree import read_worktree
from octops.errors import GitError
from octops.repository import Repository
from tests.repository.sandbox import ENVIRON, Sandbox, git, snapshot

TASK = "prompt: hello\n"


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox.create(tmp_path / "work")


def opened(directory: Path) -> Repository:
    repository = Repository.open(directory, environ=ENVIRON)
    assert repository is not None
    return repository


def on_disk(directory: Path, *paths: str) -> list[SourceFile]:
    read = {path: (directory / path).read_bytes() for path in paths}
    return [SourceFile(path, content, blob_id(content)) for path, content in read.items()]


def test_outside_git_there_is_no_repository(tmp_path: Path) -> None:
    assert Repository.open(tmp_path, environ=ENVIRON) is None


def test_before_the_first_commit_there_is_no_head_and_no_file(sandbox: Sandbox) -> None:
    repository = opened(sandbox.top)

    assert repository.head() == ""
    assert repository.blobs("HEAD") == {}
    assert repository.files("HEAD").files == ()


def test_head_is_the_commit_that_is_checked_out(sandbox: Sandbox) -> None:
    commit = sandbox.commit({"tasks/a.yaml": TASK})

    assert opened(sandbox.top).head() == commit


def test_a_detached_head_is_a_commit_too(sandbox: Sandbox) -> None:
    first = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/b.yaml": TASK})
    sandbox.git("checkout", "--quiet", "--detach", first)

    assert opened(sandbox.top).head() == first


def test_a_project_in_a_sub_folder_sees_only_its_own_files(sandbox: Sandbox) -> None:
    sandbox.commit({"bots/daily/tasks/a.yaml": TASK, "tasks/other.yaml": TASK})

    repository = opened(sandbox.top / "bots" / "daily")

    assert repository.prefix == "bots/daily"
    assert [file.path for file in repository.files("HEAD").files] == ["tasks/a.yaml"]


def test_a_linked_work_tree_has_its_own_head(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    commit = Sandbox(tmp_path / "linked").commit({"tasks/b.yaml": TASK})

    repository = opened(tmp_path / "linked")

    assert repository.head() == commit
    assert set(repository.blobs("HEAD")) == {"tasks/a.yaml", "tasks/b.yaml"}
    assert repository.top == tmp_path / "linked"


def test_a_bare_repository_has_revisions_but_no_work_tree(sandbox: Sandbox, tmp_path: Path) -> None:
    commit = sandbox.commit({"tasks/a.yaml": TASK})
    git(tmp_path, "clone", "--quiet", "--bare", str(sandbox.top), "bare.git")

    repository = opened(tmp_path / "bare.git")

    assert repository.bare
    assert repository.head() == commit
    assert set(repository.blobs(commit)) == {"tasks/a.yaml"}


@pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "HEAD~0"])
def test_branches_tags_and_expressions_name_a_commit(sandbox: Sandbox, ref: str) -> None:
    commit = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.git("tag", "-a", "v1", "-m", "one")

    assert opened(sandbox.top).revision(ref) == commit


def test_an_unknown_revision_is_answered_with_the_nearest_name(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})

    with pytest.raises(GitError) as raised:
        opened(sandbox.top).revision("mian")

    diagnostic = raised.value.diagnostics[0]
    assert diagnostic.code == "unknown-revision"
    assert diagnostic.summary == "there is no revision `mian`"
    assert diagnostic.detail == "did you mean `main`?"


@pytest.mark.parametrize("ref", ["--output=evil", "-h", "--all", "", "main:tasks"])
def test_a_revision_is_never_taken_for_an_option(sandbox: Sandbox, ref: str) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})

    with pytest.raises(GitError):
        opened(sandbox.top).revision(ref)
    assert not (sandbox.top / "evil").exists()


def test_in_a_shallow_clone_an_unknown_revision_says_how_to_get_it(sandbox: Sandbox, tmp_path: Path) -> None:
    first = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/b.yaml": TASK})
    git(tmp_path, "clone", "--quiet", "--depth=1", sandbox.top.as_uri(), "shallow")

    with pytest.raises(GitError) as raised:
        opened(tmp_path / "shallow").revision(first)

    assert "this clone is shallow" in raised.value.diagnostics[0].detail


@pytest.mark.parametrize("ref", ["HEAD^1", "HEAD~1", "main^", "origin/main~3"])
def test_in_a_shallow_clone_a_step_back_from_what_is_there_asks_for_more_history(
    sandbox: Sandbox, tmp_path: Path, ref: str
) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/b.yaml": TASK})
    git(tmp_path, "clone", "--quiet", "--depth=1", sandbox.top.as_uri(), "shallow")

    with pytest.raises(GitError) as raised:
        opened(tmp_path / "shallow").revision(ref)

    detail = raised.value.diagnostics[0].detail
    assert "this clone is shallow" in detail
    assert "`git fetch --deepen=1`, or in a workflow `fetch-depth: 2`" in detail


def test_a_step_back_from_what_is_not_there_asks_for_its_name(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/b.yaml": TASK})
    git(tmp_path, "clone", "--quiet", "--depth=1", sandbox.top.as_uri(), "shallow")

    with pytest.raises(GitError) as raised:
        opened(tmp_path / "shallow").revision("v2.0^")

    assert "`git fetch origin v2.0`" in raised.value.diagnostics[0].detail


@pytest.mark.parametrize("ref", ["main:tasks", "@{upstream}", ":/no such words"])
def test_what_no_fetch_brings_is_not_told_to_be_fetched(sandbox: Sandbox, tmp_path: Path, ref: str) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/b.yaml": TASK})
    git(tmp_path, "clone", "--quiet", "--depth=1", sandbox.top.as_uri(), "shallow")
    git(tmp_path / "shallow", "checkout", "--quiet", "--detach")

    with pytest.raises(GitError) as raised:
        opened(tmp_path / "shallow").revision(ref)

    assert raised.value.diagnostics[0].detail == "name a branch, a tag or a commit of this repository"


def test_a_misspelt_name_is_corrected_and_its_steps_stay(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})

    with pytest.raises(GitError) as raised:
        opened(sandbox.top).revision("mian~1")

    assert raised.value.diagnostics[0].detail == "did you mean `main~1`?"


def test_the_merge_base_is_where_two_branches_parted(sandbox: Sandbox) -> None:
    base = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.git("checkout", "--quiet", "-b", "topic")
    topic = sandbox.commit({"tasks/b.yaml": TASK})
    sandbox.git("checkout", "--quiet", "main")
    main = sandbox.commit({"tasks/c.yaml": TASK})

    assert opened(sandbox.top).merge_base(main, topic) == base


def test_histories_without_a_common_commit_have_no_merge_base(sandbox: Sandbox) -> None:
    main = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.git("checkout", "--quiet", "--orphan", "other")
    other = sandbox.commit({"tasks/b.yaml": TASK}, at=1_700_000_001)

    assert opened(sandbox.top).merge_base(main, other) is None


def test_files_of_a_revision_are_sorted_and_carry_their_blob_ids(sandbox: Sandbox) -> None:
    commit = sandbox.commit({"tasks/b.yaml": "b", "tasks/a.yaml": "a", "octops.yaml": "version: 1\n", "src/x.py": ""})

    files = opened(sandbox.top).files(commit).files

    assert [file.path for file in files] == ["octops.yaml", "tasks/a.yaml", "tasks/b.yaml"]
    assert all(file.blob == blob_id(file.content) for file in files)


def test_a_large_file_in_a_revision_is_reported_and_not_read(sandbox: Sandbox) -> None:
    commit = sandbox.commit({"tasks/big.yaml": b"#" * (256 * 1024 + 1), "tasks/ok.yaml": TASK})

    files = opened(sandbox.top).files(commit)

    assert [file.path for file in files.files] == ["tasks/ok.yaml"]
    assert [diagnostic.code for diagnostic in files.diagnostics] == ["file-too-large"]


@pytest.mark.parametrize(
    ("target", "read"),
    [
        ("ok.yaml", True),
        ("../prompts/shared.yaml", True),
        ("../../outside.yaml", False),
        ("/etc/passwd", False),
        ("gone.yaml", False),
        ("link.yaml", False),
        ("../prompts", False),
    ],
)
def test_a_link_is_followed_inside_the_project_only(sandbox: Sandbox, target: str, read: bool) -> None:
    sandbox.write({"bot/tasks/ok.yaml": TASK, "bot/prompts/shared.yaml": TASK, "outside.yaml": TASK})
    (sandbox.top / "bot/tasks/link.yaml").symlink_to(target)
    commit = sandbox.commit({})

    files = opened(sandbox.top / "bot").files(commit)

    assert ("tasks/link.yaml" in [file.path for file in files.files]) == read
    assert [diagnostic.code for diagnostic in files.diagnostics] == ([] if read else ["not-a-file"])


def test_a_folder_of_the_project_can_not_be_a_link(sandbox: Sandbox) -> None:
    sandbox.write({"elsewhere/a.yaml": TASK})
    (sandbox.top / "tasks").symlink_to("elsewhere")
    commit = sandbox.commit({})

    files = opened(sandbox.top).files(commit)

    assert files.files == ()
    assert [diagnostic.code for diagnostic in files.diagnostics] == ["not-a-folder"]


def test_a_revision_holds_the_same_project_as_its_work_tree(sandbox: Sandbox) -> None:
    sandbox.write(
        {
            "octops.yaml": "version: 1\n",
            "octops.yml": "",
            "tasks/a.yaml": TASK,
            "tasks/team/b.md": TASK,
            "tasks/README.md": "",
            "tasks/notes.txt": "",
            "tasks/.hidden/c.yaml": "",
            "skills/s/SKILL.md": "",
            "skills/s/scripts/x.py": "",
            "skills/flat.md": "",
            "sources/s.yaml": "",
            "destinations/big.yaml": b"#" * (256 * 1024 + 1),
            "src/x.yaml": "",
        }
    )
    (sandbox.top / "tasks/link.yaml").symlink_to("a.yaml")
    commit = sandbox.commit({})
    repository = opened(sandbox.top)

    on_disk, committed = read_worktree(sandbox.top), repository.files(commit)

    assert committed.files == on_disk.files
    assert sorted(map(str, committed.diagnostics)) == sorted(map(str, on_disk.diagnostics))


def test_an_unchanged_work_tree_is_not_dirty(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})

    assert not opened(sandbox.top).dirty(on_disk(sandbox.top, "tasks/a.yaml"))


@pytest.mark.parametrize("files", [{"tasks/a.yaml": "prompt: other\n"}, {"tasks/b.yaml": TASK}])
def test_a_changed_or_new_file_makes_the_work_tree_dirty(sandbox: Sandbox, files: dict[str, str]) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.write(files)

    assert opened(sandbox.top).dirty(on_disk(sandbox.top, *{"tasks/a.yaml", *files}))


def test_a_deleted_file_makes_the_work_tree_dirty(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": TASK, "tasks/b.yaml": TASK})

    assert opened(sandbox.top).dirty(on_disk(sandbox.top, "tasks/a.yaml"))


def test_line_ends_changed_by_the_checkout_are_no_difference(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", str(sandbox.top), "windows")
    assert b"\r\n" in (tmp_path / "windows" / "tasks" / "a.yaml").read_bytes()

    assert not opened(tmp_path / "windows").dirty(on_disk(tmp_path / "windows", "tasks/a.yaml"))


def test_files_missing_from_a_partial_clone_are_not_fetched_behind_the_users_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    first = sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.commit({"tasks/a.yaml": "prompt: other\n"})
    sandbox.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", sandbox.top.as_uri(), "partial")

    repository = opened(tmp_path / "partial")
    with pytest.raises(GitError) as raised:
        repository.files(first)

    assert raised.value.diagnostics[0].code == "missing-objects"
    assert [file.content for file in repository.files("HEAD").files] == [b"prompt: other\n"]


def test_reading_leaves_every_file_of_the_repository_as_it_was(sandbox: Sandbox) -> None:
    sandbox.commit({"tasks/a.yaml": TASK})
    sandbox.write({"tasks/a.yaml": "prompt: changed\n"})
    before = snapshot(sandbox.top)

    repository = opened(sandbox.top)
    repository.files(repository.head())
    repository.dirty(on_disk(sandbox.top, "tasks/a.yaml"))

    assert snapshot(sandbox.top) == before


def test_files_that_differ_between_two_commits_are_named_from_the_top(sandbox: Sandbox) -> None:
    one = sandbox.commit({".ci/a.yml": "a\n", ".ci/b.yml": "b\n", "c.yml": "c\n", "tasks/t.yaml": TASK})
    sandbox.git("rm", "-q", ".ci/b.yml")
    two = sandbox.commit({".ci/a.yml": "changed\n", "c.yml": "c\n", "d.yml": "new\n"})
    repository = opened(sandbox.top)
    assert repository.changed(one, two, [".ci", "c.yml", "no-such"]) == (".ci/a.yml", ".ci/b.yml")
    assert repository.changed(one, one, [".ci"]) == ()


def test_contents_that_are_known_are_not_asked_for(sandbox: Sandbox) -> None:
    commit = sandbox.commit({"tasks/a.yaml": TASK, "tasks/b.yaml": "prompt: b\n"})
    known = {blob_id(TASK.encode()): b"as told"}
    read = {file.path: file.content for file in opened(sandbox.top).files(commit, known=known).files}
    assert read == {"tasks/a.yaml": b"as told", "tasks/b.yaml": b"prompt: b\n"}
