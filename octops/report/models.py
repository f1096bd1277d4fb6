"""Local models → text and json: what each needs, and honestly what it is good for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import Any

from octops.report.escape import terminal

_INDENT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model. `begun` are the bytes that an unfinished pull left; sizes are in bytes."""

    model: str
    size: int
    here: bool
    begun: int = 0
    licence: str
    memory: str
    speed: str
    quality: str


def models_text(rows: Sequence[ModelRow], folder: str, *, runtime: bool) -> str:
    blocks = [model_text(row, folder) for row in rows]
    if not runtime:
        blocks.append("The runtime is not installed: `pip install 'octops[local]'`.\n")
    return "\n".join(blocks)


def model_text(row: ModelRow, folder: str) -> str:
    """One model in lines short enough to read."""
    lines = {
        "state": _state(row),
        "download": f"{megabytes(row.size)}, once, into {folder}",
        "memory": row.memory,
        "speed": row.speed,
        "quality": row.quality,
        "licence": row.licence,
    }
    said = [f"{row.model}\n"]
    for name, text in lines.items():
        first = f"  {name}".ljust(_INDENT)
        said.append(fill(terminal(text), 110, initial_indent=first, subsequent_indent=" " * _INDENT) + "\n")
    return "".join(said)


def models_json(rows: Sequence[ModelRow], folder: str, *, runtime: bool) -> Mapping[str, Any]:
    return {"models": [asdict(row) for row in rows], "folder": folder, "runtime": runtime, "diagnostics": []}


def megabytes(size: float) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _state(row: ModelRow) -> str:
    if row.here:
        return "on this machine"
    return f"begun: {megabytes(row.begun)} are here, a pull goes on from there" if row.begun else "not on this machine"
