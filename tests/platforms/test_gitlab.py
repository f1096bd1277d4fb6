from __future__ import annotations

from collections.abc import Iterator

import pytest

from octops.platforms.client import Client
from octops.platforms.comments import Done, Posted, put
from octops.platforms.gitlab import GitLabThread, headers
from tests.platforms.servers import ADA, MALLORY, Platform, gitlab

MARKER = "<!-- octops-plan -->"


@pytest.fixture
def lab() -> Iterator[Platform]:
    with gitlab() as platform:
        yield platform


def say(lab: Platform, text: str, *, project: str = "77", of_job: bool = False) -> Posted:
    with Client(base=lab.url, headers=headers(lab.token, "1", of_job=of_job)) as client:
        thread = GitLabThread(client=client, project=project, number=12, user=ADA["id"] if of_job else 0)  # type: ignore[arg-type]
        return put(thread, f"{MARKER}\n{text}", MARKER)


@pytest.mark.parametrize("of_job", [False, True], ids=["project token", "job token"])
@pytest.mark.parametrize("project", ["77", "ada/reports"])
def test_one_note_is_created_and_then_edited(lab: Platform, project: str, of_job: bool) -> None:
    assert say(lab, "one", project=project, of_job=of_job).done is Done.CREATED
    assert say(lab, "two", project=project, of_job=of_job).done is Done.UPDATED
    assert lab.bodies == [f"{MARKER}\ntwo"]


def talk(lab: Platform, count: int) -> None:
    for number in range(count):
        lab.say(f"talk {number}", MALLORY)


# Nobody but a job knows whose token it has; and no request reaches all pages.
@pytest.mark.parametrize(
    ("of_job", "earlier", "later", "requests"),
    [
        (False, 0, 0, 3),
        (False, 99, 350, 3),
        (False, 250, 99, 4),
        (True, 0, 0, 2),
        (True, 99, 350, 2),
        (True, 250, 99, 3),
        (True, 449, 0, 3),
    ],
)
def test_an_update_takes_few_requests_when_ours_is_among_the_oldest_or_those_changed_last(
    lab: Platform, of_job: bool, earlier: int, later: int, requests: int
) -> None:
    talk(lab, earlier)
    lab.say(f"{MARKER}\nold", ADA)
    talk(lab, later)
    assert say(lab, "new", of_job=of_job).done is Done.UPDATED
    assert len(lab.requests) == requests


def test_a_note_that_was_edited_lately_is_found_at_once_in_the_middle_of_a_long_talk(lab: Platform) -> None:
    talk(lab, 220)
    note = lab.say(f"{MARKER}\nold", ADA)
    talk(lab, 200)
    lab.change(note, f"{MARKER}\nolder")
    talk(lab, 30)
    assert say(lab, "new", of_job=True).done is Done.UPDATED
    assert len(lab.requests) == 3


@pytest.mark.parametrize("position", [0, 150, 349, 449])
def test_ours_is_found_on_every_page(lab: Platform, position: int) -> None:
    talk(lab, 450)
    lab.comments[position] |= {"body": f"{MARKER}\nold", "user": dict(ADA)}
    for note in lab.comments[1:120]:
        lab.change(note, "talk, edited")
    assert say(lab, "new").done is Done.UPDATED
    assert len(lab.comments) == 450


def test_somebody_elses_note_and_the_systems_are_not_ours(lab: Platform) -> None:
    lab.say(f"{MARKER}\nNo changes.", MALLORY)
    lab.say(f"{MARKER}\nNo changes.", ADA)["system"] = True
    assert say(lab, "one").done is Done.CREATED
