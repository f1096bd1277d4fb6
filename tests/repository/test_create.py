from __future__ import annotations

from pathlib import Path

import pytest

from octops.errors import GitError
from octops.repository import Repository
from octops.repository.create import clone, create
from tests.repository.sandbox import ENVIRON, Sandbox


def test_a_directory_becomes_a_repository_on_main(tmp_path: Path) -> None:
    create(tmp_path / "new")

    repository = Repository.open(tmp_path / "new", environ=ENVIRON)
    assert repository is not None
    assert (repository.place.git_dir / "HEAD").read_text() == "ref: refs/heads/main\n"


def test_a_repository_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    sandbox = Sandbox.create(tmp_path / "old")
    commit = sandbox.commit({"a": "1"})
    sandbox.git("checkout", "--quiet", "-b", "topic")

    create(sandbox.top)

    assert sandbox.git("rev-parse", "topic") == commit
    assert sandbox.git("symbolic-ref", "HEAD") == "refs/heads/topic"


def test_a_clone_holds_what_was_committed(tmp_path: Path) -> None:
    sandbox = Sandbox.create(tmp_path / "old")
    sandbox.commit({"a": "1"})

    clone(str(sandbox.top), tmp_path / "copy")

    assert (tmp_path / "copy" / "a").read_text() == "1"


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c 'touch x'", "/nonexistent/repository"])
def test_an_address_that_cannot_be_cloned_is_an_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(GitError):
        clone(url, tmp_path / "copy")
    assert not (tmp_path / "x").exists()


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(GitError):
        create(tmp_path / "file")
