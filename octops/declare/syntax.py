"""libyaml's complaints in the user's words: changes with what people get wrong in YAML."""

from __future__ import annotations

from dataclasses import dataclass

from yaml import MarkedYAMLError, YAMLError

from octops.declare.events import CONTROL, character_problem
from octops.declare.yamlproblem import YamlProblem

_QUOTE = "put the text in quotes, or write it as a block: `key: |` with every line of the text indented below"
_INDENT = "indent with spaces: YAML does not allow tabs there"


@dataclass(frozen=True, slots=True)
class _Rule:
    """Applies where libyaml's context and problem contain these words."""

    context: str
    problem: str
    code: str
    summary: str
    detail: str
    at_context: bool = False


_RULES = (
    _Rule("alias", "", "alias", "`*` at the start of a value is a YAML alias, which octops does not read", _QUOTE),
    _Rule("anchor", "", "anchor", "`&` at the start of a value is a YAML anchor, which octops does not read", _QUOTE),
    _Rule(" tag", "", "tag", "`!` at the start of a value is a YAML tag, which octops does not read", _QUOTE),
    _Rule("", "undefined tag handle", "tag", "`!` at the start of a value is a YAML tag", _QUOTE),
    _Rule("directive", "", "yaml-syntax", "a line that starts with `%` is a YAML directive", _QUOTE),
    _Rule("", "directive", "yaml-syntax", "a line that starts with `%` is a YAML directive", _QUOTE),
    _Rule("", "a tab character", "tab", "a tab is used for indentation", _INDENT),
    _Rule(
        "block scalar",
        "comment or line break",
        "yaml-syntax",
        "the text of a block cannot start on the line of its `|` or `>`",
        "start it on the next line, indented; to use the character itself, put the text in quotes",
    ),
    _Rule("block scalar", "", "yaml-syntax", "the block's header is not right", "write `|` alone after the key"),
    _Rule(
        "quoted scalar",
        "unknown escape",
        "yaml-syntax",
        "this is not an escape YAML knows",
        "write `\\\\` for a backslash, or put the text in single quotes, which know no escapes",
    ),
    _Rule(
        "quoted scalar",
        "hexdecimal",
        "yaml-syntax",
        "the escape is cut short",
        "`\\x` takes 2 hexadecimal digits, `\\u` 4, `\\U` 8",
    ),
    _Rule(
        "quoted scalar",
        "invalid Unicode",
        "surrogate",
        "the escape is half a character, or none at all",
        "write the character itself, or both halves of the pair",
    ),
    _Rule(
        "quoted scalar",
        "",
        "yaml-syntax",
        "the quoted text that starts here has no end",
        "close it with the same quote; a quote inside single quotes is written twice",
        at_context=True,
    ),
    _Rule(
        "simple key",
        "':'",
        "yaml-syntax",
        "this line is neither `key: value` nor part of a text",
        "write `key: value`; a text of several lines is `key: |` with every line indented below it",
        at_context=True,
    ),
    _Rule(
        "",
        "mapping values are not allowed",
        "yaml-syntax",
        "a `:` cannot stand here",
        "put a text that holds `: ` in quotes, and start the keys of one mapping in the same column",
    ),
    _Rule(
        "",
        "block sequence entries",
        "yaml-syntax",
        "a list cannot start here",
        "write every item as `- item` on its own line below the key, or the whole list as `[a, b]`",
    ),
    _Rule(
        "",
        "expected key",
        "yaml-syntax",
        "this does not fit the keys above it",
        "start the keys of one mapping in the same column, and end a quoted text at its closing quote",
    ),
    _Rule(
        "",
        "'-' indicator",
        "yaml-syntax",
        "this is not an item of the list above it",
        "start every item of one list with `- ` in the same column",
    ),
    _Rule(
        "",
        "',' or ']'",
        "yaml-syntax",
        "the list that starts here has no end",
        "separate the items with commas and close the list with `]`",
        at_context=True,
    ),
    _Rule(
        "",
        "',' or '}'",
        "yaml-syntax",
        "the mapping that starts here has no end",
        "separate the pairs with commas and close the mapping with `}`; put a text that starts with `{` in quotes",
        at_context=True,
    ),
    _Rule("", "node content", "yaml-syntax", "a value cannot start with this character", _QUOTE),
    _Rule("", "<document start>", "yaml-syntax", "the file goes on after its end", "write one mapping per file"),
    _Rule("", "mapping keys are not allowed", "yaml-syntax", "`? ` cannot stand here", _QUOTE),
)


def problem_of(error: YAMLError, text: str) -> YamlProblem:
    """The problem behind what the parser raised while it read `text`."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return _unmarked(text)
    context, problem = error.context or "", error.problem or ""
    character = text[error.problem_mark.index : error.problem_mark.index + 1]
    if "cannot start any token" in problem:
        rule = _bad_start(character)
    else:
        unforeseen = _Rule("", "", "yaml-syntax", f"this is not YAML: {problem}", _QUOTE)
        rule = next((rule for rule in _RULES if rule.context in context and rule.problem in problem), unforeseen)
    mark = (error.context_mark or error.problem_mark) if rule.at_context else error.problem_mark
    return _at(text, mark.index, rule)


def _bad_start(character: str) -> _Rule:
    if character == "\t":
        return _Rule("", "", "tab", "a tab is used for indentation", _INDENT)
    return _Rule("", "", "yaml-syntax", f"a value cannot start with `{character}`", _QUOTE)


def _unmarked(text: str) -> YamlProblem:
    control = CONTROL.search(text)
    if control is None:
        return YamlProblem(code="yaml-syntax", summary="this is not YAML", detail=_QUOTE)
    detail = "remove the character; if the text needs it, write it as an escape in double quotes"
    return character_problem(text, control.start(), "control-character", detail)


def _at(text: str, index: int, rule: _Rule) -> YamlProblem:
    """At the end of the text the last line that holds something is shown."""
    if index >= len(text):
        index = len(text.rstrip())
    line = text.count("\n", 0, index) + 1
    column = index - text.rfind("\n", 0, index)
    return YamlProblem(
        code=rule.code,
        summary=rule.summary,
        detail=rule.detail,
        line=line,
        column=column,
        end_line=line,
        end_column=column + 1,
    )
