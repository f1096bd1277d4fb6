"""The mapping of a source → the noun Source: changes with the keys all sources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octops.model.ids import SourceId
from octops.model.project import Source

_SHARED = frozenset(("type", "tools", "optional", "timeout_seconds", "description"))
_TIMEOUT_SECONDS = 60.0


def source_of(values: Mapping[str, Any], *, id_: str, path: str) -> Source:
    """The keys of its type stay as they are written, in `config`."""
    tools = values.get("tools", {})
    return Source(
        id=SourceId(id_),
        path=path,
        type=values["type"],
        config={key: value for key, value in values.items() if key not in _SHARED},
        allow=tuple(tools.get("allow", ("*",))),
        deny=tuple(tools.get("deny", ())),
        optional=values.get("optional", False),
        timeout_seconds=float(values.get("timeout_seconds", _TIMEOUT_SECONDS)),
        description=values.get("description", ""),
    )
