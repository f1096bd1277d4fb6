"""litellm as a library: how it is imported without noise, what it is told to leave alone, what it knows of models."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from weakref import WeakKeyDictionary

# These take an HTTP client with each call. The OpenAI SDK's family takes the one set for all of litellm.
_TAKES_CLIENT: Final = frozenset(
    (
        "anthropic",
        "deepseek",
        "fireworks_ai",
        "gemini",
        "groq",
        "huggingface",
        "mistral",
        "ollama",
        "ollama_chat",
        "openrouter",
        "together_ai",
        "xai",
    )
)
_SDK: Final = "openai.resources"
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()
_imports: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Future[Any]] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def preload() -> Any:
    """Import litellm (seconds), quietly: no price list is fetched, no `.env` read, nothing printed. Any thread may."""
    import gc
    import logging
    import os
    import warnings

    os.environ["LITELLM_MODE"] = "PRODUCTION"
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    collecting = gc.isenabled()
    gc.disable()  # a third of the import is spent looking for garbage that is not there
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import litellm

            # The OpenAI SDK takes it from the loaded modules, where another thread's import leaves it half done.
            import_module("httpx2")
            litellm.ModelResponse()  # builds what pydantic puts off until then, with its warnings
    finally:
        if collecting:
            gc.freeze()  # what has been imported stays: looking through it again and again costs as much as a call
            gc.enable()
    warnings.filterwarnings("ignore", module=r"(litellm|pydantic)(\.|$)")
    # A call that is out of time can end between the two halves of litellm's own, before the second is begun.
    warnings.filterwarnings("ignore", message=r"coroutine '\w+\.\w*completion' was never awaited")
    litellm.suppress_debug_info = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm


async def loaded() -> Any:
    """litellm, imported beside the event loop where it is not there yet; once, however many wait for it."""
    if preload.cache_info().currsize:
        return preload()
    loop = asyncio.get_running_loop()
    if loop not in _imports:
        _imports[loop] = asyncio.ensure_future(asyncio.to_thread(preload))
    return await asyncio.shield(_imports[loop])


def is_warm(providers: Collection[str]) -> bool:
    """Whether `warm` has nothing left to do."""
    return bool(preload.cache_info().currsize) and ("openai" not in providers or _SDK in sys.modules)


async def warm(providers: Collection[str]) -> None:
    """What would be imported with the first call, and hold up every other: litellm, and the SDK it asks OpenAI with."""
    await loaded()
    if not is_warm(providers):
        await asyncio.to_thread(import_module, _SDK)


def client_for(litellm: Any, provider: str) -> dict[str, Any]:
    """The keyword with this loop's HTTP client, where the provider's code takes one.

    The client follows no redirect: only declared hosts are reached, and keys stay there.
    """
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = AsyncHTTPHandler(follow_redirects=False)
        # litellm keeps SDK clients by the loop's address, which a later loop may have again.
        litellm.in_memory_llm_clients_cache.flush_cache()
        litellm.aclient_session = _clients[loop].client
    if provider != "openai":
        # We do not send a model's thinking back; without this, Anthropic refuses the turn after a tool call. OpenAI
        # needs it for nothing, and it would count the tokens of every prompt.
        litellm.modify_params = True
    return {"client": _clients[loop]} if provider in _TAKES_CLIENT else {}


async def close() -> None:
    """Close this loop's connections; without it they end with the process."""
    if handler := _clients.pop(asyncio.get_running_loop(), None):
        await handler.close()


@lru_cache(maxsize=256)
def longest_answer(model: str) -> int | None:
    """Tokens of the longest answer the model can give; None: litellm does not know the model."""
    known = _known(model).get("max_output_tokens")
    return known if isinstance(known, int) and known > 0 else None


@lru_cache(maxsize=256)
def takes_schema(model: str) -> bool:
    return bool(_known(model).get("supports_response_schema"))


def _known(model: str) -> dict[str, Any]:
    try:
        return dict(preload().get_model_info(model))
    except Exception:  # noqa: BLE001 - it raises plain Exception for a model it does not know
        return {}
