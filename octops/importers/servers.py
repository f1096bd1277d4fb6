"""How other programs write down an MCP server → the keys of a source. Keys become references."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from octops.importers.arguments import DEFAULTED, REFERENCE, arguments, leave_server
from octops.importers.draft import Gathering, env_name
from octops.importers.keys import is_plain, key_in, looks_like_a_key
from octops.importers.text import mapping, one_line, texts

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TRANSPORTS = {"streamable-http": "http", "streamablehttp": "http", "streamable_http": "http", "ws": "websocket"}


def server_source(config: dict[str, Any], name: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    """The keys of a source, or None when there is none that could be reached."""
    command = config.get("command")
    if isinstance(command, dict):
        config = {**config, **command, "command": command.get("path")}
        command = config["command"]
    if isinstance(command, list):
        command, config = (texts(command) or [""])[0], {**config, "args": [*command[1:], *texts(config.get("args"))]}
    url = next((config[key] for key in ("url", "serverUrl", "httpUrl") if isinstance(config.get(key), str)), "")
    if isinstance(command, str) and command.strip():
        return _process(config, _without_variables(one_line(command, 1024), place, gathering), name, place, gathering)
    if url:
        return _remote(config, url, name, place, gathering)
    gathering.leave(place, "it has neither a `command` nor a `url`: nothing can be opened")
    return None


def _process(
    config: dict[str, Any], command: str, name: str, place: str, gathering: Gathering
) -> dict[str, Any] | None:
    given = arguments(config.get("args"), command, name, f"{place}.args", gathering)
    if not _may_stand(command, name, f"{place}.command", gathering) or given is None:
        return None
    values: dict[str, Any] = {"type": "mcp", "command": command}
    if given.kept:
        values["args"] = list(given.kept)
    if env := {**given.env, **_environment(config.get("env"), f"{place}.env", gathering)}:
        values["env"] = env
    cwd = config.get("cwd")
    if isinstance(cwd, str) and cwd not in (".", "${workspaceFolder}"):
        if re.fullmatch(r"[A-Za-z0-9_][\w./ -]{0,200}", cwd) and ".." not in cwd and not looks_like_a_key(cwd):
            values["cwd"] = cwd
        else:
            gathering.leave(f"{place}.cwd", "a source starts in a folder of the repository: write `cwd` relative to it")
    return values


def _may_stand(command: str, name: str, place: str, gathering: Gathering) -> bool:
    """Whether the command holds neither a variable nor a key; some clients take a whole line for one."""
    if not command:
        gathering.leave(place, "it cannot be written down: it needs a variable")
        return False
    words = command.split()
    named = [key_in(word, flag if flag.startswith("-") else "") for flag, word in pairwise(["", *words])]
    found = next((key for key in [*named, key_in(command)] if key is not None), None)
    if found is not None:
        leave_server(place, name, found, gathering)
    return found is None


def _environment(given: object, place: str, gathering: Gathering) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if given and not isinstance(given, dict):
        gathering.leave(place, "it is no mapping of variables")
    for key, value in mapping(given).items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", key):
            gathering.leave(f"{place}.{key[:40]}", "it is not the name of an environment variable")
        elif isinstance(value, (str, int, float, bool)):
            text = str(value).lower() if isinstance(value, bool) else DEFAULTED.sub(r"\1", str(value))
            values[key] = _value(key, text, f"the value of `{key}` at {place}", gathering, key)
        else:
            gathering.leave(f"{place}.{key}", "its value is no text")
    return values


def _value(name: str, text: str, said: str, gathering: Gathering, *words: str) -> str | dict[str, str]:
    """Plain words stay; everything else is taken for a key, which may only be named."""
    reference = REFERENCE.fullmatch(text.strip())
    if reference:
        return gathering.secret(said, reference[1] or reference[2])
    if is_plain(name, text) and not REFERENCE.search(text):
        return text
    return gathering.secret(said, *words)


def _remote(config: dict[str, Any], url: str, name: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    address = _address(DEFAULTED.sub(r"\1", url), f"{place}.url", gathering)
    if address is None:
        return None
    word = str(config.get("type") or config.get("transport") or "http").lower()
    transport = _TRANSPORTS.get(word, word)
    if address.startswith("ws"):
        transport = "websocket"
    if transport not in ("http", "sse", "websocket"):
        gathering.leave(f"{place}.type", f"`{word[:40]}` is not a transport here: `http` is taken")
        transport = "http"
    values: dict[str, Any] = {"type": "mcp", "transport": transport, "url": address}
    _headers(config.get("headers"), values, name, f"{place}.headers", gathering)
    return values


def _address(url: str, place: str, gathering: Gathering) -> str | None:
    """The address without keys; None when nothing reachable is left."""
    if not re.fullmatch(r"(?:https?|wss?)://[!-~]+", url) or REFERENCE.search(url):
        gathering.leave(place, "the address cannot be written down: it is not a URL, or names a variable")
        return None
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        gathering.leave(place, "the address is not a URL")
        return None
    if looks_like_a_key(f"{parts.scheme}://{host}{parts.path}"):
        gathering.leave(place, "the address itself is a key: no source can hold it; ask the server for a token instead")
        return None
    if host != parts.netloc:
        gathering.leave(place, "a user and password stood in the address: write them as `auth: {type: basic, …}`")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    plain = [(key, value) for key, value in pairs if is_plain(key, value)]
    for key, _ in [pair for pair in pairs if pair not in plain]:
        gathering.leave(place, f"`?{key[:40]}=…` may be a key and was taken out: send it as a header, by reference")
    return urlunsplit((parts.scheme, host, parts.path, urlencode(plain), ""))


def _headers(given: object, values: dict[str, Any], name: str, place: str, gathering: Gathering) -> None:
    headers: dict[str, Any] = {}
    if given and not isinstance(given, dict):
        gathering.leave(place, "it is no mapping of headers")
    for key, value in mapping(given).items():
        if not _HEADER.fullmatch(key) or not isinstance(value, (str, int)):
            gathering.leave(f"{place}.{key[:40]}", "it is not the name of a header, or its value is no text")
            continue
        text = DEFAULTED.sub(r"\1", str(value)).strip()
        bearer = re.fullmatch(r"(?i)bearer\s+(\S+)", text)
        said = f"the value of the header `{key}` of source `{name}`"
        if key.lower() == "authorization" and bearer:
            reference = REFERENCE.fullmatch(bearer[1])
            words = (reference[1] or reference[2],) if reference else (name, "TOKEN")
            token = gathering.secret(f"the bearer token of source `{name}`", *words)
            values["auth"] = {"type": "bearer", "token": token}
        else:
            headers[key] = _value(key, text, said, gathering, name, key)
    if headers:
        values["headers"] = headers


def _without_variables(command: str, place: str, gathering: Gathering) -> str:
    command = DEFAULTED.sub(r"\1", command).replace("${workspaceFolder}", ".")
    if REFERENCE.search(command):
        gathering.leave(f"{place}.command", f"`{env_name(command)[:40]}` names a variable")
        return ""
    return command
