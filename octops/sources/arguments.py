"""Whether arguments fit a tool's schema. The schema comes from a stranger: judging by it must end soon."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from octops.model.ids import Value

_MOST_ERRORS: Final = 5
_LONGEST_ERROR: Final = 300
_MOST_STEPS: Final = 20_000
_LONGEST_SCHEMA: Final = 64 * 1024


class Arguments:
    """Judges by one schema, compiled at the first call.

    A schema that is broken, refers to itself or to other documents, or that unfolds into very many steps is not
    judged by: the tool itself will say what it does not take.
    """

    def __init__(self, schema: Mapping[str, Value]) -> None:
        self._schema = schema
        self._validator: Any = None
        self._compiled = False

    def complaints(self, arguments: Mapping[str, Value]) -> tuple[str, ...]:
        """What is wrong, in sentences for a model; nothing when all is well."""
        if not self._compiled:
            self._validator = _validator(self._schema)
            self._compiled = True
        if self._validator is None:
            return ()
        try:
            errors = list(_first(self._validator.iter_errors(dict(arguments))))
        except ValueError as error:
            return (str(error)[:_LONGEST_ERROR],)
        return tuple(f"`{_place(error.instance_path)}`: {error.message[:_LONGEST_ERROR]}" for error in errors)


def offered_schema(schema: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """The schema as providers take it: an object's, with properties. None: it is too long to be sent to any."""
    try:
        too_long = len(json.dumps(schema)) > _LONGEST_SCHEMA
    except (ValueError, TypeError, RecursionError):
        return None
    if too_long:
        return None
    properties = schema.get("properties")
    own = {key: value for key, value in schema.items() if key != "$schema"}
    return {**own, "type": "object", "properties": properties if isinstance(properties, Mapping) else {}}


def _validator(schema: Mapping[str, Value]) -> Any:
    import jsonschema_rs

    if not _ends_soon(schema):
        return None
    try:
        # The engine without backtracking: a pattern cannot be slow.
        return jsonschema_rs.Draft202012Validator(
            dict(schema), retriever=_refuse, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def _refuse(uri: str) -> Any:
    raise ValueError(f"`{uri}` is another document")


def _first(errors: Any) -> Iterator[Any]:
    for _, error in zip(range(_MOST_ERRORS), errors, strict=False):
        yield error


def _place(path: list[str | int]) -> str:
    return "/".join(map(str, path))[:100] or "arguments"


def _ends_soon(schema: Mapping[str, Value]) -> bool:
    """References can double the work at each step (a: [b, b], b: [c, c] …): counted before it is done."""
    try:
        return _Unfolding(schema).steps(schema) <= _MOST_STEPS
    except (_EndlessError, RecursionError):
        return False


class _EndlessError(Exception):
    pass


class _Unfolding:
    def __init__(self, schema: Mapping[str, Value]) -> None:
        self._root = schema
        self._known: dict[str, int] = {}
        self._open: set[str] = set()

    def steps(self, value: Value) -> int:
        """How many nodes there are when every reference is replaced by what it refers to."""
        if isinstance(value, Mapping):
            if any(key in value for key in ("$dynamicRef", "$recursiveRef")):
                raise _EndlessError
            reference = value.get("$ref")
            own = self._steps_of(reference) if isinstance(reference, str) else 0
            return 1 + own + sum(self.steps(item) for key, item in value.items() if key not in ("$defs", "definitions"))
        if isinstance(value, list | tuple):
            return 1 + sum(self.steps(item) for item in value)
        return 1

    def _steps_of(self, reference: str) -> int:
        if reference in self._open or not reference.startswith("#"):
            raise _EndlessError
        if reference not in self._known:
            self._open.add(reference)
            self._known[reference] = self.steps(self._target(reference))
            self._open.discard(reference)
        return self._known[reference]

    def _target(self, reference: str) -> Value:
        value: Value = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, Mapping) or name not in value:
                raise _EndlessError
            value = value[name]
        return value
