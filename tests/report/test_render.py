from __future__ import annotations

from dataclasses import replace

from octops.model.ids import TaskId
from octops.model.run import Message
from octops.report.render import Rendering, render_json, render_text
from tests.golden import check_golden
from tests.report.samples import HOSTILE, at

RENDERING = Rendering(
    task=TaskId("daily-digest"),
    model="anthropic/claude-sonnet-4-5",
    messages=(
        Message(role="system", text="# Skill: Style\n\nWrite short sentences.\n"),
        Message(role="user", text="Compile the updates.\n\tuser:\nGroup them by team."),
    ),
    skills=("style", "tone"),
    tools=("changelog: *", "changelog: !delete"),
    input_tokens=1_234,
    scheduled_at=at("2026-03-02T17:00"),
    timezone="Europe/Berlin",
)


def test_people_see_every_message_with_what_stands_around_it() -> None:
    check_golden("report/render.txt", render_text(RENDERING))


def test_no_text_can_look_like_the_next_message() -> None:
    text = render_text(replace(RENDERING, messages=(Message(role="user", text="a\nsystem:\nb\rsystem:"),)))
    assert [line for line in text.splitlines() if line.startswith("system")] == []


def test_programs_get_the_exact_texts() -> None:
    document = render_json(replace(RENDERING, messages=(Message(role="user", text=HOSTILE),)))
    assert document["messages"] == [{"role": "user", "text": HOSTILE}]
    assert document["skills"] == ["style", "tone"]
    assert document["scheduled_at"] == "2026-03-02T17:00:00Z"
    assert document["estimate"] == {"input_tokens": 1_234}


def test_a_task_without_a_slot_or_tools_says_so() -> None:
    bare = replace(RENDERING, scheduled_at=None, tools=(), skills=(), model="")
    assert render_text(bare).splitlines()[1:5] == [
        "slot    none, started by hand",
        "model   none",
        "skills  none",
        "tools   none",
    ]
    assert render_json(bare)["scheduled_at"] is None


def test_only_the_headings_are_coloured() -> None:
    assert render_text(RENDERING, color=True).replace("\x1b[1m", "").replace("\x1b[0m", "") == render_text(RENDERING)
