"""The key that proves a cache was written by this user: where it lives and whom it trusts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

_BYTES = 32


def user_folder(environment: Mapping[str, str], variable: str, fallback: str) -> Path | None:
    """`$XDG_…/octops`, or the same under the home directory; None when there is no such place."""
    # The XDG specification says that relative paths are ignored; they would lie in a checkout.
    for base in (environment.get(variable, ""), _under_home(environment, fallback)):
        if base.startswith("/"):
            return Path(base) / "octops"
    return None


def cache_key(folder: Path) -> bytes | None:
    """The user's key in `folder`, made at the first call; None when it cannot be kept secret or kept at all."""
    path = folder / "cache.key"
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError:
        return None


def _under_home(environment: Mapping[str, str], fallback: str) -> str:
    home = environment.get("HOME", "")
    return f"{home}/{fallback}" if home else ""


def _create(path: Path) -> None:
    """A link never replaces: of two processes that start together the first one's key stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".cache.key.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_BYTES))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _read(path: Path) -> bytes | None:
    content = read_own_file(path, _BYTES + 1, forbidden_mode=0o077)
    return content if content is not None and len(content) == _BYTES else None


def read_own_file(path: Path, most: int, *, forbidden_mode: int) -> bytes | None:
    """The bytes of a regular file of this user, or None when it is anything else. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if not ours or status.st_mode & forbidden_mode or status.st_size > most:
            return None
        return file.read(most)
