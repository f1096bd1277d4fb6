"""The names others give to models → ids litellm knows."""

from __future__ import annotations

import re

DEFAULT = "anthropic/claude-sonnet-4-5"
_PROVIDERS = (
    (re.compile(r"(?:gpt|chatgpt|o\d|codex|text-embedding)\b|gpt-"), "openai"),
    (re.compile(r"claude"), "anthropic"),
    (re.compile(r"gemini|gemma"), "gemini"),
    (re.compile(r"mistral|mixtral|codestral|magistral"), "mistral"),
    (re.compile(r"deepseek"), "deepseek"),
    (re.compile(r"grok"), "xai"),
)
_DEFAULTS = {"openai": "openai/gpt-5-mini", "gemini": "gemini/gemini-2.5-flash"}
_KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "xai": "XAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "groq": "GROQ_API_KEY",
    "huggingface": "HUGGINGFACE_API_KEY",
}


def model_id(name: str, provider: str = "") -> str:
    """`gpt-4o-mini` → `openai/gpt-4o-mini`; a name with a provider, or of none we know, stays. Empty: a default."""
    name = re.sub(r"\s+", "", name)[:150]
    if not name:
        return _DEFAULTS.get(provider, DEFAULT)
    if "/" in name:
        return name
    known = next((owner for pattern, owner in _PROVIDERS if pattern.match(name)), "")
    owner = provider or known
    return f"{owner}/{name}" if owner else name


def key_of(model: str) -> str:
    """The variable that holds the key of a model's provider, or empty."""
    return _KEYS.get(model.split("/", 1)[0], "")
