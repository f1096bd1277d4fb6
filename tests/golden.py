"""Whole outputs, compared with files that are read in review like code."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def check_golden(path: str, text: str) -> None:
    """`text` is what `tests/golden/<path>` holds.

    After a wanted change run the tests once with OCTOPS_UPDATE_GOLDEN=1: they write the files anew. Read the
    difference before you commit it.
    """
    file = GOLDEN / path
    if os.environ.get("OCTOPS_UPDATE_GOLDEN") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.exists(), f"{file} is missing: run the test once with OCTOPS_UPDATE_GOLDEN=1"
    assert text == file.read_bytes().decode("utf-8"), f"differs from {file}; OCTOPS_UPDATE_GOLDEN=1 writes it anew"
