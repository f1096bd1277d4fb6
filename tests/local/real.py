"""The real small model for tests: only where its weights are here, or OCTOPS_TEST_MODELS=1 brings them."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from octops.local.pull import PullError, pull
from octops.local.weights import is_genuine, models_folder, table

WEIGHTS = table()["qwen2.5-coder-0.5b"]
# Before any test empties the home.
FOLDER = models_folder(os.environ)
WANTED = os.environ.get("OCTOPS_TEST_MODELS") == "1"


def real_cache() -> Path:
    """What XDG_CACHE_HOME must be, or the test is skipped with the reason."""
    if find_spec("xllamacpp") is None:
        pytest.skip("the runtime is not installed: pip install 'octops[local]'")
    if FOLDER is None:
        pytest.skip("there is no home to keep models in")
    if not is_genuine(WEIGHTS, FOLDER):
        if not WANTED:
            pytest.skip(f"{WEIGHTS.model} is not here: octops model pull {WEIGHTS.name}, or OCTOPS_TEST_MODELS=1")
        try:
            pull(WEIGHTS, FOLDER, lambda _: None)
        except PullError as error:
            if error.diagnostics[0].code == "no-source":
                pytest.skip(f"the weights cannot be had: {error}")
            raise
    return FOLDER.parent.parent
