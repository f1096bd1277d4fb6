"""Comments on merge requests of GitLab, which calls them notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from octops.platforms.client import Client
from octops.platforms.comments import Existing, PullRequest

API = "https://gitlab.com/api/v4"
_MOST_PAGES = 100


def headers(token: str, version: str, *, of_job: bool) -> dict[str, str]:
    return {"JOB-TOKEN" if of_job else "PRIVATE-TOKEN": token, "User-Agent": f"octops/{version}"}


def cures(*, of_job: bool) -> dict[int, str]:
    other = "give this job a `GITLAB_TOKEN`: a project access token with the scope `api` and the role Reporter"
    token = "CI_JOB_TOKEN" if of_job else "GITLAB_TOKEN"
    return {
        401: f"`{token}` is not valid here, or no longer: {other}",
        403: f"`{token}` may not write notes: {other}",
        404: f"check the number and the project (`--pr`, `--repo`); what `{token}` may not read is not found either",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabThread:
    client: Client
    project: str
    """The number, or `group/name`."""
    number: int
    user: int = 0
    """Whose token it is; 0: it is asked for."""

    def own(self, marker: str) -> Existing | None:
        me = self.user
        for note in self._notes():
            if note.get("system") or not str(note.get("body", "")).startswith(marker):
                continue
            me = me or int(_mapping(self.client.ask("GET", "/user").value).get("id") or 0)
            if _mapping(note.get("author")).get("id") == me:
                return Existing(id=int(note["id"]), body=str(note["body"]))
        return None

    def create(self, text: str) -> str:
        self.client.ask("POST", self._path, body={"body": text})
        return ""

    def edit(self, existing: Existing, text: str) -> str:
        self.client.ask("PUT", f"{self._path}/{existing.id}", body={"body": text})
        return ""

    @property
    def _path(self) -> str:
        return f"{_path(self.project, self.number)}/notes"

    def _notes(self) -> Iterator[Mapping[str, Any]]:
        """The oldest hundred, those changed last, then all the others: one request for each hundred."""
        first, last = self._page(1)
        yield from first
        if last > 1:
            yield from self._page(1, order_by="updated_at", sort="desc")[0]
        for number in range(2, min(last, _MOST_PAGES) + 1):
            yield from self._page(number)[0]

    def _page(
        self, number: int, *, order_by: str = "created_at", sort: str = "asc"
    ) -> tuple[list[Mapping[str, Any]], int]:
        params = {"per_page": "100", "page": str(number), "order_by": order_by, "sort": sort}
        answer = self.client.ask("GET", self._path, params=params)
        pages = answer.headers.get("x-total-pages", "")
        notes = [it for it in answer.value if isinstance(it, Mapping)] if isinstance(answer.value, list) else []
        return notes, max(number, int(pages) if pages.isdecimal() and len(pages) < 7 else 1)


def merge_request(client: Client, project: str, number: int) -> PullRequest:
    found = _mapping(client.ask("GET", _path(project, number)).value)
    return PullRequest(number=number, base=str(found.get("target_branch", "")))


def _path(project: str, number: int) -> str:
    return f"/projects/{quote(project, safe='')}/merge_requests/{number}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
