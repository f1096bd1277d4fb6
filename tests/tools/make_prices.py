"""Writes octops/prices.json from the price list of the installed litellm, which it does not import.

    python tests/tools/make_prices.py

Run it when litellm is updated, and review the difference like code: plans show these prices.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

TABLE = Path(__file__).parents[2] / "octops" / "prices.json"

# Ours → litellm's name of the provider. An id without a provider belongs to the first that has it.
PROVIDERS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "gemini": ("gemini",),
    "vertex_ai": ("vertex_ai-language-models", "vertex_ai-anthropic_models"),
    "bedrock": ("bedrock_converse",),
    "mistral": ("mistral",),
    "deepseek": ("deepseek",),
    "xai": ("xai",),
    "groq": ("groq",),
    "cohere": ("cohere", "cohere_chat"),
    "cohere_chat": ("cohere_chat",),
}
# Not what a text task uses: speech, images, search add-ons, fine-tunes, experiments, restricted ones, other spellings.
UNWANTED = re.compile(
    r"^ft:|audio|computer-use|deep-research|search|robotics|omni|vision|guard|voxtral|tts|lyria|gemma|learnlm"
    r"|-exp\b|experimental|beta|customtools|chat-latest|codex|claude-3|mythos|@default|gpt-3\.5|^gpt-4-"
    r"|daybreak|rosalind|cyber|gv2|grok-4\.20-.*(0309|latest)|grok-build|labs-|vibe|mistral-code|glm"
)
BEDROCK = re.compile(r"^((us|eu|global)\.)?(anthropic\.claude-(haiku|sonnet|opus)-[45]|amazon\.nova)")


def litellm_prices() -> Mapping[str, Mapping[str, object]]:
    spec = importlib.util.find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).with_name("model_prices_and_context_window_backup.json")
    return json.loads(path.read_text(encoding="utf-8"))


def wanted(provider: str, name: str, entry: Mapping[str, object]) -> bool:
    if provider == "bedrock" and not BEDROCK.match(name):
        return False
    priced = entry.get("input_cost_per_token") and entry.get("output_cost_per_token")
    return bool(priced) and entry.get("mode") in {"chat", "responses"} and not UNWANTED.search(name)


def prices() -> Iterator[tuple[str, dict[str, list[float]]]]:
    listed = litellm_prices()
    for provider, theirs in PROVIDERS.items():
        models = {}
        for model, entry in listed.items():
            name = model.removeprefix(f"{provider}/")
            if entry.get("litellm_provider") in theirs and wanted(provider, name, entry):
                models[name] = [
                    _per_million(entry["input_cost_per_token"]),
                    _per_million(entry["output_cost_per_token"]),
                ]
        yield provider, dict(sorted(models.items()))


def _per_million(per_token: object) -> float:
    return float(f"{float(str(per_token)) * 1_000_000:.6g}")


def document() -> str:
    made_from = f"litellm {importlib.metadata.version('litellm')}"
    lines = [
        f"    {json.dumps(provider)}: {{\n"
        + ",\n".join(f"      {json.dumps(name)}: {json.dumps(price)}" for name, price in models.items())
        + "\n    }"
        for provider, models in prices()
    ]
    unit = "US dollars per million tokens: input, output"
    head = f'  "made_from": {json.dumps(made_from)},\n  "unit": {json.dumps(unit)},\n'
    return "{\n" + head + '  "prices": {\n' + ",\n".join(lines) + "\n  }\n}\n"


if __name__ == "__main__":
    TABLE.write_text(document(), encoding="utf-8")
    print(f"wrote {TABLE}")
