"""Every mistake a file can hold, and where it is said to be."""

from __future__ import annotations

import pytest

from tests.declare.written import PROJECT, SETTINGS, SKILL, SOURCE, around, diagnostics, said, with_task

ANTHROPIC = "sk-ant-api03-" + "a1B2" * 8
P = "prompt: x\n"
HEAD = "version: 1\nvariables: {organization_name: x}\nmodels:\n"
API = "type: api\nbase_url: https://x.org\nendpoints: [{name: a, path: /a}]\n"

TASKS: list[tuple[str, list[str]]] = [
    # schema
    ("promt: x\nprompt: x\n", ["1:1 unknown-key"]),
    ("prompt: x\nlimits: {turn: 3}\n", ["2:10 unknown-key"]),
    ("name: x\n", ["1:1 missing-key"]),
    (P + "prefetch: [{source: changelog}]\nsources: [changelog]\n", ["2:12 missing-key"]),
    (P + "status: pause\n", ["2:9 unknown-value"]),
    (P + "schedule: {frequency: weekly, days: [Monday], at: '09:00'}\n", ["2:38 unknown-value"]),
    (P + "skills:\n", ["2:1 no-value"]),
    (P + "name: 12\n", ["2:7 wrong-type"]),
    (P + "skills: writing-style\n", ["2:9 wrong-type"]),
    (P + "schedule: {frequency: daily, at: '25:00'}\n", ["2:34 bad-value"]),
    (P + "schedule:\n  frequency: daily\n  at: ['09:00', '9:30']\n", ["4:17 bad-value"]),
    ("prompt: ' '\n", ["1:9 empty-value"]),
    (P + "schedule: {frequency: weekly, days: [], at: '09:00'}\n", ["2:37 empty-value"]),
    (P + f"name: {'x' * 201}\n", ["2:7 too-long"]),
    (P + "limits: {turns: 0}\n", ["2:17 out-of-range"]),
    (P + "limits:\n  cost_usd: -1\n", ["3:13 out-of-range"]),
    (P + "skills: [writing-style, writing-style]\n", ["2:25 repeated-item"]),
    (P + "variables: {Team-Name: x}\n", ["2:13 bad-name"]),
    (P + "output: {schema: {type: object}}\n", ["2:10 schema-without-json"]),
    (P + "output: {format: json, schema: {type: objet}}\n", ["2:39 bad-json-schema"]),
    (P + "output: {format: json, schema: {pattern: '('}}\n", ["2:42 bad-json-schema"]),
    (P + "output: {format: json, schema: {patternProperties: {'(': {}}}}\n", ["2:53 bad-json-schema"]),
    (P + "output: {format: json, schema: {default: {pattern: '(', $ref: x}}}\n", []),
    (P + "output: {format: json, schema: {properties: {pattern: {$ref: '#'}, default: {type: string}}}}\n", []),
    (P + "output: {format: json, schema: {$ref: '#/$defs/a'}}\n", ["2:39 bad-json-schema"]),
    (P + "output: {format: json, schema: {$ref: 'https://x.org/a'}}\n", ["2:39 remote-reference"]),
    (P + "schedule: {frequency: daily, at: '09:00', start: 2026-02-30}\n", ["2:50 bad-date"]),
    # inline destinations
    (P + "destinations: [{type: webhok}]\n", ["2:23 unknown-value"]),
    (P + "destinations: [team, {type: file, pth: x}]\n", ["2:22 missing-key", "2:35 unknown-key"]),
    (P + "destinations:\n  - type: file\n    path: <<team>>.md\n", ["4:11 unknown-variable"]),
    # references
    (P + "skills:\n  - writing-stile\n", ["3:5 unknown-skill"]),
    (P + "sources: [changelgo]\n", ["2:11 unknown-source"]),
    (P + "destinations: [teem]\n", ["2:16 unknown-destination"]),
    (P + "prefetch: [{source: nowhere, tool: x}]\n", ["2:21 unknown-source"]),
    (P + "prefetch: [{source: changelog, tool: x}]\n", ["2:21 missing-source"]),
    (P + "destinations: [daily-digest-1]\n", ["2:16 unknown-destination"]),
    (P + "skills: [writing-style]\nsources: 5\nprefetch: [{source: changelog, tool: x}]\n", ["3:10 wrong-type"]),
    # models
    (P + "model: smal\n", ["2:8 unknown-model"]),
    (P + "model: gpt-4o\n", ["2:8 bare-model (warning)"]),
    (P + "model: gpt 4\n", ["2:8 bad-value"]),
    (P + "model: local/qwen2.5-coder\n", ["2:8 unknown-model"]),
    (P + "model: local/qwen2.5-coder-0.5b\n", []),
    # time
    (P + "timezone: Berlin\n", ["2:11 unknown-timezone"]),
    (P + "schedule: {cron: '0 9 * * * *'}\n", ["2:18 cron-fields"]),
    (P + "schedule: {frequency: daily, at: ['09:00', '09:01']}\n", ["2:34 often (warning)"]),
    (P + "schedule: {frequency: daily, at: '09:00', start: 2026-03-02, end: 2026-03-01}\n", ["2:67 empty-period"]),
    # variables
    ("prompt: |\n  one\n  two <<organisation_name>>\n", ["3:7 unknown-variable"]),
    ('prompt: "a\\n<<nobody>>"\n', ["1:13 unknown-variable"]),
    ("prompt: >\n  a\n  {{organization_name}}\n", ["3:3 not-a-placeholder (warning)"]),
    (
        P + "prefetch: [{source: changelog, tool: list_files, arguments: {pattern: [<<no>>]}}]\nsources: [changelog]\n",
        ["2:72 unknown-variable"],
    ),
    ("prompt: <<foo>>\nvariables: 5\n", ["2:12 wrong-type"]),
    ("prompt: <<foo>>\nparameters: {foo: {descripton: x}}\n", ["2:20 unknown-key"]),
    ("prompt: <<foo>>\nparameters: {foo: 5}\n", ["2:19 wrong-type"]),
    ("prompt: <<teams>>\n", ["1:9 not-text"]),
    ("prompt: <<teams>>\nvariables: {teams: all of them}\n", []),
    (P + "variables: {now: x}\n", ["2:13 shadows-built-in"]),
    (P + "parameters:\n  run_id: x\n", ["3:3 shadows-built-in"]),
    (P + "schedule: {frequency: daily, at: '09:00'}\nparameters: {url: {required: true}}\n", ["3:14 missing-default"]),
    (P + "schedule: {frequency: daily, at: '09:00'}\nparameters: {url: The page}\n", ["3:14 missing-default"]),
    # whole files
    ("", ["1:1 empty-file"]),
    ("# only a comment\n", ["1:1 empty-file"]),
    ("- a\n", ["1:1 not-a-mapping"]),
    ("just a text\n", ["1:1 not-a-mapping"]),
    ("prompt: x\n<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> other\n", ["2:1 merge-conflict"]),
    ("prompt: 'x\n", ["1:9 yaml-syntax"]),
    (P + "name: a\nname: b\n", ["3:1 duplicate-key"]),
    (P + "name: &a x\nowner: *a\n", ["2:7 anchor", "3:8 alias"]),
    # hidden characters and secrets
    (P + "name: a\u202eb\n", ["2:8 hidden-character"]),
    (P + "# zero\u200bwidth\n", ["2:7 hidden-character"]),
    (P + 'name: "a\\u200bb"\n', ["2:7 hidden-character"]),
    (P + 'name: "a\\u0007b"\n', ["2:7 control-character"]),
    (P + 'name: "a\\u0085b"\n', ["2:7 hidden-character"]),
    (P + 'name: "a\\u0007b"\ntags: ["b\\u0007"]\n', ["2:7 control-character", "3:8 control-character"]),
    (P + 'variables: {"a\\u200bb": x}\n', ["2:13 bad-name", "2:13 hidden-character"]),
    (P + "name: a\x1bb\n", ["2:8 control-character"]),
    ("prompt: a \u202e b\nname: x\n", ["1:11 hidden-character (warning)"]),
    ('prompt: "a \\u202e b"\n', ["1:12 hidden-character (warning)"]),
    ("prompt: family \U0001f468\u200d\U0001f469\n", []),
    (f"prompt: use {ANTHROPIC} now\n", ["1:13 literal-secret"]),
    (P + f"# {ANTHROPIC}\n", ["2:3 literal-secret"]),
    (P + "destinations: [{type: slack, channel: x, token: hunter2}]\n", ["2:49 literal-secret"]),
    (P + f"destinations: [{{type: slack, channel: x, token: xoxb-{'1' * 12}}}]\n", ["2:49 literal-secret"]),
    (P + "destinations: [{type: slack, channel: x, token: {value: x}}]\n", ["2:49 bad-secret"]),
    (P + "destinations: [{type: slack, channel: x, token: {env: hunter-2}}]\n", ["2:55 bad-value"]),
]


@pytest.mark.parametrize(("text", "expected"), TASKS)
def test_a_mistake_in_a_task_is_said_once_and_where_it_stands(text: str, expected: list[str]) -> None:
    assert said(with_task(text)) == [f"tasks/t.yaml:{line}" for line in expected]


MARKDOWN: list[tuple[str, list[str]]] = [
    ("Just a prompt for <<organization_name>>.\n", []),
    ("---\nname: x\n---\n\nHello <<nobody>>\n", ["5:7 unknown-variable"]),
    ("---\nname: x\nprompt: y\n---\n", []),
    ("---\nname: x\nprompt: y\n---\nz\n", ["3:1 two-prompts"]),
    ("---\nname: x\n---\n", ["2:1 missing-key"]),
    ("---\nname: x\nsource: []\n---\nx\n", ["3:1 unknown-key"]),
    ("---\nname: 'x\n---\nx\n", ["2:7 yaml-syntax"]),
    ("---\nname: x\n\nno end\n", ["1:1 unclosed-front-matter"]),
    ("---\n---\n", ["1:1 empty-file"]),
    ("", ["1:1 empty-file"]),
    ("---\n- a\n---\nx\n", ["2:1 not-a-mapping"]),
    ("---\nname: a\u200bb\n---\nx \u202e y\u200b\n", ["2:8 hidden-character", "4:3 hidden-character (warning)"]),
    (f"---\nname: x\n---\nuse {ANTHROPIC}\n", ["4:5 literal-secret"]),
    ("---\nname: x\n---\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n", ["4:1 merge-conflict"]),
]


@pytest.mark.parametrize(("text", "expected"), MARKDOWN)
def test_a_mistake_in_a_markdown_task_is_said_in_the_lines_of_the_file(text: str, expected: list[str]) -> None:
    assert said(with_task(text, "tasks/t.md")) == [f"tasks/t.md:{line}" for line in expected]


SKILLS: list[tuple[str, list[str]]] = [
    ("No front matter.\n", ["1:1 missing-description (warning)"]),
    (SKILL.replace("name: writing-style", "name: style"), ["2:7 skill-name (warning)"]),
    (SKILL.replace("How we write.", "x" * 1025), ["3:14 long-description (warning)"]),
    (SKILL.replace("name:", "model: x\nname:"), ["2:1 unknown-key (warning)"]),
    (SKILL.replace("Short sentences.\n", ""), ["5:1 empty-skill (warning)"]),
    (SKILL.replace("name:", "tags: x\nname:"), ["2:7 wrong-type"]),
    (SKILL + "\u202e <<text>> {{organization_name}}\n", ["6:1 hidden-character (warning)"]),
]


@pytest.mark.parametrize(("text", "expected"), SKILLS)
def test_a_mistake_in_a_skill_is_mostly_a_warning(text: str, expected: list[str]) -> None:
    path = "skills/writing-style/SKILL.md"
    assert said(around(**{path: text})) == [f"{path}:{line}" for line in expected]


SETTINGS_MISTAKES: list[tuple[str, list[str]]] = [
    ("", ["1:1 empty-file"]),
    (SETTINGS.removeprefix("version: 1\n"), ["1:1 missing-key"]),
    (SETTINGS.replace("version: 1", "version: 2"), ["1:10 unknown-value"]),
    (SETTINGS.replace("Berlin", "Berln"), ["2:11 unknown-timezone"]),
    (SETTINGS.replace("{organization_name: Acme", "{now: x, organization_name: Acme"), ["3:13 shadows-built-in"]),
    (SETTINGS + "defaults: {model: defualt}\n", ["5:19 unknown-model"]),
    (SETTINGS.replace("{default: anthropic/claude-sonnet-4-5,", "7 #") + "defaults: {model: x}\n", ["4:9 wrong-type"]),
    (HEAD + "  big: {model: a/b, fallback: default}\ndefaults: {model: big}\n", ["4:31 unknown-model"]),
    (SETTINGS + "defaults: {modle: default}\n", ["5:12 unknown-key"]),
    (SETTINGS + "defaults: {limits: {turns: x}}\n", ["5:28 wrong-type"]),
    (SETTINGS + "moved: [{from: daily-digest, to: daily-digest}]\n", ["5:16 not-moved"]),
    (SETTINGS + "moved: [{from: old, to: daily-digst}]\n", ["5:25 unknown-task"]),
    (
        SETTINGS + "moved:\n  - {from: old, to: daily-digest}\n  - {from: old, to: x}\n",
        ["7:12 duplicate-move"],
    ),
    (
        HEAD + "  default: small\n  small: a/b\n",
        ["4:12 alias-of-alias"],
    ),
    (
        HEAD + "  default: {model: a/b, fallback: other}\n  other: {model: c/d, fallback: default}\n",
        ["4:35 fallback-circle"],
    ),
    (
        HEAD + "  default: {model: a/b, fallback: defalt}\n",
        ["4:35 unknown-model"],
    ),
    (SETTINGS + "defaults: {model: local/llama}\n", ["5:19 unknown-model"]),
    (HEAD + "  default: local/qwen2.5-coder-1b\n", ["4:3 unknown-model"]),
    (HEAD + "  default: {model: local/qwen2.5-coder-1.5b, fallback: local/gpt}\n", ["4:56 unknown-model"]),
    (HEAD + "  default: {model: local/qwen2.5, api_base: 'https://x.org'}\n", ["4:20 unknown-model"]),
    (HEAD + "  default: {model: a/b, api_base: 'http://x.org'}\n", ["4:35 plain-http"]),
    (
        HEAD + "  default:\n    model: a/b\n    api_key: hunter2\n",
        ["6:14 literal-secret"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), SETTINGS_MISTAKES)
def test_a_mistake_in_octops_yaml_is_said_once_and_not_once_more_per_task(text: str, expected: list[str]) -> None:
    assert said(around(**{"octops.yaml": text})) == [f"octops.yaml:{line}" for line in expected]


SOURCES: list[tuple[str, list[str]]] = [
    ("type: lokal\n", ["1:7 unknown-value"]),
    ("path: docs\n", ["1:1 missing-key"]),
    ("type: mcp\ncommand: x\nurl: y\n", ["3:1 unknown-key"]),
    ("type: mcp\ncommand: x\nenv: {GITHUB_TOKEN: abc, REGION: eu}\n", ["3:21 literal-secret"]),
    (API + "headers: {X-Api-Key: abc, Accept: json}\n", ["1:7 not-available (warning)", "4:22 literal-secret"]),
    (
        "type: api\nbase_url: https://u:hunter2@x.org\nendpoints: [{name: a, path: /a}]\n",
        ["1:7 not-available (warning)", "2:21 literal-secret"],
    ),
    (
        "type: api\nbase_url: https://x.org\nendpoints: [{name: a, path: /a, method: POST, body: {type: x}}]\n",
        ["3:60 bad-json-schema"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), SOURCES)
def test_a_mistake_in_a_source_is_said_where_it_stands(text: str, expected: list[str]) -> None:
    path = "sources/changelog.yaml"
    assert said(around(**{path: text})) == [f"{path}:{line}" for line in expected]


NAMES: list[tuple[dict[str, str], list[str]]] = [
    ({"tasks/Weekly Report.yaml": P}, ["tasks/Weekly Report.yaml:1:1 bad-id"]),
    ({"tasks/a/x.yaml": P, "tasks/b/x.md": "x"}, ["tasks/b/x.md:1:1 duplicate-id"]),
    ({"tasks/a/X.yaml": P, "tasks/b/X.yaml": P}, ["tasks/a/X.yaml:1:1 bad-id", "tasks/b/X.yaml:1:1 bad-id"]),
    ({"skills/SKILL.md": SKILL}, ["skills/SKILL.md:1:1 bad-id", "skills/SKILL.md:2:7 skill-name (warning)"]),
    ({"skills/group/writing-style.md": SKILL}, ["skills/writing-style/SKILL.md:1:1 duplicate-id"]),
    (
        {
            "tasks/t.yaml": P + "destinations: [{type: file, path: x}]\n",
            "destinations/t-1.yaml": "type: file\npath: y\n",
        },
        ["tasks/t.yaml:2:16 duplicate-id"],
    ),
    ({"tasks/t.yaml": P + "destinations: [t-1]\n", "destinations/t-1.yaml": "type: file\npath: y\n"}, []),
]


@pytest.mark.parametrize(("written", "expected"), NAMES)
def test_ids_come_from_file_names(written: dict[str, str], expected: list[str]) -> None:
    assert said({**PROJECT, **written}) == expected


def test_a_skill_whose_required_source_the_task_lacks_is_said_at_the_skill_in_the_task() -> None:
    skill = SKILL.replace("name:", "required_sources: [inbox]\nname:")
    written = around(**{"skills/writing-style/SKILL.md": skill, "sources/inbox.yaml": SOURCE})
    assert said(written) == ["tasks/daily-digest.yaml:7:10 missing-source"]


def test_what_a_skill_requires_is_not_asked_of_sources_that_cannot_be_read() -> None:
    skill = SKILL.replace("name:", "required_sources: [changelog]\nname:")
    task = P + "skills: [writing-style]\nsources: 5\n"
    written = around(**{"skills/writing-style/SKILL.md": skill, "tasks/t.yaml": task})
    assert said(written) == ["tasks/t.yaml:3:10 wrong-type"]


def test_a_skill_that_requires_a_source_nobody_declared_is_told_so_beside_its_tasks() -> None:
    skill = SKILL.replace("name:", "required_sources: [nowhere]\nname:")
    assert said(around(**{"skills/writing-style/SKILL.md": skill})) == [
        "skills/writing-style/SKILL.md:2:20 unknown-source",
        "tasks/daily-digest.yaml:7:10 missing-source",
    ]


def test_a_task_whose_model_cannot_be_used_is_not_told_that_it_has_none() -> None:
    assert said({"tasks/t.yaml": P + "model: 5\n"}) == ["tasks/t.yaml:2:8 wrong-type"]
    settings = "version: 1\ndefaults: {model: 5, limits: {turns: 5}}\n"
    assert said({"octops.yaml": settings, "tasks/t.yaml": P}) == ["octops.yaml:2:19 wrong-type"]


def test_a_task_without_a_model_is_told_so_when_the_project_has_none_either() -> None:
    assert said({"tasks/t.yaml": P, "tasks/u.yaml": P + "model: a/b\n"}) == ["tasks/t.yaml:1:1 missing-model"]


BROKEN: list[tuple[str, str | bytes, list[str]]] = [
    ("octops.yaml", "version: '1\n", ["octops.yaml:1:10 yaml-syntax"]),
    ("octops.yaml", b"\xff", ["octops.yaml:1:1 not-utf-8"]),
    ("octops.yaml", SETTINGS.replace("{organization_name: Acme, teams: [a, b]}", "7"), ["octops.yaml:3:12 wrong-type"]),
    (
        "octops.yaml",
        SETTINGS.replace("models: {default:", "models: {default: {model: 7}, x:"),
        ["octops.yaml:4:27 wrong-type"],
    ),
    ("skills/writing-style/SKILL.md", "---\nname: 'x\n---\n", ["skills/writing-style/SKILL.md:2:7 yaml-syntax"]),
    ("sources/changelog.yaml", b"\xff", ["sources/changelog.yaml:1:1 not-utf-8"]),
    ("destinations/team.yaml", "type: x\n", ["destinations/team.yaml:1:7 unknown-value"]),
]


@pytest.mark.parametrize(("path", "text", "expected"), BROKEN)
def test_what_refers_to_a_broken_file_is_not_blamed_for_it(path: str, text: str | bytes, expected: list[str]) -> None:
    assert said(around(**{path: text})) == expected


def test_a_bad_alias_does_not_hide_what_is_wrong_with_the_others() -> None:
    settings = SETTINGS.replace("small: openai/gpt-4o-mini", "small: {model: 7}") + "defaults: {model: defalt}\n"
    assert said(around(**{"octops.yaml": settings})) == [
        "octops.yaml:4:63 wrong-type",
        "octops.yaml:5:19 unknown-model",
    ]


ZONES = [("Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("America/New York", "America/New_York")]


@pytest.mark.parametrize(("zone", "meant"), ZONES)
def test_a_zone_that_is_almost_right_is_suggested(zone: str, meant: str) -> None:
    (found,) = diagnostics(with_task(P + f"timezone: {zone}\n"))
    assert found.detail == f"did you mean `{meant}`?"


def test_a_file_with_several_mistakes_tells_all_of_them() -> None:
    text = """\
nam: x
prompt: <<nobody>>
model: smal
skills: [writing-stile, 5]
schedule: {frequency: daily, at: '09:00', evry: 2, start: 2026-02-30}
limits: {turns: 0, token: 5}
timezone: Berlin
"""
    assert said(with_task(text)) == [
        "tasks/t.yaml:1:1 unknown-key",
        "tasks/t.yaml:2:9 unknown-variable",
        "tasks/t.yaml:3:8 unknown-model",
        "tasks/t.yaml:4:10 unknown-skill",
        "tasks/t.yaml:4:25 wrong-type",
        "tasks/t.yaml:5:43 unknown-key",
        "tasks/t.yaml:5:59 bad-date",
        "tasks/t.yaml:6:17 out-of-range",
        "tasks/t.yaml:6:20 unknown-key",
        "tasks/t.yaml:7:11 unknown-timezone",
    ]


def test_mistakes_of_all_files_come_at_once_in_the_order_of_files_and_lines() -> None:
    written = around(**{"octops.yaml": SETTINGS + "x: 1\n", "tasks/a.yaml": P + "y: 1\nx: 1\n", "tasks/b.yaml": ""})
    assert said(written) == [
        "octops.yaml:5:1 unknown-key",
        "tasks/a.yaml:2:1 unknown-key",
        "tasks/a.yaml:3:1 unknown-key",
        "tasks/b.yaml:1:1 empty-file",
    ]
