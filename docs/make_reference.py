"""Writes docs/files.md from the schemas and docs/commands.md from `--help`: run it after either has changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import click  # noqa: E402

from octops.cli import COMMANDS, octops  # noqa: E402
from octops.schemas import schema  # noqa: E402

KINDS = {
    "octops": "octops.yaml",
    "task": "tasks/<id>.yaml or tasks/<id>.md",
    "skill": "skills/<id>/SKILL.md or skills/<id>.md",
    "source": "sources/<id>.yaml",
    "destination": "destinations/<id>.yaml",
}
_FILES = """\
# The files

Every file is one mapping, checked against a JSON Schema (`octops schema task` prints one). The id of a thing is its
file name; keys are snake_case; a key that is not listed here is an error (in a skill, a warning). This page is made
from the schemas by `docs/make_reference.py`.

**In an editor.** The line `# yaml-language-server: $schema=…` in the files that octops writes leads editors to the
schema: they complete keys, show what each means, and underline what does not fit. For files without that line there is
[schemas/catalog.json](../schemas/catalog.json), in the format of [SchemaStore](https://www.schemastore.org): which file
names (`fileMatch`) belong to which schema. An editor takes it as its catalog (`yaml.schemaStore.url` in VS Code), or
its patterns one by one (`yaml.schemas`). Of its entries only `octops.yaml` is fit for SchemaStore's own catalog: names
such as `tasks/*.yaml` belong to other programs too.
"""
_COMMANDS = """\
# The commands

What `octops <command> --help` prints. This page is made by `docs/make_reference.py`.
"""


def files_page() -> str:
    sections = [_FILES, *(section for kind in KINDS for section in _kind(kind))]
    return "\n".join(sections)


def commands_page() -> str:
    settings: dict[str, Any] = {**octops.context_settings, "terminal_width": 100}
    context = click.Context(octops, info_name="octops", **settings)
    sections = [_COMMANDS, _help(context)]
    for name in COMMANDS:
        command = octops.get_command(context, name)
        assert command is not None
        sections += _with_inner(command, name, context)
    return "\n".join(sections)


def _with_inner(command: click.Command, name: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent)
    sections = [_help(context)]
    for inner, it in sorted(command.commands.items()) if isinstance(command, click.Group) else ():
        sections += _with_inner(it, inner, context)
    return sections


def _help(context: click.Context) -> str:
    lines = "\n".join(line.rstrip() for line in context.get_help().splitlines())
    return f"## {context.command_path}\n\n```text\n{lines}\n```\n"


def _kind(kind: str) -> Iterator[str]:
    root = schema(kind)
    yield f"## {kind}: `{KINDS[kind]}`\n\n{root['description']}\n"
    if len(root.get("properties", {})) > 1:
        yield _table(root, root)
    for name, node in _branches(root):
        yield f"### {kind}: {name}\n\n{node['description']}\n"
        yield _table(root, node)


def _branches(root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping the schema names: types, schedules, and what stands inside them."""
    for name, node in root.get("$defs", {}).items():
        if len(node.get("properties", {})) > 1 and node.get("additionalProperties") is False:
            yield name.replace("_", " "), node
    for name, node in root.get("properties", {}).items():
        if node.get("properties") and node.get("additionalProperties") is False:
            yield f"`{name}`", node


def _table(root: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    required = node.get("required", ())
    rows = ["| key | what it is | example |", "|---|---|---|"]
    for name, said in node["properties"].items():
        rule = _resolved(root, said)
        key = f"**`{name}`** (required)" if name in required else f"`{name}`"
        example = next(iter(rule.get("examples", ())), None)
        shown = f"`{_cell(json.dumps(example, ensure_ascii=False))}`" if example is not None else ""
        rows.append(f"| {key} | {_cell(rule.get('description', ''))} | {shown} |")
    return "\n".join(rows) + "\n"


def _resolved(root: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    rule = dict(node)
    while "$ref" in rule:
        target = root["$defs"][rule.pop("$ref").removeprefix("#/$defs/")]
        rule = {**target, **rule}
    return rule


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES = {"files.md": files_page, "commands.md": commands_page}


def main() -> None:
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
