"""The first files of a project: what `octops init` does."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from octops.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What `init` did: paths relative to the directory, sorted."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def init_project(directory: Path, *, timezone: str, model: str) -> Started:
    """Write the starter files that are not there yet. UsageError, before anything is written, for a wrong answer."""
    from octops.schedule.zone import is_zone, zone_names
    from octops.starter import starter_files
    from octops.template import closest

    if not is_zone(timezone):
        near = closest(timezone, zone_names())
        raise UsageError(
            f"`{timezone}` is not an IANA time zone",
            code="unknown-timezone",
            detail=f"did you mean `{near}`?" if near else "write a name such as `Europe/Berlin` or `UTC`",
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,199}", model):
        raise UsageError(
            f"`{model}` is not a model id", detail="write a litellm id such as `anthropic/claude-sonnet-4-5`"
        )
    files = starter_files(timezone=timezone, model=model)
    kept = sorted(path for path in files if os.path.lexists(directory / path))
    written = sorted(set(files) - set(kept))
    for path in written:
        _create(directory / path, files[path])
    return Started(written=tuple(written), kept=tuple(kept))


def _create(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # `x`: a file that appeared in the meantime stays as it is.
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}", code="cannot-write") from error
