"""What a cache may do, and what it must never do."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from octops.declare.cache import Cache

ENTRY: Any = [{"name": "x", "at": ["18:00"], "n": 1, "f": 0.5, "t": True, "e": "é\n\t🙂"}, []]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def stored(environment: dict[str, str]) -> Path:
    (path,) = Path(environment["HOME"], ".cache/octops").iterdir()
    return path


def key_file(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"], ".local/state/octops/cache.key")


def keep(root: Path, environment: dict[str, str], entries: dict[str, Any], salt: str = "1") -> None:
    cache = Cache.open(root, salt, environment=environment)
    for blob, entry in entries.items():
        cache.put(blob, "task", entry)
    cache.save()


def found(root: Path, environment: dict[str, str], blob: str = "b1", kind: str = "task", salt: str = "1") -> Any:
    return Cache.open(root, salt, environment=environment).get(blob, kind)


def test_what_was_put_is_found_the_next_time(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY, "b2": "two"})

    assert found(root, environment) == ENTRY
    assert found(root, environment, "b2") == "two"
    assert found(root, environment, "b3") is None


def test_what_was_put_is_found_at_once_and_is_a_copy(root: Path, environment: dict[str, str]) -> None:
    cache = Cache.open(root, "1", environment=environment)
    cache.put("b1", "task", ENTRY)
    cache.get("b1", "task")[0]["name"] = "changed"

    assert cache.get("b1", "task") == ENTRY


def test_the_same_bytes_are_another_entry_for_another_kind(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})

    assert found(root, environment, kind="source") is None


def test_another_salt_or_another_project_finds_nothing(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    other = root.parent / "other"
    other.mkdir()

    assert found(root, environment, salt="2") is None
    assert found(other, environment) is None


def test_a_cache_file_of_another_project_is_not_taken_for_ones_own(root: Path, environment: dict[str, str]) -> None:
    other = root.parent / "other"
    other.mkdir()
    keep(root, environment, {"b1": ENTRY})
    mine = stored(environment)
    keep(other, environment, {"b1": "wrong"})
    (theirs,) = (path for path in mine.parent.iterdir() if path != mine)
    theirs.replace(mine)

    assert found(root, environment) is None


def test_only_the_user_can_read_it(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})

    assert stat.S_IMODE(stored(environment).stat().st_mode) == 0o600
    assert stat.S_IMODE(stored(environment).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(key_file(environment).stat().st_mode) == 0o600
    assert len(key_file(environment).read_bytes()) == 32
    assert list(key_file(environment).parent.iterdir()) == [key_file(environment)]


def test_an_edited_entry_is_not_believed(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY, "b2": ENTRY})
    path = stored(environment)
    path.write_bytes(path.read_bytes().replace(b'"x"', b'"y"', 1))

    assert found(root, environment) is None
    assert found(root, environment, "b2") is None


def test_every_cut_or_garbage_is_an_absent_cache(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    path = stored(environment)
    whole = path.read_bytes()

    for content in (b"", b"\n", whole[:-1], whole + b"\n", whole[1:], whole[:64], whole[:65], b"\xff" * 100, whole * 2):
        path.write_bytes(content)
        assert found(root, environment) is None, content[:80]
    path.write_bytes(whole)
    assert found(root, environment) == ENTRY


def test_a_cache_restored_without_its_key_is_ignored_and_written_anew(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    key_file(environment).write_bytes(b"k" * 32)

    assert found(root, environment) is None
    keep(root, environment, {"b1": ENTRY})
    assert found(root, environment) == ENTRY


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
def test_a_key_others_can_see_is_no_key(root: Path, environment: dict[str, str], mode: int) -> None:
    keep(root, environment, {"b1": ENTRY})
    key_file(environment).chmod(mode)

    assert found(root, environment) is None


def test_a_key_that_is_short_or_a_link_is_no_key(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    key = key_file(environment)
    content = key.read_bytes()
    key.write_bytes(b"")
    assert found(root, environment) is None
    keep(root, environment, {"b1": ENTRY})
    assert found(root, environment) is None
    key.unlink()
    (root / "key").touch(0o600)
    (root / "key").write_bytes(content)
    key.symlink_to(root / "key")
    assert found(root, environment) is None


def test_a_key_inside_the_project_is_no_key(root: Path, environment: dict[str, str]) -> None:
    environment = {**environment, "XDG_STATE_HOME": str(root / "state")}
    keep(root, environment, {"b1": ENTRY})

    assert found(root, environment) is None
    assert list(root.iterdir()) == []


def test_a_cache_others_can_write_or_that_is_a_link_is_not_read(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    path = stored(environment)
    path.chmod(0o622)
    assert found(root, environment) is None
    path.chmod(0o600)
    path.rename(root / "moved")
    path.symlink_to(root / "moved")
    assert found(root, environment) is None


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME"])
def test_without_a_place_to_write_there_is_silently_no_cache(
    root: Path, environment: dict[str, str], variable: str
) -> None:
    (root / "file").touch()
    environment = {**environment, variable: str(root / "file")}

    keep(root, environment, {"b1": ENTRY})

    assert found(root, environment) is None


def test_without_a_home_there_is_silently_no_cache(root: Path) -> None:
    keep(root, {}, {"b1": ENTRY})

    assert found(root, {}) is None


def test_the_xdg_folders_are_used_unless_they_are_relative(root: Path, environment: dict[str, str]) -> None:
    chosen = {**environment, "XDG_CACHE_HOME": str(root.parent / "c"), "XDG_STATE_HOME": str(root.parent / "s")}
    keep(root, chosen, {"b1": ENTRY})
    assert [path.name for path in (root.parent / "s/octops").iterdir()] == ["cache.key"]
    assert len(list((root.parent / "c/octops").iterdir())) == 1

    keep(root, {**environment, "XDG_CACHE_HOME": "c", "XDG_STATE_HOME": "s"}, {"b1": ENTRY})
    assert stored(environment).exists()


def test_nothing_is_written_when_nothing_was_put(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})
    before = stored(environment).stat()

    cache = Cache.open(root, "1", environment=environment)
    cache.get("b1", "task")
    cache.save()

    after = stored(environment).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_call_for_one_file_does_not_lose_the_others(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY, "b2": "two"})
    keep(root, environment, {"b3": "three"})

    assert found(root, environment, "b2") == "two"
    assert found(root, environment, "b3") == "three"


def test_what_nobody_asks_for_is_dropped_in_the_end(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {f"old{number}": number for number in range(20_001)})
    cache = Cache.open(root, "1", environment=environment)
    cache.put("new", "task", 1)
    assert cache.get("old20000", "task") == 20_000
    cache.save()
    keep(root, environment, {f"other{number}": number for number in range(20_000)})

    assert found(root, environment, "old19999") is None
    assert found(root, environment, "old20000") == 20_000
    assert found(root, environment, "new") == 1


def test_the_file_holds_json_only(root: Path, environment: dict[str, str]) -> None:
    keep(root, environment, {"b1": ENTRY})

    signature, line = stored(environment).read_text("ascii").split("\n")

    assert len(bytes.fromhex(signature)) == 32
    name, _, entry = line.partition("\t")
    assert name == "b1 task"
    assert json.loads(entry) == ENTRY
