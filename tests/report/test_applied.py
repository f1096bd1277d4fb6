from __future__ import annotations

import pytest

from octops.app.wishes import Applied
from octops.model.run import Usage
from octops.report.applied import conclusion
from octops.run.runner import Carried
from tests.ledger.kit import record


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ([0.25, 0.5], "Spent: $0.75."),
        ([0.0], "Spent: $0.00."),
        ([0.25, None], "Spent: $0.25, and 1 run has no known price."),
        ([None, None], "Spent: unknown, 2 runs have no known price."),
    ],
)
def test_a_price_nobody_knows_is_not_told_as_nothing_spent(costs: list[float | None], said: str) -> None:
    records = tuple(record(usage=Usage(cost_usd=cost)) for cost in costs)
    assert conclusion(Applied(carried=Carried(records=records))).endswith(said)
