"""New files of a person's own folder: all of them, or none."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from octops.errors import UsageError
from octops.repository.discovery import find


def write_new(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files that are not there yet; one that appeared in the meantime stays as it is.

    Raises UsageError where one of them cannot be written, and then none of them is there, nor a folder for it.
    """
    place = find(root)
    if place is not None and place.top is None:
        raise UsageError(
            f"`{root}` is a bare repository: there is no work tree to write files into",
            code="bare-repository",
            detail="clone it and write there",
        )
    made: list[Path] = []
    path = ""
    try:
        for path, content in files.items():
            _write(root / path, content.encode() if isinstance(content, str) else content, made)
    except BaseException as error:
        _take_back(made)
        if isinstance(error, OSError):
            raise _refusal(root / path, error) from error
        raise


def _write(path: Path, content: bytes, made: list[Path]) -> None:
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir()
            made.append(folder)
    with path.open("xb") as file:
        made.append(path)
        file.write(content)


def _take_back(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()


def _refusal(path: Path, error: OSError) -> UsageError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return UsageError(
        f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
        code="cannot-write",
        detail="free some room on this disk; nothing was written" if full else "nothing was written",
    )
