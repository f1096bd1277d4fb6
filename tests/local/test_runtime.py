from __future__ import annotations

import sys
from pathlib import Path

import pytest

from octops.local.runtime import REPETITION, Said, _Listening, library, runs_in_circles
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


NUMBERS = " ".join(map(str, range(400)))


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("", False),
        ("- nothing\n" * 30, False),
        ("- nothing\n" * 110, True),
        (f"{NUMBERS}\n" + "- nothing\n" * 110, True),
        ("- nothing\n" * 110 + "- the end", False),
        (NUMBERS, False),
        (f"{NUMBERS[:700]}\n" * 4, True),
        (f"{NUMBERS[:700]}\n" * 3, False),
        ("".join(f"## 2.4.{number}\n- the same line below each heading\n" for number in range(40)), False),
    ],
    ids=["empty", "short", "long", "in-the-end", "came-out-of-it", "goes-on", "wide", "wide-but-thrice", "counts"],
)
def test_an_answer_runs_in_circles_when_it_repeats_itself_four_times_and_long_enough(text: str, circles: bool) -> None:
    assert runs_in_circles(text) is circles


def test_an_answer_that_runs_in_circles_is_ended_and_what_it_cost_is_counted() -> None:
    listening = _Listening(lambda: True)
    listening.take({"choices": [{"delta": {"content": None}}], "prompt_progress": {"total": 31, "processed": 31}})
    piece = {"choices": [{"delta": {"content": "- nothing\n"}}]}
    heard = next((count for count in range(1, 200) if listening.take(piece)), 0)
    assert listening.said() == Said(text="- nothing\n" * heard, finish=REPETITION, input_tokens=31, output_tokens=heard)
    assert heard > 99
