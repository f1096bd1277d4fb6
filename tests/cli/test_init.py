from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import GitProject, git_project


@pytest.fixture
def empty(tmp_path: Path) -> GitProject:
    return git_project(tmp_path)


def test_what_init_writes_is_valid_and_plans(empty: GitProject) -> None:
    assert empty.octops("init", "--timezone", "Europe/Berlin").code == 0
    assert empty.octops("validate", "--strict").code == 0
    assert "task.weekly-digest" in empty.octops("plan").out


def test_every_written_file_points_editors_to_a_schema_that_is_there(empty: GitProject) -> None:
    empty.octops("init")
    marker = "# yaml-language-server: $schema="
    for path in [empty.root / "octops.yaml", *empty.root.glob("[tsd]*/*.yaml")]:
        first = path.read_text().splitlines()[0]
        assert first.startswith(marker)
        assert (path.parent / first.removeprefix(marker)).is_file()


def test_init_never_writes_over_a_file(empty: GitProject) -> None:
    empty.write({"tasks/weekly-digest.yaml": "prompt: mine\n"})
    outcome = empty.octops("init")
    assert (empty.root / "tasks/weekly-digest.yaml").read_text() == "prompt: mine\n"
    assert "kept     tasks/weekly-digest.yaml" in outcome.out


def test_a_second_init_changes_nothing(empty: GitProject) -> None:
    empty.octops("init")
    empty.commit()
    empty.octops("init")
    assert empty.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--timezone", "Europe/Berln"], "did you mean `Europe/Berlin`?"),
        (["--timezone", "../etc/passwd"], "is not an IANA time zone"),
        (["--model", "a model"], "is not a model id"),
        (["--model", "x\nbudget: {}"], "is not a model id"),
    ],
)
def test_a_wrong_answer_writes_nothing(empty: GitProject, arguments: list[str], said: str) -> None:
    outcome = empty.octops("init", *arguments)
    assert outcome.code == 1
    assert said in outcome.err
    assert [path.name for path in empty.root.iterdir()] == [".git"]


def test_a_folder_that_cannot_be_written_is_said(empty: GitProject) -> None:
    empty.write({"tasks": "a file where the folder should be\n"})
    outcome = empty.octops("init")
    assert outcome.code == 1
    assert "cannot write" in outcome.err


def test_the_model_of_a_known_provider_gets_its_key_by_reference(empty: GitProject) -> None:
    empty.octops("init", "--model", "openai/gpt-5-mini")
    assert "api_key: {env: OPENAI_API_KEY}" in (empty.root / "octops.yaml").read_text()
