"""Whether a mapping keeps its schema: fast to say yes, slower and in words to say no."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from octops.declare.faults import BrokenRule, Fault, fault
from octops.declare.located import Place
from octops.declare.schema_words import faults_of
from octops.schemas import schema


def conforms(kind: str, values: object) -> bool:
    """Whether the values of one file keep the schema of their kind."""
    return _judge(kind)(values)


def explain(kind: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    """What breaks the schema of a mapping that does not conform: one fault per mistake, in no particular order."""
    seen: set[tuple[str, Place]] = set()
    for broken in _broken_rules(kind, values):
        for it in faults_of(broken):
            # A branch of the schema repeats what its trunk says.
            if (it.problem.code, it.problem.place) not in seen:
                seen.add((it.problem.code, it.problem.place))
                yield it
    if not seen:
        yield fault("bad-value", "the file does not keep its schema", "", ())


def _broken_rules(kind: str, values: Mapping[str, Any]) -> Iterator[BrokenRule]:
    for error in _explainer(kind).iter_errors(values):
        yield BrokenRule(
            kind=kind,
            keyword=error.validator,
            rule=error.validator_value,
            node=error.schema,
            way=tuple(error.absolute_schema_path),
            value=error.instance,
            path=tuple(error.absolute_path),
        )


@lru_cache(maxsize=8)
def _judge(kind: str) -> Callable[[object], bool]:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(schema(kind), retriever=_refuse).is_valid


@lru_cache(maxsize=8)
def _explainer(kind: str) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    # Without a registry of our own, jsonschema would fetch what a `$ref` names.
    patient: Any = extend(Draft202012Validator, {"uniqueItems": _unique})  # type: ignore[no-untyped-call]
    return patient(schema(kind), registry=Registry())


def _unique(_validator: Any, wanted: bool, items: Any, _node: Any) -> Iterator[Any]:
    """Names the item that repeats another, in linear time: jsonschema compares every pair when types are mixed."""
    from jsonschema import ValidationError

    seen: set[str] = set()
    for index, item in enumerate(items if wanted and isinstance(items, list) else ()):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            yield ValidationError("repeated", path=(index,), instance=item)
        seen.add(text)


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema refers to `{uri}`, which is outside it")
