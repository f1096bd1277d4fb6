"""What a run, and a month of runs, is expected to use: from past runs, else from the length of what would be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from octops.errors import Severity
from octops.model.history import Definition, Head, Samples
from octops.model.plan import Estimate
from octops.model.project import Price, Project
from octops.model.run import exact_usd
from octops.model.task import Task, TaskStatus
from octops.plan.calendar import Calendar
from octops.plan.closure import model_chain
from octops.plan.document import schedule_of
from octops.prices import price_of
from octops.schedule.check import check
from octops.schedule.zone import is_zone
from octops.tokens import estimate_tokens

ANSWER_TOKENS = 800
"""How long an answer is taken to be before there are past runs to tell."""
ENOUGH = 3
"""Past runs whose medians are trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    basis: str = "text"


class Estimates:
    """The estimates of one project's tasks."""

    def __init__(self, project: Project, calendar: Calendar) -> None:
        self._project = project
        self._calendar = calendar
        self._price = cache(self._price_of)
        self._tokens = cache(estimate_tokens)

    def of(self, task: Task, definition: Definition, head: Head | None = None) -> Estimate:
        """From the text one turn is counted, without what tools say: with tools it is a lower bound."""
        price = self._price(self._project.model_of(task))
        runs = 0.0
        if task.active and task.schedule:
            runs = self._calendar.ahead(task.schedule, self._project.zone_of(task)).per_month
        return _estimate(self._use(definition, price, head), runs)

    def before(self, head: Head, task: Task | None = None, after: Definition | None = None) -> Estimate:
        """The same for the definition last applied; `task` and `after` are what it became, if anything."""
        definition, price = head.definition, None
        if task and after and _same_model(definition, after):
            price = self._price(self._project.model_of(task))
        elif len(definition.effects.models) == 1:
            price = price_of(definition.effects.models[0])
        return _estimate(self._use(definition, price, head), self._runs_of(definition))

    def _use(self, definition: Definition, price: Price | None, head: Head | None) -> _Use:
        text = self._length(definition)
        if head is None or len(head.samples) < ENOUGH:
            return _Use(input_tokens=text, output_tokens=ANSWER_TOKENS, cost_usd=_cost(price, text, ANSWER_TOKENS))
        used = _medians(head.samples)
        grown = text - self._length(head.definition)
        if grown == 0 and _same_model(definition, head.definition) and used.cost_usd is not None:
            return used
        # A longer prompt is read on top of what past runs read; another model is another price.
        asked = max(text, used.input_tokens + grown)
        return _Use(
            input_tokens=asked,
            output_tokens=used.output_tokens,
            cost_usd=_cost(price, asked, used.output_tokens),
            basis="ledger",
        )

    def _length(self, definition: Definition) -> int:
        return sum(map(self._tokens, definition.texts.values()))

    def _price_of(self, name: str) -> Price | None:
        model = next(iter(model_chain(name, self._project)), None)
        return (model.price or price_of(model.model)) if model else None

    def _runs_of(self, definition: Definition) -> float:
        """Runs per month of an earlier definition; a schedule this version does not understand counts 0."""
        document = definition.document
        schedule, zone = schedule_of(document), document.get("timezone")
        if schedule is None or document.get("status") != TaskStatus.ACTIVE or not isinstance(zone, str):
            return 0.0
        if not is_zone(zone) or any(problem.severity is Severity.ERROR for problem in check(schedule, zone)):
            return 0.0
        return self._calendar.ahead(schedule, zone).per_month


def _estimate(use: _Use, runs: float) -> Estimate:
    cost = None if use.cost_usd is None else exact_usd(use.cost_usd)
    return Estimate(
        input_tokens=use.input_tokens,
        output_tokens=use.output_tokens,
        cost_usd=cost,
        runs_per_month=runs,
        month_usd=0.0 if not runs else None if cost is None else exact_usd(cost * runs),
        basis=use.basis,
    )


def _medians(samples: Samples) -> _Use:
    costs = [cost for cost in samples.cost_usd if cost is not None]
    return _Use(
        input_tokens=round(_median(samples.input_tokens)),
        output_tokens=round(_median(samples.output_tokens)),
        cost_usd=_median(costs) if costs else None,
        basis="ledger",
    )


def _median(numbers: Sequence[float]) -> float:
    """`statistics` would cost more to import than a whole plan of ten tasks."""
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _cost(price: Price | None, input_tokens: int, output_tokens: int) -> float | None:
    if price is None:
        return None
    return (input_tokens * price.input_per_million + output_tokens * price.output_per_million) / 1_000_000


def _same_model(one: Definition, other: Definition) -> bool:
    return one.facets.get("model") == other.facets.get("model")
