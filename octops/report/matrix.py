"""Shards as the matrix of a GitHub workflow: `strategy: {matrix: ${{ fromJSON(…) }}}`."""

from __future__ import annotations

import json
from collections.abc import Iterable


def matrix_json(shards: Iterable[object]) -> str:
    """One line. Without shards it is `{"include": []}`, which GitHub takes for a mistake: let no job ask for it."""
    return json.dumps({"include": [{"shard": str(shard)} for shard in shards]})
