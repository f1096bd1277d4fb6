from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from octops.model.project import Price
from octops.prices import price_of
from tests.kit import ROOT


def make_prices() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_prices", ROOT / "tests/tools/make_prices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-5-mini",
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "vertex_ai/gemini-2.5-flash",
        "vertex_ai/claude-sonnet-4-5",
        "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/converse/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "mistral/mistral-small-latest",
        "groq/openai/gpt-oss-20b",
        "deepseek/deepseek-chat",
        "xai/grok-4.5",
        "cohere/command-a-03-2025",
        "gpt-5-mini",
        "claude-sonnet-4-5",
        "gemini-2.5-pro",
    ],
)
def test_well_known_models_have_a_price(model: str) -> None:
    price = price_of(model)
    assert price is not None
    assert 0 < price.input_per_million < price.output_per_million + 0.01


def test_prices_are_dollars_per_million_tokens() -> None:
    assert price_of("gpt-4o-mini") == Price(input_per_million=0.15, output_per_million=0.6)


def test_a_model_costs_the_same_with_and_without_its_own_provider() -> None:
    assert price_of("claude-sonnet-4-5") == price_of("anthropic/claude-sonnet-4-5")


def test_a_local_model_costs_nothing() -> None:
    assert price_of("local/anything") == Price(input_per_million=0, output_per_million=0)


@pytest.mark.parametrize(
    "model",
    ["", "nobody/knows", "azure/gpt-5-mini", "openrouter/openai/gpt-5", "openai/gpt-oss-20b", "my-gpt-5-mini", "local"],
)
def test_an_unknown_model_has_no_price_rather_than_zero_or_a_borrowed_one(model: str) -> None:
    assert price_of(model) is None


def test_the_table_is_what_its_script_makes_of_the_litellm_it_names() -> None:
    tool = make_prices()
    shipped = (ROOT / "octops/prices.json").read_text(encoding="utf-8")
    made = tool.document()
    if json.loads(made)["made_from"] != json.loads(shipped)["made_from"]:
        pytest.skip("another litellm is installed than the table was made from")
    assert made == shipped


def test_the_table_is_read_only_when_a_model_is_priced(tmp_path: Path) -> None:
    script = (
        "import sys; opened = []; sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None);"
        "from octops.prices import price_of; price_of('local/x'); "
        "first = any('prices.json' in name for name in opened);"
        "price_of('gpt-5'); price_of('gpt-5-mini'); later = sum('prices.json' in name for name in opened);"
        "sys.exit(str((first, later, 'litellm' in sys.modules)))"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "(False, 1, False)"
