"""What a schema cannot say about one file: dates, keys in headers, inline destinations, schemas within."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from octops.declare.faults import Fault, fault, literal_secret
from octops.declare.json_schema import json_schema_problems
from octops.declare.located import At, Key, Place, Pointer, Problem, Within
from octops.declare.schema import conforms, explain
from octops.declare.timing import date_problems
from octops.template import check

_TEMPLATES = ("path", "subject", "title")
"""Keys of destinations whose text may hold `<<variables>>`."""
_MAPS_WITH_SECRETS = ("headers", "env")
_SECRET_NAME = re.compile(
    r"authorization|cookie|(?:^|[-_])(?:api[-_]?key|access[-_]?key|private[-_]?key|key|token|secret|passw(?:or)?d|credentials?)$",
    re.IGNORECASE,
)


def own_faults(kind: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of one file that keeps its schema, found without looking at any other file."""
    if kind == "task":
        yield from _task(values)
    elif kind == "source":
        yield from _secrets_in_maps(values, ())
        if values.get("type") == "api" and "endpoints" in values:
            yield from _endpoints(values["endpoints"])
    elif kind == "destination":
        yield from _destination(values, ())
    elif kind == "octops":
        yield from _moves(values.get("moved", ()))


def _task(values: Mapping[str, Any]) -> Iterator[Fault]:
    if "schedule" in values:
        yield from _faults(date_problems(values["schedule"]), ("schedule",))
    if "schema" in values.get("output", ()):
        yield from _faults(json_schema_problems(values["output"]["schema"], ("output", "schema")), ("output",))
    for index, item in enumerate(values.get("destinations", ())):
        if isinstance(item, dict):
            yield from _inline(item, ("destinations", index))


def _endpoints(endpoints: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for index, endpoint in enumerate(endpoints):
        if "body" in endpoint:
            path = ("endpoints", index, "body")
            yield from _faults(json_schema_problems(endpoint["body"], path), path[:1])


def _moves(moves: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, move in enumerate(moves):
        if move["from"] in seen:
            path = ("moved", index, "from")
            summary, detail = f"task `{move['from']}` is said to have moved twice", "keep where it is now"
            yield fault("duplicate-move", summary, detail, path)
        seen.add(move["from"])


def _inline(item: Mapping[str, Any], at: Pointer) -> Iterator[Fault]:
    if conforms("destination", item):
        yield from _destination(item, at)
        return
    for it in explain("destination", item):
        unusable = None if it.unusable is None else (*at, *it.unusable)
        yield replace(it, problem=replace(it.problem, place=_moved(it.problem.place, at)), unusable=unusable)


def _moved(place: Place, at: Pointer) -> Place:
    if isinstance(place, At | Key):
        return replace(place, path=(*at, *place.path))
    return place


def _destination(values: Mapping[str, Any], at: Pointer) -> Iterator[Fault]:
    yield from _secrets_in_maps(values, at)
    for key in _TEMPLATES:
        text = values.get(key, "")
        for it in check(text, ()) if isinstance(text, str) else ():
            detail = it.detail
            if it.code == "unknown-variable":
                detail = "a destination knows the built-in variables, such as `<<task_name>>` and `<<scheduled_date>>`"
            place = Within(path=(*at, key), text=text, start=it.start, end=it.end)
            problem = Problem(severity=it.severity, code=it.code, summary=it.summary, detail=detail, place=place)
            yield Fault(problem=problem, unusable=None)


def _secrets_in_maps(values: Mapping[str, Any], at: Pointer) -> Iterator[Fault]:
    """A header or an environment variable may be plain text, but not one that is called a key."""
    for key in _MAPS_WITH_SECRETS:
        given = values.get(key)
        # Where the type is unknown, so is what its keys must be.
        for name, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, str) and value.strip() and _SECRET_NAME.search(name):
                yield Fault(problem=literal_secret(value, (*at, key, name)), unusable=None)


def _faults(problems: Iterator[Problem], unusable: Pointer) -> Iterator[Fault]:
    for problem in problems:
        yield Fault(problem=problem, unusable=unusable)
