"""What can be wrong with a schedule that has the right keys."""

from __future__ import annotations

from octops.errors import Severity
from octops.model.task import Frequency, Schedule
from octops.schedule.problem import ScheduleProblem
from octops.schedule.slots import next_slot
from octops.schedule.times import DAY_MINUTES, WEEKDAYS, anchor_time, clock_times, crowded
from octops.schedule.window import EARLIEST
from octops.schedule.zone import is_zone

__all__ = ["ScheduleProblem", "check"]

_LONGEST_EVERY = 10_000
_NEEDS: dict[Frequency, tuple[str, ...]] = {
    Frequency.ONCE: ("date", "at"),
    Frequency.DAILY: ("at",),
    Frequency.WEEKLY: ("days", "at"),
    Frequency.CRON: ("cron",),
}


def check(schedule: Schedule, zone: str) -> tuple[ScheduleProblem, ...]:
    """Every problem. When none is an error, `slots` takes the schedule. An unknown zone is not its matter."""
    problems = [*_missing(schedule), *_times(schedule)]
    if schedule.days:
        problems += _days(schedule)
    if schedule.every != 1:
        problems += _every(schedule)
    if schedule.cron:
        from octops.schedule.meaning import cron_problems

        problems += cron_problems(schedule.cron)
    if (schedule.start or schedule.end) and all(problem.severity is not Severity.ERROR for problem in problems):
        problems += _period(schedule, zone)
    return tuple(problems)


def _missing(schedule: Schedule) -> list[ScheduleProblem]:
    frequency = schedule.frequency
    return [
        _problem("missing-key", f"a `{frequency}` schedule needs `{key}`", f"write `{key}` beside `frequency`", key)
        for key in _NEEDS.get(frequency, ())
        if not getattr(schedule, key)
    ]


def _times(schedule: Schedule) -> list[ScheduleProblem]:
    if schedule.frequency is Frequency.HOURLY:
        return _anchor(schedule)
    try:
        times = clock_times(schedule.at)
    except ValueError:
        return [problem for text in schedule.at for problem in _time(text)]
    if len(times) > 1 and crowded([60 * moment.hour + moment.minute for moment in times], cycle=DAY_MINUTES):
        summary = "fires more often than every 5 minutes"
        return [_problem("often", summary, "write times further apart", "at", severity=Severity.WARNING)]
    return []


def _time(text: str) -> list[ScheduleProblem]:
    try:
        clock_times((text,))
    except ValueError as error:
        cure = "write `00:00`; midnight is the start of a day" if text == "24:00" else "write `HH:MM`, 00:00 to 23:59"
        return [_problem("bad-time", str(error), cure, "at")]
    return []


def _anchor(schedule: Schedule) -> list[ScheduleProblem]:
    cure = "write the minute, such as `:15`, or the time to count from, such as `08:00`"
    if len(schedule.at) > 1:
        return [_problem("bad-time", "an `hourly` schedule has one `at`", cure, "at")]
    try:
        anchor_time(schedule.at)
    except ValueError as error:
        return [_problem("bad-time", str(error), cure, "at")]
    return []


def _days(schedule: Schedule) -> list[ScheduleProblem]:
    unknown = [day for day in schedule.days if day not in WEEKDAYS]
    cure = f"write {', '.join(f'`{day}`' for day in WEEKDAYS)}"
    return [_problem("unknown-day", f"`{day}` is not a day of the week", cure, "days") for day in unknown]


def _every(schedule: Schedule) -> list[ScheduleProblem]:
    if 1 <= schedule.every <= _LONGEST_EVERY:
        return []
    cure = f"write a whole number from 1 to {_LONGEST_EVERY}"
    return [_problem("bad-every", f"`every: {schedule.every}` cannot be counted", cure, "every")]


def _period(schedule: Schedule, zone: str) -> list[ScheduleProblem]:
    start, end = schedule.start, schedule.end
    if start and end and start > end:
        return [_problem("empty-period", f"`end` {end} is before `start` {start}", "swap them", "end")]
    bounded = schedule.frequency is Frequency.ONCE or (start and end)
    if bounded and is_zone(zone) and next_slot(schedule, zone, EARLIEST) is None:
        summary = f"nothing fires between {start or 'the beginning'} and {end or 'the end of time'}"
        return [_problem("no-slot", summary, "move `start` or `end`", "end" if end else "start")]
    return []


def _problem(code: str, summary: str, detail: str, key: str, *, severity: Severity = Severity.ERROR) -> ScheduleProblem:
    return ScheduleProblem(severity=severity, code=code, summary=summary, detail=detail, key=key)
