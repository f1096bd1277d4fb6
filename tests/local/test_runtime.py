from __future__ import annotations

import sys
from pathlib import Path

import pytest

from octops.local.runtime import library
from octops.model.run import ErrorKind, ModelError


@pytest.mark.parametrize(
    ("code", "message", "cure"),
    [
        (None, "is not installed", "pip install 'octops[local]'"),
        (
            "raise ImportError('libgomp.so.1: cannot open shared object file')",
            "needs the system library libgomp",
            "apt-get install libgomp1",
        ),
        ("raise ImportError('bad magic')", "cannot be loaded: bad magic", "--force-reinstall"),
    ],
    ids=["absent", "libgomp", "broken"],
)
def test_a_runtime_that_cannot_be_imported_is_answered_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str | None, message: str, cure: str
) -> None:
    if code is None:
        monkeypatch.setitem(sys.modules, "xllamacpp", None)
    else:
        monkeypatch.delitem(sys.modules, "xllamacpp", raising=False)
        (tmp_path / "xllamacpp.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=message) as error:
        library()
    assert (error.value.failure.kind, cure in error.value.failure.hint) == (ErrorKind.CONFIG, True)
