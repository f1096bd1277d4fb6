from __future__ import annotations

from pathlib import Path

import pytest

from octops.app.settings import read_settings
from octops.app.workspace import open_workspace
from octops.errors import InvalidProject
from octops.model.project import Settings
from tests.kit import GitProject, git_project

AUDIT = "version: 1\nrecords: {branch: audit/ai}\n"


def branch_of(folder: Path) -> str:
    return read_settings(open_workspace(folder)).records.branch


def codes(folder: Path) -> list[str]:
    with pytest.raises(InvalidProject) as caught:
        read_settings(open_workspace(folder))
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_what_octops_yaml_says_counts_whatever_the_tasks_say(tmp_path: Path) -> None:
    GitProject(tmp_path).write({"octops.yaml": AUDIT, "tasks/bad.yaml": "promt: [\n"})
    assert branch_of(tmp_path) == "audit/ai"


def test_without_octops_yaml_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(open_workspace(tmp_path)) == Settings()


def test_where_nothing_is_checked_out_the_commit_counts(tmp_path: Path) -> None:
    project = git_project(tmp_path, {"octops.yaml": AUDIT})
    project.git("clone", "--quiet", "--no-checkout", ".", "../other")
    project.git("clone", "--quiet", "--bare", ".", "../bare.git")
    assert branch_of(tmp_path / "other") == "audit/ai"
    assert branch_of(tmp_path / "bare.git") == "audit/ai"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("version: 1\nrecords: {branhc: x}\n", "unknown-key"),
        ("version: 1\nrecords: {branch: 7}\n", "wrong-type"),
        ("version: 1\nmodels: {x: {}}\n", "missing-key"),
        (b"\xff\xfe\x00", "not-utf-8"),
        ("version: 1\n#" + "x" * 300_000, "file-too-large"),
    ],
    ids=["key", "type", "model", "bytes", "size"],
)
def test_its_mistakes_are_told_for_they_could_hide_the_ledger(tmp_path: Path, content: str | bytes, code: str) -> None:
    GitProject(tmp_path).write({"octops.yaml": content})
    assert codes(tmp_path) == [code]


def test_a_link_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token: 123\n")
    root = tmp_path / "project"
    root.mkdir()
    (root / "octops.yaml").symlink_to(secret)
    assert codes(root) == ["outside-project"]
