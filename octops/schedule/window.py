"""Which part of time is asked for: between two instants, and between the schedule's own first and last date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from octops.model.task import Schedule

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

# A few days inside what datetime can hold: no zone and no date arithmetic falls off the edge.
EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 29, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Slots are wanted after `after` and up to `until` (UTC, whole minutes), on local dates `start` to `end`."""

    after: datetime
    until: datetime
    since: datetime
    """What the local clock shows at `after`, without a zone. No nominal time up to here resolves to a later instant."""
    start: date
    end: date

    @property
    def first(self) -> date:
        """The first local date with a nominal time that can still come."""
        return max(self.start, self.since.date())


def between(schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime) -> Window:
    """Slots are whole minutes, so both instants may be rounded down to one."""
    after, until = _minute(after), _minute(until)
    # No local date is more than a day ahead of UTC's.
    end = (until + DAY).date()
    return Window(
        after=after,
        until=until,
        since=after.astimezone(zone).replace(tzinfo=None),
        start=schedule.start or date.min,
        end=min(schedule.end, end) if schedule.end else end,
    )


def _minute(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone: the host's own would be a guess")
    return min(max(instant, EARLIEST), LATEST).astimezone(UTC).replace(second=0, microsecond=0)
