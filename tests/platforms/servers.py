"""GitHub and GitLab on loopback, as far as comments go: pages, permissions and failures as their documents say."""

from __future__ import annotations

import http.server
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.serving import serving

BOT = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot"}
ADA = {"id": 7, "login": "ada", "type": "User"}
MALLORY = {"id": 13, "login": "mallory", "type": "User"}


@dataclass
class Fault:
    """Answered instead of a request. `lost`: the request is carried out, and the answer is this all the same."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    method: str = ""
    lost: bool = False
    message: str = "something is wrong here"


@dataclass
class Platform:
    """State of the server. `me` is the account of the token; `app` tokens may not ask who they are."""

    me: dict[str, Any] = field(default_factory=lambda: dict(BOT))
    app: bool = True
    token: str = "ghs_0123456789abcdef"
    comments: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    graphql: bool = True
    """Not every server that speaks GitHub's REST API knows it."""
    hidden: int = 0
    """How many comments GraphQL leaves out."""
    changes: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, body: str, by: dict[str, Any]) -> dict[str, Any]:
        number = len(self.comments) + 1
        comment = {"id": number, "body": body, "user": by, "html_url": f"https://example.com/c/{number}"}
        self.comments.append(comment)
        return self.change(comment, body)

    def change(self, comment: dict[str, Any], body: str) -> dict[str, Any]:
        self.changes += 1
        comment.update(body=body, changed=self.changes)
        return comment

    @property
    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]


class _Server(http.server.BaseHTTPRequestHandler):
    platform: Platform

    def _answer(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"null")
        state = self.platform
        state.requests.append(f"{self.command} {self.path}")
        state.headers.append({name.lower(): value for name, value in self.headers.items()})
        fault = next((it for it in state.faults if it.method in ("", self.command)), None)
        if fault:
            state.faults.remove(fault)
            if fault.lost:
                self._route(parts.path, parse_qs(parts.query), body, state)
            self._answer(fault.status, {"message": fault.message}, fault.headers)
            return
        self._answer(*self._route(parts.path, parse_qs(parts.query), body, state))

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _paged(self, items: list[Any], query: dict[str, list[str]]) -> tuple[list[Any], int, int]:
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        page, last = int(query.get("page", ["1"])[0]), max(1, -(-len(items) // size))
        return items[(page - 1) * size : page * size], page, last

    def _route(self, path: str, query: dict[str, list[str]], body: Any, state: Platform) -> Any:
        raise NotImplementedError

    def log_message(self, *_: object) -> None:
        pass


class _GitHub(_Server):
    def _route(self, path: str, query: dict[str, list[str]], body: Any, state: Platform) -> Any:
        if self.headers["authorization"] != f"Bearer {state.token}":
            return 401, {"message": "Bad credentials"}
        if path in ("/graphql", "/api/graphql") and state.graphql:
            return 200, self._queried(body, state)
        path = path.removeprefix("/api/v3")
        if path == "/user":
            return (403, {"message": "Resource not accessible by integration"}) if state.app else (200, state.me)
        if path == "/repos/ada/reports/pulls":
            owner, _, branch = query["head"][0].partition(":")
            return 200, [it for it in state.pulls if (it["head"]["owner"], it["head"]["ref"]) == (owner, branch)]
        if match := re.fullmatch(r"/repos/ada/reports/pulls/(\d+)", path):
            found = next((it for it in state.pulls if it["number"] == int(match[1])), None)
            return (200, found) if found else (404, {"message": "Not Found"})
        if path == "/repos/ada/reports/issues/12/comments":
            if self.command == "POST":
                return 201, state.say(body["body"], state.me)
            found, page, last = self._paged(state.comments, query)
            link = f'<{state.url}{path}?per_page=100&page={last}>; rel="last"' if page < last else ""
            return 200, found, {"link": link} if link else {}
        if match := re.fullmatch(r"/repos/ada/reports/issues/comments/(\d+)", path):
            return 200, state.change(state.comments[int(match[1]) - 1], body["body"])
        return 404, {"message": "Not Found"}

    def _queried(self, body: dict[str, Any], state: Platform) -> Any:
        """The one query that is asked: pages of the comments of a pull request under names of their own."""
        if body["variables"] != {"owner": "ada", "name": "reports", "number": 12}:
            return {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]}
        page = r"(\w+): timelineItems\(itemTypes: \[ISSUE_COMMENT\], first: (\d+), skip: (\d+)\)"
        seen = state.comments[: len(state.comments) - state.hidden]
        pages = {
            name: {"nodes": [self._node(it, state) for it in seen[int(skip) : int(skip) + int(first)]]}
            for name, first, skip in re.findall(page, body["query"])
        }
        return {"data": {"repository": {"pullRequest": pages}}}

    def _node(self, comment: dict[str, Any], state: Platform) -> dict[str, Any]:
        mine = comment["user"]["id"] == state.me["id"]
        return {
            "fullDatabaseId": str(comment["id"]),
            "body": comment["body"],
            "url": comment["html_url"],
            "viewerDidAuthor": mine,
        }


class _GitLab(_Server):
    def _route(self, path: str, query: dict[str, list[str]], body: Any, state: Platform) -> Any:
        of_job = "job-token" in self.headers
        if self.headers.get("job-token" if of_job else "private-token") != state.token:
            return 401, {"message": "401 Unauthorized"}
        if path == "/user":
            return (403, {"message": "403 Forbidden"}) if of_job else (200, state.me)
        if re.fullmatch(r"/projects/(77|ada%2Freports)/merge_requests/12", path):
            return 200, {"iid": 12, "target_branch": "main"}
        match = re.fullmatch(r"/projects/([^/]+)/merge_requests/12/notes(?:/(\d+))?", path)
        if match is None or unquote(match[1]) not in ("77", "ada/reports"):
            return 404, {"message": "404 Not found"}
        if self.command == "POST":
            return 201, self._note(state.say(body["body"], state.me))
        if match[2]:
            return 200, self._note(state.change(state.comments[int(match[2]) - 1], body["body"]))
        by_change = query["order_by"] == ["updated_at"]
        notes = sorted(state.comments, key=lambda it: it["changed" if by_change else "id"])
        found, _, last = self._paged(notes[::-1] if query["sort"] == ["desc"] else notes, query)
        return 200, [self._note(it) for it in found], {"x-total-pages": str(last)}

    def _note(self, comment: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": comment["id"],
            "body": comment["body"],
            "author": comment["user"],
            "system": comment.get("system", False),
        }


@contextmanager
def _serving(kind: type[_Server], platform: Platform) -> Iterator[Platform]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Server", (kind,), {"platform": platform}))
    with serving(server) as platform.port:
        yield platform


@contextmanager
def github() -> Iterator[Platform]:
    with _serving(_GitHub, Platform()) as platform:
        yield platform


@contextmanager
def gitlab() -> Iterator[Platform]:
    with _serving(_GitLab, Platform(me=dict(ADA), app=False, token="glpat-0123456789")) as platform:
        yield platform
