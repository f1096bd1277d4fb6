"""Files that keep their schema, and files with one mistake each and its place: changes with what may be written."""

from __future__ import annotations

from typing import Any

DAILY = {"frequency": "daily", "at": "18:00"}
SECRET = {"env": "TOKEN"}
MCP = {"type": "mcp", "command": "mcp-server-git"}
REMOTE = {"type": "mcp", "transport": "http", "url": "https://mcp.example.com/mcp"}
API = {"type": "api", "base_url": "https://api.example.com"}
MAIL = {"type": "email", "to": ["a@example.com"], "from": "b@example.com", "host": "smtp.example.com"}
GITHUB = {"type": "github", "repo": "a/b", "token": SECRET}


def task(**keys: Any) -> dict[str, Any]:
    return {"prompt": "Say hello.", **keys}


def scheduled(**keys: Any) -> dict[str, Any]:
    return task(schedule=keys)


def octops(**keys: Any) -> dict[str, Any]:
    return {"version": 1, **keys}


GOOD: list[tuple[str, Any]] = [
    ("task", task()),
    ("task", task(schedule=DAILY, timezone="Europe/Berlin", status="paused", tags=["a"], owner="ada")),
    ("task", scheduled(frequency="once", date="2026-02-15", at="09:00", deadline="2h")),
    ("task", scheduled(frequency="hourly")),
    ("task", scheduled(frequency="hourly", every=720, at=":15")),
    ("task", scheduled(frequency="hourly", every=6, at="08:00")),
    ("task", scheduled(frequency="daily", at=["09:00", "17:30"], start="2026-03-01", end="2026-12-31")),
    ("task", scheduled(frequency="weekly", days=["monday", "friday"], at="09:00", every=2)),
    ("task", scheduled(cron="0 9 * * MON-FRI")),
    ("task", scheduled(frequency="cron", cron="@daily", catch_up="all", max_catch_up=3)),
    ("task", scheduled(**DAILY, catch_up="none", grace="0s", deadline="7d", overlap="skip", spread="10m")),
    ("task", task(destinations=[])),
    ("task", task(destinations=["team", {"type": "file", "path": "a.md"}])),
    ("task", task(variables={"a": 1, "b_2": ["x"], "c": {"d": None}})),
    ("task", task(parameters={"url": "The page", "lang": {"default": "en"}, "page": {"required": True}})),
    ("task", task(output={"format": "json", "schema": {"type": "object", "x": 1}})),
    ("task", task(limits={"turns": 1, "cost_usd": 0.05, "seconds": 60}, retry={"attempts": 10})),
    ("task", task(sources=["a"], prefetch=[{"source": "a", "tool": "read_file", "arguments": {"path": "x"}}])),
    ("skill", {}),
    ("skill", {"name": "a", "description": "b" * 2000, "allowed-tools": "read_file", "metadata": {"a": {"b": 1}}}),
    ("source", MCP),
    ("source", {**MCP, "args": ["-v"], "env": {"A": "b", "TOKEN": SECRET}, "cwd": "tools", "tools": {"deny": ["*"]}}),
    ("source", {**REMOTE, "headers": {"X-Key": SECRET}, "auth": {"type": "bearer", "token": SECRET}}),
    ("source", {**REMOTE, "auth": {"type": "header", "name": "X-Key", "value": SECRET}, "optional": True}),
    ("source", {**REMOTE, "transport": "websocket", "url": "wss://mcp.example.com"}),
    ("source", {**API, "endpoints": [{"name": "list_all", "path": "/all"}], "timeout_seconds": 2.5}),
    ("source", {**API, "openapi": "api.yaml", "allow": ["GET *", "POST /a"]}),
    ("source", {"type": "local", "path": "docs"}),
    ("source", {"type": "local", "include": ["**/*.md"], "exclude": ["drafts/**"]}),
    ("destination", {"type": "webhook", "url": "https://example.com/x", "secret": SECRET}),
    ("destination", {"type": "webhook", "url": SECRET, "host": "example.com:8443"}),
    ("destination", MAIL),
    (
        "destination",
        {**MAIL, "to": "a@example.com", "from": "Ada <a@example.com>", "username": "a", "password": SECRET},
    ),
    (
        "destination",
        {"type": "sms", "to": "+15550100000", "from": "+15550100001", "account_sid": "a", "auth_token": SECRET},
    ),
    ("destination", {"type": "slack", "url": SECRET}),
    ("destination", {"type": "slack", "token": SECRET, "channel": "#a"}),
    ("destination", {"type": "file", "path": "a/<<scheduled_date>>.md", "branch": "reports/2026"}),
    ("destination", GITHUB),
    ("destination", {**GITHUB, "post": "comment", "number": 3}),
    ("destination", {**GITHUB, "post": "discussion", "category": "Reports"}),
    ("destination", {"type": "apprise", "url": SECRET, "host": "api.telegram.org", "guarantee": "at_most_once"}),
    ("octops", octops()),
    (
        "octops",
        octops(models={"default": "a/b", "x": {"model": "a/b", "api_key": SECRET, "options": {"temperature": 0}}}),
    ),
    ("octops", octops(defaults={"model": "x", "limits": {"turns": 2}, "schedule": {"catch_up": "all", "grace": "5m"}})),
    ("octops", octops(records={"branch": "octops/runs", "push": False, "keep": "365d", "pushes_per_minute": 6})),
    ("octops", octops(apply={"branches": ["staging", "release/*"], "forks": True})),
    ("octops", octops(preview={"forks": True})),
    ("octops", octops(network={"allow": ["localhost", "127.0.0.1:8080", "[::1]:80"]}, parallelism=256)),
    ("octops", octops(moved=[{"from": "a", "to": "b"}], budget={"day_usd": 0.5})),
]

BAD: list[tuple[str, Any, tuple[str | int, ...]]] = [
    ("task", {}, ()),
    ("task", [], ()),
    ("task", task(prompt=" \n"), ("prompt",)),
    ("task", task(promt="x"), ()),
    ("task", task(status="completed"), ("status",)),
    ("task", task(schedule={"at": "18:00"}), ("schedule",)),
    ("task", scheduled(frequency="dayly", at="18:00"), ("schedule", "frequency")),
    ("task", scheduled(frequency="daily", at=1080), ("schedule", "at")),
    ("task", scheduled(frequency="daily", at="24:00"), ("schedule", "at")),
    ("task", scheduled(frequency="daily", at="18:00\n"), ("schedule", "at")),
    ("task", scheduled(frequency="daily", at=["9:00"]), ("schedule", "at", 0)),
    ("task", scheduled(frequency="daily", at=[]), ("schedule", "at")),
    ("task", scheduled(**DAILY, every=2), ("schedule",)),
    ("task", scheduled(**DAILY, cron="@daily"), ("schedule",)),
    ("task", scheduled(frequency="once", at="09:00"), ("schedule",)),
    ("task", scheduled(frequency="once", date="15.02.2026", at="09:00"), ("schedule", "date")),
    ("task", scheduled(frequency="hourly", every=721), ("schedule", "every")),
    ("task", scheduled(frequency="hourly", every=0), ("schedule", "every")),
    ("task", scheduled(frequency="hourly", every=True), ("schedule", "every")),
    ("task", scheduled(frequency="weekly", days=["Monday"], at="09:00"), ("schedule", "days", 0)),
    ("task", scheduled(frequency="weekly", days=["monday"], at="09:00", every=53), ("schedule", "every")),
    ("task", scheduled(**DAILY, grace="1 h"), ("schedule", "grace")),
    ("task", scheduled(**DAILY, deadline="0s"), ("schedule", "deadline")),
    ("task", task(sources=["a", "a"]), ("sources",)),
    ("task", task(skills=["Style"]), ("skills", 0)),
    ("task", task(skills=["style\n"]), ("skills", 0)),
    ("task", task(destinations=[{"path": "a.md"}]), ("destinations", 0)),
    ("task", task(variables={"Name": 1}), ("variables",)),
    ("task", task(variables={"a\n": 1}), ("variables",)),
    ("task", task(parameters={"a": {"default": 1}}), ("parameters", "a", "default")),
    ("task", task(output={"schema": {}}), ("output",)),
    ("task", task(limits={"turns": 1.5}), ("limits", "turns")),
    ("task", task(limits={"seconds": "10m"}), ("limits", "seconds")),
    ("task", task(retry={"attempts": 11}), ("retry", "attempts")),
    ("task", task(deliver="on_failure"), ("deliver",)),
    ("skill", {"allowed_tools": "x"}, ()),
    ("source", {"command": "x"}, ()),
    ("source", {"type": "ftp"}, ("type",)),
    ("source", {"type": "mcp"}, ()),
    ("source", {**MCP, "url": "https://example.com"}, ()),
    ("source", {**MCP, "transport": "tcp"}, ("transport",)),
    ("source", {**REMOTE, "command": "x"}, ()),
    ("source", {**REMOTE, "url": "file:///etc/passwd"}, ("url",)),
    ("source", {**REMOTE, "auth": {"type": "bearer", "token": "abc"}}, ("auth", "token")),
    ("source", {**REMOTE, "auth": {"type": "magic"}}, ("auth", "type")),
    ("source", {**REMOTE, "headers": {"X-A": "a\r\nX-B: c"}}, ("headers", "X-A")),
    ("source", {**REMOTE, "headers": {"X A": "a"}}, ("headers",)),
    ("source", API, ()),
    ("source", {**API, "endpoints": []}, ("endpoints",)),
    ("source", {"type": "local"}, ()),
    ("source", {"type": "local", "path": "/etc"}, ("path",)),
    ("source", {**MCP, "env": {"TOKEN": {"env": "A B"}}}, ("env", "TOKEN", "env")),
    ("destination", {"type": "webhook", "url": SECRET}, ()),
    ("destination", {"type": "webhook", "url": "https://a.example\n"}, ("url",)),
    ("destination", {"type": "webhook", "url": "https://a.example", "secret": "whsec_x"}, ("secret",)),
    ("destination", {**MAIL, "to": "a@example.com, b@example.com"}, ("to",)),
    ("destination", {**MAIL, "to": ["a@example.com\nBcc: b@example.com"]}, ("to", 0)),
    ("destination", {**MAIL, "subject": "a\nBcc: b@example.com"}, ("subject",)),
    ("destination", {**MAIL, "username": "a"}, ()),
    ("destination", {**MAIL, "tls": "ssl"}, ("tls",)),
    ("destination", {"type": "slack"}, ()),
    ("destination", {"type": "slack", "url": SECRET, "channel": "#a"}, ()),
    ("destination", {"type": "file", "path": "/etc/passwd"}, ("path",)),
    ("destination", {"type": "file", "path": "a", "branch": "a..b"}, ("branch",)),
    ("destination", {"type": "file", "path": "a", "branch": "-a"}, ("branch",)),
    ("destination", {**GITHUB, "post": "comment"}, ()),
    ("destination", {**GITHUB, "post": "issue", "number": 3}, ()),
    ("destination", {"type": "apprise", "url": SECRET}, ()),
    ("octops", {}, ()),
    ("octops", octops(version=2), ("version",)),
    ("octops", octops(version="1"), ("version",)),
    ("octops", octops(models={"a": {"api_base": "https://a.example"}}), ("models", "a")),
    ("octops", octops(models={"a": {"model": "x", "api_key": "sk-1"}}), ("models", "a", "api_key")),
    ("octops", octops(models={"a": {"model": "x", "options": {"api_base": "https://b"}}}), ("models", "a", "options")),
    ("octops", octops(models={"a/b": "x"}), ("models",)),
    ("octops", octops(parallelism=0), ("parallelism",)),
    ("octops", octops(network={"allow": ["http://localhost"]}), ("network", "allow", 0)),
    ("octops", octops(records={"branch": "a b"}), ("records", "branch")),
    ("octops", octops(apply={"branches": ["-x"]}), ("apply", "branches", 0)),
    ("octops", octops(apply={"forks": "yes"}), ("apply", "forks")),
    ("octops", octops(preview={"forks": "yes"}), ("preview", "forks")),
    ("octops", octops(preview={"branches": ["a"]}), ("preview",)),
    ("octops", octops(moved=[{"from": "a"}]), ("moved", 0)),
]
