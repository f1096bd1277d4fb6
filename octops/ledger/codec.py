"""Nouns ⇄ canonical JSON, driven by the nouns' own fields."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from typing import Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Decoder: TypeAlias = Callable[[Any], Any]


class Corrupt(ValueError):
    """A document that does not hold what its place promises; the text says what."""


def encode(noun: object) -> bytes:
    """UTF-8 JSON with sorted keys, two spaces and a line end: equal nouns are equal bytes."""
    text = json.dumps(_plain(noun), sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode(errors="replace") + b"\n"


def decode(kind: type[T], content: bytes) -> T:
    """Read a document leniently: unknown keys are passed over, missing ones take their default. Raises Corrupt."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Corrupt("it is not JSON") from error
    decoded: T = _decoder(cast("Hashable", kind))(value)
    return decoded


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(item)
            for field in fields(value)
            if not _left_out(field, item := getattr(value, field.name))
        }
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    # JSON has no word for infinity: a number that is none is not known.
    return None if isinstance(value, float) and not isfinite(value) else value


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _left_out(field: Field[Any], value: object) -> bool:
    """Empty where empty is the default; any other default is written down, so that changing it rewrites no past."""
    if value is not None and value not in ("", (), {}):
        return False
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return bool(default == value) and type(default) is type(value)


@cache
def _decoder(hint: Any) -> _Decoder:
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_noun(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of_optional([argument for argument in arguments if argument is not type(None)])
    if origin is tuple:
        return _of_tuple(_decoder(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _of_mapping(_decoder(arguments[1]))
    return _of_plain(getattr(hint, "__supertype__", hint))


def _of_noun(kind: type) -> _Decoder:
    # `Value` refers to itself, which get_type_hints would follow for ever: any JSON will do.
    hints = get_type_hints(kind, localns={"Value": Any})
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Corrupt(f"there is no {kind.__name__.lower()} where one should be")
        if missing := required - value.keys():
            raise Corrupt(f"`{min(missing)}` is missing")
        return kind(**{name: _at(name, decoders[name], item) for name, item in value.items() if name in decoders})

    return read


def _at(name: str, decoder: _Decoder, value: Any) -> Any:
    try:
        return decoder(value)
    except Corrupt as error:
        raise Corrupt(f"`{name}`: {error}") from error


def _of_optional(options: list[Any]) -> _Decoder:
    if Any in options or len(options) != 1:
        return lambda value: value
    inner = _decoder(options[0])
    return lambda value: None if value is None else inner(value)


def _of_tuple(inner: _Decoder) -> _Decoder:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Corrupt("it is not a list")
        return tuple(inner(item) for item in value)

    return read


def _of_mapping(inner: _Decoder) -> _Decoder:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Corrupt("it is not a mapping")
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


def _read_instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(_checked((str,), value))
    except ValueError as error:
        raise Corrupt(f"{json.dumps(value)[:40]} is not a time") from error
    if instant.tzinfo is None:
        raise Corrupt(f"`{value}` has no zone")
    return instant.astimezone(UTC)
