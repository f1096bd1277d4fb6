"""What is started for a stdio server: its words, environment and folder. Changes with what a process is given."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from octops.model.project import Source
from octops.model.run import ErrorKind
from octops.rules.command import spaced_command
from octops.sources.opening import NotOpened
from octops.sources.secrets import all_resolved
from octops.sources.surroundings import Surroundings

_LAUNCHERS = "/usr/bin:/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path


def command_of(source: Source, surroundings: Surroundings, home: Path) -> Command:
    """PATH, LANG, a home of its own and what the source declares: nothing else of our environment gets through."""
    config = source.config
    folder = _folder(str(config.get("cwd", ".")), surroundings.root)
    declared = all_resolved(config.get("env"), surroundings.secrets)
    environment = {"PATH": os.defpath, **surroundings.environment, "HOME": str(home), **declared}
    program = _program(str(config["command"]), folder, environment["PATH"])
    arguments = config.get("args", ())
    words = map(str, arguments) if isinstance(arguments, list | tuple) else ()
    argv = (*_dies_with_us(), program, *words)
    for word in (*argv, *environment.values()):
        if "\0" in word:
            raise NotOpened("its command or environment holds a NUL character", kind=ErrorKind.CONFIG)
    return Command(argv=argv, environment=environment, folder=folder)


def _folder(relative: str, root: Path) -> Path:
    top = root.resolve()
    folder = (top / relative).resolve()
    if not folder.is_relative_to(top):
        raise NotOpened(f"`cwd` leaves the repository: `{relative}`", kind=ErrorKind.CONFIG)
    if not folder.is_dir():
        raise NotOpened(f"`cwd` is not a folder: `{relative}`", kind=ErrorKind.CONFIG)
    return folder


def _program(name: str, folder: Path, path: str) -> str:
    spaced = spaced_command(name)
    if "/" in name:
        found = str(folder / name)
        if not (Path(found).is_file() and os.access(found, os.X_OK)):
            cure = spaced.cure if spaced else "`command` with a slash counts from `cwd`"
            raise NotOpened(f"`{name}` is not a program", hint=cure)
        return found
    program = shutil.which(name, path=path)
    if program is None:
        cure = spaced.cure if spaced else f"install `{name}` on the machine octops runs on"
        raise NotOpened(f"the command `{name}` was not found on PATH", hint=cure)
    return str(Path(program).absolute())


@cache
def _dies_with_us() -> tuple[str, ...]:
    """Words before a command that let the kernel kill it when octops is killed and can no longer do so itself.

    `setpriv` of util-linux sets the parent-death signal and becomes the command. Nothing is run between fork and
    exec in our own process, where threads make that unsafe. Without it (macOS, busybox) a server that ignores the
    end of its input outlives a SIGKILL of octops.
    """
    found = shutil.which("setpriv", path=_LAUNCHERS) if sys.platform == "linux" else None
    if found is None or Path(found).resolve().name == "busybox":
        return ()
    return (found, "--pdeathsig", "KILL", "--")
