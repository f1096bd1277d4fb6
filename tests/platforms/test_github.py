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


def talk(hub: Platform, count: int) -> None:
    for number in range(count):
        hub.say(f"talk {number}", MALLORY)


@pytest.mark.parametrize("person", [False, True], ids=["app", "person"])
@pytest.mark.parametrize(
    ("earlier", "later"),
    [(0, 0), (3, 60), (99, 700), (100, 0), (100, 349), (225, 224), (330, 119), (449, 0)],
    ids=lambda count: str(count),
)
def test_an_update_takes_at_most_three_requests_wherever_ours_stands(
    hub: Platform, person: bool, earlier: int, later: int
) -> None:
    if person:
        as_person(hub)
    talk(hub, earlier)
    hub.say(f"{MARKER}\nold", hub.me)
    talk(hub, later)

    assert say(hub, "new") == Posted(done=Done.UPDATED, url=f"https://example.com/c/{earlier + 1}")

    assert len(hub.requests) <= 3
    assert hub.comments[earlier]["body"] == f"{MARKER}\nnew"


@pytest.mark.parametrize("person", [False, True], ids=["app", "person"])
def test_in_a_long_talk_where_others_used_the_marker_it_takes_three_requests_too(hub: Platform, person: bool) -> None:
    if person:
        as_person(hub)
    hub.say(f"{MARKER}\nNo changes.", MALLORY)
    talk(hub, 300)
    hub.say(f"{MARKER}\nNo changes.", MALLORY)
    hub.say(f"{MARKER}\nold", hub.me)
    talk(hub, 148)

    assert say(hub, "new").done is Done.UPDATED

    assert len(hub.requests) == 3
    assert hub.bodies[302] == f"{MARKER}\nnew"


def test_a_first_comment_in_a_long_talk_is_the_third_request(hub: Platform) -> None:
    talk(hub, 450)
    assert say(hub, "one").done is Done.CREATED
    assert [line.split()[0] for line in hub.requests] == ["GET", "POST", "POST"]
    assert hub.bodies[450] == f"{MARKER}\none"


@pytest.mark.parametrize("person", [False, True], ids=["app", "person"])
@pytest.mark.parametrize("position", [100, 250, 449])
def test_a_server_that_only_knows_the_rest_api_is_read_page_by_page(hub: Platform, person: bool, position: int) -> None:
    if person:
        as_person(hub)
    hub.graphql = False
    talk(hub, 450)
    hub.comments[position] |= {"body": f"{MARKER}\nold", "user": dict(hub.me)}

    assert say(hub, "new").done is Done.UPDATED

    assert hub.bodies[position] == f"{MARKER}\nnew"
    assert len(hub.comments) == 450


def test_comments_that_the_query_may_not_see_are_looked_for_in_the_pages(hub: Platform) -> None:
    talk(hub, 450)
    hub.hidden = 60
    hub.comments[420] |= {"body": f"{MARKER}\nold", "user": dict(BOT)}
    assert say(hub, "new").done is Done.UPDATED
    assert len(hub.comments) == 450


def test_an_enterprise_server_is_queried_beside_its_rest_api(hub: Platform) -> None:
    talk(hub, 150)
    with Client(base=f"{hub.url}/api/v3", headers=headers(hub.token, "1")) as client:
        thread = GitHubThread(client=client, repository="ada/reports", number=12, token_is_of_an_app=True)
        put(thread, f"{MARKER}\none", MARKER)
    assert [line.partition("?")[0] for line in hub.requests] == [
        "GET /api/v3/repos/ada/reports/issues/12/comments",
        "POST /api/graphql",
        "POST /api/v3/repos/ada/reports/issues/12/comments",
    ]


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
