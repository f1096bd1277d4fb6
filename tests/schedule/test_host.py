from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tzdata

SCRIPT = """
from datetime import UTC, datetime
from octops.schedule.slots import slots
from octops.schedule.zone import tzdata_version
from tests.schedule.timetable import cron, daily, fires, hourly, weekly

for name in ("Europe/Berlin", "America/Vancouver", "Africa/Casablanca", "America/Havana"):
    for schedule in (cron("30 8 * * MON-FRI"), daily("02:30"), hourly(3), weekly("monday", "09:00")):
        print(name, fires(schedule, name, "2026-10-01T00:00", "2026-12-01T00:00"))
print(tzdata_version())
"""


def printed(changes: dict[str, str]) -> str:
    environment = {**os.environ, **changes}
    command = [sys.executable, "-X", "utf8=0", "-c", SCRIPT]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def usual() -> str:
    return printed({"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONTZPATH": ""})


@pytest.mark.parametrize("name", ["Pacific/Chatham", "America/New_York", "EST5EDT", ":/nowhere"])
def test_the_hosts_own_zone_does_not_matter(name: str, usual: str) -> None:
    assert printed({"TZ": name}) == usual


def test_the_hosts_locale_does_not_matter(usual: str) -> None:
    assert printed({"LC_ALL": "POSIX", "LANG": "tr_TR.UTF-8", "PYTHONCOERCECLOCALE": "0"}) == usual


def test_the_hosts_zone_files_do_not_matter(usual: str, tmp_path: Path) -> None:
    tokyo = (Path(tzdata.__file__).parent / "zoneinfo" / "Asia" / "Tokyo").read_bytes()
    for name in ("Europe/Berlin", "America/Vancouver", "Africa/Casablanca", "America/Havana"):
        forged = tmp_path / name
        forged.parent.mkdir(exist_ok=True)
        forged.write_bytes(tokyo)
    assert printed({"PYTHONTZPATH": str(tmp_path)}) == usual
