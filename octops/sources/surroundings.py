"""What sources are given besides their own keys: changes with what opening one may use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

RESULT_BYTES: Final = 100 * 1024


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Shared by all sources of an apply."""

    root: Path
    """The project's folder: what `local` sources read and where processes start."""
    secrets: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""
    network_allow: tuple[str, ...] = ()
    """`host` or `host:port` that plain http may reach."""
    environment: Mapping[str, str] = field(default_factory=_inherited, repr=False)
    """What every process gets beside what its source declares: PATH and LANG."""
    result_bytes: int = RESULT_BYTES
    """Longer results of tools are cut, with a sentence that says so."""
    version: str = ""
    """Of octops, as told to servers."""
    read_only: bool = False
    """Models may call only the tools whose source promises that they change nothing; what is prefetched is called."""
