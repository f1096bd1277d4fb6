"""YAML text → values, or everything that is wrong with it: changes with what YAML means to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yaml import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    YAMLError,
)

from octops.declare.complaints import Complaints
from octops.declare.events import CONTROL, MAX_DEPTH, MAX_NODES, events
from octops.declare.scalars import WORDS, number, plain
from octops.declare.syntax import problem_of
from octops.declare.yamlproblem import YamlError, YamlProblem
from octops.model.ids import Value

__all__ = ["YamlError", "YamlProblem", "parse"]


def parse(text: str) -> Value:
    """The value of the one document in `text`: dict, list, str, int, float, bool or None; None for an empty text.

    Raises YamlError, and nothing else, with every problem up to the first syntax error.
    """
    following = events(text)
    complaints = Complaints(text)
    try:
        following()
        if type(following()) is StreamEndEvent:
            return None
        value: Value = _document(following, complaints)
        after = following()
    except YAMLError as error:
        raise YamlError(*complaints.problems, problem_of(error, text)) from error
    if type(after) is not StreamEndEvent:
        complaints.several_documents(after)
    if complaints.problems:
        raise YamlError(*complaints.problems, value=value)
    return value


def _document(following: Callable[[], Any], complaints: Complaints) -> Any:  # noqa: C901
    """Builds without recursion. `here` is the container being filled, `key` the key whose value comes next in it.

    One loop without calls for what is in order: it runs for every word of ten thousand files.
    """
    here: Any = []
    outer: list[Any] = []
    key: str | None = None
    in_mapping = False
    nodes = 0
    while True:
        event = following()
        kind = type(event)
        if kind is ScalarEvent:
            value = event.value
            style = event.style
            if event.tag is not None or event.anchor is not None or style == '"':
                _check(event, complaints)
            if in_mapping and key is None:
                if value in here or (not style and (value in WORDS or value[0] in "-0123456789<")):
                    _check_key(event, here, outer, complaints)
                key = value
                continue
            if not style:
                if value in WORDS:
                    value = WORDS[value]
                elif value[0] in "-0123456789":
                    value = number(value)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            nodes += len(here)
            if nodes > MAX_NODES:
                complaints.too_many(event)
            here = outer.pop()
            in_mapping = type(here) is dict
            continue
        elif kind is DocumentEndEvent:
            return here[0]
        else:
            value = _other(event, kind, complaints)
            if in_mapping and key is None:
                complaints.not_a_key(event)
        if key is None:
            here.append(value)
        else:
            here[key] = value
            key = None
        if kind is not ScalarEvent and kind is not AliasEvent:
            outer.append(here)
            if len(outer) > MAX_DEPTH:
                complaints.too_deep(event)
            here = value
            in_mapping = kind is MappingStartEvent


def _other(event: Any, kind: type, complaints: Complaints) -> Any:
    if kind is AliasEvent:
        complaints.alias(event)
        return None
    _check(event, complaints)
    return {} if kind is MappingStartEvent else []


def _check(event: Any, complaints: Complaints) -> None:
    if event.anchor is not None or event.tag is not None:
        complaints.anchor_or_tag(event)
    # libyaml refuses control characters in the text, but not those that escapes make.
    if type(event) is ScalarEvent and (control := CONTROL.search(event.value)):
        complaints.control_character(event, control[0])


def _check_key(event: Any, here: dict[str, Any], outer: list[Any], complaints: Complaints) -> None:
    if not event.style and event.value == "<<":
        complaints.merge_key(event)
    elif not event.style and type(plain(event.value)) is not str:
        complaints.key_not_text(event)
    if event.value in here:
        complaints.duplicate_key(event, _path([*outer[1:], here]))


def _path(containers: list[Any]) -> tuple[str | int, ...]:
    """The path of the innermost: in every container around it the last thing put there is the one still open."""
    return tuple(len(item) - 1 if isinstance(item, list) else next(reversed(item)) for item in containers[:-1])
