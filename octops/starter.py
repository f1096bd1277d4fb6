"""The files `octops init` writes: a first task that is useful as it stands, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping

from octops.schemas import schema_text

SCHEMA_FOLDER = ".octops/schemas"
KINDS = ("octops", "task", "skill", "source", "destination")
SAVED_PLAN = "plan.json"
"""What git should not keep: a saved plan is stale as soon as anything else is committed."""

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

_COMMENT = "# yaml-language-server: $schema=../{folder}/task.schema.json\n"

_WEEKLY_DIGEST = """\
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
destinations: [{destination}]
"""

_RELEASE_NOTES = """\
name: Release-note draft
description: A draft of the notes of the next release, for a person to finish

prompt: |
  Look through the notes of this repository for what has changed since the last release, and draft the release notes.

  Fill in these fields, each on its own line, and leave out one that has nothing to say:
  New: what people can do now that they could not do before.
  Changed: what works differently, and what to do instead.
  Fixed: what no longer goes wrong.

schedule:
  frequency: weekly
  days: [thursday]
  at: "16:00"
  every: 2

sources: [notes]
skills: [plain-writing]
destinations: [{destination}]
"""

_ANSWER_QUESTION = """\
# No schedule: it runs when somebody asks for it, for example
#   octops run answer-question --name first --param question="How do I build it?"
name: Answer a question
description: Answers one question from one file of this repository

prompt: |
  Answer this question from the file above, and from nothing else: <<question>>

  Quote the sentence that says so. When no sentence does, say that.

sources: [notes]
prefetch:
  - {{source: notes, tool: read_file, arguments: {{path: <<file>>}}}}
skills: [plain-writing]
destinations: [{destination}]

parameters:
  question: {{description: What somebody wants to know, required: true}}
  file: {{description: The file that should say so, default: README.md}}
"""

TASKS = {
    "weekly-digest": (_WEEKLY_DIGEST, "digest-file", "digests/<<scheduled_date>>.md"),
    "release-notes": (_RELEASE_NOTES, "draft-file", "drafts/<<scheduled_date>>.md"),
    "answer-question": (_ANSWER_QUESTION, "answer-file", "answers/<<run_id>>.md"),
}
"""The first tasks to choose from: id → its file, and the destination it comes with."""

_SKILL = """\
---
# yaml-language-server: $schema=../../{folder}/skill.schema.json
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
type: local
description: The Markdown files of this repository
path: .
include: ["**/*.md"]
"""

_DESTINATION = """\
# yaml-language-server: $schema=../{folder}/destination.schema.json
type: file
path: {path}
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


def starter_files(*, timezone: str, model: str, task: str = "weekly-digest") -> Mapping[str, str]:
    """Path → text of everything `octops init` writes, the schemas for editors included; `task` is one of TASKS."""
    variable = _KEYS.get(model.split("/", 1)[0])
    key = f"    api_key: {{env: {variable}}}\n" if variable else ""
    text, destination, path = TASKS[task]
    files = {
        "octops.yaml": _SETTINGS.format(folder=SCHEMA_FOLDER, timezone=timezone, model=model, key=key),
        f"tasks/{task}.yaml": (_COMMENT + text).format(folder=SCHEMA_FOLDER, destination=destination),
        "skills/plain-writing/SKILL.md": _SKILL.format(folder=SCHEMA_FOLDER),
        "sources/notes.yaml": _SOURCE.format(folder=SCHEMA_FOLDER),
        f"destinations/{destination}.yaml": _DESTINATION.format(folder=SCHEMA_FOLDER, path=path),
    }
    return {**files, **{f"{SCHEMA_FOLDER}/{kind}.schema.json": schema_text(kind) for kind in KINDS}}
