"""octops in a process that writes down what it touches: `python -m tests.proofs.watched JOURNAL COMMAND…`."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CONNECTIONS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_PROCESSES = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system", "os.spawn", "pty.spawn"}
_CHANGES = {
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "os.setxattr",
    "os.utime",
    "shutil.rmtree",
    "shutil.move",
}


def main() -> None:
    journal, *command = sys.argv[1:]
    seen: list[tuple[str, str]] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING) or event in _CHANGES:
            seen.append(("write", _text(arguments[0])))
        elif event in _CONNECTIONS:
            seen.append(("connect", repr(arguments[1])))
        elif event == "socket.bind":
            seen.append(("bind", repr(arguments[1])))
        elif event in _PROCESSES:
            words = arguments[1] if event in ("subprocess.Popen", "os.posix_spawn", "os.exec") else [arguments[0]]
            seen.append(("start", " ".join(map(_text, words))))

    sys.addaudithook(watch)
    sys.argv[1:] = command
    try:
        runpy.run_module("octops", run_name="__main__")
    finally:
        happened = sorted(set(seen))
        with Path(journal).open("w") as file:
            json.dump(happened, file)


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, str | bytes | os.PathLike) else str(value)


if __name__ == "__main__":
    main()
