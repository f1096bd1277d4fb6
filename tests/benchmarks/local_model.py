"""How fast a local model is through octops, against the bare runtime: `python tests/benchmarks/local_model.py [NAME]`.

Wanted: at least 0.9 of the bare runtime's tokens a second, and at most 2 s to load. The weights have to be here
(`octops model pull`). Both sides get the same prompt, threads and settings that matter to speed; each takes the best
of three, in turn, since other programs can only make it slower.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import xllamacpp

from octops.local.machine import threads
from octops.local.model import LocalModel, ready
from octops.model.project import ModelAlias
from octops.model.run import Message

ROUNDS = 3
TOKENS = 96
PROMPT = "Write down the numbers from one to two hundred in words, one a line."


class Bare:
    """The runtime alone, with the settings of octops that matter to its speed."""

    def __init__(self, path: Path, folder: str) -> None:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx, parameters.n_parallel, parameters.cache_ram_mib = 8192, 1, 0
        parameters.no_extra_bufts, parameters.ui, parameters.verbosity = True, False, -1
        parameters.hostnames = [f"{folder}/bare.sock"]
        for cores in (parameters.cpuparams, parameters.cpuparams_batch):
            cores.n_threads, cores.poll = threads(), 0
        start = time.perf_counter()
        self._server = xllamacpp.Server(parameters)
        self.loaded = time.perf_counter() - start

    def rate(self) -> float:
        request = {
            "messages": [{"role": "user", "content": PROMPT}],
            "max_tokens": TOKENS,
            "temperature": 0,
            "cache_prompt": False,
        }
        start = time.perf_counter()
        answer = self._server.handle_chat_completions(request)
        return float(answer["usage"]["completion_tokens"]) / (time.perf_counter() - start)


class ThroughOctops:
    def __init__(self, model: str) -> None:
        self._model = LocalModel(ModelAlias(model=model, options={"max_tokens": TOKENS}))
        start = time.perf_counter()
        asyncio.run(self._model.load())
        self.loaded = time.perf_counter() - start

    def rate(self) -> float:
        start = time.perf_counter()
        reply = asyncio.run(self._model.reply([Message(role="user", text=PROMPT)], (), seconds=300))
        return reply.usage.output_tokens / (time.perf_counter() - start)


def main() -> None:
    model = f"local/{sys.argv[1] if len(sys.argv) > 1 else 'qwen2.5-coder-0.5b'}"
    found = ready(model, os.environ)
    found.path.read_bytes()  # neither side is to pay for the disk
    with tempfile.TemporaryDirectory() as folder:
        sides = {"bare runtime": Bare(found.path, folder), "through octops": ThroughOctops(model)}
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):  # in turn, so that what else the machine does meets both
            for name, side in sides.items():
                rates[name].append(side.rate())
    print(f"{model}, {threads()} threads, {TOKENS} tokens, best of {ROUNDS}")
    for name, side in sides.items():
        print(f"{name:<14} loads in {side.loaded:5.2f} s, {max(rates[name]):5.1f} tokens/s")
    share = max(rates["through octops"]) / max(rates["bare runtime"])
    print(f"tokens/s {share:.2f} x (wanted >= 0.9), load {sides['through octops'].loaded:.2f} s (wanted <= 2)")


if __name__ == "__main__":
    main()
