"""The scratch repository of `octops demo`: the packaged example, a remote, a week of history, one chosen model."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from octops.app.starting import check_model
from octops.app.workspace import Workspace, open_workspace
from octops.errors import GitError, UsageError
from octops.prices import price_of
from octops.repository.commits import Draft, Identity
from octops.repository.scratch import git_version, make_remote, make_repository, publish

TASKS: Final = ("weekly-change-digest", "support-triage")
"""What the demo runs: they write files on the ledger's branch, and need nothing but a model."""
CHANGED: Final = "tasks/weekly-change-digest.yaml"
_BEFORE: Final = "in the same order, none left out"
_AFTER: Final = "what is open last, none left out"
_SCHEMA: Final = re.compile(r"(\$schema=)\.\./((?:\.\./)*)schemas/")
_AHEAD: Final = timedelta(minutes=30)
"""A task is committed that long before the slot the demo runs: nothing older counts as missed."""
_SOMEBODY: Final = Identity(name="Octops demo", email="demo@octops.invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which model, and where when not at its provider's."""

    model: str
    api_base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """`root` is the work tree; `remote` the bare repository that it pushes to."""

    root: Path
    remote: Path
    files: tuple[str, ...]

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.root)


def check_asked(asked: Asked) -> None:
    """Raises UsageError for what cannot be asked, and GitError where there is no git: before anything is made."""
    check_model(asked.model)
    if asked.api_base and not re.fullmatch(r"https?://[^\s\"\\]+", asked.api_base):
        raise UsageError(
            f"`{asked.api_base}` is not the address of a model server",
            detail="write an address such as `http://localhost:11434/v1`",
        )
    if price_of(asked.model) is None and not _is_own(asked):
        raise UsageError(
            f"the price of `{asked.model}` is not known, and the example keeps a cost limit",
            detail="take a model with a list price, or a server of your own with `--api-base`",
        )
    git_version()


def _is_own(asked: Asked) -> bool:
    """Nobody bills for it."""
    return bool(asked.api_base) or asked.model.startswith(("ollama/", "ollama_chat/"))


@contextmanager
def place(keep: Path | None) -> Iterator[Path]:
    """An empty folder: `keep`, which stays unless something is raised, else one that is deleted in the end.

    Raises UsageError for a folder that holds something or cannot be made.
    """
    if keep is None:
        with _temporary() as folder:
            yield folder
        return
    folder = keep.absolute()
    made = _empty_folder(folder)
    try:
        yield folder
    except BaseException:
        _clear(folder, made)
        raise


@contextmanager
def _temporary() -> Iterator[Path]:
    try:
        folder = Path(tempfile.mkdtemp(prefix="octops-demo-")).resolve()
    except OSError as error:
        raise UsageError(
            f"there is no temporary folder that can be written: {error.strerror}",
            code="cannot-write",
            detail="set TMPDIR to one that can, or name a folder: `octops demo --keep DIR`",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _empty_folder(folder: Path) -> Path | None:
    """The topmost folder that had to be made, if any."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"`{folder}` is not an empty folder",
                code="not-empty",
                detail="name a folder that does not exist yet: nothing is ever written over",
            )
        missing = [it for it in (folder, *folder.parents) if not it.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        # A folder that exists may still not be ours to write.
        with tempfile.TemporaryFile(dir=folder):
            return missing[-1] if missing else None
    except OSError as error:
        raise UsageError(
            f"`{folder}` cannot be written: {error.strerror}", code="cannot-write", detail="name another folder"
        ) from error


def _clear(folder: Path, made: Path | None) -> None:
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)
        return
    for entry in folder.iterdir():
        shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)


def set_up(folder: Path, asked: Asked, now: datetime) -> Scratch:
    """The example in `folder`/project, pushed to `folder`/remote.git; each of TASKS has one slot behind it."""
    root, remote = folder / "project", folder / "remote.git"
    files = {**example_files(), **schema_files()}
    files["octops.yaml"] = with_model(files["octops.yaml"], asked)
    try:
        root.mkdir()
        remote.mkdir()
        make_repository(root)
        make_remote(remote)
        publish(root, remote, _history(root, files, now))
    except (OSError, GitError) as error:
        if isinstance(error, GitError) and error.diagnostics[0].code != "disk-full":
            raise
        reason = error.strerror if isinstance(error, OSError) else os.strerror(errno.ENOSPC)
        raise UsageError(
            f"`{folder}` cannot be written: {reason}",
            code="cannot-write",
            detail="free some room there, or name a folder on another disk: `octops demo --keep DIR`",
        ) from error
    return Scratch(root=root, remote=remote, files=tuple(sorted(example_files())))


def _history(root: Path, files: Mapping[str, str], now: datetime) -> list[Draft]:
    """Everything in the first commit but the tasks of the later ones: a task counts from the commit that adds it."""
    added = sorted((_newest_slot(files, task, now) - _AHEAD, task) for task in TASKS)
    later = {_path_of(task): task for _, task in added[1:]}
    first = {path: text for path, text in files.items() if path not in later}
    drafts = [_draft(first, "Tasks for Harbour", added[0][0])]
    drafts += [_draft({path: files[path]}, f"Add {path}", at) for at, task in added[1:] for path in [_path_of(task)]]
    return drafts


def _draft(files: Mapping[str, str], message: str, at: datetime) -> Draft:
    content = {path: text.encode() for path, text in files.items()}
    return Draft(parent="", files=content, message=message, committed_at=at, identity=_SOMEBODY)


def _path_of(task: str) -> str:
    return f"tasks/{task}.yaml"


def _newest_slot(files: Mapping[str, str], task: str, now: datetime) -> datetime:
    from octops.declare.file import Files, SourceFile, blob_id
    from octops.declare.load import declare
    from octops.model.ids import TaskId
    from octops.schedule.slots import previous_slot

    contents = {path: text.encode() for path, text in files.items()}
    read = Files(tuple(SourceFile(path, content, blob_id(content)) for path, content in contents.items()))
    project = declare(read).project
    found = project.tasks[TaskId(task)]
    assert found.schedule is not None
    slot = previous_slot(found.schedule, project.zone_of(found), now)
    assert slot is not None
    return slot


def with_model(settings: str, asked: Asked) -> str:
    """octops.yaml with one more alias, `demo`, that all tasks without a model of their own use."""
    lines = ["  demo:", f"    model: {json.dumps(asked.model)}"]
    if asked.api_base:
        lines.append(f"    api_base: {json.dumps(asked.api_base)}")
    if price_of(asked.model) is None:
        # A cost limit, and the example has some, cannot be kept without a price.
        lines.append("    price: {input_per_million: 0, output_per_million: 0}")
    aliases = settings.replace("models:\n", "\n".join(["models:", *lines, ""]), 1)
    return aliases.replace("defaults:\n  model: default\n", "defaults:\n  model: demo\n", 1)


def example_files() -> Mapping[str, str]:
    """Path → text of the packaged example, its schema comments leading to `schema_files`."""
    folder = _example_folder()
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".yaml", ".md"))
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return {path: _SCHEMA.sub(rf"\1\2{_folder_of_schemas()}/", text) for path, text in texts.items()}


def schema_files() -> Mapping[str, str]:
    from octops.schemas import schema_text
    from octops.starter import KINDS

    return {f"{_folder_of_schemas()}/{kind}.schema.json": schema_text(kind) for kind in KINDS}


def _folder_of_schemas() -> str:
    from octops.starter import SCHEMA_FOLDER

    return SCHEMA_FOLDER


def _example_folder() -> Path:
    # A wheel carries the example inside the package; a checkout and an editable install have it beside it.
    package = Path(__file__).parent.parent
    packaged = package / "examples"
    return packaged if packaged.is_dir() else package.with_name("examples")


def change_prompt(scratch: Scratch) -> None:
    """One line of a prompt edited in the work tree, not committed."""
    path = scratch.root / CHANGED
    text = path.read_text(encoding="utf-8")
    assert _BEFORE in text
    path.write_text(text.replace(_BEFORE, _AFTER), encoding="utf-8")
