"""Which files of a revision belong to the project: the same rules as for files on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from octops.declare import layout
from octops.declare.file import MAX_FILE_BYTES, Files, SourceFile, blob_id, too_large
from octops.errors import Diagnostic
from octops.repository.git import Git
from octops.repository.objects import Entry, contents, entries

_MISNAMED = ("octops.yml", ".octops.yaml", "octops.json")
_ROOTS = (layout.PROJECT_FILE, *_MISNAMED, *layout.SUFFIXES)
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The project's files in a revision, sorted; links are replaced by what they lead to."""

    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def list_files(git: Git, revision: str, prefix: str, *, sizes: bool = False) -> Listing:
    """Choose the project's files among what the revision holds; paths relative to the project's root."""
    tree = f"{revision}:{prefix}"
    found = {entry.path: entry for entry in entries(git, tree, _ROOTS, sizes=sizes)}
    choice = layout.select(found)
    chosen = [found[path] for path in choice.files]
    links = _followed(git, tree, [entry.path for entry in chosen if entry.link])
    regular = [links.get(entry.path, entry) for entry in chosen]
    return Listing(
        entries=tuple(entry for entry in regular if entry.regular),
        diagnostics=(*choice.diagnostics, *_no_folders(found.values()), *filter(None, map(_objection, regular))),
    )


def read_files(git: Git, revision: str, prefix: str, known: Mapping[str, bytes]) -> Files:
    """The project's files as the revision holds them; git is not asked for the blobs in `known`."""
    listing = list_files(git, revision, prefix, sizes=True)
    readable = [entry for entry in listing.entries if entry.size <= MAX_FILE_BYTES][: layout.MAX_FILES]
    bytes_of = {**known, **contents(git, (entry.blob for entry in readable if entry.blob not in known))}
    large = (too_large(entry.path) for entry in listing.entries if entry.size > MAX_FILE_BYTES)
    return Files(
        files=tuple(SourceFile(entry.path, bytes_of[entry.blob], entry.blob) for entry in readable),
        diagnostics=(*listing.diagnostics, *large, *_too_many(listing.entries)),
    )


def differs(files: Iterable[SourceFile], blobs: Mapping[str, str]) -> bool:
    """Whether files read from disk say something else than the blobs of a revision.

    A checkout that turned line ends into CRLF (`core.autocrlf`) is no difference.
    """
    paths = set()
    for file in files:
        paths.add(file.path)
        blob = blobs.get(file.path)
        if blob is None or not (file.blob == blob or blob_id(file.content.replace(b"\r\n", b"\n")) == blob):
            return True
    return any(path not in paths for path in blobs)


def _followed(git: Git, tree: str, links: Sequence[str]) -> dict[str, Entry]:
    """What links of a tree lead to, as entries; one that leads out of the tree or nowhere stays a link."""
    if not links:
        return {}
    # Only below the id of the project's own tree does git refuse a link that leaves the project.
    root = git.read("rev-parse", "--verify", "--end-of-options", tree).text
    found = {}
    for path in links:
        asked = f"{root}:{path}\n".encode()
        answer = git.read("cat-file", "--batch-check", "--follow-symlinks", stdin=asked).out.split()
        if len(answer) == 3 and answer[1] == b"blob":
            found[path] = Entry(path, "100644", answer[0].decode(), int(answer[2]))
    return found


def _objection(entry: Entry) -> Diagnostic | None:
    if entry.regular:
        return None
    if entry.link:
        what = "is a link that leads out of the project, or to no file"
        return layout.problem("not-a-file", entry.path, what, "replace the link by the file itself")
    return layout.problem("not-a-file", entry.path, "is not a regular file", "octops reads ordinary files only")


def _no_folders(found: Iterable[Entry]) -> Iterator[Diagnostic]:
    for entry in found:
        if entry.path in layout.SUFFIXES:
            what = "is a submodule" if entry.mode == _SUBMODULE else "is not a folder"
            yield layout.problem(
                "not-a-folder", entry.path, what, "tasks, skills, sources and destinations are folders"
            )


def _too_many(found: Sequence[Entry]) -> tuple[Diagnostic, ...]:
    if len(found) <= layout.MAX_FILES:
        return ()
    what = f"is more than file number {layout.MAX_FILES}"
    return (layout.problem("too-many-files", found[layout.MAX_FILES].path, what, "split the project"),)
