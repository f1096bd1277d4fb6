"""A file of the project as bytes, and its text: changes with what counts as readable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from octops.errors import Diagnostic, Location, OctopsError

MAX_FILE_BYTES = 256 * 1024
"""Larger files are refused before anything looks into them."""

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`path` is relative to the project's root, with forward slashes; `blob` is git's id of `content`."""

    path: str
    content: bytes
    blob: str


@dataclass(frozen=True, slots=True)
class Files:
    """What was found under a root, sorted by path, and what was wrong with finding it."""

    files: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


class UnreadableText(OctopsError):
    """A file whose bytes are not the text of a project. Its one diagnostic is located."""


def blob_id(content: bytes) -> str:
    """The id git gives a blob with these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def text_of(file: SourceFile) -> str:
    """The file as text: UTF-8, without its byte order mark, every line ending in `\\n`.

    Line numbers of the result are those an editor shows. Raises UnreadableText.
    """
    content = file.content
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableText(too_large(file.path))
    if content.startswith(_UTF8_BOM):
        content = content[3:]
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableText(_not_utf8(file.path, content, error.start)) from error
    text = with_one_line_end(text)
    if "\0" in text:
        raise UnreadableText(_null(file.path, text))
    return text


def too_large(path: str) -> Diagnostic:
    """The diagnostic for a file over the limit, however it was read."""
    return Diagnostic(
        code="file-too-large",
        summary=f"the file is larger than {MAX_FILE_BYTES // 1024} KiB",
        detail="move what the model should read into a source, and keep only the instructions here",
        location=Location(filename=path),
    )


def _not_utf8(path: str, content: bytes, start: int) -> Diagnostic:
    from octops.declare.literal_secrets import masked

    before = with_one_line_end(content[:start].decode())
    line_start = before.rfind("\n") + 1
    rest = content[start : start + 200].splitlines()[0].decode(errors="replace") if start < len(content) else ""
    what = "UTF-16" if content.startswith(_UTF16_BOMS) else f"byte 0x{content[start]:02x}"
    return Diagnostic(
        code="not-utf-8",
        summary=f"the file is not UTF-8 text: it holds {what}",
        detail="save it as UTF-8 (in most editors: save with encoding)",
        location=_at(path, before),
        snippet=masked(before[line_start:] + rest),
    )


def _null(path: str, text: str) -> Diagnostic:
    return Diagnostic(
        code="not-text",
        summary="the file holds a NUL character: it is not text",
        detail="remove the character, or move the file out of the project's folders if it is binary",
        location=_at(path, text[: text.index("\0")]),
    )


def _at(path: str, before: str) -> Location:
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return Location(filename=path, line=line, column=column, end_line=line, end_column=column + 1)


def with_one_line_end(text: str) -> str:
    """Every line ended by a line feed, as YAML reads it (1.2, section 5.4)."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
