"""What runs cost together, for `octops cost`. A price nobody knows is counted, never taken as zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from octops.errors import Diagnostic
from octops.model.ids import instant_text
from octops.model.run import exact_usd
from octops.report.diagnostics import diagnostics_json
from octops.report.escape import terminal, workflow_safe_lines
from octops.report.paint import Style
from octops.report.table import Cell, table
from octops.report.words import count, local_time, money


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """`cost_usd` is that of the runs with a known price; `unknown` counts the others."""

    key: str = ""
    runs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unknown: int = 0

    @property
    def known_usd(self) -> float | None:
        """None: the price of not one run is known."""
        return None if self.runs and self.unknown == self.runs else exact_usd(self.cost_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Sums by `task`, `model`, `day` or `month` of the runs that ended since an instant, and all of them together."""

    by: str
    since: datetime
    sums: tuple[Sum, ...]
    total: Sum


def cost_json(costs: Costs, diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    return {
        "by": costs.by,
        "since": instant_text(costs.since),
        "costs": [{costs.by: it.key, **_document(it)} for it in costs.sums],
        "total": _document(costs.total),
        "diagnostics": diagnostics_json(diagnostics),
    }


def _document(it: Sum) -> dict[str, Any]:
    return {
        "runs": it.runs,
        "input_tokens": it.input_tokens,
        "output_tokens": it.output_tokens,
        "cost_usd": it.known_usd,
        "unknown_price_runs": it.unknown,
    }


def cost_text(costs: Costs, *, color: bool = False) -> str:
    """A table with its total, and since when the runs are counted."""
    since = f"Runs that ended since {local_time(costs.since, 'UTC')}"
    if not costs.sums:
        return f"{since}: none.\n"
    rows = [_row(it, terminal(it.key) or "(none)") for it in costs.sums]
    total = _row(costs.total, "total", Style.HEADING)
    heads = (costs.by, "runs", "tokens in", "out", "cost", "unknown price")
    return workflow_safe_lines(f"{since}:\n\n{table(heads, [*rows, total], color=color)}{_footnote(costs.total)}")


def _row(it: Sum, title: str, style: Style | None = None) -> tuple[Cell, ...]:
    numbers = (f"{it.runs:,}", f"{it.input_tokens:,}", f"{it.output_tokens:,}", money(it.known_usd))
    unknown = f"{it.unknown:,}" if it.unknown else "-"
    return (Cell(title, style), *(Cell(number, style, right=True) for number in (*numbers, unknown)))


def _footnote(total: Sum) -> str:
    if not total.unknown:
        return ""
    runs = count(total.unknown, "run")
    return f"\nThe price of {runs} is not known and not in the sums: give the model a `price` in octops.yaml.\n"
