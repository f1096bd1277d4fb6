from __future__ import annotations

import pytest

from octops.sources.text import last_words

PYTHON = """\
Starting up
Traceback (most recent call last):
  File "/srv/server.py", line 3, in <module>
    import acme
ModuleNotFoundError: No module named 'acme'
"""
NODE = """\
node:internal/modules/cjs/loader:1080
  throw err;
  ^

Error: Cannot find module '/srv/index.js'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1077:15) {
  code: 'MODULE_NOT_FOUND'
}

Node.js v20.1.0
"""


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        (PYTHON, "Starting up / ModuleNotFoundError: No module named 'acme'"),
        (NODE, "node:internal/modules/cjs/loader:1080 / Error: Cannot find module '/srv/index.js'"),
        ("one\ntwo\nthree\nfour\n", "two / three / four"),
        ("  only\n  indented\n", "only / indented"),
        ("", ""),
        (" \n\n", ""),
    ],
)
def test_of_what_a_process_said_the_end_that_tells_something_is_kept_on_one_line(stderr: str, words: str) -> None:
    assert last_words(stderr) == words


def test_a_line_without_end_is_cut() -> None:
    assert len(last_words("x" * 10_000)) == 300
