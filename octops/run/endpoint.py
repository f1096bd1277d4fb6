"""Where a model is asked and with which key: from its declaration and the secrets, never from stray variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from octops.model.ids import Value
from octops.model.project import ModelAlias, Price
from octops.model.run import ErrorKind, ModelError
from octops.plan.providers import PROVIDERS, provider_name

NO_KEY: Final = "none"
"""Sent where no key is needed: without any, litellm would look for one in the environment."""

# Given explicitly, since litellm otherwise lets `OPENAI_BASE_URL` and its like redirect the key.
_BASES: Final = {
    "anthropic": "https://api.anthropic.com",
    "cerebras": "https://api.cerebras.ai/v1",
    "cohere": "https://api.cohere.com/v2/chat",
    "cohere_chat": "https://api.cohere.com/v2/chat",
    "deepseek": "https://api.deepseek.com/beta",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "perplexity": "https://api.perplexity.ai",
    "together_ai": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model with its address, key and price resolved. `api_base` None: litellm knows (azure, bedrock …)."""

    model: str
    provider: str
    api_base: str | None
    api_key: str | None = field(repr=False)
    variable: str
    """Where the key came from, for hints."""
    custom_base: bool
    declared_price: Price | None
    options: Mapping[str, Value] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """Values that no message may show."""


def endpoint(alias: ModelAlias, secrets: Mapping[str, str]) -> Endpoint:
    """Raises ModelError (config) when a key that is needed is not there: nothing was sent then."""
    provider = provider_name(alias.model)
    variable = key_variable(alias)
    key = secrets.get(variable, "").strip() if variable else ""
    known = provider in PROVIDERS
    if not key and (alias.api_key or (known and variable and not alias.api_base)):
        raise _no_key(alias, provider, variable)
    return Endpoint(
        model=alias.model,
        provider=provider,
        api_base=alias.api_base or _BASES.get(provider),
        api_key=key or (NO_KEY if known or alias.api_base else None),
        variable=variable if key else "",
        custom_base=bool(alias.api_base),
        declared_price=alias.price,
        options={name: _resolved(value, secrets, alias, provider) for name, value in alias.options.items()},
        secrets=tuple(value for value in {key, secrets.get(variable, ""), *secrets.values()} if len(value) >= 4),
    )


def key_variable(alias: ModelAlias) -> str:
    """The variable that holds a model's key: the declared one, else the provider's usual one, else empty."""
    if alias.api_key:
        return str(alias.api_key.get("env", ""))
    provider = PROVIDERS.get(provider_name(alias.model))
    return provider.key if provider else ""


def cost_usd(price: Price, input_tokens: int, output_tokens: int) -> float:
    return (input_tokens * price.input_per_million + output_tokens * price.output_per_million) / 1_000_000


def _resolved(value: Value, secrets: Mapping[str, str], alias: ModelAlias, provider: str) -> Value:
    match value:
        case {"env": str(name), **rest} if not rest:
            if not secrets.get(name):
                raise _no_key(alias, provider, name)
            return secrets[name]
        case Mapping():
            return {key: _resolved(entry, secrets, alias, provider) for key, entry in value.items()}
        case list() | tuple():
            return [_resolved(entry, secrets, alias, provider) for entry in value]
    return value


def _no_key(alias: ModelAlias, provider: str, variable: str) -> ModelError:
    return ModelError(
        f"the key of `{alias.model}` is not there: `{variable}` is not set",
        kind=ErrorKind.CONFIG,
        provider=provider,
        hint=f"set `{variable}`, or choose another model in octops.yaml",
    )
