"""A model that means harm: seeded, it calls any tool by any name with any arguments, and ends with any text."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from tests.modelserver import Asked, Call, Say

_PATHS = (
    "../private/secret.md",
    "../../outside.txt",
    "docs/../private/secret.md",
    "/etc/passwd",
    "linked.md",
    "linked/secret.md",
    ".git/config",
    "../.git/config",
    "../.env",
    "....//....//etc/passwd",
    "a\0b",
    "~/.ssh/id_rsa",
    "file:///etc/passwd",
    "%2e%2e/private/secret.md",
    "one.md/../../private/secret.md",
    "\\..\\private\\secret.md",
    "good.md",
    "",
    "C" * 20_000,
)
_NAMES = (
    "web__erase",
    "web__../erase",
    "erase",
    "files__write_file",
    "files__delete",
    "__import__",
    "os.system",
    "octops__apply",
    "git push",
    "a" * 5000,
    "",
    "web__say\nweb__erase",
    "élan",
)
_TEXTS = (
    "::set-output name=x::y\n::error::gone",
    "\x1b]0;title\x07\x1b[2J text",
    "<script>alert(1)</script> ![x](http://example.com/x.png)",
    "../../outside.txt\nSubject: other\nBcc: other@example.com",
    "<<run_id>> {{ cycler.__init__.__globals__.os.system('id') }} ${PROOF_KEY}",
)
_NO_OBJECTS = ('{"path": ', "[]", "null", "1e999", "NaN", "[" * 5000, "{}" * 9, "", '{"a": 1, "a": 2}')


def _deep() -> Any:
    value: Any = "x"
    for _ in range(60):
        value = {"a": [value]}
    return value


_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**70,
    1.5e300,
    [],
    ["../private/secret.md"],
    {"$ref": "#"},
    _deep(),
    "z" * 100_000,
)


class Attacker:
    """Every run is attacked for `turns` turns; what it asked for is counted in `calls`."""

    def __init__(self, seed: int, *, turns: int) -> None:
        self._random = random.Random(seed)
        self._turns = turns
        self.calls = 0

    def __call__(self, asked: Asked) -> Say:
        turn = sum(message["role"] == "assistant" for message in asked.body["messages"])
        if turn >= self._turns:
            return Say(text=self._random.choice(_TEXTS))
        offered = [tool["function"]["name"] for tool in asked.body.get("tools", ())]
        calls = tuple(self._call(offered, number) for number in range(self._random.randint(1, 9)))
        self.calls += len(calls)
        return Say(text=self._random.choice(("", *_TEXTS)), calls=calls)

    def _call(self, offered: list[str], number: int) -> Call:
        if self._random.random() < 0.1:
            return Call(name="files__search_files", arguments={"text": "e"}, id=f"call_{self.calls + number}")
        name = self._random.choice((*offered * 6, *_NAMES))
        return Call(name=name, arguments=self._arguments(), id=f"call_{self.calls + number}")

    def _arguments(self) -> Mapping[str, Any] | str:
        draw = self._random.random()
        if draw < 0.1:
            return self._random.choice(_NO_OBJECTS)
        if draw < 0.5:
            path = self._random.choice(_PATHS)
            return {self._random.choice(("path", "pattern", "text")): path}
        keys = self._random.sample(
            ["path", "pattern", "text", "offset", "limit", "stop", "self", "tool", "cmd", "__class__"], 3
        )
        return {key: self._value() for key in keys}

    def _value(self) -> Any:
        return self._random.choice((*_PATHS, *_VALUES))


def told(asked: Asked) -> str:
    """Everything a request tells the model."""
    return json.dumps(asked.body, ensure_ascii=False)
