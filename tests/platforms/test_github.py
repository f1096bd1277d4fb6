from __future__ import annotations

from collections.abc import Iterator

import pytest

from octops.platforms.client import Client
from octops.platforms.comments import Done, Posted, put
from octops.platforms.github import GitHubThread, headers, pull_request_of
from tests.platforms.servers import ADA, BOT, MALLORY, Platform, github

MARKER = "<!-- octops-plan -->"


@pytest.fixture
def hub() -> Iterator[Platform]:
    with github() as platform:
        yield platform


def say(hub: Platform, text: str, *, create: bool = True) -> Posted:
    with Client(base=hub.url, headers=headers(hub.token, "1.2.3")) as client:
        app = hub.token.startswith("ghs_")
        thread = GitHubThread(client=client, repository="ada/reports", number=12, token_is_of_an_app=app)
        return put(thread, f"{MARKER}\n{text}", MARKER, create=create)


def as_person(hub: Platform) -> None:
    hub.me, hub.app, hub.token = dict(ADA), False, "github_pat_0123456789"


def test_the_first_time_a_comment_is_created(hub: Platform) -> None:
    assert say(hub, "one") == Posted(done=Done.CREATED, url="https://example.com/c/1")
    assert hub.bodies == [f"{MARKER}\none"]


def test_the_second_time_the_same_comment_is_edited(hub: Platform) -> None:
    say(hub, "one")
    assert say(hub, "two").done is Done.UPDATED
    assert hub.bodies == [f"{MARKER}\ntwo"]


def test_what_says_the_same_is_left_alone(hub: Platform) -> None:
    say(hub, "one\ntwo")
    hub.comments[0]["body"] = hub.comments[0]["body"].replace("\n", "\r\n") + "\r\n"
    assert say(hub, "one\ntwo").done is Done.UNCHANGED
    assert [line.split()[0] for line in hub.requests] == ["GET", "POST", "GET"]


def test_without_a_comment_none_is_begun_when_none_is_wanted(hub: Platform) -> None:
    assert say(hub, "one", create=False).done is Done.NOTHING
    assert hub.bodies == []


# A person's token asks who it is, which is one request more: on the last page that makes four.
@pytest.mark.parametrize(
    ("person", "earlier", "later"),
    [(False, 0, 0), (False, 3, 250), (False, 250, 0), (False, 99, 700), (True, 0, 0), (True, 99, 700)],
)
def test_an_update_takes_at_most_three_requests_when_ours_is_old_or_new(
    hub: Platform, person: bool, earlier: int, later: int
) -> None:
    if person:
        as_person(hub)
    for number in range(earlier):
        hub.say(f"talk {number}", MALLORY)
    hub.say(f"{MARKER}\nold", hub.me)
    for number in range(later):
        hub.say(f"talk {number}", MALLORY)
    assert say(hub, "new").done is Done.UPDATED
    assert len(hub.requests) <= 3
    assert hub.comments[earlier]["body"] == f"{MARKER}\nnew"


def test_a_comment_in_the_middle_of_a_long_talk_is_found_too(hub: Platform) -> None:
    for number in range(450):
        hub.say(f"talk {number}", MALLORY)
    hub.comments[250] |= {"body": f"{MARKER}\nold", "user": dict(BOT)}
    assert say(hub, "new").done is Done.UPDATED
    assert len(hub.comments) == 450


@pytest.mark.parametrize("person", [False, True], ids=["app", "person"])
def test_the_marker_in_somebody_elses_comment_is_not_ours(hub: Platform, person: bool) -> None:
    if person:
        as_person(hub)
    hub.say(f"{MARKER}\nNo changes.", MALLORY)
    assert say(hub, "one").done is Done.CREATED
    assert hub.bodies == [f"{MARKER}\nNo changes.", f"{MARKER}\none"]


def test_a_comment_that_quotes_the_marker_is_not_ours(hub: Platform) -> None:
    hub.say(f"look: {MARKER}", BOT)
    assert say(hub, "one").done is Done.CREATED


def test_a_token_that_may_not_ask_who_it_is_is_a_bots(hub: Platform) -> None:
    hub.token = "v1.an-app-on-another-server"
    hub.say(f"{MARKER}\nold", BOT)
    assert say(hub, "new").done is Done.UPDATED


def test_the_request_says_what_the_documentation_asks_for(hub: Platform) -> None:
    say(hub, "one")
    sent = hub.headers[-1]
    assert sent["authorization"] == "Bearer ghs_0123456789abcdef"
    assert sent["accept"] == "application/vnd.github+json"
    assert sent["x-github-api-version"] == "2022-11-28"
    assert sent["user-agent"] == "octops/1.2.3"


PULL = {"number": 12, "head": {"owner": "mallory", "ref": "fix", "sha": "a" * 40}, "base": {"ref": "main"}}


@pytest.mark.parametrize(
    ("owner", "branch", "commit", "number"),
    [("mallory", "fix", "a" * 40, 12), ("mallory", "fix", "b" * 40, None), ("ada", "fix", "a" * 40, None)],
    ids=["the newest commit", "an older commit", "another's branch"],
)
def test_a_pull_request_is_found_by_its_branch_and_newest_commit(
    hub: Platform, owner: str, branch: str, commit: str, number: int | None
) -> None:
    hub.pulls = [PULL]
    with Client(base=hub.url, headers=headers(hub.token, "1")) as client:
        found = pull_request_of(client, "ada/reports", owner=owner, branch=branch, commit=commit)
    assert (found.number if found else None) == number
