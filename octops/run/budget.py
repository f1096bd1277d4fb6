"""Money: what may still be spent in this run, today and this month, before a model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from octops.model.project import Budget, ModelAlias, Price
from octops.model.run import ErrorKind, RunFailed, Usage
from octops.prices import known_price
from octops.run.endpoint import cost_usd

FEWEST_TOKENS: Final = 64
"""An answer that money allows to be shorter than this is not asked for."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """One declared limit in US dollars. `spent_usd` includes what running calls may still cost."""

    name: str
    limit_usd: float
    spent_usd: float

    @property
    def left_usd(self) -> float:
        return self.limit_usd - self.spent_usd


class Allowance(Protocol):
    """What one run may spend. `reserve` before each model call, `settle` after it, whatever came of it."""

    def reserve(self, input_tokens: int, output_tokens: int) -> int:
        """How long the answer may be, at most `output_tokens`. Raises RunFailed (budget)."""
        ...

    def settle(self, usage: Usage | None) -> None:
        """What the call really used; None: it failed, and nothing is known to be owed."""
        ...


def affordable_tokens(caps: Sequence[Cap], price: Price, input_tokens: int, output_tokens: int) -> int:
    """The longest answer whose worst case keeps every cap; raises RunFailed (budget) when that is too short."""
    longest = output_tokens
    for cap in caps:
        rest = cap.left_usd - cost_usd(price, input_tokens, 0) + _ROUNDING
        if rest < 0 or (price.output_per_million and _tokens(rest, price) < min(FEWEST_TOKENS, output_tokens)):
            raise _spent(cap, cost_usd(price, input_tokens, min(FEWEST_TOKENS, output_tokens)))
        if price.output_per_million:
            longest = min(longest, _tokens(rest, price))
    return longest


class BudgetLedger:
    """The budgets of octops.yaml and `apply_usd` during one apply; the ledger says what was spent before it.

    What calls in flight may cost at most counts as spent, so that parallel runs cannot overshoot together. Reserving
    and settling never wait, so the runs of one event loop cannot come between.
    """

    def __init__(
        self, budget: Budget, *, day_usd: float = 0.0, month_usd: float = 0.0, apply_usd: float | None = None
    ) -> None:
        self._budget = budget
        self._apply_usd = apply_usd
        self._before = (day_usd, month_usd)
        self.spent_usd = 0.0
        """By this apply, without what is reserved."""
        self.reserved_usd = 0.0

    def run(self, name: str, chain: Sequence[ModelAlias], limit_usd: float | None = None) -> RunBudget:
        """The allowance of one run of the model `name` and its fallbacks; the dearest price counts.

        Raises RunFailed (budget) when there is a cap to keep and a price is not known.
        """
        limits = [limit for limit in (limit_usd, self._budget.run_usd) if limit is not None]
        capped = bool(limits) or bool(self.caps())
        prices = [known_price(alias) for alias in chain]
        unknown = next((alias for alias, price in zip(chain, prices, strict=True) if price is None), None)
        if capped and unknown is not None:
            raise _no_price(name, unknown)
        known = [price for price in prices if price is not None]
        return RunBudget(self, _dearest(known), min(limits, default=None))

    def caps(self) -> tuple[Cap, ...]:
        used = self.spent_usd + self.reserved_usd
        own = () if self._apply_usd is None else (Cap(name="--max-cost", limit_usd=self._apply_usd, spent_usd=used),)
        limits = (("day_usd", self._budget.day_usd), ("month_usd", self._budget.month_usd))
        declared = (
            Cap(name=f"budget.{name}", limit_usd=limit, spent_usd=before + used)
            for (name, limit), before in zip(limits, self._before, strict=True)
            if limit is not None
        )
        return (*own, *declared)


class RunBudget:
    """One run's part of the ledger. Its model calls come one after the other."""

    def __init__(self, ledger: BudgetLedger, price: Price, limit_usd: float | None) -> None:
        self._ledger = ledger
        self._price = price
        self._limit_usd = limit_usd
        self._reserved_usd = 0.0
        self.spent_usd = 0.0

    def reserve(self, input_tokens: int, output_tokens: int) -> int:
        caps = self._ledger.caps()
        if self._limit_usd is not None:
            caps = (Cap(name="cost limit of the run", limit_usd=self._limit_usd, spent_usd=self.spent_usd), *caps)
        tokens = affordable_tokens(caps, self._price, input_tokens, output_tokens)
        self._release()
        self._reserved_usd = cost_usd(self._price, input_tokens, tokens)
        self._ledger.reserved_usd += self._reserved_usd
        return tokens

    def settle(self, usage: Usage | None) -> None:
        self._release()
        if usage is not None:
            cost = usage.cost_usd
            if cost is None:
                cost = cost_usd(self._price, usage.input_tokens, usage.output_tokens)
            self.spent_usd += cost
            self._ledger.spent_usd += cost

    def _release(self) -> None:
        self._ledger.reserved_usd -= self._reserved_usd
        self._reserved_usd = 0.0


def _tokens(usd: float, price: Price) -> int:
    return int(usd * 1_000_000 / price.output_per_million)


def _dearest(prices: Sequence[Price]) -> Price:
    return Price(
        input_per_million=max((price.input_per_million for price in prices), default=0.0),
        output_per_million=max((price.output_per_million for price in prices), default=0.0),
    )


def _spent(cap: Cap, needed_usd: float) -> RunFailed:
    return RunFailed(
        ErrorKind.BUDGET,
        f"the {cap.name} of {_dollars(cap.limit_usd)} leaves {_dollars(max(0.0, cap.left_usd))}, "
        f"and the next model call needs at least {_dollars(needed_usd)}",
        hint="raise the limit, or choose a cheaper model",
        deferrable=needed_usd <= cap.limit_usd + _ROUNDING,
    )


def _dollars(usd: float) -> str:
    """With as many digits as tell small amounts apart: `$12.30`, `$0.00003`."""
    exact = f"${usd:.6f}".rstrip("0")
    return exact if len(exact.partition(".")[2]) > 2 else f"${usd:.2f}"


def _no_price(name: str, alias: ModelAlias) -> RunFailed:
    key = "<alias>" if name == alias.model else name
    return RunFailed(
        ErrorKind.BUDGET,
        f"price of `{alias.model}` is not known; set models.{key}.price",
        hint="a cost limit is declared, and without a price it cannot be kept",
    )
