"""Which paths are octops' to write and a source's to read: changes with what file systems and git take a name for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from octops.placeholders import marks
from octops.rules.refusal import Refusal

LEDGERS: Final = ("octops-ledger.json", "pruned.json", "tasks", "open", "runs")
"""First parts of paths on the records branch that belong to the ledger."""
PLAIN: Final = "a path has plain names between slashes: no `..`, no `.git`, no leading slash, no control characters"
_DOT_GIT = re.compile(r"\.git([ .:].*)?|git~\d+([ .:].*)?", re.IGNORECASE)


def is_writable(path: str) -> bool:
    """Whether a path stays in its tree, names none of git's own files, and looks like no other path."""
    return len(path.encode(errors="surrogatepass")) <= 1024 and not any(map(_is_bad, path.split("/")))


def not_writable(path: str) -> Refusal:
    return Refusal(code="bad-path", what=f"`{ascii(path)[1:-1]}` is not a path octops writes", cure=PLAIN, at=("path",))


def file_refusal(path: str, branch: str, records_branch: str) -> Refusal | None:
    """Of a file to be committed to `branch`; empty is the records branch."""
    if not is_writable(path):
        return not_writable(path)
    # Compared as a file system that ignores case would.
    if branch in ("", records_branch) and path.partition("/")[0].casefold() in LEDGERS:
        return Refusal(
            code="bad-path",
            what=f"`{path}` is where octops keeps its records on `{records_branch}`",
            cure="choose another path, or a branch",
            at=("path",),
        )
    return None


def filled(template: str) -> str:
    """A path before its run: each placeholder stands for a plain name, since a value adds no folder and hides none."""
    text, at = "", 0
    for mark in marks(template):
        text += template[at : mark.start]
        text += "x" if mark.placeholder else template[mark.start : mark.end].removeprefix("\\")
        at = mark.end
    return text + template[at:]


def way_down(path: str) -> tuple[str, ...] | None:
    """The parts of a path that leads down from where it starts; None: it does not. `.` leads nowhere: no parts."""
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    too_long = len(path.encode(errors="replace")) > 4096
    return None if path.startswith("/") or ".." in parts or "\0" in path or too_long else parts


def is_gits(parts: Sequence[str]) -> bool:
    """Some file systems know `.git` by more names than this one."""
    return any(part.casefold().rstrip(". ") in (".git", "git~1") for part in parts)


def folder_refusal(folder: str) -> Refusal | None:
    """Of the folder a `local` source reads."""
    parts = way_down(folder)
    if parts is None:
        why = "it leads out of it"
    elif is_gits(parts):
        why = "it leads to git's own files"
    else:
        return None
    return Refusal(
        code="bad-path",
        what=f"`path` is not a folder of the repository: `{folder}`",
        cure=f"{why}; write a folder below the repository's root, such as `docs`, or `.` for the root",
        at=("path",),
    )


def _is_bad(part: str) -> bool:
    if (
        not part
        or part in (".", "..")
        or "\\" in part
        or _DOT_GIT.fullmatch(part)
        or len(part.encode("utf-8", "replace")) > 255
    ):
        return True
    if part.isascii() and part.isprintable():
        return False
    return any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in part)
