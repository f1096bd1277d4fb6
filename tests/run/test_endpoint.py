from __future__ import annotations

import pytest

from octops.model.project import ModelAlias, Price
from octops.model.run import ErrorKind, ModelError
from octops.prices import known_price
from octops.run.endpoint import NO_KEY, endpoint, key_variable


@pytest.mark.parametrize(
    ("alias", "variable"),
    [
        (ModelAlias(model="anthropic/claude-sonnet-4-5"), "ANTHROPIC_API_KEY"),
        (ModelAlias(model="gpt-5"), "OPENAI_API_KEY"),
        (ModelAlias(model="openai/gpt-5", api_key={"env": "OURS"}), "OURS"),
        (ModelAlias(model="ollama/small"), ""),
        (ModelAlias(model="local/small"), ""),
        (ModelAlias(model="azure/deployment"), ""),
    ],
)
def test_a_key_comes_from_the_declared_variable_else_the_usual_one(alias: ModelAlias, variable: str) -> None:
    assert key_variable(alias) == variable


@pytest.mark.parametrize(
    ("alias", "key"),
    [
        (ModelAlias(model="openai/small", api_base="http://localhost:8000/v1"), NO_KEY),
        (ModelAlias(model="ollama/small"), NO_KEY),
        (ModelAlias(model="azure/deployment"), None),
        (ModelAlias(model="local/small"), None),
    ],
    ids=lambda value: value.model if isinstance(value, ModelAlias) else "",
)
def test_where_no_key_is_needed_none_is_looked_for(alias: ModelAlias, key: str | None) -> None:
    assert endpoint(alias, {}).api_key == key


def test_an_empty_variable_is_no_key() -> None:
    with pytest.raises(ModelError, match="`OURS` is not set") as raised:
        endpoint(ModelAlias(model="openai/gpt-5", api_key={"env": "OURS"}), {"OURS": " \n"})
    assert raised.value.failure.kind is ErrorKind.CONFIG


def test_secrets_in_options_are_resolved_and_a_missing_one_is_named() -> None:
    alias = ModelAlias(model="ollama/x", options={"extra_headers": {"X-Team": {"env": "TEAM"}}, "stop": ["a"]})
    assert endpoint(alias, {"TEAM": "red"}).options == {"extra_headers": {"X-Team": "red"}, "stop": ["a"]}
    with pytest.raises(ModelError, match="`TEAM` is not set"):
        endpoint(alias, {})


def test_a_declared_price_comes_before_the_list_price() -> None:
    mine = Price(input_per_million=1, output_per_million=1)
    assert known_price(ModelAlias(model="openai/gpt-4o", price=mine)) == mine
    assert known_price(ModelAlias(model="openai/gpt-4o")) not in (None, mine)
    assert known_price(ModelAlias(model="openai/unheard-of")) is None
