"""Bytes of a file → text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from octops.declare.file import MAX_FILE_BYTES, SourceFile, UnreadableText, blob_id, text_of
from octops.errors import Diagnostic


def file(content: bytes) -> SourceFile:
    return SourceFile("tasks/a.yaml", content, blob_id(content))


def refusal(content: bytes) -> Diagnostic:
    with pytest.raises(UnreadableText) as caught:
        text_of(file(content))
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\x00\xff" * 5000])
def test_a_blob_id_is_gits(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    git = subprocess.run(["git", "hash-object", "--no-filters", "x"], cwd=tmp_path, capture_output=True, check=True)

    assert blob_id(content) == git.stdout.decode().strip()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("naïve – 🙂\n".encode(), "naïve – 🙂\n"),
        (b"\xef\xbb\xbfname: x\n", "name: x\n"),
        (b"a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        (b"a: 1\rb: 2\r", "a: 1\nb: 2\n"),
        (b"a\r\r\nb\n\r", "a\n\nb\n\n"),
        ("a\u2028b\x85\n".encode(), "a\u2028b\x85\n"),
    ],
)
def test_utf_8_with_any_line_ends_becomes_text_with_line_feeds(content: bytes, text: str) -> None:
    assert text_of(file(content)) == text


@pytest.mark.parametrize(
    ("content", "line", "column", "snippet"),
    [
        (b"\xff", 1, 1, "\ufffd"),
        (b"name: caf\xe9 au lait\nb: 1\n", 1, 10, "name: caf\ufffd au lait"),
        ("ü: 1\r\nb: ü".encode() + b"\x80x", 2, 5, "b: ü\ufffdx"),
        (b"\xef\xbb\xbfa: \xc3", 1, 4, "a: \ufffd"),
        (b"a: \xed\xa0\xbd", 1, 4, "a: \ufffd\ufffd\ufffd"),
        (b"a: \xc0\xaf", 1, 4, "a: \ufffd\ufffd"),
    ],
)
def test_bytes_that_are_not_utf_8_are_pointed_at(content: bytes, line: int, column: int, snippet: str) -> None:
    diagnostic = refusal(content)

    assert diagnostic.code == "not-utf-8"
    assert diagnostic.location is not None
    assert (diagnostic.location.filename, diagnostic.location.line, diagnostic.location.column) == (
        "tasks/a.yaml",
        line,
        column,
    )
    assert diagnostic.snippet == snippet
    assert "UTF-8" in diagnostic.detail


def test_utf_16_is_called_by_its_name() -> None:
    assert "UTF-16" in refusal("name: x".encode("utf-16")).summary


def test_a_nul_is_pointed_at() -> None:
    diagnostic = refusal(b"a: 1\nb: \0\n")

    assert diagnostic.code == "not-text"
    assert diagnostic.location is not None
    assert (diagnostic.location.line, diagnostic.location.column) == (2, 4)


def test_a_large_file_is_refused_before_it_is_decoded() -> None:
    assert refusal(b"\xff" * (MAX_FILE_BYTES + 1)).code == "file-too-large"
    assert text_of(file(b"a" * MAX_FILE_BYTES)) == "a" * MAX_FILE_BYTES
