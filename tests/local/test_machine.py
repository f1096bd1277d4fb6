from __future__ import annotations

from pathlib import Path

import pytest

from octops.local.machine import available_bytes, obstacle, threads
from octops.local.weights import table
from octops.prices import LOCAL_MODELS

BIG = table()["qwen2.5-coder-1.5b"]
SMALL = table()["qwen2.5-coder-0.5b"]
GIB = 1024**3


def machine(
    folder: Path,
    *,
    available: int = 8 * GIB,
    flags: str = "fpu avx avx2",
    limit: str = "",
    used: int = 0,
    cached: int = 0,
) -> Path:
    """The files in which a machine tells about itself."""
    files = {
        "proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {available // 1024} kB\n",
        "proc/cpuinfo": f"model name\t: X\nflags\t\t: {flags}\n",
    }
    if limit:
        files["sys/fs/cgroup/memory.max"] = f"{limit}\n"
        files["sys/fs/cgroup/memory.current"] = f"{used}\n"
        files["sys/fs/cgroup/memory.stat"] = f"anon 1\ninactive_file {cached}\n"
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def test_a_machine_with_memory_and_avx2_can_run_both(tmp_path: Path) -> None:
    root = machine(tmp_path, available=2 * GIB)
    assert [obstacle(weights, root, "x86_64") for weights in (BIG, SMALL)] == [None, None]


def test_a_processor_without_avx2_is_named(tmp_path: Path) -> None:
    found = obstacle(SMALL, machine(tmp_path, flags="fpu avx"), "x86_64")
    assert found is not None
    assert "AVX2" in found.message


def test_other_processors_need_no_avx2(tmp_path: Path) -> None:
    assert obstacle(SMALL, machine(tmp_path, flags=""), "aarch64") is None


def test_too_little_memory_is_said_in_figures_with_a_way_on(tmp_path: Path) -> None:
    found = obstacle(BIG, machine(tmp_path, available=GIB + GIB // 2), "x86_64")
    assert found is not None
    assert found.message == "`local/qwen2.5-coder-1.5b` needs 2 GiB of memory, and 1.5 GiB are available"
    assert found.cure.endswith("or take `local/qwen2.5-coder-0.5b`, which needs 1 GiB, or a hosted one in octops.yaml")


def test_the_smallest_model_is_not_told_to_be_smaller(tmp_path: Path) -> None:
    found = obstacle(SMALL, machine(tmp_path, available=GIB // 2), "x86_64")
    assert found is not None
    assert found.cure == "end other programs, raise the container's limit, or take a hosted one in octops.yaml"


def test_a_limit_on_addresses_counts_with_what_python_needs_itself(tmp_path: Path) -> None:
    root = machine(tmp_path)
    assert obstacle(SMALL, root, "x86_64", allowed=2 * GIB) is None
    found = obstacle(SMALL, root, "x86_64", allowed=2 * GIB - 1)
    assert found is not None
    assert "needs 2 GiB of address space" in found.message
    assert "ulimit -v" in found.cure


def test_the_smaller_model_needs_one_gibibyte(tmp_path: Path) -> None:
    assert obstacle(SMALL, machine(tmp_path, available=GIB), "x86_64") is None
    assert obstacle(SMALL, machine(tmp_path, available=GIB - 4096), "x86_64") is not None


@pytest.mark.parametrize(
    ("limit", "used", "cached", "available"),
    [
        ("max", 0, 0, 8 * GIB),
        (str(4 * GIB), 3 * GIB, 0, GIB),
        (str(4 * GIB), 3 * GIB, 2 * GIB, 3 * GIB),
        (str(64 * GIB), GIB, 0, 8 * GIB),
        (str(GIB), 2 * GIB, 0, 0),
    ],
)
def test_a_containers_limit_counts_without_what_is_only_cached(
    tmp_path: Path, limit: str, used: int, cached: int, available: int
) -> None:
    assert available_bytes(machine(tmp_path, limit=limit, used=used, cached=cached)) == available


def test_a_machine_that_tells_nothing_is_tried(tmp_path: Path) -> None:
    assert (available_bytes(tmp_path), obstacle(BIG, tmp_path, "x86_64")) == (None, None)


def test_half_of_the_cores_work_and_at_least_one() -> None:
    assert threads() >= 1


def test_the_names_that_a_file_may_hold_are_the_models_there_are() -> None:
    assert tuple(weights.model for weights in table().values()) == LOCAL_MODELS
