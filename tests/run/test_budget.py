from __future__ import annotations

from random import Random

import pytest

from octops.model.project import Budget, ModelAlias, Price
from octops.model.run import ErrorKind, RunFailed, Usage
from octops.run.budget import FEWEST_TOKENS, BudgetLedger

PRICE = Price(input_per_million=1.0, output_per_million=10.0)
CHAIN = (ModelAlias(model="openai/unheard-of", price=PRICE),)


def spends(usd: float) -> Usage:
    return Usage(input_tokens=1, output_tokens=1, cost_usd=usd)


def test_without_caps_the_answer_may_be_as_long_as_asked() -> None:
    run = BudgetLedger(Budget()).run("default", CHAIN)
    assert run.reserve(10_000_000, 16_384) == 16_384


def test_the_answer_is_shortened_to_what_the_money_pays_for() -> None:
    run = BudgetLedger(Budget(run_usd=0.02)).run("default", CHAIN)
    assert run.reserve(10_000, 16_384) == 1_000


@pytest.mark.parametrize(
    ("budget", "limit", "spent", "named"),
    [
        (Budget(run_usd=0.001), None, 0.0, "run"),
        (Budget(), 0.001, 0.0, "run"),
        (Budget(run_usd=5), 0.001, 0.0, "run"),
        (Budget(run_usd=0.001), 5.0, 0.0, "run"),
        (Budget(day_usd=1), None, 0.9999, "day_usd"),
        (Budget(month_usd=1), None, 1.5, "month_usd"),
        (Budget(run_usd=0), None, 0.0, "run"),
    ],
)
def test_a_call_whose_worst_case_passes_a_cap_is_not_made(
    budget: Budget, limit: float | None, spent: float, named: str
) -> None:
    run = BudgetLedger(budget, day_usd=spent, month_usd=spent).run("default", CHAIN, limit)
    with pytest.raises(RunFailed) as failed:
        run.reserve(1_000, 1_000)
    assert failed.value.failure.kind is ErrorKind.BUDGET
    assert named in failed.value.failure.message


@pytest.mark.parametrize("budget", [Budget(run_usd=1), Budget(day_usd=1), Budget(month_usd=1)])
def test_a_cap_without_a_known_price_fails_before_any_call(budget: Budget) -> None:
    chain = (*CHAIN, ModelAlias(model="openai/unheard-of"))
    with pytest.raises(RunFailed, match=r"price of `openai/unheard-of` is not known; set models.default.price"):
        BudgetLedger(budget).run("default", chain)


def test_without_a_cap_an_unknown_price_is_no_obstacle() -> None:
    assert BudgetLedger(Budget()).run("x", (ModelAlias(model="openai/unheard-of"),)).reserve(10, 100) == 100


def test_the_dearest_model_of_the_chain_counts() -> None:
    dear = ModelAlias(model="b/b", price=Price(input_per_million=1, output_per_million=1000))
    run = BudgetLedger(Budget(run_usd=1)).run("default", (*CHAIN, dear))
    assert run.reserve(0, 16_384) == 1_000


def test_free_models_run_on_an_empty_budget() -> None:
    free = ModelAlias(model="local/small")
    assert BudgetLedger(Budget(day_usd=0)).run("default", (free,)).reserve(1000, 1000) == 1000


def test_parallel_runs_cannot_overshoot_together() -> None:
    ledger = BudgetLedger(Budget(day_usd=0.05))
    runs = [ledger.run("default", CHAIN) for _ in range(10)]
    allowed = []
    for run in runs:
        try:
            allowed.append(run.reserve(0, 2_000))
        except RunFailed:
            allowed.append(0)
    assert sum(allowed) * 10 / 1_000_000 <= 0.05 + 1e-6
    assert allowed[:3] == [2_000, 2_000, 1_000]


def test_what_a_run_has_spent_is_gone_for_its_next_call() -> None:
    run = BudgetLedger(Budget(run_usd=0.02)).run("default", CHAIN)
    run.reserve(0, 2_000)
    run.settle(spends(0.015))
    assert run.reserve(0, 2_000) == 500


def test_a_failed_call_gives_its_reservation_back() -> None:
    ledger = BudgetLedger(Budget(day_usd=0.02))
    run = ledger.run("default", CHAIN)
    run.reserve(0, 2_000)
    run.settle(None)
    assert ledger.run("default", CHAIN).reserve(0, 2_000) == 2_000


def test_an_unpriced_reply_is_counted_by_its_tokens() -> None:
    ledger = BudgetLedger(Budget(day_usd=1))
    ledger.run("default", CHAIN).settle(Usage(input_tokens=0, output_tokens=50_000, cost_usd=None))
    assert ledger.spent_usd == pytest.approx(0.5)


def test_whatever_the_order_no_cap_is_ever_passed() -> None:
    for seed in range(200):
        random = Random(seed)
        ledger = BudgetLedger(Budget(run_usd=0.03, day_usd=0.1, month_usd=0.2), day_usd=0.01, month_usd=0.15)
        runs = [ledger.run("default", CHAIN) for _ in range(5)]
        held: dict[int, tuple[int, int]] = {}
        for _ in range(60):
            number = random.randrange(5)
            if number in held:
                input_tokens, output_tokens = held.pop(number)
                used = random.randint(0, output_tokens)
                runs[number].settle(Usage(input_tokens=input_tokens, output_tokens=used, cost_usd=None))
                continue
            asked = random.randint(0, 5_000), random.randint(1, 3_000)
            try:
                held[number] = (asked[0], runs[number].reserve(*asked))
            except RunFailed:
                continue
            assert held[number][1] >= min(FEWEST_TOKENS, asked[1])
        assert ledger.spent_usd + ledger.reserved_usd <= 0.05 + 1e-6
        assert all(run.spent_usd <= 0.03 + 1e-6 for run in runs)
