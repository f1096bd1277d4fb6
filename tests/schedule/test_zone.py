from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import tzdata

from octops.schedule.zone import is_zone, tzdata_version, zone, zone_names


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "US/Eastern", "America/Argentina/Ushuaia"])
def test_names_of_the_database_are_zones(name: str) -> None:
    assert is_zone(name)
    assert zone(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localtime",
        "posixrules",
        "europe/berlin",
        "Europe",
        "Europe/Berlin/",
        "../zones",
        "/etc/localtime",
        "Europe/../UTC",
        "tzdata.zi",
        "zone.tab",
        "UTC+2",
        "UTC\n",
        "Mars/Olympus",
    ],
)
def test_anything_else_is_refused(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(ValueError, match="is not a time zone of the IANA database"):
        zone(name)


def test_every_name_of_the_package_can_be_read() -> None:
    assert len(zone_names()) > 500
    assert all(zone(name).utcoffset(datetime(2026, 7, 1)) is not None for name in zone_names())


def test_the_same_name_gives_the_same_zone() -> None:
    assert zone("Europe/Berlin") is zone("Europe/Berlin")


def test_the_version_is_that_of_the_package() -> None:
    assert tzdata_version() == tzdata.IANA_VERSION


@pytest.mark.parametrize(
    ("name", "local", "hours"),
    [
        # British Columbia stays on summer time from 2026 on.
        ("America/Vancouver", datetime(2026, 12, 1), -7),
        # Cuba keeps summer time through the winter of 2026.
        ("America/Havana", datetime(2026, 12, 1), -4),
        # Morocco goes back to UTC for good on 20 September 2026.
        ("Africa/Casablanca", datetime(2026, 10, 1), 0),
    ],
)
def test_rules_of_2026_are_known_whatever_the_host_has(name: str, local: datetime, hours: int) -> None:
    assert zone(name).utcoffset(local) == timedelta(hours=hours)
