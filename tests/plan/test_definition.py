from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from octops.model.ids import DestinationId, SkillId, SourceId
from octops.model.project import Budget, Destination, ModelAlias, Price, Project, Settings, Skill, Source
from octops.model.task import Limits, Output, Parameter, Prefetch, Task, TaskStatus
from octops.plan.definition import FACETS, Definitions, definition, modified
from tests.plan.kit import HOURLY, project, task

SKILL, OTHER = SkillId("style"), SkillId("other")
SOURCE, SECOND = SourceId("log"), SourceId("tracker")
TEAM = DestinationId("team")
TASK = task(
    prompt="Write to <<team>>.",
    model="fast",
    skills=(SKILL,),
    sources=(SOURCE,),
    destinations=(TEAM,),
    prefetch=(Prefetch(source=SECOND, tool="list", arguments={"for": "<<who>>"}),),
)
SETTINGS = Settings(
    variables={"team": "us", "who": "all", "place": "here", "unused": "x"},
    models={"fast": ModelAlias(model="openai/a", fallback="slow"), "slow": ModelAlias(model="openai/b")},
)
PROJECT = project(
    TASK,
    skills={id_: Skill(id=id_, path=f"skills/{id_}.md", text="Be brief.") for id_ in (SKILL, OTHER)},
    sources={
        SOURCE: Source(id=SOURCE, path="sources/log.yaml", type="local", config={"include": ["*.md"]}),
        SECOND: Source(id=SECOND, path="sources/tracker.yaml", type="local", config={"include": ["*.txt"]}),
    },
    destinations={TEAM: Destination(id=TEAM, path="d/team.yaml", type="file", config={"path": "<<place>>/a.md"})},
    settings=SETTINGS,
)


def facets_changed(after: Project, of: Task | None = None) -> tuple[str, ...]:
    return modified(definition(TASK, PROJECT), definition(of or after.tasks[TASK.id], after))


@pytest.mark.parametrize(
    ("changes", "facets"),
    [
        ({"prompt": "Write."}, ("prompt", "variables")),
        ({"name": "Digest"}, ("name",)),
        ({"description": "d"}, ("description",)),
        ({"schedule": HOURLY}, ("schedule",)),
        ({"schedule": None}, ("schedule",)),
        ({"timezone": "UTC"}, ("timezone",)),
        ({"status": TaskStatus.PAUSED}, ("status",)),
        ({"sources": ()}, ("sources",)),
        ({"prefetch": (Prefetch(source=SECOND, tool="show", arguments={"for": "<<who>>"}),)}, ("prefetch",)),
        ({"skills": ()}, ("skills",)),
        ({"destinations": ()}, ("destinations", "variables")),
        ({"variables": {"extra": "1"}}, ("variables",)),
        ({"variables": {"team": "us"}}, ()),
        ({"parameters": {"p": Parameter(required=True)}}, ("parameters",)),
        ({"output": Output(format="json")}, ("output",)),
        ({"limits": Limits(turns=3)}, ("limits",)),
        ({"retry_attempts": 1}, ("retry",)),
        ({"deliver": "on_change"}, ("deliver",)),
        ({"tags": ("a",)}, ("tags",)),
        ({"owner": "o"}, ("owner",)),
        ({"model": "openai/a"}, ("model",)),
        ({"path": "tasks/below/digest.yaml"}, ()),
    ],
)
def test_a_key_of_the_task_changes_its_facet(changes: dict[str, Any], facets: tuple[str, ...]) -> None:
    assert facets_changed(PROJECT, replace(TASK, **changes)) == facets


def with_one(things: Mapping[Any, Any], id_: str, **changes: Any) -> dict[Any, Any]:
    return {**things, id_: replace(things[id_], **changes)}


def with_model(**changes: Any) -> Settings:
    return replace(SETTINGS, models=with_one(SETTINGS.models, "fast", **changes))


@pytest.mark.parametrize(
    ("changes", "facets"),
    [
        ({"skills": with_one(PROJECT.skills, SKILL, text="Be long.")}, ("skills",)),
        ({"skills": with_one(PROJECT.skills, SKILL, path="skills/below/style.md", description="d")}, ()),
        ({"skills": with_one(PROJECT.skills, OTHER, text="Be long.")}, ()),
        ({"sources": with_one(PROJECT.sources, SOURCE, config={"include": ["**"]})}, ("sources",)),
        ({"sources": with_one(PROJECT.sources, SOURCE, deny=("read_file",))}, ("sources",)),
        ({"sources": with_one(PROJECT.sources, SECOND, optional=True)}, ("sources",)),
        ({"sources": with_one(PROJECT.sources, SOURCE, path="sources/below/log.yaml")}, ()),
        ({"destinations": with_one(PROJECT.destinations, TEAM, guarantee="at_most_once")}, ("destinations",)),
        ({"settings": with_model(api_base="http://localhost:1")}, ("model",)),
        ({"settings": with_model(api_key={"env": "K"})}, ("model",)),
        ({"settings": with_model(options={"temperature": 0})}, ("model",)),
        ({"settings": with_model(fallback="")}, ("model",)),
        ({"settings": with_model(price=Price(input_per_million=1, output_per_million=1))}, ()),
        (
            {"settings": replace(SETTINGS, models=with_one(SETTINGS.models, "slow", model="openai/c"))},
            ("model",),
        ),
        ({"settings": replace(SETTINGS, variables={**SETTINGS.variables, "team": "them"})}, ("variables",)),
        ({"settings": replace(SETTINGS, variables={**SETTINGS.variables, "who": "none"})}, ("variables",)),
        ({"settings": replace(SETTINGS, variables={**SETTINGS.variables, "place": "there"})}, ("variables",)),
        ({"settings": replace(SETTINGS, variables={**SETTINGS.variables, "unused": "y"})}, ()),
        ({"settings": replace(SETTINGS, budget=Budget(run_usd=0.1))}, ("limits",)),
        ({"settings": replace(SETTINGS, budget=Budget(day_usd=0.1))}, ()),
        ({"settings": replace(SETTINGS, timezone="Asia/Tokyo")}, ()),
        ({"settings": replace(SETTINGS, default_model="openai/z")}, ()),
    ],
)
def test_what_the_task_reaches_changes_its_facet_and_what_it_does_not_reach_none(
    changes: dict[str, Any], facets: tuple[str, ...]
) -> None:
    assert facets_changed(replace(PROJECT, **changes)) == facets


@pytest.mark.parametrize(
    ("changes", "facet"), [({"timezone": "Asia/Tokyo"}, "timezone"), ({"default_model": "openai/z"}, "model")]
)
def test_a_default_of_the_project_counts_where_the_task_says_nothing(changes: dict[str, Any], facet: str) -> None:
    plain = task(timezone="", model="")
    before = definition(plain, project(plain))
    assert modified(before, definition(plain, project(plain, settings=Settings(**changes)))) == (facet,)


def test_the_hash_changes_with_any_facet_and_with_nothing_else() -> None:
    same = replace(PROJECT, settings=replace(SETTINGS, variables={**SETTINGS.variables, "unused": "y"}))
    other = replace(TASK, owner="o")
    before = definition(TASK, PROJECT).hash
    assert (definition(TASK, same).hash == before, definition(other, PROJECT).hash == before) == (True, False)


def test_the_order_in_which_tasks_are_defined_does_not_matter() -> None:
    whole, half = replace(TASK, limits=Limits(cost_usd=1)), replace(TASK, limits=Limits(cost_usd=1.0))
    one, other = Definitions(PROJECT), Definitions(PROJECT)
    assert [one.of(whole), one.of(half)] == [other.of(half), other.of(whole)]


def test_every_facet_is_a_known_word() -> None:
    assert set(definition(TASK, PROJECT).facets) <= set(FACETS)


def test_facets_of_another_version_come_last() -> None:
    now = definition(TASK, PROJECT)
    before = replace(now, facets={**now.facets, "mood": "0", "owner": "0"})
    assert modified(before, now) == ("owner", "mood")


def test_the_document_is_the_task_with_what_is_in_force() -> None:
    plain = task(timezone="", model="", limits=Limits(cost_usd=0.5), tags=("a",))
    settings = Settings(timezone="Asia/Tokyo", default_model="openai/z", budget=Budget(run_usd=0.25))
    assert definition(plain, project(plain, settings=settings)).document == {
        "prompt": "Write.",
        "model": "openai/z",
        "schedule": {"frequency": "daily", "at": ["18:00"]},
        "timezone": "Asia/Tokyo",
        "status": "active",
        "limits": {"turns": 20, "tool_calls": 50, "tokens": 200_000, "cost_usd": 0.25, "seconds": 600},
        "tags": ["a"],
    }


def test_the_texts_are_the_prompt_and_the_skills() -> None:
    assert definition(TASK, PROJECT).texts == {"prompt": "Write to <<team>>.", "skill:style": "Be brief."}


def test_what_it_refers_to_is_a_line_per_key_sorted_and_without_the_price() -> None:
    price = Price(input_per_million=1, output_per_million=2)
    options = {"seed": 1, "extra": {"b": [2], "a": {"env": "K"}}}
    declared = replace(PROJECT, settings=with_model(options=options, price=price))
    assert definition(TASK, declared).referred == {
        "model:fast": 'fallback: "slow"\nmodel: "openai/a"\n'
        'options.extra.a: {"env": "K"}\noptions.extra.b: [2]\noptions.seed: 1\n',
        "model:slow": 'model: "openai/b"\n',
        "source:log": 'include: ["*.md"]\ntype: "local"\n',
        "source:tracker": 'include: ["*.txt"]\ntype: "local"\n',
        "destination:team": 'path: "<<place>>/a.md"\ntype: "file"\n',
    }


def test_fallbacks_that_run_in_a_circle_end() -> None:
    models = {"fast": ModelAlias(model="openai/a", fallback="fast")}
    circle = replace(PROJECT, settings=replace(SETTINGS, models=models))
    assert definition(TASK, circle).effects.models == ("openai/a",)
