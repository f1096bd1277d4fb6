"""`.mcp.json` and the settings of MCP clients → sources."""

from __future__ import annotations

import tomllib
from typing import Any

from octops.importers.draft import Gathering, Imported, ImportRefused
from octops.importers.servers import server_source
from octops.importers.text import json_value, mapping, one_line, texts

_LISTS = ("mcpServers", "servers", "mcp_servers", "context_servers")
_READ = frozenset(
    ("type", "transport", "command", "args", "env", "cwd", "url", "serverUrl", "httpUrl", "headers", "description")
)
_WORDS = {
    "disabled": "it was switched off there; a source is used where a task names it",
    "enabled": "a source is used where a task names it",
    "timeout": "write `timeout_seconds` in the source where 60 seconds do not fit",
    "envFile": "octops reads no files of variables: set them where it runs",
    "alwaysAllow": "a source's tools may all be called; narrow them with `tools.allow`",
    "autoApprove": "a source's tools may all be called; narrow them with `tools.allow`",
}


def import_client(text: str, name: str) -> Imported:
    """Read the servers of a client's configuration; its other settings have no place."""
    document = _document(text, name)
    gathering = Gathering()
    for place, servers in _servers(document, gathering):
        for server, config in servers.items():
            _add(server, config, f"{place}.{one_line(server, 60)}", gathering)
    imported = gathering.all()
    if not imported.drafts and not imported.left_out:
        raise ImportRefused("the file names no MCP server", "it needs a mapping `mcpServers` or `servers`")
    return imported


def _document(text: str, name: str) -> dict[str, Any]:
    if name.endswith(".toml"):
        try:
            return tomllib.loads(text)
        except RecursionError as error:
            raise ImportRefused("the file is nested too deeply", "import the part with the servers") from error
        except tomllib.TOMLDecodeError as error:
            raise ImportRefused("the file is not TOML", "import the client's own file unchanged") from error
    document = json_value(text)
    if not isinstance(document, dict):
        raise ImportRefused("the file is not a mapping", "it needs a mapping `mcpServers` or `servers`")
    return document


def _servers(document: dict[str, Any], gathering: Gathering) -> list[tuple[str, dict[str, Any]]]:
    found = [(key, mapping(document[key])) for key in _LISTS if isinstance(document.get(key), dict)]
    inner = mapping(document.get("mcp"))
    found += [(f"mcp.{key}", mapping(inner[key])) for key in _LISTS if isinstance(inner.get(key), dict)]
    if not found and document and all(_looks_like_server(value) for value in document.values()):
        return [("servers", document)]
    for key in (it for it in document if it not in (*_LISTS, "mcp")):
        said = "keys are asked for by name here: see what to set" if key == "inputs" else "it is no MCP server"
        gathering.leave(one_line(key, 60), said)
    return found


def _looks_like_server(value: object) -> bool:
    return isinstance(value, dict) and any(key in value for key in ("command", "url", "serverUrl", "httpUrl"))


def _add(server: str, given: object, place: str, gathering: Gathering) -> None:
    config = mapping(given)
    id_ = gathering.id_for("source", server, "server")
    values = server_source(config, id_, place, gathering)
    if values is None:
        return
    if description := one_line(config.get("description", ""), 4000):
        values["description"] = description
    if denied := texts(config.get("disabledTools") or config.get("excludeTools")):
        values["tools"] = {"deny": denied}
    if allowed := texts(config.get("includeTools")):
        values["tools"] = {**values.get("tools", {}), "allow": allowed}
    known = _READ | {"disabledTools", "excludeTools", "includeTools"}
    for key in config:
        if key not in known and config[key] not in (None, False, [], {}, ""):
            gathering.leave(f"{place}.{one_line(key, 40)}", _WORDS.get(key, "there is no such key here"))
    gathering.add("source", server, values, fallback="server")
