"""What a version of a file says about when its task fires: the reader `activations` is given."""

from __future__ import annotations

import json
from collections.abc import Mapping

from octops.declare.file import SourceFile, text_of
from octops.declare.frontmatter import split
from octops.declare.yamlfile import parse
from octops.errors import OctopsError
from octops.model.ids import Value
from octops.repository.activations import Meaning


def read_meaning(path: str, content: bytes) -> Meaning | None:
    """Schedule, time zone and status as they stand in a task file, or the zone of octops.yaml; None: not readable."""
    document = _document(path, content)
    if not isinstance(document, Mapping):
        return None
    return Meaning(
        # Canonical text: two spellings of one mapping mean the same.
        schedule=json.dumps(document.get("schedule"), sort_keys=True),
        timezone=str(document.get("timezone") or ""),
        status=str(document.get("status") or "active"),
    )


def _document(path: str, content: bytes) -> Value:
    try:
        text = text_of(SourceFile(path=path, content=content, blob=""))
        return parse(split(text).yaml if path.endswith(".md") else text) or {}
    except OctopsError:
        return None
