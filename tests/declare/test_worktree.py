"""Reading a directory nobody vouches for."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from octops.declare.file import MAX_FILE_BYTES, blob_id
from octops.declare.worktree import _content, read_worktree
from octops.errors import Severity, UsageError
from tests.kit import PATIENCE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for folder in ("tasks", "skills/style", "sources", "destinations"):
        (root / folder).mkdir(parents=True)
    (root / "octops.yaml").write_text("version: 1\n")
    return root


def read(root: Path) -> dict[str, bytes]:
    return {file.path: file.content for file in read_worktree(root).files}


def errors(root: Path) -> list[tuple[str, str]]:
    """Code and file of every error; everything in these tests ends well within the time a FIFO would block."""
    return [
        (diagnostic.code, diagnostic.location.filename)
        for diagnostic in read_worktree(root).diagnostics
        if diagnostic.severity is Severity.ERROR and diagnostic.location
    ]


def test_the_files_come_sorted_with_their_bytes_and_blobs(root: Path) -> None:
    (root / "tasks/b.yaml").write_bytes(b"b\r\n")
    (root / "tasks/group").mkdir()
    (root / "tasks/group/a.md").write_bytes(b"\xff")
    (root / "tasks/empty.yaml").write_bytes(b"")
    (root / "skills/style/SKILL.md").write_bytes(b"s")
    (root / "skills/style/run.sh").write_bytes(b"r")
    (root / "elsewhere.yaml").write_bytes(b"e")

    found = read_worktree(root)

    assert [file.path for file in found.files] == [
        "octops.yaml",
        "skills/style/SKILL.md",
        "tasks/b.yaml",
        "tasks/empty.yaml",
        "tasks/group/a.md",
    ]
    assert read(root)["tasks/b.yaml"] == b"b\r\n"
    assert all(file.blob == blob_id(file.content) for file in found.files)
    assert found.diagnostics == ()


def test_an_empty_folder_is_an_empty_project(tmp_path: Path) -> None:
    assert read_worktree(tmp_path).files == ()
    assert read_worktree(tmp_path).diagnostics == ()


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_root_that_is_no_folder_is_a_usage_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError):
        read_worktree(tmp_path / name)


@pytest.mark.parametrize("name", ["pipe.yaml", "pipe"])
def test_a_fifo_is_not_waited_for(root: Path, name: str) -> None:
    os.mkfifo(root / "tasks" / name)

    assert errors(root) == [("not-a-file", f"tasks/{name}")]


def test_a_socket_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("tasks/s.yaml")

        assert errors(root) == [("not-a-file", "tasks/s.yaml")]


def test_a_device_behind_a_link_is_not_read(root: Path) -> None:
    (root / "tasks/zero.yaml").symlink_to("/dev/zero")

    assert errors(root) == [("outside-project", "tasks/zero.yaml")]


def test_a_folder_with_a_files_name_is_only_a_folder(root: Path) -> None:
    (root / "tasks/a.yaml").mkdir()
    (root / "tasks/a.yaml/b.yaml").write_bytes(b"b")

    assert read(root)["tasks/a.yaml/b.yaml"] == b"b"


def test_a_link_to_a_file_of_the_project_is_that_file(root: Path) -> None:
    (root / "shared.md").write_bytes(b"shared")
    (root / "skills/style/SKILL.md").symlink_to("../../shared.md")

    assert read(root)["skills/style/SKILL.md"] == b"shared"
    assert errors(root) == []


@pytest.mark.parametrize(
    ("link", "target", "code"),
    [
        ("tasks/out.yaml", "/etc/passwd", "outside-project"),
        ("tasks/out.yaml", "../../secret.yaml", "outside-project"),
        ("tasks/out", "../../secret.yaml", "outside-project"),
        ("tasks/out", "../..", "outside-project"),
        ("tasks/git.yaml", "../.git/x.yaml", "outside-project"),
        ("tasks/nowhere.yaml", "nowhere", "not-a-file"),
        ("tasks/itself.yaml", "itself.yaml", "not-a-file"),
        ("tasks/loop", "..", "not-a-file"),
        ("tasks/loop.yaml", ".", "not-a-file"),
        ("tasks/other.yaml", "../.env", "not-a-file"),
        ("tasks/fifo.yaml", "../fifo.yaml", "not-a-file"),
        ("octops.yaml", "../secret.yaml", "outside-project"),
        ("tasks", "skills", "not-a-folder"),
        ("tasks", "../..", "not-a-folder"),
    ],
)
def test_a_link_elsewhere_is_one_error_and_nothing_is_read(root: Path, link: str, target: str, code: str) -> None:
    (root.parent / "secret.yaml").write_bytes(b"secret")
    (root / ".env").write_bytes(b"secret")
    (root / ".git").mkdir()
    (root / ".git/x.yaml").write_bytes(b"secret")
    os.mkfifo(root / "fifo.yaml")
    (root / "octops.yaml").unlink()
    if link == "tasks":
        (root / "tasks").rmdir()
    (root / link).symlink_to(target)

    assert errors(root) == [(code, link)]
    assert read(root) == {}


def test_a_project_may_itself_be_behind_a_link(root: Path) -> None:
    (root / "tasks/a.yaml").write_bytes(b"a")
    (root / "tasks/b.yaml").symlink_to("a.yaml")
    (root.parent / "alias").symlink_to(root)

    assert read(root.parent / "alias")["tasks/b.yaml"] == b"a"


def test_a_large_file_is_refused_unread_and_the_largest_allowed_is_read(root: Path) -> None:
    (root / "tasks/most.yaml").write_bytes(b"a" * MAX_FILE_BYTES)
    (root / "tasks/more.yaml").write_bytes(b"a" * (MAX_FILE_BYTES + 1))
    with (root / "tasks/huge.yaml").open("wb") as file:
        file.truncate(1 << 40)

    assert len(read(root)["tasks/most.yaml"]) == MAX_FILE_BYTES
    assert errors(root) == [("file-too-large", "tasks/huge.yaml"), ("file-too-large", "tasks/more.yaml")]


def test_a_file_that_grows_while_it_is_read_ends_at_the_limit(root: Path) -> None:
    path = root / "tasks/log.yaml"
    path.touch()
    stop = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set() and file.tell() < 50 * MAX_FILE_BYTES:
                file.write(b"a" * 4096)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while not errors(root) and time.monotonic() < deadline:
            assert len(read(root).get("tasks/log.yaml", b"")) <= MAX_FILE_BYTES
    finally:
        stop.set()
        writer.join()

    assert errors(root) == [("file-too-large", "tasks/log.yaml")]


def test_the_size_of_a_file_is_only_a_hint(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * 1000)
    with (tmp_path / "x").open("rb") as file:
        assert _content(file.fileno(), 3) == b"a" * 1000


@pytest.mark.parametrize("other", ["link", "pipe"])
def test_a_file_swapped_after_it_was_listed_is_never_read_as_something_else(root: Path, other: str) -> None:
    victim = root / "tasks/z.yaml"
    (root.parent / "secret.yaml").write_bytes(b"secret")
    for number in range(200):
        (root / f"tasks/a{number}.yaml").touch()
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "file").write_bytes(b"ordinary")
            (root / "file").replace(victim)
            (root / "link").symlink_to("../../secret.yaml")
            os.mkfifo(root / "pipe")
            (root / other).replace(victim)
            (root / "link").unlink(missing_ok=True)
            (root / "pipe").unlink(missing_ok=True)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = {read(root).get("tasks/z.yaml", b"ordinary") for _ in range(150)}
    finally:
        stop.set()
        swapper.join()

    assert seen <= {b"ordinary"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_an_error(root: Path) -> None:
    (root / "tasks/a.yaml").touch(0o000)
    (root / "sources").chmod(0o000)

    assert errors(root) == [("unreadable", "sources"), ("unreadable", "tasks/a.yaml")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"a\nb.yaml", "a\\nb.yaml"), (b"a\xff.yaml", "a\\xff.yaml"), (b"\x1b]0;x\x07.md", "\\x1b]0;x\\x07.md")],
)
def test_a_name_that_cannot_be_shown_is_an_error_with_the_name_escaped(root: Path, name: bytes, shown: str) -> None:
    with open(os.fsencode(root / "tasks") + b"/" + name, "wb"):  # noqa: PTH123
        pass

    assert errors(root) == [("bad-file-name", f"tasks/{shown}")]


def test_an_embedded_repository_is_skipped_with_a_warning(root: Path) -> None:
    evil = root / "tasks/evil"
    for folder in ("objects", "refs"):
        (evil / folder).mkdir(parents=True)
    (evil / "HEAD").write_text("ref: refs/heads/main\n")
    (evil / "a.yaml").touch()

    found = read_worktree(root)

    assert [file.path for file in found.files] == ["octops.yaml"]
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["ignored-folder"]


def test_other_files_are_warned_about(root: Path) -> None:
    (root / "tasks/notes.txt").touch()
    (root / "tasks/README.md").touch()

    assert [diagnostic.summary for diagnostic in read_worktree(root).diagnostics] == [
        "`tasks/notes.txt` is ignored: its name does not end in `.yaml`, `.yml` or `.md`"
    ]


def test_folders_nested_without_end_are_an_error(root: Path) -> None:
    (root / ("tasks" + "/x" * 40)).mkdir(parents=True)

    assert [code for code, _ in errors(root)] == ["too-deep"]
