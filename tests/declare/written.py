"""Projects written down in tests, and what octops says about them."""

from __future__ import annotations

from collections.abc import Mapping

from octops.declare.file import Files, SourceFile, blob_id
from octops.declare.load import declare
from octops.errors import Diagnostic, InvalidProject
from octops.model.project import Project

SETTINGS = """\
version: 1
timezone: Europe/Berlin
variables: {organization_name: Acme, teams: [a, b]}
models: {default: anthropic/claude-sonnet-4-5, small: openai/gpt-4o-mini}
"""
SKILL = "---\nname: writing-style\ndescription: How we write.\n---\nShort sentences.\n"
SOURCE = "type: local\ninclude: [CHANGELOG.md]\n"
DESTINATION = "type: file\npath: reports/<<scheduled_date>>.md\n"
TASK = """\
name: Daily digest
prompt: |
  Compile the updates of <<scheduled_date>>
  for <<organization_name>>.
schedule: {frequency: daily, at: "18:00"}
sources: [changelog]
skills: [writing-style]
destinations: [team]
"""
PROJECT: Mapping[str, str | bytes] = {
    "octops.yaml": SETTINGS,
    "skills/writing-style/SKILL.md": SKILL,
    "sources/changelog.yaml": SOURCE,
    "destinations/team.yaml": DESTINATION,
    "tasks/daily-digest.yaml": TASK,
}


def files(written: Mapping[str, str | bytes], *diagnostics: Diagnostic) -> Files:
    contents = ((path, text.encode() if isinstance(text, str) else text) for path, text in written.items())
    return Files(tuple(SourceFile(path, text, blob_id(text)) for path, text in sorted(contents)), diagnostics)


def around(**changed: str | bytes | None) -> dict[str, str | bytes]:
    """The small project with some files changed; None takes one away."""
    return {path: text for path, text in {**PROJECT, **changed}.items() if text is not None}


def with_task(text: str | bytes, path: str = "tasks/t.yaml") -> dict[str, str | bytes]:
    return {**PROJECT, path: text}


def diagnostics(written: Mapping[str, str | bytes]) -> tuple[Diagnostic, ...]:
    """Everything said about a project, whether it is one or not."""
    try:
        return declare(files(written)).diagnostics
    except InvalidProject as error:
        return error.diagnostics


def said(written: Mapping[str, str | bytes]) -> list[str]:
    """`path:line:column code` of everything that is wrong; warnings and notes say so."""
    return [_line(it) for it in diagnostics(written)]


def project(written: Mapping[str, str | bytes]) -> Project:
    return declare(files(written)).project


def _line(it: Diagnostic) -> str:
    place = it.location
    assert place is not None
    soft = "" if it.severity == "error" else f" ({it.severity})"
    return f"{place.filename}:{place.line}:{place.column} {it.code}{soft}"
