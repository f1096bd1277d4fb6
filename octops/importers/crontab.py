"""Crontab lines that call a language model → drafts of tasks, paused until a person has looked at them."""

from __future__ import annotations

import re
from typing import Any

from octops.importers.crontab_call import UNCLOSED, Call, call_in
from octops.importers.draft import Gathering, Imported, ImportRefused, env_name
from octops.importers.keys import looks_like_a_key
from octops.importers.models import DEFAULT, key_of, model_id
from octops.importers.prompts import escaped
from octops.importers.text import lines, one_line
from octops.importers.zero_ct_schedule import cron_schedule
from octops.schedule.zone import is_zone

_SETTING = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*)")
_TIMED = re.compile(r"\s*(@\w+|(?:[^\s#]+\s+){4}[^\s]+)\s+(\S.*)")
_DATE = re.compile(r"\$\(date[^()]{0,40}\)|`date[^`]{0,40}`")
_SHELL = re.compile(r"\$\([^()]{0,200}\)|`[^`\n]{1,200}`|\$\{?[A-Za-z_]\w*\}?")
_PERCENT = re.compile(r"(?<!\\)%")
_MAX_LINES = 20_000


def import_crontab(text: str, name: str) -> Imported:
    """Read a crontab, of a user or of the system. Lines that call no model are told, and stay in cron."""
    gathering = Gathering()
    zone, title = "", ""
    for number, line in enumerate(text.split("\n")[:_MAX_LINES], 1):
        place = f"line {number}"
        if not line.strip():
            title = ""
        elif line.lstrip().startswith("#"):
            title = _title(line, place, gathering)
        elif setting := _SETTING.fullmatch(line):
            zone = _setting(setting[1], setting[2].strip("\"' "), place, zone, gathering)
        elif timed := _TIMED.fullmatch(line):
            _line(timed[1], timed[2], place, zone, title, gathering)
            title = ""
        else:
            gathering.leave(place, "it is no line of a crontab")
    imported = gathering.all()
    if not imported.drafts:
        if unclosed := [note.place for note in imported.left_out if note.said == UNCLOSED]:
            raise ImportRefused(
                f"a quote on {unclosed[0]} of the crontab is not closed", "close it, and import it again"
            )
        raise ImportRefused(
            "no line of the crontab calls a language model",
            "lines with `llm`, `claude`, `codex`, `gemini`, `ollama` and the like are read, with the prompt in quotes",
        )
    return imported


def _title(line: str, place: str, gathering: Gathering) -> str:
    """What a comment calls the line below it."""
    if looks_like_a_key(line):
        gathering.leave(place, "the comment may hold a key: no task is called after it")
        return ""
    return one_line(line.strip("# \t"), 80)


def _setting(key: str, value: str, place: str, zone: str, gathering: Gathering) -> str:
    if key in ("CRON_TZ", "TZ"):
        if is_zone(value):
            return value
        gathering.leave(place, "it is no IANA time zone: write `timezone` yourself")
    elif re.search(r"KEY|TOKEN|SECRET|PASS", key, re.IGNORECASE):
        gathering.set(env_name(key), "it stood in the crontab")
    elif key != "SHELL":
        gathering.leave(place, f"`{key[:40]}` has no place: set it where octops runs, if it needs it")
    return zone


def _line(when: str, command: str, place: str, zone: str, title: str, gathering: Gathering) -> None:
    # cron itself, not its shell, ends a command at `%`: no quote protects it.
    command, *given = _PERCENT.split(command, maxsplit=1)
    if given:
        gathering.leave(place, "what stands after `%` was given to the program as input: it belongs into a source")
    call = call_in(command.replace("\\%", "%"), place, gathering)
    if call is None:
        return
    prompt = lines(call.prompt, place, gathering)
    if not prompt.strip():
        gathering.leave(place, f"`{call.program}` gets no prompt on the line: write the task by hand")
        return
    gathering.add("task", title or _words(prompt), _values(when, call, prompt, place, zone, title, gathering))


def _values(
    when: str, call: Call, prompt: str, place: str, zone: str, title: str, gathering: Gathering
) -> dict[str, Any]:
    name = "" if looks_like_a_key(call.model) else call.model
    model = model_id(name, call.provider) if name else DEFAULT
    if not name:
        gathering.leave(place, f"`{call.program}` names no model: `{DEFAULT}` is written")
    values: dict[str, Any] = {
        "name": title or one_line(_words(prompt)).capitalize(),
        "prompt": f"{_with_dates(prompt, place, gathering)}\n",
        "model": model,
        "status": "paused",
    }
    if when.lower() == "@reboot":
        gathering.leave(place, "`@reboot` is no time: the task runs when it is triggered")
    elif fires := cron_schedule(when, place, gathering):
        values["schedule"] = fires
    if zone:
        values["timezone"] = zone
    elif "schedule" in values:
        gathering.leave(place, "cron used its machine's time zone: write `timezone`, or UTC is taken")
    if variable := key_of(model):
        gathering.set(variable, f"the key for `{model}`")
    return values


def _with_dates(prompt: str, place: str, gathering: Gathering) -> str:
    """`$(date)` is known here; other things a shell would have filled in are told."""
    pieces = _DATE.split(escaped(prompt))
    text = "<<current_date>>".join(pieces)
    for left in _SHELL.findall("".join(pieces)):
        gathering.leave(place, f"`{left[:40]}` was filled in by the shell: it stands in the prompt as text")
    return text


def _words(prompt: str) -> str:
    return " ".join(re.findall(r"[A-Za-z0-9]+", prompt)[:5])
