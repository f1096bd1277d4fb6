"""The task object of 0ct's API, with its expanded skills and sources → our files."""

from __future__ import annotations

import re
from typing import Any

from octops.importers.draft import Gathering, Imported, ImportRefused
from octops.importers.models import key_of, model_id
from octops.importers.prompts import converted, define
from octops.importers.servers import server_source
from octops.importers.text import json_value, lines, mapping, one_line, texts
from octops.importers.zero_ct_delivery import destinations
from octops.importers.zero_ct_schedule import SCHEDULE_KEYS, schedule
from octops.schedule.zone import is_zone

_READ = SCHEDULE_KEYS | frozenset(
    [
        "name",
        "prompt",
        "instructions",
        "model",
        "modelId",
        "status",
        "isActive",
        "timezone",
        "description",
        "skills",
        "skillIds",
        "sources",
        "sourceIds",
        "destinations",
        "deliveryEmail",
        "deliveryEmailAddress",
        "deliverySms",
        "deliveryPhoneNumber",
    ]
)
_BOOKKEEPING = frozenset(
    [
        "id",
        "createdAt",
        "updatedAt",
        "organizationId",
        "userId",
        "createdBy",
        "lastRunAt",
        "iconUrl",
        "isPublic",
        "isUserInvocable",
        "lastConnectedAt",
        "composioConnected",
        "tools",
    ]
)


def import_tasks(text: str, name: str) -> Imported:
    """Read a task, a list of tasks, or a mapping that holds either under `tasks`, `task` or `data`."""
    gathering = Gathering()
    found = _tasks(json_value(text))
    for place, task in found:
        _Task(task, place, name, gathering).add()
    if not any(draft.kind == "task" for draft in gathering.all().drafts):
        raise ImportRefused("the file holds no task of 0ct", "save what the API answers to `GET /api/promptly/tasks`")
    return gathering.all()


def _tasks(document: object) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(document, list):
        return [(f"[{number}].", mapping(task)) for number, task in enumerate(document)]
    whole = mapping(document)
    for key in ("tasks", "data", "task"):
        if isinstance(whole.get(key), (list, dict)) and "prompt" not in whole:
            return [(f"{key}{place}" if place else f"{key}.", task) for place, task in _tasks(whole[key])]
    return [("", whole)]


class _Task:
    """One task while it is being read; `place` is where it stands in the file, with its dot."""

    def __init__(self, task: dict[str, Any], place: str, file_name: str, gathering: Gathering) -> None:
        self._task = task
        self._place = place
        self._gathering = gathering
        self._title = one_line(task.get("name", "")) or file_name.partition(".")[0]
        self._id = gathering.id_for("task", self._title)

    def add(self) -> None:
        text = lines(
            self._task.get("prompt") or self._task.get("instructions"), f"{self._place}prompt", self._gathering
        )
        if not text.strip():
            self._gathering.leave(f"{self._place}prompt", "a task without a prompt is none")
            return
        values = self._values()
        prompt = converted(text, f"{self._place}prompt", self._gathering)
        values["prompt"] = prompt.text
        define(values, prompt, self._place, self._id, self._gathering)
        self._leave_rest()
        self._gathering.add("task", self._title, values)

    def _values(self) -> dict[str, Any]:
        task, gathering = self._task, self._gathering
        named = one_line(task.get("model") or task.get("modelId") or "")
        model = model_id(named)
        if not named:
            gathering.leave(f"{self._place}model", f"the task names no model: `{model}` is written")
        values: dict[str, Any] = {"name": self._title, "model": model}
        if description := one_line(task.get("description", ""), 4000):
            values["description"] = description
        if fires := schedule(task, self._place, gathering):
            values["schedule"] = fires
        self._zone(values)
        if task.get("status") in ("paused", "completed") or task.get("isActive") is False:
            values["status"] = "paused"
        if variable := key_of(model):
            gathering.set(variable, f"the key for `{model}`")
        for key, ids in (("sources", self._sources()), ("skills", self._skills())):
            if ids:
                values[key] = list(dict.fromkeys(ids))
        if ids := destinations(task, self._place, gathering):
            values["destinations"] = list(dict.fromkeys(ids))
        return values

    def _zone(self, values: dict[str, Any]) -> None:
        zone, place = self._task.get("timezone"), f"{self._place}timezone"
        if isinstance(zone, str) and is_zone(zone):
            values["timezone"] = zone
        elif zone:
            self._gathering.leave(place, "it is no IANA time zone: write `timezone` yourself")
        elif "schedule" in values:
            said = "0ct used your organization's: write `timezone`, or that of octops.yaml is taken, else UTC"
            self._gathering.leave(place, said)

    def _sources(self) -> list[str]:
        found = []
        for number, source in enumerate(self._expanded("sources", "sourceIds")):
            place = f"{self._place}sources[{number}]"
            name = one_line(source.get("slug") or source.get("name") or "", 60)
            values = _source(source, name or "source", place, self._gathering)
            if values is not None:
                _leave(source, _SOURCE_READ, place, self._gathering)
                found.append(self._gathering.add("source", name, values, fallback="source"))
        return found

    def _skills(self) -> list[str]:
        found = []
        for number, skill in enumerate(self._expanded("skills", "skillIds")):
            place = f"{self._place}skills[{number}]"
            body = lines(skill.get("content"), f"{place}.content", self._gathering)
            if not body.strip():
                self._gathering.leave(place, "a skill without `content` is none: export the task with its skills")
                continue
            name = one_line(skill.get("slug") or skill.get("name") or "", 60)
            id_ = self._gathering.id_for("skill", name, "skill")
            _leave(skill, _SKILL_READ, place, self._gathering)
            found.append(self._gathering.add("skill", id_, _front(skill, id_), f"{body.rstrip()}\n"))
        return found

    def _expanded(self, key: str, ids: str) -> list[dict[str, Any]]:
        given = self._task.get(key)
        if given and not isinstance(given, list):
            self._gathering.leave(f"{self._place}{key}", f"it is no list of {key}")
        items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
        for number, item in enumerate(given if isinstance(given, list) else []):
            if not isinstance(item, dict):
                said = f"it is not expanded: export the task with its {key}"
                self._gathering.leave(f"{self._place}{key}[{number}]", said)
        there = {one_line(item.get("id", "")) for item in items}
        for id_ in texts(self._task.get(ids)):
            if id_ not in there:
                said = f"`{id_[:60]}` is not in the file: ask the API for it, and import it or write it by hand"
                self._gathering.leave(f"{self._place}{ids}", said)
        return items

    def _leave_rest(self) -> None:
        _leave(self._task, _READ | {"nextRunAt"}, self._place.rstrip("."), self._gathering)
        if self._task.get("status") == "completed":
            said = "it is done: here it comes as `paused`; `completed` is observed, not written"
            self._gathering.leave(f"{self._place}status", said)


_SOURCE_READ = frozenset(
    ["name", "slug", "type", "config", "authType", "authConfig", "description", "isActive", "composioToolkit"]
)
_SKILL_READ = frozenset(["name", "slug", "content", "description", "frontmatter", "category", "version"])


def _leave(given: dict[str, Any], known: frozenset[str], place: str, gathering: Gathering) -> None:
    for key in given:
        if key not in known and given[key] not in (None, False, "", [], {}):
            said = "0ct's own bookkeeping" if key in _BOOKKEEPING else "there is no such key here"
            gathering.leave(f"{place}.{one_line(key, 40)}".lstrip("."), said)


def _front(skill: dict[str, Any], id_: str) -> dict[str, Any]:
    front = mapping(skill.get("frontmatter"))
    values: dict[str, Any] = {"name": id_}
    values["description"] = one_line(skill.get("description"), 1024) or one_line(skill.get("name"))
    if author := one_line(front.get("author")):
        values["author"] = author
    if tags := texts(front.get("tags")):
        values["tags"] = tags
    kept = {key: str(skill[key]) for key in ("category", "version") if isinstance(skill.get(key), (str, int, float))}
    wanted = texts(front.get("requiredSources"))
    kept |= {"required-sources": ", ".join(wanted)} if wanted else {}
    if kept:
        values["metadata"] = {key: one_line(value) for key, value in kept.items()}
    return values


def _source(source: dict[str, Any], name: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    config = mapping(source.get("config"))
    kind = source.get("type")
    values: dict[str, Any] | None
    if kind == "local":
        path = config.get("path")
        inside = isinstance(path, str) and re.fullmatch(r"[A-Za-z0-9_][\w./ -]{0,200}", path) and ".." not in path
        values = {"type": "local", "path": path if inside else ".", "include": ["**/*.md"]}
        gathering.leave(f"{place}.config", "a local source reads this repository: look at `path` and `include`")
    elif kind == "api":
        values = _api(config, name, place, gathering)
    elif source.get("authType") == "composio" or source.get("composioToolkit"):
        gathering.leave(place, f"`{name}` connects through Composio: add its own MCP server as a source")
        return None
    else:
        values = server_source(config, name, f"{place}.config", gathering)
    if values is None:
        return None
    if description := one_line(source.get("description", ""), 4000):
        values["description"] = description
    _auth(source, values, name, place, gathering)
    return values


def _api(config: dict[str, Any], name: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    remote = server_source({"url": config.get("baseUrl"), "headers": config.get("headers")}, name, place, gathering)
    if remote is None:
        return None
    gathering.leave(
        f"{place}.tools", "write the endpoints under `endpoints`, or an OpenAPI document: only GET / is there"
    )
    values = {"type": "api", "base_url": remote["url"], "endpoints": [{"name": "get", "path": "/"}]}
    return {**values, **{key: remote[key] for key in ("headers", "auth") if key in remote}}


def _auth(source: dict[str, Any], values: dict[str, Any], name: str, place: str, gathering: Gathering) -> None:
    kind, config = source.get("authType"), mapping(source.get("authConfig"))
    if kind in (None, "none") or "auth" in values:
        return
    if values.get("transport", "http") == "stdio" or "command" in values or values["type"] == "local":
        gathering.leave(f"{place}.authType", "a process gets its keys by `env: {NAME: {env: NAME}}`")
    elif kind == "bearer":
        values["auth"] = {"type": "bearer", "token": gathering.secret(f"the token of source `{name}`", name, "TOKEN")}
    elif kind == "basic":
        user = gathering.secret(f"the user of source `{name}`", name, "USER")
        password = gathering.secret(f"the password of source `{name}`", name, "PASSWORD")
        values["auth"] = {"type": "basic", "username": user, "password": password}
    elif kind in ("header", "api_key"):
        header = one_line(config.get("headerName"), 100)
        header = header if re.fullmatch(r"[A-Za-z0-9_-]+", header) else "X-Api-Key"
        prefix = one_line(config.get("prefix"), 40)
        said = f"the header `{header}` of source `{name}`" + (f", with `{prefix} ` before the key" if prefix else "")
        values["auth"] = {"type": "header", "name": header, "value": gathering.secret(said, name, "API_KEY")}
    else:
        gathering.leave(f"{place}.authType", f"`{one_line(kind, 40)}` needs a person: write `auth` for this source")
