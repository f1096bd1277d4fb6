"""Mistakes that are plain in the files are told before anything is begun, in the words of the run that would fail."""

from __future__ import annotations

import pytest

from octops.destinations.table import TYPES as DESTINATIONS
from octops.rules import later
from octops.sources.table import TYPES as SOURCES
from tests.declare.written import around, diagnostics, with_task

ALLOW = "version: 1\nmodels: {default: a/b}\nnetwork: {allow: ['10.0.0.1:443', 'hooks.local:80']}\n"


def told(written: dict[str, str | bytes]) -> list[str]:
    return [
        f"{it.severity} {it.location.filename}:{it.location.line}:{it.location.column} {it.summary}; {it.detail}"
        for it in diagnostics(written)
        if it.location is not None
    ]


def about(path: str, text: str, **changed: str) -> list[str]:
    return [it for it in told(around(**{path: text, **changed})) if f" {path}:" in it]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("octops-ledger.json", "is where octops keeps its records on `octops/runs`; choose another path, or a branch"),
        ("pruned.json", "keeps its records"),
        ("runs/<<scheduled_date>>.md", "keeps its records"),
        ("Tasks/x.md", "keeps its records"),
        ("open/x.md", "keeps its records"),
        ("../x.md", "`../x.md` is not a path octops writes; a path has plain names between slashes"),
        ("a/<<task_name>>/../../x.md", "is not a path octops writes"),
        ("'.git/config'", "is not a path octops writes"),
    ],
)
def test_a_file_that_can_never_be_committed_is_an_error_at_its_path(path: str, said: str) -> None:
    (problem,) = about("destinations/d.yaml", f"type: file\npath: {path}\n")
    assert problem.startswith("error destinations/d.yaml:2:7 nothing can be delivered to `d`: ")
    assert said in problem


@pytest.mark.parametrize(
    "text",
    [
        "path: reports/<<scheduled_date>>.md",
        "path: <<task_name>>/x.md",
        "path: <<task_name>>.md",
        "path: runs/x.md\nbranch: reports",
    ],
)
def test_a_path_that_may_work_is_left_to_the_run(text: str) -> None:
    assert about("destinations/d.yaml", f"type: file\n{text}\n") == []


def test_the_records_branch_of_octops_yaml_counts() -> None:
    settings = "version: 1\nmodels: {default: a/b}\nrecords: {branch: ledger}\n"
    text = "type: file\npath: runs/x.md\nbranch: ledger\n"
    (problem,) = about("destinations/d.yaml", text, **{"octops.yaml": settings})
    assert "keeps its records on `ledger`" in problem


def test_a_destination_inside_a_task_is_judged_at_its_place_in_the_task() -> None:
    text = "prompt: Go.\ndestinations:\n  - team\n  - type: file\n    path: ../x.md\n"
    (problem,) = told(with_task(text))
    assert problem.startswith("error tasks/t.yaml:5:11 nothing can be delivered to `t-2`: `../x.md` is not a path")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://10.0.0.1/x", "host `10.0.0.1` has no public address; to reach it, add `10.0.0.1:443` to"),
        ("https://[::1]:8443/x", "add `[::1]:8443` to `network.allow`"),
        ("https://localhost/x", "add `localhost:443` to `network.allow`"),
        ("http://example.com/x", "http to `example.com:80` is not protected; use TLS, or add `example.com:80` to"),
        ("https://ann:pass@example.com/x", "holds a user name or password; put them into `headers`"),
        ("https://example.com:99999/x", "is not a web address; it starts with `https://` and a host"),
    ],
)
def test_an_address_that_a_webhook_never_reaches_is_an_error(url: str, said: str) -> None:
    (problem, *_) = about("destinations/d.yaml", f"type: webhook\nurl: {url}\n")
    assert problem.startswith("error destinations/d.yaml:2:6 nothing can be delivered to `d`: ")
    assert said in problem


@pytest.mark.parametrize("url", ["https://10.0.0.1/x", "http://hooks.local/x", "https://example.com/x"])
def test_an_address_that_is_public_or_allowed_is_left_to_the_run(url: str) -> None:
    assert about("destinations/d.yaml", f"type: webhook\nurl: {url}\n", **{"octops.yaml": ALLOW}) == []


def test_an_address_that_is_a_secret_is_left_to_the_run() -> None:
    assert about("destinations/d.yaml", "type: webhook\nurl: {env: HOOK}\nhost: 10.0.0.1\n") == []


def test_of_a_broken_network_setting_nothing_is_concluded() -> None:
    settings = ALLOW.replace("'hooks.local:80'", "'hooks.local:80', 7")
    assert about("destinations/d.yaml", "type: webhook\nurl: http://x.example/\n", **{"octops.yaml": settings}) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("host: mail.example.com\ntls: none\n", "mail to `mail.example.com:587` is not protected; use TLS, or add"),
        ("host: 10.0.0.2\n", "host `10.0.0.2` has no public address; to reach it, add `10.0.0.2:587`"),
    ],
)
def test_a_mail_server_that_is_never_spoken_to_is_an_error(more: str, said: str) -> None:
    text = f"type: email\nto: ada@example.com\nfrom: octops@example.com\n{more}"
    (problem,) = about("destinations/d.yaml", text)
    assert problem.startswith("error destinations/d.yaml:4:7 ")
    assert said in problem
    allowed = "version: 1\nmodels: {default: a/b}\nnetwork: {allow: [mail.example.com, '10.0.0.2:587']}\n"
    assert about("destinations/d.yaml", text, **{"octops.yaml": allowed}) == []


def test_a_header_that_octops_sets_itself_is_an_error_at_the_header() -> None:
    (problem,) = about("destinations/d.yaml", "type: webhook\nurl: https://e.com/\nheaders:\n  Host: a.example\n")
    assert problem.startswith("error destinations/d.yaml:4:9 ")
    assert "header `Host` is set by octops itself; take it away" in problem


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../..", "`path` is not a folder of the repository: `../..`; it leads out of it; write a folder below"),
        ("docs/../..", "it leads out of it"),
        (".git/hooks", "it leads to git's own files"),
    ],
)
def test_a_folder_outside_the_repository_is_an_error(path: str, said: str) -> None:
    (problem,) = about("sources/s.yaml", f"type: local\npath: {path}\n")
    assert problem.startswith("error sources/s.yaml:2:7 source `s` can never be opened: ")
    assert said in problem


@pytest.mark.parametrize("path", [".", "./", "docs", "not/there/yet"])
def test_a_folder_of_the_repository_may_come_later(path: str) -> None:
    assert about("sources/s.yaml", f"type: local\npath: {path}\n") == []


def test_an_unprotected_server_is_an_error_and_where_it_is_optional_a_warning() -> None:
    text = "type: mcp\ntransport: http\nurl: http://mcp.example.com/\n"
    (problem,) = about("sources/s.yaml", text)
    assert problem.startswith("error sources/s.yaml:3:6 source `s` can never be opened: `http://mcp.example.com:80` is")
    (problem,) = about("sources/s.yaml", f"{text}optional: true\n")
    assert problem.startswith("warning sources/s.yaml:3:6 ")


def test_arguments_inside_a_command_are_pointed_at_args() -> None:
    (problem,) = about("sources/s.yaml", "type: mcp\ncommand: npx -y @acme/server\n")
    assert problem.startswith("warning sources/s.yaml:2:10 ")
    assert problem.endswith('write the arguments into `args`: `command: npx` and `args: [-y, "@acme/server"]`')


PREFETCH = "prompt: Go.\nsources: [changelog]\nprefetch:\n  - source: changelog\n    "


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("tool: read_fil", "tasks/t.yaml:5:11 source `changelog` has no tool `read_fil`; did you mean `read_file`?"),
        ("tool: read_file", "tasks/t.yaml:4:5 tool `read_file` of source `changelog` needs the argument `path`"),
        (
            "tool: read_file\n    arguments: {path: a.md, lines: 3}",
            "tasks/t.yaml:6:29 tool `read_file` takes no argument `lines`; there is `limit`, `offset`, `path`; these",
        ),
    ],
)
def test_a_prefetch_that_a_local_source_cannot_answer_is_an_error(call: str, said: str) -> None:
    (problem,) = told(with_task(f"{PREFETCH}{call}\n"))
    assert problem.startswith(f"error {said}")


def test_a_prefetch_with_a_tool_that_its_source_denies_is_an_error() -> None:
    written = with_task(f"{PREFETCH}tool: list_files\n")
    written["sources/changelog.yaml"] = "type: mcp\ncommand: server\ntools: {deny: ['list_*']}\n"
    (problem,) = told(written)
    assert problem.startswith("error tasks/t.yaml:5:11 source `changelog` does not allow its tool `list_files`")


def test_a_prefetch_that_fits_is_let_through() -> None:
    assert told(with_task(f'{PREFETCH}tool: read_file\n    arguments: {{path: "<<task_name>>.md"}}\n')) == []


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("destinations/d.yaml", "type: slack\nurl: {env: U}\n", "1:7 destination type `slack` is not available yet in"),
        (
            "destinations/d.yaml",
            "type: apprise\nurl: {env: U}\nhost: a.example\n",
            "1:7 destination type `apprise` is not available yet in this version",
        ),
        ("sources/s.yaml", "type: mcp\ntransport: sse\nurl: https://a.example/\n", "2:12 transport `sse` is not avail"),
        (
            "sources/s.yaml",
            "type: api\nbase_url: https://a.example\nopenapi: api.yaml\n",
            "1:7 source type `api` is",
        ),
    ],
)
def test_what_this_version_cannot_run_yet_is_a_warning_at_its_word(path: str, text: str, said: str) -> None:
    (problem, *_) = about(path, text)
    assert problem.startswith(f"warning {path}:{said}")


def test_the_types_of_this_version_are_those_of_the_tables() -> None:
    assert (set(later.SOURCES), set(later.DESTINATIONS)) == (set(SOURCES), set(DESTINATIONS))
