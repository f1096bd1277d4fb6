"""How other programs write down an MCP server → the keys of a source. Keys become references."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from octops.declare.literal_secrets import find
from octops.importers.draft import Gathering, env_name
from octops.importers.text import mapping, one_line, texts

_SECRET_NAME = re.compile(
    r"key|token|secret|passw|auth|cred|cookie|session|signature|dsn|\bpat\b|_pat$|jwt", re.IGNORECASE
)
_HARMLESS = re.compile(r"true|false|\d{1,6}|[a-z]{1,12}|[A-Z]{1,10}|[a-z]{1,12}[-_/][a-z]{1,12}|application/[a-z.+-]+")
_PATH = re.compile(r"[.~]?/?(?:[A-Za-z][\w. -]{0,40}/)+(?:[A-Za-z][\w. -]{0,40})?|[.~]?/[A-Za-z][\w. -]{0,40}")
_REFERENCE = re.compile(r"\$\{(?:env:|input:)?([A-Za-z_][\w-]*)\}|\$([A-Z_][A-Z0-9_]*)")
_DEFAULTED = re.compile(r"\$\{[A-Za-z_]\w*:-([^{}$]*)\}")
_FLAG = re.compile(r"--?[A-Za-z][\w-]*")
_LONG_WORD = re.compile(r"(?=[^/]*\d)[A-Za-z0-9_~.-]{20,}")
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
    if not command or find(command):
        gathering.leave(f"{place}.command", "it cannot be written down: it needs a variable, or holds a key")
        return None
    values: dict[str, Any] = {"type": "mcp", "command": command}
    if args := _arguments(config.get("args"), f"{place}.args", gathering):
        values["args"] = args
    if env := _environment(mapping(config.get("env")), f"{place}.env", gathering):
        values["env"] = env
    cwd = config.get("cwd")
    if isinstance(cwd, str) and cwd not in (".", "${workspaceFolder}"):
        if re.fullmatch(r"[A-Za-z0-9_][\w./ -]{0,200}", cwd) and ".." not in cwd:
            values["cwd"] = cwd
        else:
            gathering.leave(f"{place}.cwd", "a source starts in a folder of the repository: write `cwd` relative to it")
    return values


def _arguments(given: object, place: str, gathering: Gathering) -> list[str]:
    kept: list[str] = []
    for number, text in enumerate(given if isinstance(given, list) else []):
        if not isinstance(text, (str, int, float)) or isinstance(text, bool):
            continue
        argument = _DEFAULTED.sub(r"\1", str(text)).replace("${workspaceFolder}", ".")
        flag = kept[-1] if kept and _FLAG.fullmatch(kept[-1]) else ""
        head, sign, tail = argument.partition("=")
        if (sign and _is_secret(head, tail)) or (flag and _is_secret(flag, argument)) or find(argument):
            _leave_key(f"{place}[{number}]", head if sign else flag, gathering)
            kept = kept[:-1] if flag and not sign and _is_secret(flag, argument) else kept
        elif _REFERENCE.search(argument):
            gathering.leave(f"{place}[{number}]", f"`{argument[:60]}` names a variable, and arguments hold none here")
        else:
            kept.append(one_line(argument, 8000))
    return [argument for argument in kept if argument]


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and bool(value) and not _HARMLESS.fullmatch(value)


def _leave_key(place: str, flag: str, gathering: Gathering) -> None:
    what = f"the value of `{flag[:40]}` is a key" if flag else "it holds a key"
    gathering.leave(place, f"{what}: give it to the server by `env: {{NAME: {{env: NAME}}}}` instead")


def _environment(given: dict[str, Any], place: str, gathering: Gathering) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in given.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", key):
            gathering.leave(f"{place}.{key[:40]}", "it is not the name of an environment variable")
        elif isinstance(value, (str, int, float, bool)):
            text = str(value).lower() if isinstance(value, bool) else _DEFAULTED.sub(r"\1", str(value))
            values[key] = _value(key, text, f"the value of `{key}` at {place}", gathering, key)
    return values


def _value(name: str, text: str, said: str, gathering: Gathering, *words: str) -> str | dict[str, str]:
    """Plain words stay; everything else is taken for a key, which may only be named."""
    reference = _REFERENCE.fullmatch(text.strip())
    if reference:
        return gathering.secret(said, reference[1] or reference[2])
    if _is_plain(name, text):
        return text
    return gathering.secret(said, *words)


def _is_plain(name: str, text: str) -> bool:
    if _SECRET_NAME.search(name) or find(text) or _REFERENCE.search(text) or _LONG_WORD.search(text):
        return _HARMLESS.fullmatch(text) is not None and text in ("true", "false")
    if _HARMLESS.fullmatch(text) or _PATH.fullmatch(text):
        return True
    parts = urlsplit(text) if re.match(r"https?://", text) and "[" not in text else None
    return parts is not None and not parts.query and not parts.fragment and "@" not in parts.netloc


def _remote(config: dict[str, Any], url: str, name: str, place: str, gathering: Gathering) -> dict[str, Any] | None:
    address = _address(_DEFAULTED.sub(r"\1", url), f"{place}.url", gathering)
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
    _headers(mapping(config.get("headers")), values, name, f"{place}.headers", gathering)
    return values


def _address(url: str, place: str, gathering: Gathering) -> str | None:
    """The address without keys; None when nothing reachable is left."""
    if not re.fullmatch(r"(?:https?|wss?)://[!-~]+", url) or _REFERENCE.search(url):
        gathering.leave(place, "the address cannot be written down: it is not a URL, or names a variable")
        return None
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        gathering.leave(place, "the address is not a URL")
        return None
    if _LONG_WORD.search(parts.path.replace("/", " / ")) or find(f"{parts.scheme}://{host}{parts.path}"):
        gathering.leave(place, "the address itself is a key: no source can hold it; ask the server for a token instead")
        return None
    if host != parts.netloc:
        gathering.leave(place, "a user and password stood in the address: write them as `auth: {type: basic, …}`")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    plain = [(key, value) for key, value in pairs if _is_plain(key, value)]
    for key, _ in [pair for pair in pairs if pair not in plain]:
        gathering.leave(place, f"`?{key[:40]}=…` may be a key and was taken out: send it as a header, by reference")
    return urlunsplit((parts.scheme, host, parts.path, urlencode(plain), ""))


def _headers(given: dict[str, Any], values: dict[str, Any], name: str, place: str, gathering: Gathering) -> None:
    headers: dict[str, Any] = {}
    for key, value in given.items():
        if not _HEADER.fullmatch(key) or not isinstance(value, (str, int)):
            gathering.leave(f"{place}.{key[:40]}", "it is not the name of a header, or its value is no text")
            continue
        text = _DEFAULTED.sub(r"\1", str(value)).strip()
        bearer = re.fullmatch(r"(?i)bearer\s+(\S+)", text)
        said = f"the value of the header `{key}` of source `{name}`"
        if key.lower() == "authorization" and bearer:
            reference = _REFERENCE.fullmatch(bearer[1])
            words = (reference[1] or reference[2],) if reference else (name, "TOKEN")
            token = gathering.secret(f"the bearer token of source `{name}`", *words)
            values["auth"] = {"type": "bearer", "token": token}
        else:
            headers[key] = _value(key, text, said, gathering, name, key)
    if headers:
        values["headers"] = headers


def _without_variables(command: str, place: str, gathering: Gathering) -> str:
    command = _DEFAULTED.sub(r"\1", command).replace("${workspaceFolder}", ".")
    if _REFERENCE.search(command):
        gathering.leave(f"{place}.command", f"`{env_name(command)[:40]}` names a variable")
        return ""
    return command
