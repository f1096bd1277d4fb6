"""Nouns ⇄ canonical JSON, driven by the nouns' own fields."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from json.encoder import encode_basestring as _quoted
from math import isfinite
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Decoder: TypeAlias = Callable[[Any], Any]


class Corrupt(ValueError):
    """A document that does not hold what its place promises; the text says what."""


def encode(noun: object) -> bytes:
    """UTF-8 JSON with sorted keys, two spaces and a line end: equal nouns are equal bytes."""
    return _text(noun, "\n").encode(errors="replace") + b"\n"


def decode(kind: type[T], content: bytes) -> T:
    """Read a document leniently: unknown keys are passed over, missing ones take their default. Raises Corrupt."""
    try:
        value = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Corrupt("it is not JSON") from error
    decoded: T = _decoder(cast("Hashable", kind))(value)
    return decoded


def _text(value: Any, line: str) -> str:
    """What json.dumps writes with an indent, at a third of its price. `line` is a line end with its indent."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, (bool, int, float)):
        return _constant(value)
    if isinstance(value, datetime):
        return _quoted(_instant(value))
    inner = f"{line}  "
    if isinstance(value, (list, tuple)):
        return _around("[]", [_text(item, inner) for item in value], line)
    if isinstance(value, Mapping):
        pairs = sorted(((str(key), item) for key, item in value.items()), key=itemgetter(0))
        return _around("{}", [f"{_quoted(key)}: {_text(item, inner)}" for key, item in pairs], line)
    entries = [
        key + _text(item, inner)
        for name, key, default in _shape(cast("Hashable", type(value)))
        if not _left_out(item := getattr(value, name), default)
    ]
    return _around("{}", entries, line)


def _around(brackets: str, entries: list[str], line: str) -> str:
    if not entries:
        return brackets
    inner = f"{line}  "
    return f"{brackets[0]}{inner}{f',{inner}'.join(entries)}{line}{brackets[1]}"


def _constant(value: float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    # JSON has no word for infinity: a number that is none is not known.
    return repr(value) if isfinite(value) else "null"


@cache
def _shape(kind: type) -> tuple[tuple[str, str, Any], ...]:
    """Of each field its name, the same as a JSON key, and the default it may be left out for; MISSING: none."""
    if not is_dataclass(kind):
        raise TypeError(f"a {kind.__name__} cannot be written down")
    return tuple((it.name, f"{_quoted(it.name)}: ", _empty(it)) for it in sorted(fields(kind), key=lambda it: it.name))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _empty(field: Field[Any]) -> object:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return default if default is None or default in ("", (), {}) else MISSING


def _left_out(value: object, default: object) -> bool:
    """Empty where empty is the default; any other default is written down, so that changing it rewrites no past."""
    return default is not MISSING and type(value) is type(default) and bool(value == default)


@cache
def _decoder(hint: Any) -> _Decoder:
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_noun(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of_optional([argument for argument in arguments if argument is not type(None)])
    if origin is tuple:
        return _of_tuple(_decoder(arguments[0]), _as_it_is(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _of_mapping(_decoder(arguments[1]), _as_it_is(arguments[1]))
    return _of_plain(getattr(hint, "__supertype__", hint))


def _as_it_is(hint: Any) -> type | None:
    """The type whose values stand in JSON as they stand in the noun; None: there is something to decode or check.

    Most of a ledger is of these, and asking for the type is a fraction of a call.
    """
    if get_origin(hint) in (Union, types.UnionType):
        options = [argument for argument in get_args(hint) if argument is not type(None)]
        hint = options[0] if len(options) == 1 else None
    plain = getattr(hint, "__supertype__", hint)
    return plain if plain in (str, int, float, bool) else None


def _of_noun(kind: type) -> _Decoder:
    # `Value` refers to itself, which get_type_hints would follow for ever: any JSON will do.
    hints = get_type_hints(kind, localns={"Value": Any})
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    plain = {field.name: _as_it_is(hints[field.name]) for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Corrupt(f"there is no {kind.__name__.lower()} where one should be")
        if not required <= value.keys():
            raise Corrupt(f"`{min(required - value.keys())}` is missing")
        known = {}
        for name, item in value.items():
            if plain.get(name) is type(item):
                known[name] = item
            elif decoder := decoders.get(name):
                try:
                    known[name] = decoder(item)
                except Corrupt as error:
                    raise Corrupt(f"`{name}`: {error}") from error
        return kind(**known)

    return read


def _of_optional(options: list[Any]) -> _Decoder:
    if Any in options or len(options) != 1:
        return lambda value: value
    inner = _decoder(options[0])
    return lambda value: None if value is None else inner(value)


def _of_tuple(inner: _Decoder, plain: type | None) -> _Decoder:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Corrupt("it is not a list")
        if {*map(type, value)} == {plain}:
            return tuple(value)
        return tuple([inner(item) for item in value])

    return read


def _of_mapping(inner: _Decoder, plain: type | None) -> _Decoder:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Corrupt("it is not a mapping")
        if {*map(type, value.values())} == {plain}:
            return value
        return {key: inner(item) for key, item in value.items()}

    return read


def _of_plain(kind: Any) -> _Decoder:
    if kind is datetime:
        return _read_instant
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return lambda value: _member(kind, value)
    if kind is float:
        return lambda value: float(_checked((int, float), value))
    if kind in (int, str, bool):
        return lambda value: _checked((kind,), value)
    return lambda value: value


def _checked(kinds: tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise Corrupt(f"{json.dumps(value)[:40]} is not what it should be")
    return value


def _member(kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError as error:
        raise Corrupt(f"{json.dumps(value)[:40]} is none of {', '.join(kind)}") from error


def _no_number(word: str) -> float:
    raise ValueError(f"`{word}` is not a JSON number")


def _read_instant(value: Any) -> datetime:
    text = _checked((str,), value)
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Corrupt(f"{json.dumps(value)[:40]} is not a time") from error
    raise Corrupt(f"`{value}` has no zone")
