from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from octops.errors import Severity
from octops.model.history import Definition, Head, History
from octops.model.ids import SkillId, TaskId
from octops.model.plan import ChangeAction, Effects, Plan
from octops.model.project import Budget, ModelAlias, Price, Project, Settings, Skill
from octops.model.task import CatchUp, Frequency, Schedule, Task, TaskStatus
from octops.plan.reconcile import compare
from tests.plan.kit import DAILY, HOURLY, applied, at, head, open_run, plan_of, project, task

NOW = "2026-02-02T23:30+00:00"
LONG_AGO = "2026-01-01T00:00+00:00"


def remembered(*tasks: Task, **changes: Any) -> History:
    """These tasks as last applied, with nothing due."""
    known = project(*tasks)
    return History(heads={one.id: head(one, known, LONG_AGO, **{"settled_until": at(NOW), **changes}) for one in tasks})


def changes(plan: Plan) -> list[tuple[str, str]]:
    return [(change.action.value, change.task) for change in plan.changes]


def test_what_the_ledger_does_not_know_is_created() -> None:
    plan = plan_of(project(task("b"), task("a")), NOW)
    assert (changes(plan), plan.unchanged) == ([("create", "a"), ("create", "b")], 0)


def test_what_nobody_declares_any_more_is_deleted() -> None:
    plan = plan_of(project(task("a")), NOW, remembered(task("a"), task("b")))
    assert (changes(plan), plan.unchanged) == ([("delete", "b")], 1)


def test_a_plan_without_differences_is_empty() -> None:
    plan = plan_of(project(task("a")), NOW, remembered(task("a")))
    assert (plan.empty, plan.unchanged) == (True, 1)


def test_an_update_names_its_facets_in_the_order_of_a_tasks_keys() -> None:
    plan = plan_of(project(task("a", owner="o", prompt="Other.", tags=("t",))), NOW, remembered(task("a")))
    (change,) = plan.changes
    assert (change.action, change.modified) == (ChangeAction.UPDATE, ("prompt", "tags", "owner"))
    assert change.before is not None
    assert change.before.texts == {"prompt": "Write."}


def test_everything_a_new_task_can_touch_is_new() -> None:
    (change,) = plan_of(project(task()), NOW).changes
    assert change.new_effects == change.effects != Effects()


def test_an_update_marks_only_what_is_new() -> None:
    (change,) = plan_of(project(task(model="openai/x")), NOW, remembered(task())).changes
    assert (change.new_effects.models, change.new_effects.caps) == (("openai/x",), ())


MOVED = Settings(moved={TaskId("old"): TaskId("new")})


def test_a_moved_task_that_is_else_the_same_is_no_update_and_keeps_its_state() -> None:
    history = remembered(task("old"))
    plan = plan_of(project(task("new"), settings=MOVED), "2026-02-03T23:30+00:00", history)
    (change,) = plan.changes
    assert (change.action, change.task, change.moved_from, change.modified) == ("no-op", "new", "old", ())
    assert [run.id for run in plan.runs] == ["new@20260203T230000Z"]
    assert plan.activations == {"new": at(LONG_AGO)}


def test_a_move_that_is_done_is_over() -> None:
    plan = plan_of(project(task("new"), settings=MOVED), NOW, remembered(task("new")))
    assert plan.empty


def test_a_move_onto_a_task_that_is_known_is_a_delete() -> None:
    plan = plan_of(project(task("new"), settings=MOVED), NOW, remembered(task("new"), task("old")))
    assert changes(plan) == [("delete", "old")]


def test_a_chain_of_moves_leads_to_its_end() -> None:
    chain = Settings(moved={TaskId("old"): TaskId("mid"), TaskId("mid"): TaskId("new")})
    (change,) = plan_of(project(task("new"), settings=chain), NOW, remembered(task("old"))).changes
    assert (change.task, change.moved_from) == ("new", "old")


@pytest.mark.parametrize(
    "moved",
    [{"old": "old"}, {"old": "new", "new": "old"}, {"old": "nowhere"}, {"elsewhere": "new"}],
)
def test_a_move_that_leads_nowhere_is_a_delete_and_a_create(moved: Mapping[TaskId, TaskId]) -> None:
    declared = project(task("new"), settings=Settings(moved=moved))
    assert changes(plan_of(declared, NOW, remembered(task("old")))) == [("create", "new"), ("delete", "old")]


def test_a_moved_task_does_not_start_what_still_runs_under_its_old_id() -> None:
    running = open_run("2026-02-03T23:00+00:00", task_id="old", lease_until="2026-02-04T01:00+00:00")
    history = replace(remembered(task("old")), open_runs=(running,))
    assert plan_of(project(task("new"), settings=MOVED), "2026-02-03T23:30+00:00", history).runs == ()


def test_what_a_moved_task_lost_under_its_old_id_it_runs_under_the_new_one() -> None:
    lost = open_run("2026-02-03T23:00+00:00", task_id="old", lease_until="2026-02-03T23:10+00:00")
    history = replace(remembered(task("old")), open_runs=(lost,))
    plan = plan_of(project(task("new"), settings=MOVED), "2026-02-03T23:30+00:00", history)
    assert [(run.id, run.action.value) for run in plan.runs] == [
        ("new@20260203T230000Z", "run"),
        ("old@20260203T230000Z", "skip"),
    ]


def suggested(before: Task, *after: Task) -> list[str]:
    plan = plan_of(project(*after), NOW, remembered(before))
    return [note.summary for note in plan.diagnostics if note.code == "maybe-renamed"]


PROMPT = "one two three four five six seven eight nine ten eleven twelve"


def test_a_rename_is_suggested_where_the_prompt_is_the_same() -> None:
    assert suggested(task("old"), task("new", owner="o")) == ["task `new` is nearly what `old` was"]


def test_a_rename_is_suggested_where_the_prompt_is_nearly_the_same() -> None:
    assert suggested(task("old", prompt=PROMPT), task("new", prompt=PROMPT.replace("two", "2"))) != []


def test_no_rename_is_suggested_between_different_prompts() -> None:
    assert suggested(task("old", prompt=PROMPT), task("new", prompt="Something else.")) == []


def test_a_deleted_task_is_suggested_once() -> None:
    assert len(suggested(task("old"), task("copy-a"), task("copy-b"))) == 1


def test_a_suggestion_says_what_to_write() -> None:
    plan = plan_of(project(task("new")), NOW, remembered(task("old")))
    (note,) = plan.diagnostics
    assert note.severity is Severity.NOTE
    assert "add `{from: old, to: new}` to the list `moved` in octops.yaml" in note.detail
    assert note.location is not None
    assert note.location.filename == "tasks/new.yaml"


def test_many_renames_are_found_and_end() -> None:
    before = [task(f"old-{number}", prompt=f"{PROMPT} {number}") for number in range(300)]
    after = [task(f"new-{number}", prompt=f"{PROMPT} {number}") for number in range(300)]
    plan = plan_of(project(*after), NOW, remembered(*before))
    assert len(plan.diagnostics) == 300


TIMING: list[dict[str, Any]] = [
    {"schedule": HOURLY},
    {"schedule": replace(DAILY, catch_up=CatchUp.ALL)},
    {"timezone": "UTC"},
]


@pytest.mark.parametrize("changed", TIMING)
def test_a_new_schedule_or_zone_counts_from_its_own_activation(changed: dict[str, Any]) -> None:
    declared = project(task("a", **changed))
    since = {TaskId("a"): at("2026-02-02T12:00+00:00")}
    assert plan_of(declared, NOW, remembered(task("a")), activations=since).activations == since


def test_a_prompt_edit_does_not_move_the_activation() -> None:
    declared = project(task("a", prompt="Other."))
    plan = plan_of(declared, NOW, remembered(task("a")), activations={TaskId("a"): at(NOW)})
    assert plan.activations == {"a": at(LONG_AGO)}


def test_resuming_does_not_catch_up() -> None:
    paused = task("a", status=TaskStatus.PAUSED)
    since = {TaskId("a"): at("2026-02-02T23:10+00:00")}
    history = remembered(paused, settled_until=None)
    assert plan_of(project(task("a")), NOW, history, activations=since).runs == ()


def test_without_an_activation_a_task_counts_from_now() -> None:
    plan = plan_of(project(task("a")), "2026-02-02T23:00+00:00")
    assert [run.id for run in plan.runs] == ["a@20260202T230000Z"]
    assert plan_of(project(task("a")), "2026-02-02T23:00:01+00:00").runs == ()


def test_a_new_schedule_runs_no_slot_up_to_what_has_ended() -> None:
    since = {TaskId("a"): at("2026-02-02T20:00+00:00")}
    history = remembered(task("a"), settled_until=at("2026-02-02T23:00+00:00"))
    plan = plan_of(project(task("a", schedule=HOURLY)), NOW, history, activations=since)
    assert plan.runs == ()


def priced(usd: float, budget: Budget) -> Project:
    price = Price(input_per_million=usd, output_per_million=usd)
    settings = Settings(models={"m": ModelAlias(model="some/model", price=price)}, budget=budget)
    return project(task("a", model="m"), settings=settings)


@pytest.mark.parametrize(
    ("budget", "day", "month", "planned"),
    [
        (Budget(day_usd=1), 0.99, 50, ("run", "due")),
        (Budget(day_usd=1), 1.0, 50, ("blocked", "budget")),
        (Budget(month_usd=9), 50, 9.5, ("blocked", "budget")),
        (Budget(day_usd=0), 0, 0, ("blocked", "budget")),
        (Budget(), 50, 50, ("run", "due")),
    ],
)
def test_a_budget_that_is_used_up_holds_runs_back(
    budget: Budget, day: float, month: float, planned: tuple[str, str]
) -> None:
    history = History(spent_day_usd=day, spent_month_usd=month)
    plan = plan_of(priced(1, budget), "2026-02-02T23:00+00:00", history)
    assert [(run.action.value, run.reason) for run in plan.runs] == [planned]
    assert [note.code for note in plan.diagnostics] == (["budget-spent"] if planned[0] == "blocked" else [])


def test_a_run_that_is_free_needs_no_budget() -> None:
    plan = plan_of(priced(0, Budget(day_usd=0)), "2026-02-02T23:00+00:00")
    assert [run.action.value for run in plan.runs] == ["run"]


def test_only_what_will_run_touches_and_costs_something() -> None:
    declared = project(task("a"))
    plan = plan_of(declared, "2026-02-04T23:00+00:00", remembered(task("a")))
    assert [(run.action.value, run.effects == Effects(), run.estimate is None) for run in plan.runs] == [
        ("skip", True, True),
        ("run", False, False),
    ]


def test_runs_are_sorted_by_slot_and_task() -> None:
    all_day = replace(HOURLY, catch_up=CatchUp.ALL)
    declared = project(task("b", schedule=all_day), task("a", schedule=all_day))
    since = {TaskId(id_): at("2026-02-02T21:30+00:00") for id_ in "ab"}
    assert [run.id for run in plan_of(declared, NOW, activations=since).runs] == [
        "a@20260202T220000Z",
        "b@20260202T220000Z",
        "a@20260202T230000Z",
        "b@20260202T230000Z",
    ]


def test_the_next_slots_of_active_tasks_are_told() -> None:
    declared = project(task("a"), task("b", status=TaskStatus.PAUSED), task("c", schedule=None))
    (upcoming,) = plan_of(declared, NOW).upcoming
    assert (upcoming.task, upcoming.timezone, upcoming.status) == ("a", "America/New_York", TaskStatus.ACTIVE)
    assert [f"{slot:%d %H:%M}" for slot in upcoming.slots] == ["03 23:00", "04 23:00", "05 23:00"]


def test_rare_slots_are_told_too() -> None:
    yearly = Schedule(frequency=Frequency.CRON, cron="0 9 1 1 *")
    (upcoming,) = plan_of(project(task("a", schedule=yearly, timezone="UTC")), NOW).upcoming
    assert [f"{slot:%Y-%m-%d}" for slot in upcoming.slots] == ["2027-01-01", "2028-01-01", "2029-01-01"]


@pytest.mark.parametrize(
    ("now", "activated", "status"),
    [
        ("2026-02-02T23:01+00:00", "2026-02-02T20:00+00:00", "active"),
        ("2026-02-02T23:01+00:00", "2026-02-02T23:01+00:00", "completed"),
        ("2026-02-05T23:01+00:00", "2026-02-02T20:00+00:00", "completed"),
    ],
)
def test_a_task_is_completed_when_no_slot_will_come_and_none_is_left(now: str, activated: str, status: str) -> None:
    once = Schedule(frequency=Frequency.ONCE, date=at(NOW).date(), at=("18:00",), deadline_seconds=86_400)
    plan = plan_of(project(task("a", schedule=once)), now, activations={TaskId("a"): at(activated)})
    assert [(upcoming.slots, upcoming.status.value) for upcoming in plan.upcoming] == [((), status)]


def test_a_task_whose_last_slot_is_being_run_is_not_completed() -> None:
    once = Schedule(frequency=Frequency.ONCE, date=at(NOW).date(), at=("18:00",))
    running = open_run("2026-02-02T23:00+00:00", lease_until="2026-02-03T01:00+00:00")
    plan = plan_of(project(task(schedule=once)), NOW, History(open_runs=(running,)))
    assert [(upcoming.slots, upcoming.status.value) for upcoming in plan.upcoming] == [((), "active")]


def test_targets_limit_the_plan() -> None:
    history = remembered(task("a"), task("gone"), task("old"))
    declared = project(task("a", owner="o"), task("b"), task("new"), settings=MOVED)
    plan = plan_of(declared, "2026-02-03T23:30+00:00", history, targets={TaskId("a"), TaskId("new")})
    assert changes(plan) == [("update", "a"), ("no-op", "new")]
    assert [run.task for run in plan.runs] == ["a", "new"]
    assert [upcoming.task for upcoming in plan.upcoming] == ["a", "new"]
    assert sorted(plan.activations) == ["a", "new"]


def test_a_plan_says_what_it_was_made_from() -> None:
    declared = replace(project(task()), revision="abc", dirty=True)
    plan = plan_of(declared, "2026-02-03T01:30+02:00", History(tip="def"), tzdata="2026a")
    assert (plan.revision, plan.dirty, plan.ledger, plan.tzdata, plan.base) == ("abc", True, "def", "2026a", "")
    assert (plan.as_of, plan.as_of.utcoffset()) == (at("2026-02-02T23:30+00:00"), timedelta(0))


def some_tasks(chance: random.Random) -> list[Task]:
    return [
        task(
            f"task-{number}",
            prompt=chance.choice([PROMPT, "Write.", "<<scheduled_date>>"]),
            schedule=chance.choice([DAILY, HOURLY, None]),
            status=chance.choice(list(TaskStatus)[:2]),
            owner=chance.choice(["", "o"]),
        )
        for number in sorted(chance.sample(range(12), k=8))
    ]


def test_the_same_inputs_give_the_same_plan() -> None:
    for seed in range(12):
        plans = []
        for _ in range(2):
            chance = random.Random(seed)
            history = remembered(*some_tasks(chance), settled_until=at(LONG_AGO))
            plans.append(plan_of(project(*some_tasks(chance)), NOW, history))
        assert plans[0] == plans[1]


def test_applying_a_plan_leaves_nothing_to_do() -> None:
    for seed in range(12):
        chance = random.Random(seed)
        history = remembered(*some_tasks(chance), settled_until=at(LONG_AGO))
        declared = project(*some_tasks(chance))
        assert plan_of(declared, NOW, applied(plan_of(declared, NOW, history), declared, history)).empty


def compared(base: Project, after: Project) -> Plan:
    return compare(replace(base, revision="base"), replace(after, revision="head"), at(NOW), tzdata="2026a")


def test_two_revisions_are_compared_without_judging_runs() -> None:
    base = project(task("a"), task("b"), task("c"))
    plan = compared(base, project(task("a", owner="o"), task("b"), task("d", prompt=PROMPT)))
    assert changes(plan) == [("update", "a"), ("delete", "c"), ("create", "d")]
    assert (plan.base, plan.revision, plan.runs, plan.unchanged) == ("base", "head", (), 1)
    assert [upcoming.task for upcoming in plan.upcoming] == ["a", "d"]


def test_a_rename_between_two_revisions_is_one_update_with_both_estimates() -> None:
    plan = compared(project(task("old")), project(task("new", schedule=HOURLY), settings=MOVED))
    (change,) = plan.changes
    assert (change.task, change.moved_from, change.modified) == ("new", "old", ("schedule",))
    assert change.estimate is not None
    assert change.estimate_before is not None
    assert (change.estimate_before.runs_per_month, change.estimate.runs_per_month) == (30, 720)


def skill(text: str) -> dict[SkillId, Skill]:
    return {SkillId("s"): Skill(id=SkillId("s"), path="skills/s.md", text=text)}


def test_a_skill_changes_only_the_tasks_that_use_it() -> None:
    tasks = task("a", skills=(SkillId("s"),)), task("b")
    plan = compared(project(*tasks, skills=skill("One.")), project(*tasks, skills=skill("Two.")))
    assert [(change.task, change.modified) for change in plan.changes] == [("a", ("skills",))]


def test_comparing_finds_what_hashing_everything_finds() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        settings = [Settings(timezone=chance.choice(["UTC", "Asia/Tokyo"])) for _ in range(2)]
        base = project(*some_tasks(chance), task("z", timezone=""), settings=settings[0])
        after = project(*some_tasks(chance), task("z", timezone=""), settings=settings[1])
        known: dict[TaskId, Head] = {one.id: head(one, base, LONG_AGO) for one in base.tasks.values()}
        whole = plan_of(after, NOW, History(heads=known))
        quick = compared(base, after)
        assert (changes(quick), quick.unchanged) == (changes(whole), whole.unchanged)
        assert [change.modified for change in quick.changes] == [change.modified for change in whole.changes]


def test_a_definition_of_the_ledger_without_effects_makes_all_of_them_new() -> None:
    known = remembered(task())
    bare: Definition = replace(known.heads[TaskId("digest")].definition, effects=Effects())
    heads = {TaskId("digest"): replace(known.heads[TaskId("digest")], definition=bare)}
    (change,) = plan_of(project(task(owner="o")), NOW, History(heads=heads)).changes
    assert change.new_effects == change.effects
