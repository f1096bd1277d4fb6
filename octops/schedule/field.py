"""One field of a cron expression: its values, and what may stand between two commas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from octops.schedule.problem import ScheduleProblem

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One of the five places of an expression. Weekdays go to 7, which is Sunday again."""

    name: str
    low: int
    high: int
    last: int
    """The highest value that is not another spelling of a lower one."""
    names: Mapping[str, int]

    @property
    def size(self) -> int:
        return self.last - self.low + 1

    @property
    def words(self) -> str:
        """What a value may be, for people."""
        named = f" or {next(iter(self.names))} to {list(self.names)[-1]}" if self.names else ""
        return f"{self.low} to {self.high}{named}"

    def number(self, value: str) -> int | None:
        """A number or a name in capitals; None for anything else."""
        number = int(value) if value.isdigit() else self.names.get(value)
        return number if number is not None and self.low <= number <= self.high else None


DATE = Field(name="day of month", low=1, high=31, last=31, names={})
WEEKDAY = Field(name="weekday", low=0, high=7, last=6, names={name: number for number, name in enumerate(_WEEKDAYS)})
FIELDS = (
    Field(name="minute", low=0, high=59, last=59, names={}),
    Field(name="hour", low=0, high=23, last=23, names={}),
    DATE,
    Field(name="month", low=1, high=12, last=12, names={name: number for number, name in enumerate(_MONTHS, 1)}),
    WEEKDAY,
)

_PLAIN = re.compile(r"(?:(?P<star>\*)|(?P<low>[A-Z]+|[0-9]+)(?:-(?P<high>[A-Z]+|[0-9]+))?)(?:/(?P<step>[0-9]+))?")
_NTH = re.compile(r"(?P<weekday>[A-Z]+|[0-9]+)#(?P<which>[0-9]+)")
_FOREIGN = (
    (r".*\?.*", "`?` belongs to another kind of cron", "write `*`"),
    (r"H(\(.*\))?(/.*)?", "`H` has no fixed time", "write a number; `spread` keeps tasks of one time apart"),
    (r"R(\(.*\))?(/.*)?", "`R` picks a value at random", "write a number; `spread` keeps tasks of one time apart"),
    (r"[0-9]*L?W", "`W` has no meaning here", "write a day of month, or a weekday such as `MON#1`"),
    (
        r"L([-0-9].*)?|[0-9]+L|(SUN|MON|TUE|WED|THU|FRI|SAT)L|.*#L",
        "`L` is only the last day of a month",
        "write `L` by itself in the third field, the day of month",
    ),
)


@lru_cache(maxsize=4096)
def item_problem(item: str, field: Field) -> ScheduleProblem | None:
    """What is wrong with one item, in capitals, or None."""
    if item == "L" and field is DATE:
        return None
    for pattern, summary, cure in _FOREIGN:
        if re.fullmatch(pattern, item):
            return _refused("cron-unsupported", f"{summary}: `{item}` in the {field.name} field", cure)
    nth = _NTH.fullmatch(item)
    if nth and field is WEEKDAY:
        return _nth_problem(item, nth)
    plain = _PLAIN.fullmatch(item)
    if plain is None:
        summary = f"`{item}` means nothing in the {field.name} field"
        return _refused("cron-syntax", summary, f"write {field.words}, or `*`")
    if plain["star"]:
        return _step_problem(item, plain["step"], field.size, field)
    return _plain_problem(item, plain, field)


def _nth_problem(item: str, nth: re.Match[str]) -> ScheduleProblem | None:
    if WEEKDAY.number(nth["weekday"]) is None:
        return _not_a_value(nth["weekday"], WEEKDAY)
    if not 1 <= int(nth["which"]) <= 5:
        return _refused("cron-value", f"no month has `{item}`", "write `#1`, the first of a month, to `#5`")
    return None


def _plain_problem(item: str, plain: re.Match[str], field: Field) -> ScheduleProblem | None:
    low = field.number(plain["low"])
    if low is None:
        return _not_a_value(plain["low"], field)
    if plain["high"] is None:
        return _bare_step_problem(item, plain, field) if plain["step"] else None
    high = field.number(plain["high"])
    if high is None:
        return _not_a_value(plain["high"], field)
    if low >= high:
        return _range_problem(item, low, high, field)
    return _step_problem(item, plain["step"], high - low, field)


def _bare_step_problem(item: str, plain: re.Match[str], field: Field) -> ScheduleProblem:
    cure = f"write `{plain['low']}`, or a range with its end such as `{field.low}-{field.last}/{plain['step']}`"
    return _refused("cron-step", f"crons disagree on a step without a range: `{item}` in the {field.name} field", cure)


def _range_problem(item: str, low: int, high: int, field: Field) -> ScheduleProblem:
    if low == high:
        cure = f"write `{low}` for that one, or `*` for all"
        return _refused("cron-range", f"the range `{item}` in the {field.name} field ends where it begins", cure)
    summary = f"the range `{item}` in the {field.name} field runs backwards"
    return _refused("cron-range", summary, f"write {_forwards(low, high, field)}")


def _forwards(low: int, high: int, field: Field) -> str:
    """A range that runs over the end of its field, in two parts."""
    if low > field.last:
        return f"`{field.low}-{high}`" if high > field.low else f"`{field.low}`"
    if field is WEEKDAY and high == field.low:
        return f"`{low}-{field.high}`: at the end of a range Sunday is {field.high}"
    head = f"{low}-{field.last}" if low < field.last else f"{low}"
    tail = f"{field.low}-{high}" if high > field.low else f"{high}"
    return f"`{head},{tail}`"


def _step_problem(item: str, step: str | None, longest: int, field: Field) -> ScheduleProblem | None:
    if step is None or 1 <= int(step) <= longest:
        return None
    cure = f"write a step from 1 to {longest}; `frequency: hourly` and `weekly` count further with `every`"
    return _refused("cron-step", f"the step of `{item}` in the {field.name} field does not fit", cure)


def _not_a_value(value: str, field: Field) -> ScheduleProblem:
    short = value[:3]
    cure = f"write `{short}`" if short in field.names and not value.isdigit() else f"write {field.words}"
    return _refused("cron-value", f"`{value}` is no {field.name}", cure)


def _refused(code: str, summary: str, detail: str) -> ScheduleProblem:
    return ScheduleProblem(code=code, summary=summary, detail=detail, key="cron")
