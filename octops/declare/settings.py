"""The mapping of octops.yaml → the noun Settings: changes with the keys of octops.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octops.declare.task import Defaults, limits_of
from octops.model.ids import TaskId
from octops.model.project import ApplyPlaces, Budget, ModelAlias, PreviewPlaces, Price, Records, Settings

DEFAULT_ALIAS = "default"
"""An alias of this name is the default model when `defaults.model` names none."""


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings, with the documented defaults for what is not given."""
    models = {alias: _model(value) for alias, value in sorted(values.get("models", {}).items())}
    defaults = values.get("defaults", {})
    return Settings(
        timezone=values.get("timezone", "UTC"),
        variables=values.get("variables", {}),
        models=models,
        default_model=defaults.get("model", DEFAULT_ALIAS if DEFAULT_ALIAS in models else ""),
        default_limits=limits_of(defaults.get("limits", {})),
        budget=_budget(values.get("budget", {})),
        parallelism=int(values.get("parallelism", 8)),
        records=_records(values.get("records", {})),
        apply=_apply_places(values.get("apply", {})),
        preview=PreviewPlaces(**values.get("preview", {})),
        network_allow=tuple(values.get("network", {}).get("allow", ())),
        moved={TaskId(move["from"]): TaskId(move["to"]) for move in values.get("moved", ())},
    )


def defaults_of(values: Mapping[str, Any], settings: Settings) -> Defaults:
    """What tasks inherit."""
    given = values.get("defaults", {})
    return Defaults(
        limits=given.get("limits", {}),
        schedule=given.get("schedule", {}),
        shared_limits=settings.default_limits,
        default_is_no_alias=DEFAULT_ALIAS not in settings.models,
    )


def _model(value: str | Mapping[str, Any]) -> ModelAlias:
    if isinstance(value, str):
        return ModelAlias(model=value)
    price = value.get("price")
    return ModelAlias(
        model=value["model"],
        api_base=value.get("api_base", ""),
        api_key=value.get("api_key"),
        price=_price(price) if price else None,
        options=value.get("options", {}),
        fallback=value.get("fallback", ""),
    )


def _price(values: Mapping[str, Any]) -> Price:
    return Price(
        input_per_million=float(values["input_per_million"]), output_per_million=float(values["output_per_million"])
    )


def _budget(values: Mapping[str, Any]) -> Budget:
    return Budget(**{key: float(value) for key, value in values.items()})


def _records(values: Mapping[str, Any]) -> Records:
    pushes = values.get("pushes_per_minute")
    return Records(
        branch=values.get("branch", "octops/runs"),
        push=values.get("push", True),
        keep=values.get("keep", "forever"),
        pushes_per_minute=None if pushes is None else int(pushes),
    )


def _apply_places(values: Mapping[str, Any]) -> ApplyPlaces:
    return ApplyPlaces(branches=tuple(values.get("branches", ())), forks=values.get("forks", False))
