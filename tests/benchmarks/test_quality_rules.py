from __future__ import annotations

from typing import Any

import pytest

from octops.app.demonstrating import example_files
from tests.benchmarks.quality_cases import TASKS, Case, cases
from tests.benchmarks.quality_rules import Said, Score, score
from tests.benchmarks.quality_table import quality_table

LOG = """\
- fix: the calendar feed keeps its time zone (#318, Aylin)
- feat: the first boat leaves at 08:20 (#364, Freja)
- open: the printer cuts off a line (#362)
"""
DIGEST = """\
- The calendar feed keeps its time zone. (#318, Aylin)
- New: the first boat leaves at 8:20 (#364, Freja)
- The printer cuts off a line (#362)
"""
CHANGELOG = """\
## Unreleased

- Added: crews see the list of 40 passengers. (#214)
- Added: a line without a number.
- Changed: the tests run on a new server. (#215)
- Fixed: the receipt showed another price. (#220)

## 2.4.0

- Added: group bookings. (#198)
"""
NOTES = """\
- Added: crews see the list of 40 passengers. (#214)
- **Fixed**: the receipt showed another price. (#220)
"""
MESSAGE = "From: Ole Brandt\n\nMy card was declined for booking H-4410.\n"
FIELDS = {"sender": "Ole Brandt", "topic": "payment", "urgent": False, "summary": "A card was declined for H-4410"}
ANNOUNCEMENT = "From 28 March the first boat leaves at 06:40.\nRead more: https://harbour.example/spring"

GIVEN: dict[str, dict[str, Any]] = {
    "weekly-change-digest": {"log": LOG},
    "release-notes": {"changelog": CHANGELOG, "unnoticed": [215]},
    "support-triage": {
        "message": MESSAGE,
        "sender": "Ole Brandt",
        "topics": ["payment", "booking"],
        "urgent": False,
        "says": [["card", "pay"]],
    },
    "announce-page": {
        "url": "https://harbour.example/spring",
        "news": "From 28 March the first boat leaves at 06:40.",
        "says": [["28 March", "March 28"], ["06:40"]],
    },
}


def judged(task: str, said: str | dict[str, Any], *, completed: bool = True) -> Score:
    case = Case(task=task, id="one", given=GIVEN[task])
    if isinstance(said, str):
        return score(case, Said(completed=completed, text=said))
    return score(case, Said(completed=completed, text="", data=said))


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("weekly-change-digest", DIGEST),
        ("release-notes", NOTES),
        ("support-triage", FIELDS),
        ("support-triage", {**FIELDS, "topic": "booking", "sender": "ole brandt "}),
        ("announce-page", ANNOUNCEMENT),
        ("announce-page", "The first boat leaves at 06:40 from March 28. https://harbour.example/spring"),
    ],
)
def test_no_fault_is_found_in_an_answer_as_it_was_asked_for(task: str, said: str | dict[str, Any]) -> None:
    assert judged(task, said).flawless


@pytest.mark.parametrize(
    ("task", "said", "fault"),
    [
        ("weekly-change-digest", f"## Fixed\n{DIGEST}", "shape"),
        ("weekly-change-digest", f"{DIGEST}- Nothing more.\n", "shape"),
        ("weekly-change-digest", DIGEST.replace("- New", "New"), "shape"),
        ("weekly-change-digest", "".join(reversed(DIGEST.splitlines(keepends=True))), "place 1/3"),
        ("weekly-change-digest", DIGEST.replace("- The printer", "- twice (#318, Aylin)\n- The printer"), "place 2/3"),
        ("weekly-change-digest", DIGEST.replace("#364, Freja", "#364, Aylin"), "person 2/3"),
        ("weekly-change-digest", DIGEST.replace("8:20", "8 o'clock"), "facts 3/4"),
        ("weekly-change-digest", DIGEST.replace("#362", "#999"), "invented 999"),
        ("weekly-change-digest", DIGEST.replace("Freja", "John"), "invented John"),
        ("release-notes", f"# Release notes\n{NOTES}", "shape"),
        ("release-notes", NOTES.replace("(#220)", "(#220) at last"), "shape"),
        ("release-notes", f"{NOTES}- Added: a line without a number.\n", "shape"),
        ("release-notes", f"{NOTES}- Fixed: the receipt again. (#220)\n", "shape"),
        ("release-notes", "".join(reversed(NOTES.splitlines(keepends=True))), "shape"),
        ("release-notes", NOTES.replace("**Fixed**", "Changed"), "kind 1/2"),
        ("release-notes", f"{NOTES}- Added: group bookings. (#198)\n", "left out 1/2"),
        ("release-notes", f"{NOTES}- Changed: tests. (#215)\n", "left out 1/2"),
        ("release-notes", NOTES.replace("40", "forty"), "facts 2/3"),
        ("release-notes", f"{NOTES}- Added: version 2.5. (#221)\n", "invented 2.5"),
        ("support-triage", {**FIELDS, "topic": "other"}, "topic 0/1"),
        ("support-triage", {**FIELDS, "urgent": True}, "urgent 0/1"),
        ("support-triage", {**FIELDS, "sender": "Ole"}, "sender 0/1"),
        ("support-triage", {**FIELDS, "summary": "Something happened"}, "facts 0/1"),
        ("support-triage", {**FIELDS, "question": "Card number 12?"}, "invented 12"),
        ("announce-page", ANNOUNCEMENT + " and more", "link 0/1"),
        ("announce-page", f"https://harbour.example/spring {ANNOUNCEMENT}", "link 0/1"),
        ("announce-page", ANNOUNCEMENT.replace("boat", "boat " * 80), "shape"),
        ("announce-page", ANNOUNCEMENT.replace("first", "**first**"), "shape"),
        ("announce-page", ANNOUNCEMENT.replace("06:40.", "06:40!"), "shape"),
        ("announce-page", ANNOUNCEMENT.replace("28 March", "spring"), "facts 1/2"),
        ("announce-page", "[Your name]: " + ANNOUNCEMENT, "invented [Your name]"),
        ("announce-page", "On Friday: " + ANNOUNCEMENT, "invented Friday"),
        ("announce-page", "See https://example.com. " + ANNOUNCEMENT, "invented https://example.com."),
    ],
)
def test_each_fault_is_told(task: str, said: str | dict[str, Any], fault: str) -> None:
    found = judged(task, said)
    words = [f"{name} {good}/{of}" for name, (good, of) in found.right.items()]
    words += [f"facts {found.facts[0]}/{found.facts[1]}", *(f"invented {word}" for word in found.invented)]
    assert fault in (words if found.shape else [*words, "shape"])
    assert not found.flawless


@pytest.mark.parametrize("task", TASKS)
def test_of_a_run_that_failed_nothing_is_right(task: str) -> None:
    found = judged(task, {"weekly-change-digest": DIGEST, "release-notes": NOTES}.get(task, FIELDS), completed=False)
    assert (found.shape, found.facts[0], {good for good, _ in found.right.values()}) == (False, 0, {0})
    assert found.facts[1] > 0


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_twenty_inputs_twenty_held_out_and_some_to_practise_with(task: str) -> None:
    measured, held_out, practice = cases(task), cases(task, "held_out"), cases(task, "practice")
    every = [*measured, *held_out, *practice]
    assert min(len(measured), len(held_out)) >= 20
    assert practice
    assert len({case.id for case in every}) == len({case.digest for case in every}) == len(every)
    assert {path for case in every for path in case.files} <= set(example_files())


def test_the_table_has_a_row_for_each_task_and_model_with_answers() -> None:
    chosen = [Case(task=task, id="one", given=GIVEN[task]) for task in ("announce-page", "support-triage")]
    kept = {"text": ANNOUNCEMENT, "data": None, "failure": "", "seconds": 4.0, "output_tokens": 30}
    results = {"local/small announce-page one": kept}
    rows = quality_table(
        ["local/small", "local/other"], chosen, results, lambda model, case: f"{model} {case.task} one"
    )
    assert rows.splitlines()[2:] == ["| announce-page | small | 1/1 | 1/1 | link 1/1 | 2/2 | 0/1 | 1/1 | 4 | 7.5 |"]
