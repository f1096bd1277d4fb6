"""Whether time zones exist and schedules can fire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Problem
from octops.declare.near import nearest
from octops.model.task import Schedule
from octops.schedule.check import check
from octops.schedule.problem import ScheduleProblem
from octops.schedule.zone import is_zone, zone_names


def clock_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """What is wrong with the zone and the schedule of one task."""
    task = declared.task
    if task.timezone:
        yield from zone_problems(task.timezone)
    if task.schedule is None:
        return
    for it in _checked(task.schedule, task.timezone or known.settings.timezone):
        place = At(path=("schedule", it.key))
        yield Problem(severity=it.severity, code=it.code, summary=it.summary, detail=it.detail, place=place)


def zone_problems(name: str) -> Iterator[Problem]:
    """A zone that the IANA database does not know, at the key `timezone`."""
    if is_zone(name):
        return
    near = _nearest_zone(name)
    yield Problem(
        code="unknown-timezone",
        summary=f"`{name}` is not a time zone",
        detail=f"did you mean `{near}`?" if near else "write an IANA name, such as `Europe/Berlin` or `UTC`",
        place=At(path=("timezone",)),
    )


@lru_cache(maxsize=4096)
def _checked(schedule: Schedule, zone: str) -> tuple[ScheduleProblem, ...]:
    """Many tasks share a schedule."""
    return check(schedule, zone)


def _nearest_zone(name: str) -> str:
    """People write the city alone, or the whole name with a slip."""
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zone_names(), reverse=True)}
    if near := nearest(name, zone_names()):
        return near
    return cities.get(nearest(name.rpartition("/")[2], cities), "")
