"""What tools are called in front of a model: changes with what providers accept as a name."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

_LONGEST: Final = 64
_REFUSED = re.compile(r"[^A-Za-z0-9_-]")


def offered_names(tools: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Source id → its tools' names, turned into offered name → (source, tool).

    `<source>__<tool>` wherever providers take it. Any other name is spelled with `_`, and where that is too long or
    meets another one, ends in a hash of what it stands for: a tool's name never depends on the order of the tools.
    """
    pairs = [(source, tool) for source, names in tools.items() for tool in dict.fromkeys(names)]
    spelled = Counter(_spelled(source, tool) for source, tool in pairs)
    return {_offered(source, tool, spelled): (source, tool) for source, tool in pairs}


def _offered(source: str, tool: str, spelled: Counter[str]) -> str:
    plain = f"{source}__{tool}"
    name = _spelled(source, tool)
    if len(name) <= _LONGEST and (name == plain or spelled[name] == 1):
        return name
    mark = hashlib.sha256(f"{source}\0{tool}".encode(errors="replace")).hexdigest()[:10]
    return f"{name[: _LONGEST - len(mark) - 1]}_{mark}"


def _spelled(source: str, tool: str) -> str:
    return _REFUSED.sub("_", f"{source}__{tool}")
