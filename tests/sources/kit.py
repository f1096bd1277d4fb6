"""Sources and surroundings as the tests of this folder need them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from octops.model.ids import SourceId
from octops.model.project import Source
from octops.sources.surroundings import Surroundings

SERVERS = Path(__file__).parent / "servers"


def stdio(mood: str, pids: Path, **keys: Any) -> Source:
    """A server of `servers/raw.py`."""
    arguments = (str(SERVERS / "raw.py"), mood, str(pids))
    return source(config={"command": sys.executable, "args": arguments, **keys.pop("config", {})}, **keys)


def real(**keys: Any) -> Source:
    """The server of `servers/real.py`."""
    arguments = (str(SERVERS / "real.py"),)
    return source(config={"command": sys.executable, "args": arguments, **keys.pop("config", {})}, **keys)


def source(*, id: str = "web", type: str = "mcp", config: Mapping[str, Any], **keys: Any) -> Source:  # noqa: A002
    return Source(
        id=SourceId(id), path=f"sources/{id}.yaml", type=type, config=config, **{"timeout_seconds": 20, **keys}
    )


def surroundings(root: Path, **keys: Any) -> Surroundings:
    return Surroundings(root=root, secrets=keys.pop("secrets", {}), **keys)


def alive(pids: Path) -> list[int]:
    """Those processes in the file that still run; a dead one nobody has asked about yet does not."""
    return [pid for pid in map(int, pids.read_text().split()) if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def link(at: Path, to: Path) -> None:
    at.symlink_to(to)


def started(pids: Path) -> bool:
    """Whether any server has written itself down."""
    return pids.exists()
