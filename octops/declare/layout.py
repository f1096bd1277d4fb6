"""Which files of a repository are the project's: changes with the layout of section "a user's repository"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from octops.errors import Diagnostic, Location, Severity

PROJECT_FILE = "octops.yaml"
MAX_FOLDERS = 16
MAX_FILES = 50_000

_YAML = (".yaml", ".yml")
SUFFIXES = {"tasks": (*_YAML, ".md"), "skills": (".md",), "sources": _YAML, "destinations": _YAML}
"""The folders of a project and the files octops reads there."""

SKILL_FILE = "SKILL.md"
_QUIET_FOLDERS = frozenset(("node_modules", "__pycache__"))
_BARE_REPOSITORY = frozenset(("HEAD", "objects", "refs"))
# Printable ASCII but the backslash: everything else takes a slower look.
_ORDINARY = re.compile(r"[ -\[\]-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Of one folder: the files to read, those to warn about (see `ignored`), and the folders to go into."""

    files: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def choose(folder: str, files: Iterable[str], folders: Iterable[str]) -> Choice:
    """Choose among the names in one of the project's folders (`tasks`, `skills/writing-style` …).

    Works the same for a directory and for a tree of a commit. Names come back sorted.
    """
    files, folders = sorted(files), sorted(folders)
    names = {*files, *folders}
    if ".git" in names or names >= _BARE_REPOSITORY:
        return Choice(diagnostics=(_warning("ignored-folder", folder, "is ignored: it is a repository of its own"),))
    kind, _, inner = folder.partition("/")
    if kind == "skills" and inner and SKILL_FILE in names:
        # What else a skill brings along (scripts, references) is for the model to ask for, not for octops to read.
        return Choice(files=(SKILL_FILE,))
    said: list[Diagnostic] = []
    named = [name for name in files if not _quiet(name) and _well_named(folder, name, said)]
    chosen = [name for name in named if name.endswith(SUFFIXES[kind]) and not _almost_a_skill(kind, inner, name)]
    return Choice(
        files=tuple(chosen),
        ignored=tuple(sorted(set(named).difference(chosen))),
        folders=tuple(name for name in folders if _entered(folder, name, said)),
        diagnostics=tuple(said),
    )


def ignored(folder: str, name: str) -> Diagnostic:
    """The warning for a file octops does not read."""
    suffixes = SUFFIXES[folder.partition("/")[0]]
    reason = (
        f"its name is not `{SKILL_FILE}`" if name.endswith(suffixes) else f"its name does not end in {_or(suffixes)}"
    )
    return _warning("ignored-file", f"{folder}/{name}", f"is ignored: {reason}")


def select(paths: Iterable[str]) -> Choice:
    """Choose among all the paths of a commit, relative to the project's root; `files` are whole paths here."""
    tree = _tree(paths)
    top = project_files([*tree[""].files, *tree[""].folders])
    files, said = list(top.files), list(top.diagnostics)
    waiting = [folder for folder in top.folders if folder in tree]
    while waiting:
        folder = waiting.pop()
        choice = choose(folder, tree[folder].files, tree[folder].folders)
        files += (f"{folder}/{name}" for name in choice.files)
        said += (*choice.diagnostics, *(ignored(folder, name) for name in choice.ignored))
        waiting += (f"{folder}/{name}" for name in choice.folders)
    return Choice(files=tuple(sorted(files)), diagnostics=tuple(said))


@dataclass(slots=True)
class _Folder:
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)


def _tree(paths: Iterable[str]) -> dict[str, _Folder]:
    tree: dict[str, _Folder] = defaultdict(_Folder)
    for path in paths:
        *folders, name = path.split("/")
        here = tree[""]
        for depth, folder in enumerate(folders):
            here.folders.add(folder)
            here = tree["/".join(folders[: depth + 1])]
        here.files.add(name)
    return tree


def project_files(names: Iterable[str]) -> Choice:
    """Choose among the names at the root of the project."""
    present = set(names)
    files = (PROJECT_FILE,) if PROJECT_FILE in present else ()
    folders = tuple(sorted(present & SUFFIXES.keys()))
    said = [_misnamed(name, bool(files)) for name in ("octops.yml", ".octops.yaml", "octops.json") if name in present]
    return Choice(files=files, folders=folders, diagnostics=tuple(said))


def bad_name(folder: str, name: str) -> Diagnostic | None:
    """The error for a name that cannot be shown or typed; a newline in it is the classic."""
    if _ORDINARY.fullmatch(name) or (name.isprintable() and "\\" not in name):
        return None
    return Diagnostic(
        code="bad-file-name",
        summary="the file name holds a character that cannot be shown, or a backslash",
        detail="rename the file: letters, digits and `-` are enough",
        location=Location(filename=shown(f"{folder}/{name}")),
    )


def shown(path: str) -> str:
    """The path with everything unprintable as an escape, so that it stays one line wherever it is written."""
    return "".join(_escaped(character) for character in path)


def _escaped(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if character.isprintable() and character != "\\":
        return character
    return character.encode("unicode_escape").decode()


def _quiet(name: str) -> bool:
    return name.startswith(".") or (name[:6].lower() == "readme" and name[6:7] in ("", "."))


def _well_named(folder: str, name: str, said: list[Diagnostic]) -> bool:
    bad = bad_name(folder, name)
    if bad:
        said.append(bad)
    return bad is None


def _almost_a_skill(kind: str, inner: str, name: str) -> bool:
    return kind == "skills" and inner != "" and name.lower() == SKILL_FILE.lower()


def _entered(folder: str, name: str, said: list[Diagnostic]) -> bool:
    if name in _QUIET_FOLDERS:
        return False
    path = f"{folder}/{name}"
    if name.startswith("."):
        said.append(_warning("ignored-folder", path, "is ignored: it is hidden"))
        return False
    if not _well_named(folder, name, said):
        return False
    if path.count("/") > MAX_FOLDERS:
        said.append(problem("too-deep", path, f"is more than {MAX_FOLDERS} folders deep", "move the files up"))
        return False
    return True


def _misnamed(name: str, has_project: bool) -> Diagnostic:
    if has_project:
        return _warning("ignored-file", name, f"is ignored: the project's file is `{PROJECT_FILE}`")
    return problem("file-name", name, "is not read", f"rename it to `{PROJECT_FILE}`")


def problem(code: str, path: str, what: str, detail: str = "") -> Diagnostic:
    """An error about a whole file or folder."""
    path = shown(path)
    return Diagnostic(code=code, summary=f"`{path}` {what}", detail=detail, location=Location(filename=path))


def _warning(code: str, path: str, what: str) -> Diagnostic:
    path = shown(path)
    detail = "move it out of the project's folders, or rename it if octops should read it"
    return Diagnostic(
        severity=Severity.WARNING,
        code=code,
        summary=f"`{path}` {what}",
        detail=detail,
        location=Location(filename=path),
    )


def _or(words: tuple[str, ...]) -> str:
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
