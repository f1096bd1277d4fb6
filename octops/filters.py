"""Filters: what may follow `|` in a placeholder; each is bounded in time and size."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

from octops.model.ids import Value

if TYPE_CHECKING:
    from jinja2 import nodes

Constant: TypeAlias = "str | int | float | bool"

MAX_NUMBER = 100_000
"""No filter argument may be larger, so that no filter can make a text much longer than its input."""

# Read in one pass (possessive, or atomic as in placeholders.py), and without what Jinja would recurse on: nested
# brackets, rows of signs.
_STRING = r"""(?:"(?>(?:[^"\\]|\\["'\\nt])*)"|'(?>(?:[^'\\]|\\["'\\nt])*)')"""
_ARGUMENT = rf"(?>(?:[A-Za-z_]\w*+[ \t]*+=[ \t]*+)?)(?:{_STRING}|-?[A-Za-z0-9_.]++)"
_ARGUMENTS = rf"{_ARGUMENT}[ \t]*(?>(?:,[ \t]*{_ARGUMENT}[ \t]*)*)"
_FILTER = rf"\|[ \t]*[A-Za-z_]\w*+[ \t]*(?>(?:\([ \t]*(?:{_ARGUMENTS})?\))?)[ \t]*+"
_CHAIN = rf"[ \t]*(?>(?:{_FILTER})+)"  # compiled where it is used: most prompts have no filter


class Refused(Exception):
    """Why a placeholder has no text. `wrong` is the word to look up among `choices` for a better one."""

    def __init__(self, code: str, summary: str, detail: str = "", *, wrong: str = "", choices: Sequence[str] = ()):
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.detail = detail
        self.wrong = wrong
        self.choices = choices


class NoText(Refused):
    """The value is what cannot be written; `summary` is said of it: `is null`."""


Given: TypeAlias = "Value | Refused"
"""A value, or the reason why there is none: `default` is the only filter that takes the latter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One filter with its arguments, all of them constants."""

    filter: str
    arguments: Mapping[str, Constant]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    apply: Callable[..., Given]
    parameters: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    required: int = 0


def text_of(value: Given) -> str:
    """A scalar as text: numbers as in JSON, booleans in lower case. Refuses null, lists and mappings."""
    if isinstance(value, Refused):
        raise value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise NoText("null-value", "is null", 'give it a value, or add `| default("…")`')
    if isinstance(value, int | float):
        return _number(value)
    kind = "a mapping" if isinstance(value, Mapping) else "a list"
    raise NoText("not-text", f"is {kind}, not text", "add `| tojson`, or name one entry of it")


def apply(calls: Sequence[Call], value: Given) -> Given:
    """What the filters make of a value, in order. Nothing in the value is ever read as a template."""
    for call in calls:
        if call.filter == "default" or not isinstance(value, Refused):
            value = FILTERS[call.filter].apply(value, **call.arguments)
    return value


@lru_cache(maxsize=1024)
def parse(chain: str) -> tuple[Call, ...]:
    """The filters of `| name(arguments) | …`. Jinja reads them, the tables of this module decide."""
    from jinja2 import Environment, TemplateSyntaxError, nodes

    wrong_shape = Refused(
        "template-syntax",
        f"`{chain.strip()}` is not a chain of filters",
        'write `<<name | filter>>` or `<<name | filter(1, "text")>>`; arguments are texts, numbers, true or false',
    )
    if not re.fullmatch(_CHAIN, chain, re.ASCII):
        raise wrong_shape
    try:
        tree = Environment(autoescape=False).parse("{{ x" + chain + "}}")  # noqa: S701  only parsed, never rendered
    except TemplateSyntaxError as error:
        raise wrong_shape from error
    calls: list[Call] = []
    node = cast("nodes.Output", tree.body[0]).nodes[0]
    while isinstance(node, nodes.Filter) and node.node is not None:
        calls.append(_call(node))
        node = node.node
    return tuple(reversed(calls))


def _call(node: nodes.Filter) -> Call:
    known = FILTERS.get(node.name)
    if known is None:
        choices = tuple(FILTERS)
        detail = f"filters are {', '.join(f'`{name}`' for name in choices)}"
        raise Refused(
            "unknown-filter", f"filter `{node.name}` does not exist", detail, wrong=node.name, choices=choices
        )
    names = tuple(known.parameters)
    if len(node.args) > len(names):
        raise _bad_arguments(node.name)
    arguments = {name: _constant(node.name, argument) for name, argument in zip(names, node.args, strict=False)}
    for pair in cast("list[nodes.Keyword]", node.kwargs):
        if pair.key in arguments or pair.key not in names:
            raise _bad_arguments(node.name)
        arguments[pair.key] = _constant(node.name, pair.value)
    if len(arguments) < known.required or any(
        type(arguments[name]) not in known.parameters[name] for name in arguments
    ):
        raise _bad_arguments(node.name)
    return Call(filter=node.name, arguments=arguments)


def _constant(filter_name: str, node: nodes.Expr) -> Constant:
    from jinja2 import nodes

    sign = 1
    if isinstance(node, nodes.Neg):
        node, sign = node.node, -1
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, bool | str) and sign == 1:
        return value
    if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
        return value * sign
    raise _bad_arguments(filter_name)


def _bad_arguments(name: str) -> Refused:
    parameters = FILTERS[name].parameters
    if not parameters:
        return Refused("filter-arguments", f"filter `{name}` takes no arguments", f"write `| {name}`")
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    wanted = ", ".join(f"{key} ({' or '.join(words[kind] for kind in kinds)})" for key, kinds in parameters.items())
    summary = f"the arguments of filter `{name}` cannot be right"
    return Refused("filter-arguments", summary, f"`{name}` takes {wanted}; numbers go up to {MAX_NUMBER}")


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise NoText("not-text", f"is {value}, which JSON has no number for", "write it as text, in quotes")
    if isinstance(value, int) and value.bit_length() > 4096:
        raise NoText("not-text", "is a number too large to write", "write it as text, in quotes")
    return repr(value)


def _default(value: Given, default_value: Constant, boolean: bool = False) -> Given:
    absent = value is None or isinstance(value, Refused)
    return default_value if absent or (boolean and not value) else value


def _title(value: Given) -> str:
    # As in Jinja: a word starts after a space, a hyphen or an opening bracket, so that "it's" keeps its small s.
    return re.sub(r"[^-\s({\[<]+", lambda word: word[0][0].upper() + word[0][1:].lower(), text_of(value))


def _length(value: Given) -> int:
    return len(value) if isinstance(value, Sequence | Mapping) else len(text_of(value))


def _entry(value: Given, index: int) -> Given:
    if isinstance(value, str) or not isinstance(value, Sequence):
        text = text_of(value)
        return text[index] if text else ""
    if not value:
        return NoText("undefined-variable", "is an empty list", 'add `| default("…")` to say what stands there then')
    return value[index]


def _truncate(value: Given, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5) -> str:
    text = text_of(value)
    length, leeway = max(0, length), max(0, leeway)
    if len(text) <= length + leeway:
        return text
    kept = text[: max(0, length - len(end))]
    return (kept if killwords else kept.rsplit(" ", 1)[0]) + end[:length]


def _tojson(value: Given, indent: int | None = None) -> str:
    import json

    depth = None if indent is None else min(max(indent, 0), 8)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=depth, default=_plain)
    except ValueError as error:
        raise NoText("not-text", "holds a number JSON cannot write", "write that number as text, in quotes") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(cast("Sequence[object]", value))


FILTERS: Mapping[str, _Filter] = {
    "upper": _Filter(apply=lambda value: text_of(value).upper()),
    "lower": _Filter(apply=lambda value: text_of(value).lower()),
    "title": _Filter(apply=_title),
    "trim": _Filter(apply=lambda value, chars=None: text_of(value).strip(chars), parameters={"chars": (str,)}),
    "default": _Filter(
        apply=_default, parameters={"default_value": (str, int, float, bool), "boolean": (bool,)}, required=1
    ),
    "length": _Filter(apply=_length),
    "first": _Filter(apply=lambda value: _entry(value, 0)),
    "last": _Filter(apply=lambda value: _entry(value, -1)),
    "truncate": _Filter(
        apply=_truncate, parameters={"length": (int,), "killwords": (bool,), "end": (str,), "leeway": (int,)}
    ),
    "tojson": _Filter(apply=_tojson, parameters={"indent": (int,)}),
}
