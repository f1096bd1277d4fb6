from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import GIT_IDENTITY, SMALL_PROJECT, GitProject, git_project


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the developer's home, git identity, caches or keys."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "NO_COLOR", "CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name, value in GIT_IDENTITY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """The small project, committed on 2026-03-01T00:00Z."""
    return git_project(tmp_path, SMALL_PROJECT)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
