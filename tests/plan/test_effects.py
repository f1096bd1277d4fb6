from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from octops.model.effects import Effects, SecretUse
from octops.model.ids import DestinationId, SourceId, Value
from octops.model.project import Budget, Destination, ModelAlias, Project, Settings, Source
from octops.model.task import Limits, Prefetch
from octops.plan.effects import effects, new_effects
from tests.plan.kit import project, task


def source(id_: str, type_: str, config: Mapping[str, Value], **changes: Any) -> Source:
    return Source(id=SourceId(id_), path=f"sources/{id_}.yaml", type=type_, config=config, **changes)


def of_source(type_: str, config: Mapping[str, Value], **changes: Any) -> Effects:
    one = source("src", type_, config, **changes)
    reading = task(sources=(one.id,))
    return effects(reading, project(reading, sources={one.id: one}))


def of_destination(type_: str, config: Mapping[str, Value]) -> Effects:
    one = Destination(id=DestinationId("team"), path="destinations/team.yaml", type=type_, config=config)
    sending = task(destinations=(one.id,))
    return effects(sending, project(sending, destinations={one.id: one}))


def of_model(model: str, **settings: Any) -> Effects:
    asking = task(model=model)
    return effects(asking, project(asking, settings=Settings(**settings)))


def uses(found: Effects) -> list[tuple[str, str]]:
    return [(use.name, use.goes_to) for use in found.secrets]


def test_a_process_shows_its_whole_command_line_and_where_its_secrets_go() -> None:
    found = of_source(
        "mcp",
        {
            "command": "npx",
            "args": ["-y", "some server", {"env": "ROOM"}],
            "env": {"TOKEN": {"env": "GH_TOKEN"}, "NODE_OPTIONS": "--require x"},
            "cwd": "tools",
        },
    )
    assert found.commands == ("NODE_OPTIONS='--require x' npx -y 'some server' $ROOM (in tools)",)
    assert uses(found) == [("GH_TOKEN", "command npx"), ("ROOM", "command npx")]


def test_a_remote_server_shows_its_hosts_and_where_its_secrets_go() -> None:
    auth: Mapping[str, Value] = {
        "type": "oauth",
        "token_url": "https://id.example.com/token",
        "client_secret": {"env": "SECRET"},
    }
    found = of_source("mcp", {"transport": "http", "url": "https://mcp.example.com:8443/x", "auth": auth})
    assert found.hosts == ("id.example.com", "mcp.example.com:8443")
    assert uses(found) == [("SECRET", "host id.example.com"), ("SECRET", "host mcp.example.com:8443")]


def test_an_api_shows_the_requests_it_may_make() -> None:
    found = of_source("api", {"base_url": "https://api.example.com/v1", "allow": ["GET *", "POST /issues"]})
    assert (found.hosts, found.tools) == (("api.example.com",), ("src: *", "src: GET *", "src: POST /issues"))


@pytest.mark.parametrize(
    ("config", "reads"),
    [
        ({"include": ["a.md", "docs/**"]}, ("src: a.md", "src: docs/**")),
        ({"path": "inbox", "include": ["*.md"]}, ("src: inbox/*.md",)),
        ({"path": "inbox"}, ("src: inbox/**",)),
        ({"path": "inbox", "exclude": ["drafts/**"]}, ("src: !inbox/drafts/**", "src: inbox/**")),
    ],
)
def test_local_files_are_shown_from_the_root(config: Mapping[str, Value], reads: tuple[str, ...]) -> None:
    assert of_source("local", config).reads == reads


def test_tools_are_shown_as_patterns_with_what_is_denied() -> None:
    found = of_source("local", {"include": ["*"]}, allow=("read_*",), deny=("read_all",))
    assert found.tools == ("src: !read_all", "src: read_*")


def test_a_prefetch_shows_its_call_and_gives_the_model_no_tool() -> None:
    one = source("log", "local", {"include": ["a.md"]})
    calling = task(prefetch=(Prefetch(source=one.id, tool="read_file", arguments={"path": "a.md"}),))
    found = effects(calling, project(calling, sources={one.id: one}))
    assert (found.tools, found.reads) == (('log: read_file (prefetch) {"path":"a.md"}',), ("log: a.md",))


@pytest.mark.parametrize(
    ("type_", "config", "hosts", "recipients", "secrets"),
    [
        pytest.param(
            "webhook",
            {"url": "https://hooks.example.com/a", "secret": {"env": "S"}},
            ("hooks.example.com",),
            ("team: https://hooks.example.com/a",),
            [("S", "host hooks.example.com")],
            id="webhook",
        ),
        pytest.param(
            "webhook",
            {"url": {"env": "URL"}, "host": "chat.example.com"},
            ("chat.example.com",),
            ("team: $URL",),
            [("URL", "host chat.example.com")],
            id="webhook with a secret address",
        ),
        pytest.param(
            "email",
            {"to": ["b@x.example", "a@x.example"], "host": "smtp.x.example", "password": {"env": "P"}},
            ("smtp.x.example",),
            ("team: a@x.example", "team: b@x.example"),
            [("P", "host smtp.x.example")],
            id="email",
        ),
        pytest.param("file", {"path": "reports/<<run_id>>.md"}, (), ("team: reports/<<run_id>>.md",), [], id="file"),
        pytest.param("file", {"path": "a.md", "branch": "octops/runs"}, (), ("team: a.md",), [], id="ledger"),
        pytest.param(
            "file", {"path": "a.md", "branch": "main"}, (), ("team: a.md on branch main",), [], id="file on a branch"
        ),
        pytest.param(
            "sms",
            {"to": "+15550100"},
            ("api.twilio.com",),
            ("team: +15550100",),
            [],
            id="a host that is always the same",
        ),
    ],
)
def test_a_destination_shows_who_gets_the_result_and_over_which_host(
    type_: str,
    config: Mapping[str, Value],
    hosts: tuple[str, ...],
    recipients: tuple[str, ...],
    secrets: list[tuple[str, str]],
) -> None:
    found = of_destination(type_, config)
    assert (found.hosts, found.recipients, uses(found), found.reads) == (hosts, recipients, secrets, ())


def test_a_model_is_reached_at_its_provider_with_the_usual_key() -> None:
    found = of_model("anthropic/claude-sonnet-4-5")
    assert (found.models, found.hosts) == (("anthropic/claude-sonnet-4-5",), ("api.anthropic.com",))
    assert uses(found) == [("ANTHROPIC_API_KEY", "model anthropic/claude-sonnet-4-5")]


def test_a_model_elsewhere_shows_the_host_its_key_goes_to() -> None:
    alias = ModelAlias(model="openai/x", api_base="https://llm.example.com:8443/v1", api_key={"env": "K"})
    found = of_model("m", models={"m": alias})
    assert (found.hosts, uses(found)) == (
        ("llm.example.com:8443",),
        [("K", "model openai/x at llm.example.com:8443")],
    )


def test_the_usual_key_is_shown_to_go_elsewhere_too() -> None:
    found = of_model("m", models={"m": ModelAlias(model="openai/x", api_base="http://localhost:1")})
    assert uses(found) == [("OPENAI_API_KEY", "model openai/x at localhost:1")]


def test_fallbacks_are_models_that_can_be_asked() -> None:
    found = of_model("m", models={"m": ModelAlias(model="local/a", fallback="groq/b")})
    assert (found.models, found.hosts) == (("groq/b", "local/a"), ("api.groq.com",))


@pytest.mark.parametrize(
    ("model", "hosts"),
    [
        ("gpt-5", ("api.openai.com",)),
        ("claude-sonnet-4-5", ("api.anthropic.com",)),
        ("local/tiny", ()),
        ("ollama/llama3.2", ("localhost:11434",)),
        ("bedrock/x", ("the usual host of bedrock",)),
        ("unheard-of", ("the usual host of unheard-of",)),
    ],
)
def test_every_model_has_a_host_unless_it_runs_here(model: str, hosts: tuple[str, ...]) -> None:
    assert of_model(model).hosts == hosts


def test_options_that_hold_an_address_or_a_secret_are_seen() -> None:
    options: Mapping[str, Value] = {"base_url": "https://evil.example/v1", "headers": {"X": {"env": "TOKEN"}}}
    found = of_model("m", models={"m": ModelAlias(model="local/a", options=options)})
    assert (found.hosts, uses(found)) == (("evil.example",), [("TOKEN", "model local/a")])


@pytest.mark.parametrize(
    ("own", "budget", "cap"),
    [
        (None, None, "cost unlimited"),
        (0.5, None, "cost $0.50"),
        (0.005, None, "cost $0.005"),
        (0.5, 0.25, "cost $0.25"),
        (0.1, 0.25, "cost $0.10"),
        (None, 0.25, "cost $0.25"),
    ],
)
def test_the_caps_are_those_in_force(own: float | None, budget: float | None, cap: str) -> None:
    one = task(limits=Limits(cost_usd=own))
    found = effects(one, project(one, settings=Settings(budget=Budget(run_usd=budget))))
    assert found.caps == (cap, "seconds 600", "tokens 200000", "tool calls 50", "turns 20")


@pytest.mark.parametrize("url", ["https://[::1", "mailto:x", "https://host:port/"])
def test_an_address_that_is_none_is_shown_as_it_stands(url: str) -> None:
    assert of_destination("webhook", {"url": url}).hosts == (url,)


def test_an_unknown_type_still_shows_its_secrets() -> None:
    assert uses(of_source("pigeon", {"deep": [{"key": {"env": "K"}}]})) == [("K", "source src")]


def test_only_what_could_not_be_touched_before_is_new() -> None:
    use = SecretUse(name="K", goes_to="host a")
    before = Effects(hosts=("a",), secrets=(use,), tools=("s: *",))
    after = Effects(hosts=("a", "b"), secrets=(SecretUse(name="K", goes_to="host b"), use), recipients=("t: x",))
    assert new_effects(before, after) == Effects(
        hosts=("b",), secrets=(SecretUse(name="K", goes_to="host b"),), recipients=("t: x",)
    )


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (("cost $0.50", "turns 20"), ("cost $1.50", "turns 9"), ("cost $1.50",)),
        (("cost $0.50",), ("cost unlimited",), ("cost unlimited",)),
        (("cost unlimited",), ("cost $0.50",), ()),
        (("tool calls 9",), ("tool calls 10",), ("tool calls 10",)),
        ((), ("turns 1",), ("turns 1",)),
    ],
)
def test_of_the_caps_only_the_wider_are_new(
    before: tuple[str, ...], after: tuple[str, ...], new: tuple[str, ...]
) -> None:
    assert new_effects(Effects(caps=before), Effects(caps=after)).caps == new


def test_what_is_denied_is_never_new_and_what_is_no_longer_denied_is() -> None:
    before = Effects(tools=("s: !delete_*", "s: *"), reads=("l: !keys/**", "l: **"))
    after = Effects(tools=("s: !drop_*", "s: *"), reads=("l: **",))
    assert new_effects(before, after) == Effects(
        tools=("s: delete_* (no longer denied)",), reads=("l: keys/** (no longer denied)",)
    )


def test_a_denial_that_leaves_with_its_source_widens_nothing() -> None:
    assert new_effects(Effects(tools=("s: !delete_*", "s: *")), Effects()) == Effects()


def test_two_tasks_that_reach_different_things_do_not_share_effects() -> None:
    one, other = task("one", limits=Limits(turns=1)), task("two", limits=Limits(turns=2))
    both: Project = project(one, other)
    assert effects(one, both) != effects(other, both)
