"""Short ways to write schedules and to read their slots in the tests of this folder."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from octops.model.ids import instant_text
from octops.model.task import Frequency, Schedule
from octops.schedule.slots import slots
from octops.schedule.zone import zone


def instant(text: str) -> datetime:
    """`2026-03-08T07:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def once(day: str, *at: str, start: date | None = None, end: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency.ONCE, date=date.fromisoformat(day), at=at, start=start, end=end)


def hourly(every: int = 1, at: str = ":00", start: date | None = None, end: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency.HOURLY, every=every, at=(at,), start=start, end=end)


def daily(*at: str, start: date | None = None, end: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency.DAILY, at=at, start=start, end=end)


def weekly(days: str, *at: str, every: int = 1, start: date | None = None, end: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency.WEEKLY, days=tuple(days.split()), at=at, every=every, start=start, end=end)


def cron(text: str, start: date | None = None, end: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency.CRON, cron=text, start=start, end=end)


def fires(schedule: Schedule, name: str, after: str, until: str) -> list[str]:
    """Slots as `2026-03-08T07:00`, in UTC."""
    found = slots(schedule, name, after=instant(after), until=instant(until))
    return [instant_text(slot)[:16] for slot in found]


def shows(schedule: Schedule, name: str, after: str, until: str) -> list[str]:
    """The same slots as the local clock shows them: `2026-03-08T03:00`."""
    found = slots(schedule, name, after=instant(after), until=instant(until))
    return [slot.astimezone(zone(name)).isoformat()[:16] for slot in found]


def local_day(schedule: Schedule, name: str, day: str) -> list[str]:
    """The local times shown at the slots of one local date, in the order they come."""
    noon = instant(f"{day}T12:00")
    after, until = noon - timedelta(days=2), noon + timedelta(days=2)
    shown = [slot.astimezone(zone(name)) for slot in slots(schedule, name, after=after, until=until)]
    return [f"{moment:%H:%M}" for moment in shown if moment.date().isoformat() == day]


def named(value: object) -> str:
    """A short name for a row of a table."""
    if not isinstance(value, Schedule):
        return str(value)
    parts = (value.frequency, value.cron, value.date, *value.days, *value.at, value.every, value.start, value.end)
    return " ".join(str(part) for part in parts if part)
