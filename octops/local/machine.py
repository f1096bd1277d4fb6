"""Whether this machine can run a local model: its processor, its memory, its cores."""

from __future__ import annotations

import math
import os
import platform
import resource
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from octops.local.weights import Weights, table

_ROOT: Final = Path("/")
_GIB: Final = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What is wrong, and what to do about it."""

    message: str
    cure: str


def obstacle(weights: Weights, root: Path = _ROOT, machine: str = "", allowed: float | None = None) -> Obstacle | None:
    """None: it can be loaded. What cannot be found out (no /proc) does not stand in the way."""
    if (machine or platform.machine()) in ("x86_64", "AMD64") and not _has_avx2(root):
        return Obstacle(
            message=f"`{weights.model}` needs a processor with AVX2, and this one has none",
            cure="take another machine, or a hosted model in octops.yaml",
        )
    available = available_bytes(root)
    if available is not None and available < weights.memory_bytes:
        return Obstacle(
            message=f"`{weights.model}` needs {weights.memory_bytes / _GIB:.0f} GiB of memory, and "
            f"{available / _GIB:.1f} GiB are available",
            cure=f"end other programs, raise the container's limit, or {_other(weights)}",
        )
    return _narrow(weights, address_space() if allowed is None else allowed)


def _narrow(weights: Weights, allowed: float) -> Obstacle | None:
    # The file is mapped whole beside what is computed, and Python with its libraries takes a gibibyte of addresses.
    needed = weights.memory_bytes + _GIB
    if allowed >= needed:
        return None
    return Obstacle(
        message=f"`{weights.model}` needs {needed / _GIB:.0f} GiB of address space, and {allowed / _GIB:.1f} GiB are "
        "allowed here",
        cure=f"raise the limit (`ulimit -v unlimited`), or {_other(weights)}",
    )


def _other(weights: Weights) -> str:
    smaller = [it for it in table().values() if it.memory_bytes < weights.memory_bytes]
    names = [f"`{it.model}`, which needs {it.memory_bytes / _GIB:.0f} GiB" for it in smaller]
    return f"take {', or '.join([*names, 'a hosted one in octops.yaml'])}"


def address_space() -> float:
    """What this process may map in all; infinity where nothing limits it."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return math.inf if limit == resource.RLIM_INFINITY else limit


def threads() -> int:
    """Half of the cores this process may use: with all of them, generation collapses beside any other busy process."""
    with suppress(AttributeError):
        return max(1, len(os.sched_getaffinity(0)) // 2)
    return max(1, (os.cpu_count() or 1) // 2)


def available_bytes(root: Path = _ROOT) -> int | None:
    """The machine's memory or what the container's limit leaves, whichever is less; None: not known."""
    known = [amount for amount in (_machine_bytes(root), _container_bytes(root)) if amount is not None]
    return min(known, default=None)


def _machine_bytes(root: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _container_bytes(root: Path) -> int | None:
    group = root / "sys/fs/cgroup"
    with suppress(OSError, ValueError):
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        # The page cache counts as used, and is given up when memory is needed.
        spare = [
            int(line.split()[1])
            for line in (group / "memory.stat").read_text(encoding="ascii").splitlines()
            if line.startswith("inactive_file ")
        ]
        return max(0, limit - used + sum(spare))
    return None


def _has_avx2(root: Path) -> bool:
    with suppress(OSError):
        lines = (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        flags = [line.split() for line in lines if line.startswith("flags")]
        return not flags or "avx2" in flags[0]
    return True
