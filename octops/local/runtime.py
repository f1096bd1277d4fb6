"""xllamacpp, and nothing else of it: a model file in this process, one answer at a time, which can be stopped."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from octops.local.weights import PROVIDER
from octops.model.run import ErrorKind, ModelError

CONTEXT_TOKENS: Final = 8192
"""Prompt and answer together."""
# A stop is noticed after each token and each batch of the prompt: so many tokens are a second or two.
_BATCH: Final = 64
# A unix socket's path has room for 107 bytes.
_LONGEST_FOLDER: Final = 80
REPETITION: Final = "repetition"
# At temperature 0 an answer that has come back to its own words this often goes on with them to its longest length.
_ROUNDS: Final = 4
_LEAST_REPEATED: Final = 1000
_LOOK_EVERY: Final = 64


class Stopped(Exception):
    """The caller did not want to go on."""


class SchemaRefused(Exception):
    """The runtime cannot follow this schema."""


class PromptTooLong(Exception):
    def __init__(self, tokens: int) -> None:
        super().__init__(f"{tokens} tokens")
        self.tokens = tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`finish` is the runtime's word, `stop` or `length`; or ours, `repetition`, for an answer that ran in circles."""

    text: str
    finish: str
    input_tokens: int
    output_tokens: int


def library() -> Any:
    """The imported runtime. Raises ModelError (config) with what is missing."""
    try:
        return importlib.import_module("xllamacpp")
    except ImportError as error:
        if "libgomp" in str(error):
            message = "the runtime of local models needs the system library libgomp, which is not installed"
            hint = "install it: `apt-get install libgomp1`, or `dnf install libgomp`"
        elif isinstance(error, ModuleNotFoundError):
            message = "the runtime of local models is not installed"
            hint = "install it: `pip install 'octops[local]'`"
        else:
            message = f"the runtime of local models cannot be loaded: {' '.join(str(error).split())[:200]}"
            hint = "install it again: `pip install --force-reinstall 'octops[local]'`"
        raise ModelError(message, kind=ErrorKind.CONFIG, provider=PROVIDER, hint=hint) from error


def version() -> str:
    return f"xllamacpp {library().__version__}"


class Engine:
    """One loaded model file. Not for several threads at once."""

    def __init__(self, path: Path, threads: int) -> None:
        """Raises ModelError when the file cannot be loaded."""
        runtime = library()
        self._folder = _private_folder()
        parameters = runtime.CommonParams()
        parameters.model.path = str(path)
        for name, value in _SETTINGS.items():
            setattr(parameters, name, value)
        for cores in (parameters.cpuparams, parameters.cpuparams_batch):
            cores.n_threads = threads
            cores.poll = 0
        # It always listens. A socket in a folder of our own is out of everybody else's reach; a port would not be.
        parameters.hostnames = [f"{self._folder.name}/octops.sock"]
        try:
            self._server = runtime.Server(parameters)
        except (RuntimeError, ValueError, OSError) as error:
            self._folder.cleanup()
            raise ModelError(
                f"`{path.name}` cannot be loaded: {' '.join(str(error).split())[:200]}",
                provider=PROVIDER,
                hint="see that enough memory is free, and pull the model again if this stays",
            ) from error
        # It counts as ready before its loop has begun, and closed in between it would never end. The loop answers this.
        self._server.handle_metrics()

    def say(self, request: Mapping[str, Any], going_on: Callable[[], bool]) -> Said:
        """Blocks until the answer is there. Raises Stopped soon after `going_on` turns False, and SchemaRefused."""
        heard = _Listening(going_on)
        wanted = {**request, "stream": True, "return_progress": True, "stream_options": {"include_usage": True}}
        try:
            returned = self._server.handle_chat_completions(wanted, heard.take)
        except (ValueError, RuntimeError) as error:
            if "response_format" in request:
                raise SchemaRefused(str(error)) from error
            raise ModelError(f"the local model refused the request: {str(error)[:200]}", provider=PROVIDER) from error
        if isinstance(returned, Mapping):
            heard.take(returned)
        return heard.said()

    def close(self) -> None:
        del self._server
        with suppress(OSError):
            self._folder.cleanup()


_SETTINGS: Final = {
    "n_ctx": CONTEXT_TOKENS,
    "n_batch": _BATCH,
    "n_ubatch": _BATCH,
    "n_parallel": 1,
    "n_threads_http": 1,
    "cache_prompt": False,
    "cache_ram_mib": 0,
    "no_extra_bufts": True,
    "fit_params": False,  # it would load everything twice to find out what fits
    "warmup": False,
    "ui": False,
    "endpoint_slots": False,
    "endpoint_metrics": True,
    "verbosity": -1,
}


class _Listening:
    """Puts an answer together from its pieces."""

    def __init__(self, going_on: Callable[[], bool]) -> None:
        self._going_on = going_on
        self._text: list[str] = []
        self._finish = ""
        self._heard = 0
        self._read = 0
        self._usage: Mapping[str, Any] = {}
        self._error: Mapping[str, Any] | None = None
        self._stopped = False

    def take(self, piece: Mapping[str, Any]) -> bool:
        """True ends the generation."""
        if "error" in piece or "choices" not in piece:
            self._error = piece.get("error", piece)
            return True
        for choice in piece["choices"]:
            self._hear((choice.get("delta") or {}).get("content") or "")
            self._finish = choice.get("finish_reason") or self._finish
        self._read = (piece.get("prompt_progress") or {}).get("total", self._read)
        self._usage = piece.get("usage") or self._usage
        self._stopped = self._stopped or not (self._finish or self._going_on())
        return self._stopped or self._finish == REPETITION

    def _hear(self, text: str) -> None:
        if not text:
            return
        self._text.append(text)
        self._heard += 1
        if self._heard % _LOOK_EVERY == 0 and runs_in_circles("".join(self._text)):
            self._finish = REPETITION

    def said(self) -> Said:
        if self._error is not None:
            raise _fault(self._error)
        if self._stopped or not self._finish:
            raise Stopped
        return Said(
            text="".join(self._text),
            finish=self._finish,
            # An answer that was stopped is not counted by the runtime; a piece is a token.
            input_tokens=int(self._usage.get("prompt_tokens", self._read)),
            output_tokens=int(self._usage.get("completion_tokens", self._heard)),
        )


def runs_in_circles(text: str) -> bool:
    """Whether the text ends in the same words four times or more, and for at least a thousand characters."""
    last = text[-_LEAST_REPEATED // _ROUNDS :]
    step = len(text) - len(last) - text.rfind(last, 0, len(text) - 1)
    tail = text[-max(_LEAST_REPEATED, _ROUNDS * step) :]
    return len(text) >= max(_LEAST_REPEATED, _ROUNDS * step) and tail[step:] == tail[:-step]


def _fault(error: Mapping[str, Any]) -> Exception:
    words = " ".join(str(error.get("message", error)).split())[:200]
    if error.get("type") == "exceed_context_size_error":
        return PromptTooLong(int(error.get("n_prompt_tokens", 0)))
    if "schema" in words or "grammar" in words:
        return SchemaRefused(words)
    return ModelError(f"the local model failed: {words}", provider=PROVIDER)


def _private_folder() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="octops-", ignore_cleanup_errors=True)
    if len(folder.name) <= _LONGEST_FOLDER:
        return folder
    folder.cleanup()
    return tempfile.TemporaryDirectory(prefix="octops-", dir="/tmp", ignore_cleanup_errors=True)
