"""All comments of a pull request in one request: changes with GitHub's GraphQL API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octops.platforms.client import Client, PlatformError
from octops.platforms.comments import Existing

MOST_PAGES = 30
"""Pages of a hundred that one query asks for."""
_HEAD = "query($owner: String!, $name: String!, $number: Int!)"
_PAGE = "timelineItems(itemTypes: [ISSUE_COMMENT], first: 100, skip: %d) { nodes { ...comment } }"
_COMMENT = "fragment comment on IssueComment { fullDatabaseId body url viewerDidAuthor }"


def own_comment(client: Client, repository: str, number: int, marker: str, *, pages: int) -> Existing | None:
    """The oldest comment of the token's account that begins with the marker, among `pages` hundreds from the first.

    PlatformError also for a server that does not know the query.
    """
    owner, _, name = repository.partition("/")
    body = {"query": query_of(pages), "variables": {"owner": owner, "name": name, "number": number}}
    answer = _mapping(client.ask("POST", "/graphql", body=body, base=client.base.removesuffix("/v3")).value)
    request = _mapping(_mapping(_mapping(answer.get("data")).get("repository")).get("pullRequest"))
    found = [it for page in range(pages) for it in _list(_mapping(request.get(_alias(page))).get("nodes"))]
    comments = [it for it in found if isinstance(it, Mapping)]
    if answer.get("errors") or len(comments) <= 100 * (pages - 1):
        # What the token may not see is left out without a word.
        raise PlatformError("the query did not tell all comments")
    mine = (it for it in comments if it.get("viewerDidAuthor") is True and str(it.get("body", "")).startswith(marker))
    return next(map(_existing, mine), None)


def query_of(pages: int) -> str:
    """Cursors are of no use here: only `skip` reaches every page at once."""
    wanted = " ".join(f"{_alias(page)}: {_PAGE % (100 * page)}" for page in range(pages))
    request = f"pullRequest(number: $number) {{ {wanted} }}"
    return f"{_HEAD} {{ repository(owner: $owner, name: $name) {{ {request} }} }} {_COMMENT}"


def _alias(page: int) -> str:
    return f"page{page}"


def _existing(comment: Mapping[str, Any]) -> Existing:
    # The id is larger than GraphQL's whole numbers: GitHub writes it as a text.
    return Existing(
        id=int(comment["fullDatabaseId"]), body=str(comment.get("body", "")), url=str(comment.get("url", ""))
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
