"""The settings a plan was made with, key by key: what of octops.yaml no task's definition tells."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from octops.model.ids import Value
from octops.model.project import Settings
from octops.plan.document import digest

_KEYS: Final = {"default_model": "defaults", "default_limits": "defaults", "network_allow": "network"}
"""The key of octops.yaml, where the attribute is called otherwise."""


def settings_digests(settings: Settings) -> Mapping[str, str]:
    """sha256 (hex) of what each key of octops.yaml says, or says by default."""
    values: dict[str, dict[str, Value]] = {}
    for name, value in dataclasses.asdict(settings).items():
        if name != "path":
            values.setdefault(_KEYS.get(name, name), {})[name] = value
    return {key: digest(values[key]) for key in sorted(values)}
