"""How fast a local model is through octops, against the bare runtime: `python tests/benchmarks/local_model.py [NAME]`.

Wanted: at least 0.9 of the bare runtime's tokens a second, and at most 2 s to load. The weights have to be here
(`octops model pull`). Both sides answer the same prompt with the same threads, seed and longest answer, in pairs, each
first in every second pair, so that what else the machine does meets both; the figures are medians over the pairs. Three
clocks: the wall; the runtime's own count of its reading and writing; and the processor seconds of the whole process,
which other programs disturb least. Loading is measured in processes of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import xllamacpp  # noqa: E402

from octops.local.desk import Desk  # noqa: E402
from octops.local.machine import threads  # noqa: E402
from octops.local.model import SEED, LocalModel, ready  # noqa: E402
from octops.local.runtime import CONTEXT_TOKENS, Engine  # noqa: E402
from octops.local.weights import PREFIX, table  # noqa: E402
from octops.model.project import ModelAlias  # noqa: E402
from octops.model.run import Message  # noqa: E402

NUMBERS = ", ".join(map(str, range(1, 61)))
PROMPT = f"These are the numbers from 1 to 60: {NUMBERS}.\n\nWrite down those from 1 to 60 in words, one a line."
SCHEMA = {"type": "object", "properties": {"numbers": {"type": "string"}}, "required": ["numbers"]}
LOADING = """\
import asyncio, time
from octops.local.model import LocalModel
from octops.model.project import ModelAlias
start = time.perf_counter()
asyncio.run(LocalModel(ModelAlias(model={model!r})).load())
print(time.perf_counter() - start, time.process_time())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One answer. `reading` and `writing` are the runtime's own seconds."""

    seconds: float
    processor: float
    reading: float
    writing: float
    prompt_tokens: int
    tokens: int
    text: str


class Bare:
    """The runtime alone, with its own settings but for threads, context and what would load or listen needlessly.

    `repacked` is its default too: it copies the weights into the form its processor likes best, which takes memory.
    """

    def __init__(self, path: Path, folder: str, *, repacked: bool, portions: int | None = None) -> None:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx, parameters.n_parallel, parameters.cache_ram_mib = CONTEXT_TOKENS, 1, 0
        parameters.no_extra_bufts, parameters.ui, parameters.verbosity = not repacked, False, -1
        parameters.fit_params = False
        if portions:
            parameters.n_batch = parameters.n_ubatch = portions
        parameters.hostnames = [f"{folder}/bare.sock"]
        for cores in (parameters.cpuparams, parameters.cpuparams_batch):
            cores.n_threads, cores.poll = threads(), 0
        self._server = xllamacpp.Server(parameters)

    def answer(self, tokens: int, schema: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], str]:
        request: dict[str, Any] = {
            "messages": [{"role": "user", "content": PROMPT}],
            "max_tokens": tokens,
            "temperature": 0,
            "seed": SEED,
            "cache_prompt": False,
        }
        if schema is not None:
            shape = {"name": "answer", "schema": schema}
            request["response_format"] = {"type": "json_schema", "json_schema": shape}
        answer = self._server.handle_chat_completions(request)
        return answer["timings"], answer["choices"][0]["message"]["content"]


class _Overhearing:
    """The runtime's server, which also keeps the timings that octops has no use for."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.timings: Mapping[str, Any] = {}

    def handle_chat_completions(self, request: Mapping[str, Any], take: Callable[[Mapping[str, Any]], bool]) -> Any:
        def overheard(piece: Mapping[str, Any]) -> bool:
            self.timings = piece.get("timings", self.timings)
            return take(piece)

        return self._server.handle_chat_completions(request, overheard)


class ThroughOctops:
    def __init__(self, model: str) -> None:
        def load(path: Path, count: int) -> Engine:
            engine = Engine(path, count)
            self._overhearing = engine._server = _Overhearing(engine._server)
            return engine

        self._model = LocalModel(ModelAlias(model=model), at=Desk(load))
        asyncio.run(self._model.load())

    def answer(self, tokens: int, schema: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], str]:
        said = [Message(role="user", text=PROMPT)]
        reply = asyncio.run(self._model.reply(said, (), output_schema=schema, max_tokens=tokens, seconds=3600))
        return self._overhearing.timings, reply.text


def taken(side: Bare | ThroughOctops, tokens: int, schema: Mapping[str, Any] | None) -> Taken:
    wall, processor = time.perf_counter(), time.process_time()
    timings, text = side.answer(tokens, schema)
    return Taken(
        seconds=time.perf_counter() - wall,
        processor=time.process_time() - processor,
        reading=timings["prompt_ms"] / 1000,
        writing=timings["predicted_ms"] / 1000,
        prompt_tokens=timings["prompt_n"],
        tokens=timings["predicted_n"],
        text=text,
    )


def load_seconds(model: str) -> float:
    """In a process of its own, with the imports that the first load of a run waits for."""
    command = [sys.executable, "-c", LOADING.format(model=model)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def main() -> None:
    options = _options()
    model = PREFIX + options.name
    path = ready(model, os.environ).path
    path.read_bytes()  # neither side is to pay for the disk
    loads = [load_seconds(model) for _ in range(options.pairs)]
    with tempfile.TemporaryDirectory() as folder:
        bare = Bare(path, folder, repacked=options.repacked, portions=options.portions)
        ours = ThroughOctops(model)
        pairs = [_pair(bare, ours, options, swapped=bool(number % 2)) for number in range(options.pairs)]
    _tell(model, options, pairs, loads)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", nargs="?", choices=list(table()), default="qwen2.5-coder-0.5b")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=96, help="the longest answer")
    parser.add_argument("--schema", action="store_true", help="constrain both sides to the same JSON Schema")
    parser.add_argument("--portions", type=int, help="tokens of the prompt that the bare runtime reads at once")
    parser.add_argument("--repacked", action="store_true", help="let the bare runtime copy its weights, as it would")
    return parser.parse_args()


def _pair(bare: Bare, ours: ThroughOctops, options: argparse.Namespace, *, swapped: bool) -> tuple[Taken, Taken]:
    schema = SCHEMA if options.schema else None
    if swapped:
        second = taken(ours, options.tokens, schema)
        return taken(bare, options.tokens, schema), second
    return taken(bare, options.tokens, schema), taken(ours, options.tokens, schema)


def _tell(model: str, options: argparse.Namespace, pairs: list[tuple[Taken, Taken]], loads: list[float]) -> None:
    shape = (", with a schema" if options.schema else "") + (", bare weights repacked" if options.repacked else "")
    print(f"{model}, {threads()} threads, up to {options.tokens} tokens{shape}, medians of {len(pairs)} pairs")
    for place, name in enumerate(("bare runtime", "through octops")):
        side = [pair[place] for pair in pairs]
        print(
            f"{name:<14} {_median(it.tokens / it.seconds for it in side):5.1f} tokens/s by the wall, reading included; "
            f"reading alone {_median(it.prompt_tokens / it.reading for it in side):5.1f}, "
            f"writing alone {_median(it.tokens / it.writing for it in side):5.1f}; "
            f"processor {_median(it.processor for it in side):5.1f} s an answer"
        )
    print(f"same words: {sum(bare.text == ours.text for bare, ours in pairs)} of {len(pairs)} pairs")
    share = {
        "wall": _median((ours.tokens / ours.seconds) / (bare.tokens / bare.seconds) for bare, ours in pairs),
        "writing": _median((ours.tokens / ours.writing) / (bare.tokens / bare.writing) for bare, ours in pairs),
        "reading": _median(bare.reading / ours.reading for bare, ours in pairs),
        "processor": _median((ours.tokens / ours.processor) / (bare.tokens / bare.processor) for bare, ours in pairs),
    }
    print("octops / bare: " + json.dumps({name: round(value, 2) for name, value in share.items()}) + " (wanted >= 0.9)")
    print(f"load {statistics.median(loads):.2f} s, {min(loads):.2f} to {max(loads):.2f} (wanted <= 2)")


def _median(values: Any) -> float:
    return float(statistics.median(values))


if __name__ == "__main__":
    main()
