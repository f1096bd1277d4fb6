"""The task body of mcp.run → a task: `{runner, <runner>: {prompt, model}, settings: {key}}`."""

from __future__ import annotations

from typing import Any

from octops.importers.draft import Gathering, Imported, ImportRefused, env_name
from octops.importers.models import key_of, model_id
from octops.importers.prompts import converted, define
from octops.importers.text import json_value, lines, mapping, one_line

_READ = frozenset(("name", "slug", "runner", "prompt", "model", "settings", "description", "profile"))
_BOOKKEEPING = frozenset(("created_at", "modified_at", "id", "kind", "status"))
_RUNNERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "gemini",
    "gemini": "gemini",
    "huggingface": "huggingface",
}
"""Runners → what litellm calls the provider."""
_KEYS = frozenset(("key", "api_key", "apiKey"))


def import_task(text: str, name: str) -> Imported:
    """Read one task, or a list of them."""
    document = json_value(text)
    tasks = document if isinstance(document, list) else [document]
    gathering = Gathering()
    for number, task in enumerate(tasks):
        place = f"[{number}]" if isinstance(document, list) else ""
        if not isinstance(task, dict):
            gathering.leave(place or "the file", "it is not a task")
            continue
        _add(task, f"{place}." if place else "", name, gathering)
    if not gathering.all().drafts:
        raise ImportRefused(
            "the file holds no task of mcp.run",
            'a task has a `runner`, and under its name a `prompt`: {"runner": "openai", "openai": {"prompt": "…"}}',
        )
    return gathering.all()


def _add(task: dict[str, Any], place: str, file_name: str, gathering: Gathering) -> None:
    runner = one_line(task.get("runner", ""), 60)
    config = mapping(task.get(runner)) or next((it for it in map(mapping, task.values()) if "prompt" in it), task)
    text = lines(config.get("prompt"), f"{place}prompt", gathering)
    if not text.strip():
        gathering.leave(f"{place}prompt", "a task without a prompt is none")
        return
    title = one_line(task.get("name") or str(task.get("slug") or "").rpartition("/")[2]) or file_name.partition(".")[0]
    prompt = converted(text, f"{place}prompt", gathering)
    id_ = gathering.id_for("task", title)
    model = _model(one_line(config.get("model", "")), runner, place, gathering)
    values: dict[str, Any] = {"name": title, "prompt": prompt.text, "model": model}
    if description := one_line(task.get("description", ""), 4000):
        values["description"] = description
    define(values, prompt, place, id_, gathering)
    if variable := key_of(model):
        gathering.set(variable, f"the key for `{model}`")
    elif _KEYS & mapping(task.get("settings")).keys():
        gathering.set(env_name(runner, "API_KEY"), f"the key for `{model}`, under the name litellm reads it by")
    _leave_rest(task, config, runner, place, gathering)
    gathering.add("task", title, values)


def _model(name: str, runner: str, place: str, gathering: Gathering) -> str:
    provider = _RUNNERS.get(runner.lower(), "")
    model = model_id(name, provider)
    where = f"{place}{runner}.model" if runner else f"{place}model"
    if not name:
        gathering.leave(where, f"the task names no model: `{model}` is written")
    elif "/" not in model:
        gathering.leave(where, f"`{model}` names no provider: write it as litellm does, `provider/{model}`")
    return model


def _leave_rest(task: dict[str, Any], config: dict[str, Any], runner: str, place: str, gathering: Gathering) -> None:
    gathering.leave(
        f"{place}{'profile' if 'profile' in task else 'slug'}",
        "the tools of its profile do not come along: add each as a source, and name it under `sources`",
    )
    for key in (it for it in config if it not in ("prompt", "model") and config is not task):
        gathering.leave(
            f"{place}{runner}.{one_line(key, 40)}", "options of a model stand in octops.yaml, under `models`"
        )
    for key in mapping(task.get("settings")):
        said = "keys do not come along: see what to set" if key in _KEYS else "there is no such setting here"
        gathering.leave(f"{place}settings.{one_line(key, 40)}", said)
    for key in task:
        if key not in _READ | _BOOKKEEPING and task[key] is not config:
            gathering.leave(f"{place}{one_line(key, 40)}", "there is no such key here; a schedule is written by hand")
