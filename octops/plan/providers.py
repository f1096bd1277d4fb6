"""Model providers: the host each is reached at, and the variable its key is usually in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`host` empty: it follows from the account or the region. `key` empty: it needs none, or several."""

    host: str
    key: str = ""


PROVIDERS = {
    "anthropic": Provider(host="api.anthropic.com", key="ANTHROPIC_API_KEY"),
    "cerebras": Provider(host="api.cerebras.ai", key="CEREBRAS_API_KEY"),
    "cohere": Provider(host="api.cohere.com", key="COHERE_API_KEY"),
    "cohere_chat": Provider(host="api.cohere.com", key="COHERE_API_KEY"),
    "deepseek": Provider(host="api.deepseek.com", key="DEEPSEEK_API_KEY"),
    "fireworks_ai": Provider(host="api.fireworks.ai", key="FIREWORKS_API_KEY"),
    "gemini": Provider(host="generativelanguage.googleapis.com", key="GEMINI_API_KEY"),
    "groq": Provider(host="api.groq.com", key="GROQ_API_KEY"),
    "huggingface": Provider(host="router.huggingface.co", key="HUGGINGFACE_API_KEY"),
    "mistral": Provider(host="api.mistral.ai", key="MISTRAL_API_KEY"),
    "ollama": Provider(host="localhost:11434"),
    "ollama_chat": Provider(host="localhost:11434"),
    "openai": Provider(host="api.openai.com", key="OPENAI_API_KEY"),
    "openrouter": Provider(host="openrouter.ai", key="OPENROUTER_API_KEY"),
    "perplexity": Provider(host="api.perplexity.ai", key="PERPLEXITYAI_API_KEY"),
    "together_ai": Provider(host="api.together.xyz", key="TOGETHERAI_API_KEY"),
    "xai": Provider(host="api.x.ai", key="XAI_API_KEY"),
}
LOCAL = "local"
"""Models that run inside octops: no host, no key."""

# litellm knows the models of these three without a prefix.
_FAMILIES = {
    "claude": "anthropic",
    "gpt-": "openai",
    "chatgpt-": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "gemini": "vertex_ai",
}


def provider_name(model: str) -> str:
    """`anthropic` for `anthropic/claude-sonnet-4-5`; the model itself when its provider cannot be told from the id."""
    name, slash, _ = model.partition("/")
    if slash:
        return name
    return next((provider for family, provider in _FAMILIES.items() if model.startswith(family)), model)
