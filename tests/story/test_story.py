"""One task from its first pull request to its end, on a real remote: every text a person meets on the way."""

from __future__ import annotations

from pathlib import Path

from tests.modelserver import Call, Say
from tests.story.chapters import Story, story

PULL_REQUEST = ("plan", "--base", "origin/main", "--format", "markdown")
TICK = ("apply", "--auto-approve")
TASK = "tasks/weekly-digest.yaml"
RENAMED = "tasks/tea-digest.yaml"


def test_a_task_from_its_first_pull_request_to_its_end(tmp_path: Path) -> None:
    with story(tmp_path) as told:
        it_begins(told)
        it_runs(told)
        its_prompt_is_edited(told)
        a_tick_comes_late(told)
        it_is_paused(told)
        it_is_renamed(told)
        it_is_deleted(told)
        assert told.answers == []


def it_begins(told: Story) -> None:
    told.branch("first-task")
    told.octops("01-init", "init", "--timezone", "Europe/Berlin", "--model", "openai/loopback")
    settings = told.read("octops.yaml")
    key = "    api_key: {env: OPENAI_API_KEY}\n"
    own = f"    api_key: {{env: STORY_KEY}}\n    api_base: {told.model.openai_base}\n"
    price = "    price: {input_per_million: 3, output_per_million: 15}\n"
    told.ada.write({"octops.yaml": settings.replace(key, own + price) + "\nrecords: {pushes_per_minute: 60}\n"})
    told.octops("02-validate", "validate")
    told.commit("first-task", at="2026-03-02T09:00:00Z")
    told.octops("03-first-pull-request", *PULL_REQUEST, at="2026-03-02T09:05Z")
    told.merge("first-task", at="2026-03-02T11:00:00Z")


def it_runs(told: Story) -> None:
    told.octops("04-plan-before-the-first-slot", "plan", at="2026-03-03T08:00Z")
    told.octops("05-tick-before-the-first-slot", *TICK, at="2026-03-03T08:00Z")
    told.octops("06-status-before-the-first-slot", "status", at="2026-03-03T08:01Z")
    told.answers += [
        Say(
            calls=(Call(name="notes__read_file", arguments={"path": "README.md"}),), input_tokens=400, output_tokens=20
        ),
        Say(text="New: a kettle that tells when the tea is ready.\n", input_tokens=450, output_tokens=15),
    ]
    told.octops("07-first-tick", *TICK, at="2026-03-06T14:03Z")
    told.octops("08-tick-with-nothing-to-do", *TICK, at="2026-03-06T14:33Z")
    told.octops("09-status-after-the-first-run", "status", at="2026-03-06T14:34Z")
    told.octops("10-runs", "runs", at="2026-03-06T14:34Z")
    told.octops("11-show", "show", "weekly-digest")


def its_prompt_is_edited(told: Story) -> None:
    told.branch("shorter")
    prompt = told.read(TASK).replace("at most ten lines", "at most three lines")
    prompt = prompt.replace(
        "  When there is nothing",
        "  Begin with what readers can try today, and name the page that says how.\n  When there is nothing",
    )
    told.commit("shorter", at="2026-03-09T09:00:00Z", files={TASK: prompt})
    told.octops("12-prompt-edit-pull-request", *PULL_REQUEST, at="2026-03-09T09:05Z")
    told.octops("13-prompt-edit-as-text", "plan", "--base", "origin/main", at="2026-03-09T09:05Z")
    told.octops(
        "14-prompt-edit-annotations", "plan", "--base", "origin/main", "--format", "github", at="2026-03-09T09:05Z"
    )
    told.merge("shorter", at="2026-03-09T10:00:00Z")


def a_tick_comes_late(told: Story) -> None:
    told.octops("15-status-when-it-is-late", "status", at="2026-03-28T08:00Z")
    told.octops("16-plan-when-it-is-late", "plan", at="2026-03-28T08:00Z")
    told.answers.append(Say(text="Nothing is new.\n", input_tokens=420, output_tokens=4))
    told.octops("17-late-tick", *TICK, at="2026-03-28T08:00Z")
    told.octops("18-runs-after-the-late-tick", "runs", at="2026-03-28T08:05Z")


def it_is_paused(told: Story) -> None:
    told.branch("pause")
    told.commit("pause", at="2026-03-30T08:00:00Z", files={TASK: told.read(TASK) + "\nstatus: paused\n"})
    told.octops("19-pause-pull-request", *PULL_REQUEST, at="2026-03-30T08:05Z")
    told.merge("pause", at="2026-03-30T09:00:00Z")
    told.octops("20-paused-tick", *TICK, at="2026-04-04T08:00Z")
    told.octops("21-status-when-paused", "status", at="2026-04-04T08:01Z")


def it_is_renamed(told: Story) -> None:
    told.branch("rename")
    told.ada.git("mv", TASK, RENAMED)
    told.ada.write({RENAMED: told.read(RENAMED).replace("\nstatus: paused\n", "")})
    told.octops("22-rename-without-moved", *PULL_REQUEST, at="2026-04-06T08:00Z")
    settings = told.read("octops.yaml") + "moved:\n  - {from: weekly-digest, to: tea-digest}\n"
    told.commit("rename", at="2026-04-06T08:00:00Z", files={"octops.yaml": settings})
    told.octops("23-rename-pull-request", *PULL_REQUEST, at="2026-04-06T08:05Z")
    told.merge("rename", at="2026-04-06T09:00:00Z")
    told.octops("24-plan-after-the-rename", "plan", at="2026-04-06T09:03Z")
    told.octops("25-rename-tick", *TICK, at="2026-04-06T09:03Z")
    told.answers.append(Say(text="The kettle sings now.\n", input_tokens=420, output_tokens=6))
    told.octops("26-renamed-run", *TICK, at="2026-04-10T13:03Z")
    told.octops("27-status-when-renamed", "status", at="2026-04-10T13:05Z")


def it_is_deleted(told: Story) -> None:
    told.branch("goodbye")
    (told.ada.root / RENAMED).unlink()
    told.octops("28-deleted-while-moved-names-it", *PULL_REQUEST, at="2026-04-13T08:00Z")
    settings = told.read("octops.yaml")
    told.commit("goodbye", at="2026-04-13T08:00:00Z", files={"octops.yaml": settings[: settings.index("moved:")]})
    told.octops("29-delete-pull-request", *PULL_REQUEST, at="2026-04-13T08:05Z")
    told.merge("goodbye", at="2026-04-13T09:00:00Z")
    told.octops("30-tick-without-any-task", *TICK, at="2026-04-13T09:03Z")
    told.octops("31-tick-that-means-it", *TICK, "--allow-empty", at="2026-04-13T09:05Z")
    told.octops("32-prune", *TICK, "--allow-empty", "--prune", at="2026-04-13T09:10Z")
    told.octops("33-status-at-the-end", "status", at="2026-04-13T09:15Z")
    told.octops("34-runs-at-the-end", "runs", at="2026-04-13T09:15Z")
    told.octops("35-state-doctor", "state", "doctor")
    told.ledger("36-ledger")
