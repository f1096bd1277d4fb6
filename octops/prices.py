"""Prices of well-known models, from a table that ships with octops: one octops version, one price."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from octops.model.project import ModelAlias, Price

LOCAL = "local/"
"""The provider prefix of models that run on this machine and cost nothing."""
LOCAL_MODELS: Final = ("local/qwen2.5-coder-1.5b", "local/qwen2.5-coder-0.5b")
"""All of them; what they are stands in local/weights.json, and a test keeps both alike."""


def known_price(alias: ModelAlias) -> Price | None:
    """The declared price, else the list price; None: not known."""
    return alias.price or price_of(alias.model)


def price_of(model: str) -> Price | None:
    """The list price of a litellm model id, with or without its provider; None: not known, which is not zero.

    An id without a provider is the provider's litellm would choose (`gpt-5` is OpenAI's). Another provider's
    price is never borrowed: the same model costs something else at `azure/` or `openrouter/`.
    """
    if model.startswith(LOCAL):
        return Price(input_per_million=0, output_per_million=0)
    prices = _prices()
    return prices.get(model) or prices.get(model.replace("bedrock/converse/", "bedrock/", 1))


@lru_cache(maxsize=1)
def _prices() -> Mapping[str, Price]:
    """Read when the first model is priced; made by tests/tools/make_prices.py."""
    import json

    table = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    prices: dict[str, Price] = {}
    for provider, models in table["prices"].items():
        for name, (input_price, output_price) in models.items():
            price = Price(input_per_million=input_price, output_per_million=output_price)
            prices[f"{provider}/{name}"] = price
            if "/" not in name:  # `openai/gpt-oss-120b` of Groq is not OpenAI's
                prices.setdefault(name, price)
    return prices
