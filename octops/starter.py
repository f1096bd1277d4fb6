"""The files `octops init` writes: a first task that is useful as it stands, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping

from octops.schemas import schema_text

SCHEMA_FOLDER = ".octops/schemas"
KINDS = ("octops", "task", "skill", "source", "destination")

_SETTINGS = """\
# yaml-language-server: $schema={folder}/octops.schema.json
version: 1
timezone: {timezone}

models:
  default:
    model: {model}
{key}
defaults:
  model: default
  limits: {{turns: 10, cost_usd: 0.50}}
"""

_TASK = """\
# yaml-language-server: $schema=../{folder}/task.schema.json
name: Weekly change digest
description: What changed in this repository, for people who were busy elsewhere

prompt: |
  Read the notes of this repository and write a digest for the week that ends on <<scheduled_date>>.

  Say in at most ten lines what is new, what was fixed, and what people should try.
  When there is nothing to report, say so in one sentence.

schedule:
  frequency: weekly
  days: [friday]
  at: "15:00"

sources: [notes]
skills: [plain-writing]
destinations: [digest-file]
"""

_SKILL = """\
---
name: plain-writing
description: How our reports are written - short, concrete, no filler
---
Write for a colleague who has one minute.

- Lead with what changed for the reader, then how.
- Name files, versions and people as they are named in the material.
- Say what you could not find out. Never guess.
"""

_SOURCE = """\
# yaml-language-server: $schema=../{folder}/source.schema.json
description: The Markdown files of this repository
type: local
path: .
include: ["**/*.md"]
"""

_DESTINATION = """\
# yaml-language-server: $schema=../{folder}/destination.schema.json
type: file
path: digests/<<scheduled_date>>.md
"""

_KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "groq": "GROQ_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "xai": "XAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
"""The variables these providers' own documentation names."""


def starter_files(*, timezone: str, model: str) -> Mapping[str, str]:
    """Path → text of everything `octops init` writes, the schemas for editors included."""
    variable = _KEYS.get(model.split("/", 1)[0])
    key = f"    api_key: {{env: {variable}}}\n" if variable else ""
    files = {
        "octops.yaml": _SETTINGS.format(folder=SCHEMA_FOLDER, timezone=timezone, model=model, key=key),
        "tasks/weekly-digest.yaml": _TASK.format(folder=SCHEMA_FOLDER),
        "skills/plain-writing/SKILL.md": _SKILL,
        "sources/notes.yaml": _SOURCE.format(folder=SCHEMA_FOLDER),
        "destinations/digest-file.yaml": _DESTINATION.format(folder=SCHEMA_FOLDER),
    }
    return {**files, **{f"{SCHEMA_FOLDER}/{kind}.schema.json": schema_text(kind) for kind in KINDS}}
