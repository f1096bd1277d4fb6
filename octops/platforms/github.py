"""Comments on pull requests of GitHub, and of servers that speak its REST API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from octops.platforms import github_query
from octops.platforms.client import Client, PlatformError
from octops.platforms.comments import Existing, PullRequest

API = "https://api.github.com"
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
CURES = {
    401: "`GITHUB_TOKEN` is not valid, or no longer: give this step another one",
    403: "`GITHUB_TOKEN` needs the right `pull-requests: write`; in a fork's pull request it can only read, whatever"
    " the workflow says: comment from a workflow that `workflow_run` starts, as octops-comment.yml does",
    404: "check the number and the repository (`--pr`, `--repo`); what `GITHUB_TOKEN` may not read is not found either",
}
_PER_PAGE = "100"
_MOST_PAGES = 100


def headers(token: str, version: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": f"octops/{version}",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubThread:
    client: Client
    repository: str
    """`owner/name`."""
    number: int
    token_is_of_an_app: bool
    """Tokens of apps, `GITHUB_TOKEN` among them, cannot ask who they are; what they write is by a bot."""

    def own(self, marker: str) -> Existing | None:
        """In at most two requests where the server knows GraphQL; elsewhere a talk is read hundred by hundred."""
        first, last = self._page(1)
        early = _marked(first, marker)
        known = self.token_is_of_an_app and any(_by_a_bot(it) for it in early)
        if 1 < last <= github_query.MOST_PAGES and not known:
            try:
                return github_query.own_comment(self.client, self.repository, self.number, marker, pages=last)
            except PlatformError:
                # The REST API answers all the same, or says what is wrong.
                pass
        return self._found_in_pages(early, last, marker)

    def create(self, text: str) -> str:
        path = f"/repos/{self.repository}/issues/{self.number}/comments"
        return _url(self.client.ask("POST", path, body={"body": text}).value)

    def edit(self, existing: Existing, text: str) -> str:
        path = f"/repos/{self.repository}/issues/comments/{existing.id}"
        return _url(self.client.ask("PATCH", path, body={"body": text}).value)

    def _found_in_pages(self, early: list[Mapping[str, Any]], last: int, marker: str) -> Existing | None:
        """Our comment is either as old as the pull request or was just begun: the last page, then those between."""
        me = 0 if self.token_is_of_an_app else None
        rest = (it for number in _after_the_first(last) for it in _marked(self._page(number)[0], marker))
        for comment in chain(early, rest):
            me = self._me() if me is None else me
            if _mapping(comment.get("user")).get("id") == me if me else _by_a_bot(comment):
                return _existing(comment)
        return None

    def _page(self, number: int) -> tuple[list[Mapping[str, Any]], int]:
        """A page of comments, and the number of the last page there is."""
        path = f"/repos/{self.repository}/issues/{self.number}/comments"
        answer = self.client.ask("GET", path, params={"per_page": _PER_PAGE, "page": str(number)})
        return _list(answer.value), max(number, _last_page(answer.headers.get("link", "")))

    def _me(self) -> int:
        """The account of the token, or 0 where it may not ask: then it is an app's."""
        try:
            return int(_mapping(self.client.ask("GET", "/user").value).get("id") or 0)
        except PlatformError as error:
            if error.again:
                raise
            return 0


def pull_request(client: Client, repository: str, number: int) -> PullRequest:
    return _pull_request(_mapping(client.ask("GET", f"/repos/{repository}/pulls/{number}").value), number)


def pull_request_of(client: Client, repository: str, *, owner: str, branch: str, commit: str) -> PullRequest | None:
    """The open pull request of a branch whose newest commit is `commit`; None when it has moved on or was closed."""
    params = {"state": "open", "head": f"{owner}:{branch}", "per_page": _PER_PAGE}
    for found in _list(client.ask("GET", f"/repos/{repository}/pulls", params=params).value):
        if _mapping(found.get("head")).get("sha") == commit:
            return _pull_request(found, int(found["number"]))
    return None


def _pull_request(found: Mapping[str, Any], number: int) -> PullRequest:
    return PullRequest(number=number, base=str(_mapping(found.get("base")).get("ref", "")))


def _after_the_first(last: int) -> list[int]:
    return [last, *range(2, min(last, _MOST_PAGES))] if last > 1 else []


def _marked(comments: list[Mapping[str, Any]], marker: str) -> list[Mapping[str, Any]]:
    return [it for it in comments if str(it.get("body", "")).startswith(marker)]


def _by_a_bot(comment: Mapping[str, Any]) -> bool:
    return _mapping(comment.get("user")).get("type") == "Bot"


def _existing(comment: Mapping[str, Any]) -> Existing:
    return Existing(id=int(comment["id"]), body=str(comment["body"]), url=str(comment.get("html_url", "")))


def _last_page(link: str) -> int:
    match = re.search(r'[?&]page=([0-9]{1,6})[^>]*>; *rel="last"', link)
    return int(match[1]) if match else 1


def _url(value: Any) -> str:
    return str(_mapping(value).get("html_url", ""))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [it for it in value if isinstance(it, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
