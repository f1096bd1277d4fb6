"""What files said the last time, by blob id: a shortcut that can be lost, but not lied to."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from octops.declare.cache_key import cache_key, read_own_file, user_folder

_FORMAT = "octops cache 1"
_MOST_BYTES = 128 * 1024 * 1024
_SPARE_ENTRIES = 20_000
"""So many entries of earlier calls survive a call that did not ask for them (`octops validate one-file.yaml`)."""


_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Cache:
    """Entries are JSON values that depend on nothing but the bytes of a blob, the salt and octops' own code.

    The file in the user's cache folder is signed with a key from the user's state folder: a file that was changed,
    cut, restored from elsewhere, or written for another salt counts as absent. No call raises for what is on disk.
    """

    def __init__(self, path: Path | None, key: bytes, purpose: str) -> None:
        self._path = path
        self._key = key
        self._purpose = purpose
        self._found = _load(path, key, purpose) if path else {}
        self._used: dict[str, str] = {}
        self._changed = False

    @classmethod
    def open(cls, root: Path, salt: str, *, name: str = "parsed", environment: Mapping[str, str] = os.environ) -> Cache:
        """The cache of the project at `root`. `salt` names everything else an entry depends on, such as the schemas."""
        folder = user_folder(environment, "XDG_CACHE_HOME", ".cache")
        state = user_folder(environment, "XDG_STATE_HOME", ".local/state")
        # A key inside the project would be as hostile as the project.
        trusted = state is not None and not state.resolve().is_relative_to(root.resolve())
        key = cache_key(state) if state and trusted else None
        if folder is None or key is None:
            return cls(None, b"", "")
        place = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()
        return cls(folder / f"{name}-{place[:16]}.cache", key, f"{_FORMAT}\n{name}\n{place}\n{_code()}\n{salt}")

    def get(self, blob: str, kind: str) -> Any:
        """The entry put for these bytes, or None. Every call returns a new value; tuples come back as lists."""
        name = f"{blob} {kind}"
        line = self._used.get(name) or self._found.get(name)
        if line is None:
            return None
        self._used[name] = line
        return json.loads(line)

    def put(self, blob: str, kind: str, entry: Any) -> None:
        """Keep a JSON value other than None. `kind` has no tab or newline."""
        self._used[f"{blob} {kind}"] = _ENCODE(entry)
        self._changed = True

    def save(self) -> None:
        """Replace the file when something was put. Entries nobody asked for in a while are dropped."""
        if not self._changed or self._path is None:
            return
        spare = (item for item in self._found.items() if item[0] not in self._used)
        kept = chain(self._used.items(), islice(spare, _SPARE_ENTRIES))
        with contextlib.suppress(OSError):
            _write(self._path, _signed(kept, self._key, self._purpose))
        self._changed = False


def _load(path: Path, key: bytes, purpose: str) -> dict[str, str]:
    try:
        content = read_own_file(path, _MOST_BYTES, forbidden_mode=0o022)
    except OSError:
        return {}
    signature, newline, body = (content or b"").partition(b"\n")
    if not newline or not hmac.compare_digest(signature, _signature(body, key, purpose)):
        return {}
    lines = body.decode("ascii").split("\n")
    return dict(line.split("\t", 1) for line in lines)


def _signed(entries: Iterable[tuple[str, str]], key: bytes, purpose: str) -> bytes:
    body = "\n".join(f"{name}\t{entry}" for name, entry in entries).encode("ascii")
    return _signature(body, key, purpose) + b"\n" + body


def _signature(body: bytes, key: bytes, purpose: str) -> bytes:
    signed = hmac.new(key, hashlib.sha256(purpose.encode()).digest(), hashlib.sha256)
    signed.update(body)
    return signed.hexdigest().encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _code() -> str:
    """Changes with every edit of octops itself, so that a checkout of it never reads what older code understood."""
    package = Path(__file__).resolve().parent.parent
    stamps = hashlib.sha256()
    for folder in (package, *sorted(entry for entry in package.iterdir() if entry.is_dir())):
        stamps.update(folder.name.encode())
        with os.scandir(folder) as entries:
            modules = {entry.name: entry.stat() for entry in entries if entry.name.endswith(".py")}
        for name, status in sorted(modules.items()):
            stamps.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return stamps.hexdigest()
