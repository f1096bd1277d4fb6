"""YAML text → libyaml's events: the only module that touches the parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]

from octops.declare.file import MAX_FILE_BYTES
from octops.declare.hidden import character_name
from octops.declare.surrogates import HiddenPairs, has_pairs
from octops.declare.yamlproblem import YamlError, YamlProblem

MAX_DEPTH = 32
MAX_NODES = 20_000

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
# libyaml ends lines at these, editors and YAML 1.2 do not: line numbers and block texts would come apart.
_STRAY_LINE_BREAK = re.compile("[\x85\u2028\u2029]")


def events(text: str) -> Callable[[], Any]:
    """A function that returns the next event, after the limits that need no parsing. Raises YamlError.

    The function itself raises yaml.YAMLError, which `syntax.problem_of` puts into words.
    """
    if len(text) > MAX_FILE_BYTES:
        raise YamlError(too_long())
    if not text.isascii():
        _refuse(_STRAY_LINE_BREAK.search(text), "stray-line-break", "use an ordinary line break")
        # libyaml finds every other control character itself, but cannot be given these.
        _refuse(re.search("[\ud800-\udfff]", text), "control-character", "remove the character")
    if not has_pairs(text):
        return CParser(text).get_event
    pairs = HiddenPairs(text)
    return pairs.events(CParser(pairs.text).get_event)


def too_long() -> YamlProblem:
    return YamlProblem(
        code="file-too-large",
        summary=f"the YAML is longer than {MAX_FILE_BYTES // 1024} KiB",
        detail="move what the model should read into a source, and keep only the instructions here",
    )


def character_problem(text: str, offset: int, code: str, detail: str) -> YamlProblem:
    """The problem of one character that may not stand in a text."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return YamlProblem(
        code=code,
        summary=f"the character {character_name(text[offset])} is not allowed",
        detail=detail,
        line=line,
        column=column,
        end_line=line,
        end_column=column + 1,
    )


def _refuse(match: re.Match[str] | None, code: str, detail: str) -> None:
    if match is not None:
        raise YamlError(character_problem(match.string, match.start(), code, detail))
