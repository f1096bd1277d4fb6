"""Whether the models that tasks and octops.yaml name can be meant."""

from __future__ import annotations

from collections.abc import Iterator

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Pointer, Problem
from octops.declare.near import choice_text, nearest
from octops.errors import Severity
from octops.model.project import Settings
from octops.prices import LOCAL, LOCAL_MODELS


def model_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """A model nobody declared, or none at all."""
    task = declared.task
    if not known.unsure.isdisjoint(("models", "defaults")):
        return
    if task.model:
        yield from _named(task.model, ("model",), known.settings)
    elif not known.settings.default_model and "model" not in declared.lost:
        yield Problem(
            code="missing-model",
            summary=f"task `{task.id}` has no model, and octops.yaml names none for all tasks",
            detail="add `model` to the task, or `defaults: {model: anthropic/claude-sonnet-4-5}` to octops.yaml",
            place=At(),
        )


def settings_model_problems(known: Known) -> Iterator[Problem]:
    """Aliases that lead nowhere or in a circle, in octops.yaml."""
    if "models" in known.unsure:
        return
    settings = known.settings
    if settings.default_model not in settings.models and settings.default_model:
        yield from _named(settings.default_model, ("defaults", "model"), settings)
    for alias, model in settings.models.items():
        if _is_unknown_local(model.model):
            yield _unknown_local(model.model, ("models", alias, "model"))
        if model.model in settings.models and "/" not in model.model:
            yield _alias_of_alias(alias, model.model)
        if model.fallback:
            yield from _named(model.fallback, ("models", alias, "fallback"), settings)
    yield from _circles(settings)


def _named(model: str, at: Pointer, settings: Settings) -> Iterator[Problem]:
    """An alias, or anything with a `/`, is taken; a bare name is either a slip or a litellm id such as `gpt-4o`.

    Only of `local/` all names are known.
    """
    if _is_unknown_local(model):
        yield _unknown_local(model, at)
        return
    if "/" in model or model in settings.models:
        return
    near = nearest(model, settings.models)
    aliases = ", ".join(f"`{alias}`" for alias in settings.models) or "none"
    if near or model == "default":
        yield Problem(
            code="unknown-model",
            summary=f"model `{model}` is not an alias in octops.yaml",
            detail=f"did you mean `{near}`?"
            if near
            else f"declare it under `models` in octops.yaml; aliases are: {aliases}",
            place=At(path=at),
        )
        return
    yield Problem(
        severity=Severity.WARNING,
        code="bare-model",
        summary=f"`{model}` is not an alias in octops.yaml: it is sent to litellm as it stands",
        detail=f"write it with its provider, such as `openai/{model}`, or declare it under `models` in octops.yaml",
        place=At(path=at),
    )


def _is_unknown_local(model: str) -> bool:
    return model.startswith(LOCAL) and model not in LOCAL_MODELS


def _unknown_local(model: str, at: Pointer) -> Problem:
    return Problem(
        code="unknown-model",
        summary=f"there is no local model `{model}`",
        detail=f"{choice_text(model, LOCAL_MODELS)}`octops model list` says what each is good for",
        place=At(path=at),
    )


def _alias_of_alias(alias: str, model: str) -> Problem:
    return Problem(
        code="alias-of-alias",
        summary=f"alias `{alias}` stands for `{model}`, which is an alias itself",
        detail="write the litellm id it stands for, such as `anthropic/claude-sonnet-4-5`",
        place=At(path=("models", alias)),
    )


def _circles(settings: Settings) -> Iterator[Problem]:
    """Each circle once, at the first of its aliases."""
    seen: set[str] = set()
    for start in settings.models:
        way: list[str] = []
        alias = start
        while alias in settings.models and alias not in seen:
            seen.add(alias)
            way.append(alias)
            alias = settings.models[alias].fallback
        if alias in way:
            circle = [*way[way.index(alias) :], alias]
            yield Problem(
                code="fallback-circle",
                summary=f"the fallbacks lead in a circle: {' → '.join(f'`{name}`' for name in circle[:8])}",
                detail="remove one `fallback`: the last model has none",
                place=At(path=("models", alias, "fallback")),
            )
