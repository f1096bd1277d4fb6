"""Keys are recognised by their shape, and never shown."""

from __future__ import annotations

import time

import pytest

from octops.declare.literal_secrets import find, fingerprint, masked
from tests.declare.written import around, diagnostics, with_task

WORD = "aB3dE6gH9jK2mN5pQ8sT1vX4zA7cF0hJ3kL6nP9r"
KEYS = [
    f"sk-{WORD}",
    f"sk-proj-{WORD}",
    f"sk-ant-api03-{WORD}",
    f"sk-or-v1-{WORD}",
    f"ghp_{WORD[:36]}",
    f"gho_{WORD[:36]}",
    f"github_pat_{WORD}",
    f"glpat-{WORD[:20]}",
    f"xoxb-1234567890-{WORD[:24]}",
    f"xoxp-1234567890-{WORD[:24]}",
    f"xapp-1-A0-{WORD[:24]}",
    f"https://hooks.slack.com/services/T000/B000/{WORD[:24]}",
    f"https://discord.com/api/webhooks/123456/{WORD}",
    f"https://x.webhook.office.com/webhookb2/{WORD}",
    f"123456789:AA{WORD[:33]}",
    "AKIAQWERTYUIOPASDFGH",
    f"AIza{WORD[:35]}",
    f"GOCSPX-{WORD[:28]}",
    f"sk_live_{WORD[:24]}",
    f"rk_live_{WORD[:24]}",
    f"whsec_{WORD[:32]}",
    "SK0123456789abcdef0123456789abcdef",
    f"SG.{WORD[:22]}.{WORD}",
    f"hf_{WORD[:34]}",
    f"npm_{WORD[:36]}",
    f"gsk_{WORD}",
    "dapi0123456789abcdef0123456789abcdef",
    f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{WORD}",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_whole_in_the_middle_of_a_sentence(key: str) -> None:
    text = f"first line\nuse {key}, please"
    assert [text[it.start : it.end] for it in find(text)] == [key]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_never_shown_wherever_it_stands(key: str) -> None:
    written = {
        **around(**{"sources/changelog.yaml": f"type: mcp\ncommand: x\nenv: {{A: '{key}'}}\nbad: 1\n"}),
        "tasks/a.yaml": f"prompt: x {key}\nmodel: {{ {key}\n",
        "tasks/b.yaml": f"prompt: x\nstatus: {key}\n",
        "tasks/c.md": f"---\n{key}: 1\n---\nUse {key} and <<nobody>> {key}\n",
        "skills/x.md": f"---\nname: {key}\n---\n{key}\n",
    }
    found = diagnostics(written)
    assert {it.location.filename for it in found if it.location} >= {*written} - {*around()}
    for it in found:
        assert key not in it.summary + it.detail + it.snippet


def test_a_private_key_is_one_secret_from_its_first_to_its_last_line() -> None:
    text = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB\nxyz\n-----END RSA PRIVATE KEY-----\nb\n"
    (found,) = find(text)
    assert text[found.start : found.end].splitlines()[-1] == "-----END RSA PRIVATE KEY-----"
    assert masked(text).split("\n") == ["a", "*" * 31, "****", "***", "*" * 29, "b", ""]


def test_a_secret_inside_another_is_not_counted() -> None:
    assert [it.what for it in find(f"https://bob:ghp_{WORD}@x.org")] == ["a GitHub token"]
    begin = "-----BEGIN PRIVATE KEY-----\n"
    assert [it.what for it in find(f"{begin}AKIAQWERTYUIOPASDFGH\n{begin}")] == ["a private key"]


def test_of_a_url_only_the_password_is_secret() -> None:
    text = "see https://bob:hunter2@x.org/"
    assert [text[it.start : it.end] for it in find(text)] == ["hunter2"]


HARMLESS = [
    "task-sk-something, risk-management and a desk-top",
    "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxx is how such a key begins",
    "ghp_short and hf_hub and xoxb-1",
    "https://x.org:8080/path@home, git@github.com:a/b.git, https://<user>:<password>@x.org, ${scheme}://${u}:${p}@x",
    "organization_name and a_rather_long_name_of_a_variable",
    "0123456789abcdef0123456789abcdef and AKIA",
    "SKILLS, SG.md, eyJ and -----BEGIN CERTIFICATE-----",
    "anthropic/claude-sonnet-4-5-20250929",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_no_key(text: str) -> None:
    assert find(text) == ()


def test_a_fingerprint_shows_four_characters_of_a_public_prefix_at_most() -> None:
    (found,) = find("ghp_" + "a" * 36)
    assert found.fingerprint.startswith("`ghp_…`, 40 characters, sha256:")
    assert fingerprint("hunter2") == "7 characters, sha256:f52fbd32…"


def test_a_password_of_no_known_shape_is_not_shown_either() -> None:
    text = "prompt: x\ndestinations:\n  - {type: slack, channel: x, token: %s, bad: 1}\n"
    found = diagnostics(with_task(text % "correct-horse")) + diagnostics(with_task(text % "{env: correct-horse}"))
    assert [it.code for it in found] == ["literal-secret", "unknown-key", "bad-value", "unknown-key"]
    assert not any("horse" in it.summary + it.detail + it.snippet for it in found)


def test_a_password_in_a_file_that_cannot_be_parsed_is_not_shown_either() -> None:
    found = diagnostics(with_task("prompt: x\n  password: correct-horse\n"))
    assert found
    assert not any("horse" in it.summary + it.detail + it.snippet for it in found)


HOSTILE = [
    "eyJ",
    "SG." + "a",
    "://:",
    "-----BEGIN PRIVATE KEY-----",
    "sk-proj-",
    "https://hooks.slack.com/",
    "ghp_" * 9,
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_searching_takes_time_linear_in_the_text(piece: str) -> None:
    text = (piece * 300_000)[:250_000]
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 1
