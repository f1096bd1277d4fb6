"""What a broken schema rule means to the person who wrote the file: one sentence and a cure per rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from octops.declare.faults import BrokenRule, Fault, fault, label, literal_secret, secret_problem, shown
from octops.declare.located import At, Key, Problem
from octops.declare.near import nearest
from octops.declare.style.scalars import needs_quotes
from octops.schemas import schema

_KINDS = {"task": "a task", "skill": "a skill", "source": "a source", "destination": "a destination"}
_TYPES = {
    "string": "text",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_LISTED = 24
_CONDITIONS = frozenset(("then", "else"))


def faults_of(broken: BrokenRule) -> Iterator[Fault]:
    """The faults behind one broken rule; their texts never hold a value that may be a secret."""
    if "propertyNames" in broken.way:
        yield _bad_name(broken)
    elif _is_secret(broken.node):
        yield _bad_secret(broken)
    elif "dependentSchemas" in broken.way:
        yield _only_json(broken)
    else:
        yield from _WORDS.get(broken.keyword, _other)(broken)


def _unknown_keys(broken: BrokenRule) -> Iterator[Fault]:
    known: Mapping[str, Any] = broken.node.get("properties", {})
    whole = label(broken.path) if broken.path else _KINDS.get(broken.kind, "octops.yaml")
    for key in broken.value:
        if key in known:
            continue
        near = nearest(key, known)
        if near:
            detail = f"did you mean `{near}`? {_described(known[near], broken.kind)}".rstrip()
        else:
            detail = f"its keys are {_listed(tuple(known))}" if known else "it takes no keys"
        place = Key(path=(*broken.path, key))
        summary = f"{shown(key)} is not a key of {whole}"
        problem = Problem(code="unknown-key", summary=summary, detail=detail, place=place)
        yield Fault(problem=problem, unusable=place.path, superfluous=True)


def _missing_keys(broken: BrokenRule) -> Iterator[Fault]:
    for key in broken.rule:
        if key not in broken.value:
            yield _missing(key, broken)


def _missing_beside(broken: BrokenRule) -> Iterator[Fault]:
    for key, others in broken.rule.items():
        for other in others:
            if key in broken.value and other not in broken.value:
                yield _missing(other, broken)


def _missing(key: str, broken: BrokenRule) -> Fault:
    path = broken.path
    summary = f"{label(path)} needs the key `{key}`" if path else f"the key `{key}` is missing"
    detail = f"add `{key}`: {_described(broken.node.get('properties', {}).get(key, {}), broken.kind)}".rstrip(": ")
    place = Key(path=(*path, key))
    problem = Problem(code="missing-key", summary=summary, detail=detail, place=place)
    return Fault(problem=problem, unusable=path or (key,))


def _unknown_value(broken: BrokenRule) -> Iterator[Fault]:
    choices = tuple(str(choice) for choice in broken.rule)
    near = nearest(broken.value, choices) if isinstance(broken.value, str) else ""
    detail = f"did you mean `{near}`?" if near else f"write {_listed(choices, 'or')}"
    yield fault("unknown-value", f"{shown(broken.value)} is not a value of {label(broken.path)}", detail, broken.path)


def _only_value(broken: BrokenRule) -> Iterator[Fault]:
    summary = f"{label(broken.path)} must be {broken.rule}, not {shown(broken.value)}"
    yield fault("unknown-value", summary, _hint(broken), broken.path)


def _wrong_type(broken: BrokenRule) -> Iterator[Fault]:
    if broken.value is None:
        yield fault("no-value", f"{label(broken.path)} has no value", _hint(broken), broken.path)
        return
    wanted = [broken.rule] if isinstance(broken.rule, str) else list(broken.rule)
    types = " or ".join(_TYPES[name] for name in wanted)
    summary = f"{label(broken.path)} must be {types}, not {_type_of(broken.value)}"
    yield fault("wrong-type", summary, f"{_rewritten(broken.value, wanted)}{_hint(broken)}", broken.path)


def _rewritten(value: object, wanted: Sequence[str]) -> str:
    if isinstance(value, dict | list):
        return ""
    if "array" in wanted and isinstance(value, str) and len(value) <= 64 and "\n" not in value:
        return f"write `[{json.dumps(value, ensure_ascii=False) if needs_quotes(value) else value}]`. "
    if "string" in wanted:
        return f'put it in quotes: `"{json.dumps(value)}"`. '
    return ""


def _wrong_format(broken: BrokenRule) -> Iterator[Fault]:
    if not broken.value.strip():
        yield from _empty(broken)
    elif broken.path[-1:] == ("env",):
        problem = Problem(
            code="bad-value",
            summary=f"what stands at {label(broken.path)} is not the name of an environment variable",
            detail="write the name, such as `{env: WEBHOOK_SECRET}`: the secret itself never stands in a file",
            place=At(path=broken.path),
            secret=True,
        )
        yield Fault(problem=problem, unusable=broken.path)
    else:
        yield fault("bad-value", f"{shown(broken.value)} cannot be {label(broken.path)}", _hint(broken), broken.path)


def _empty(broken: BrokenRule) -> Iterator[Fault]:
    yield fault("empty-value", f"{label(broken.path)} is empty", _hint(broken), broken.path)


def _too_long(broken: BrokenRule) -> Iterator[Fault]:
    unit = "items" if isinstance(broken.value, list) else "characters"
    yield fault("too-long", f"{label(broken.path)} has more than {broken.rule} {unit}", _hint(broken), broken.path)


def _out_of_range(broken: BrokenRule) -> Iterator[Fault]:
    summary = f"{label(broken.path)} must be {_BOUNDS[broken.keyword]} {broken.rule}, not {shown(broken.value)}"
    yield fault("out-of-range", summary, _hint(broken), broken.path)


def _repeated(broken: BrokenRule) -> Iterator[Fault]:
    summary = f"{shown(broken.value)} stands in {label(broken.path[:-1])} twice"
    problem = Problem(code="repeated-item", summary=summary, detail="keep one of the two", place=At(path=broken.path))
    yield Fault(problem=problem, unusable=None)


def _other(broken: BrokenRule) -> Iterator[Fault]:
    whole = label(broken.path) if broken.path else "the file"
    yield fault("bad-value", f"{whole} is not as it should be", _hint(broken), broken.path)


_WORDS: dict[str, Callable[[BrokenRule], Iterator[Fault]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "dependentRequired": _missing_beside,
    "enum": _unknown_value,
    "const": _only_value,
    "type": _wrong_type,
    "pattern": _wrong_format,
    "minLength": _empty,
    "minItems": _empty,
    "maxLength": _too_long,
    "maxItems": _too_long,
    **dict.fromkeys(_BOUNDS, _out_of_range),
    "uniqueItems": _repeated,
}


def _bad_name(broken: BrokenRule) -> Fault:
    problem = Problem(
        code="bad-name",
        summary=f"{shown(broken.value)} is not a name that can stand in {label(broken.path)}",
        detail=str(broken.node.get("description", "")),
        place=Key(path=(*broken.path, broken.value)),
    )
    return Fault(problem=problem, unusable=None)


def _only_json(broken: BrokenRule) -> Fault:
    problem = Problem(
        code="schema-without-json",
        summary="`output.schema` needs `format: json`",
        detail="add `format: json` to `output`, or leave `schema` out",
        place=Key(path=(*broken.path[:1], "schema")),
    )
    return Fault(problem=problem, unusable=None)


def _is_secret(node: Mapping[str, Any]) -> bool:
    return node.get("type") == "object" and tuple(node.get("properties", ())) == ("env",)


def _bad_secret(broken: BrokenRule) -> Fault:
    if isinstance(broken.value, str) and broken.value.strip():
        problem = literal_secret(broken.value, broken.path)
    else:
        problem = secret_problem("bad-secret", f"{label(broken.path)} is not a reference to a secret", broken.path)
    return Fault(problem=problem, unusable=broken.path)


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"


def _listed(words: Sequence[str], last: str = "and") -> str:
    quoted = [f"`{word}`" for word in words[:_LISTED]]
    if len(words) > _LISTED:
        return f"{', '.join(quoted)}, …"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def _hint(broken: BrokenRule) -> str:
    """The description nearest to the broken rule: that of the key, else of the definition it refers to."""
    node: Any = schema(broken.kind)
    hint = ""
    for step in broken.way:
        # jsonschema's way goes through references without naming them.
        if isinstance(node, dict) and step not in node and "$ref" in node:
            node = _definition(node, broken.kind)
            hint = hint or node.get("description", "")
        node = node[step]
        if isinstance(node, dict) and step not in _CONDITIONS:
            hint = node.get("description", "" if "$ref" in node else hint)
    return hint


def _described(node: Mapping[str, Any], kind: str) -> str:
    return str(node.get("description") or (_definition(node, kind).get("description", "") if "$ref" in node else ""))


def _definition(node: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema(kind)["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return found
