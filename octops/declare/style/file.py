"""One file in the one style, with the values it had: changes with what a rewrite must prove about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from octops.declare.frontmatter import split
from octops.declare.style.lines import document, take_header
from octops.declare.style.nodes import from_value
from octops.declare.style.order import arrange
from octops.declare.style.tree import Tree
from octops.declare.yamlfile import YamlError, parse
from octops.errors import Diagnostic, OctopsError


class StyleRefused(OctopsError):
    """The rewritten text would not say the same: the file stays as it is."""

    def __init__(self) -> None:
        diagnostic = Diagnostic(
            code="style-refused",
            summary="the file is written in a way that cannot be restyled without changing it",
            detail="it stays as it is; write its longest texts as blocks (`key: |`) and try again",
        )
        super().__init__(diagnostic)


def styled(text: str, kind: str, *, markdown: bool) -> str:
    """The file in the one style: the same values, the same comments. In Markdown only the front matter is touched.

    `text` has `\\n` line ends and no mistakes of its own; YamlError for one that cannot be read.
    """
    if not markdown:
        return _styled_yaml(text, kind)
    front = split(text)
    if not front.yaml.strip():
        return text
    first = text.partition("\n")[0]
    rest = text[len(first) + 1 + len(front.yaml) :]
    return f"---\n{_styled_yaml(front.yaml, kind)}---{rest[len(rest.partition(chr(10))[0]) :]}"


def yaml_text(values: Mapping[str, Any], kind: str, *, comment: str = "") -> str:
    """A mapping as a file of `kind`, in the order of the schema's keys; `comment` is the first line."""
    plain = dict(values)
    tree = from_value(plain)
    arrange(tree, plain, kind)
    lines = document(tree, [comment] if comment else [], [])
    text = "\n".join(lines) + "\n"
    if _meaning(parse(text)) != _meaning(plain):
        raise StyleRefused
    return text


def _styled_yaml(text: str, kind: str) -> str:
    value = parse(text)
    tree = Tree(text)
    if tree.root is None:
        return text
    header = take_header(tree.root)
    arrange(tree.root, value, kind)
    restyled = "\n".join(document(tree.root, header, tree.end)) + "\n"
    if not _same(restyled, value, tree.comments):
        raise StyleRefused
    return restyled


def _same(restyled: str, value: Any, comments: list[str]) -> bool:
    """Read again, the text has the same values and the same comments."""
    try:
        return _meaning(parse(restyled)) == _meaning(value) and sorted(Tree(restyled).comments) == sorted(comments)
    except YamlError:
        return False


def _meaning(value: Any) -> str:
    """1, 1.0 and true are equal in Python, and are not the same here."""
    return json.dumps(value, sort_keys=True)
