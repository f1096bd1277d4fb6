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


@pytest.mark.parametrize(("earlier", "later"), [(0, 0), (5, 300)])
def test_an_update_takes_at_most_three_requests(lab: Platform, earlier: int, later: int) -> None:
    for number in range(earlier):
        lab.say(f"talk {number}", MALLORY)
    lab.say(f"{MARKER}\nold", ADA)
    for number in range(later):
        lab.say(f"talk {number}", MALLORY)
    assert say(lab, "new").done is Done.UPDATED
    assert len(lab.requests) <= 3


@pytest.mark.parametrize("position", [0, 150, 349])
def test_ours_is_found_on_every_page(lab: Platform, position: int) -> None:
    for number in range(350):
        lab.say(f"talk {number}", MALLORY)
    lab.comments[position] |= {"body": f"{MARKER}\nold", "user": dict(ADA)}
    assert say(lab, "new").done is Done.UPDATED


def test_somebody_elses_note_and_the_systems_are_not_ours(lab: Platform) -> None:
    lab.say(f"{MARKER}\nNo changes.", MALLORY)
    lab.say(f"{MARKER}\nNo changes.", ADA)["system"] = True
    assert say(lab, "one").done is Done.CREATED
