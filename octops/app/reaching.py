"""Whether providers, sources and destinations answer: the only part of `octops doctor` that connects to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from octops import __version__
from octops.app.needs import active_tasks, sources_of
from octops.app.workspace import Workspace
from octops.errors import Severity
from octops.model.ids import Value
from octops.model.project import Destination, ModelAlias, Project, Source
from octops.model.run import RunFailed
from octops.plan.closure import model_chain
from octops.plan.reach import destination_reach, model_reach
from octops.report.checkup import Check
from octops.report.words import count

SECONDS: Final = 5.0
"""How long a host may take to accept a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A host that is connected to and told nothing. `purpose` is what it is for, in words."""

    host: str
    port: int
    purpose: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """All that would be connected to, or started."""

    peers: tuple[Peer, ...]
    sources: tuple[Source, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return (
            *dict.fromkeys(f"{peer.host}:{peer.port} ({peer.purpose})" for peer in self.peers),
            *(f"source `{source.id}` ({_way(source)})" for source in self.sources),
        )


def contacts(project: Project) -> Contacts:
    """Providers and destinations as hosts; sources that are more than files are opened as a run would open them."""
    peers = [*_providers(project), *_receivers(project)]
    return Contacts(
        peers=tuple(dict.fromkeys(peers)),
        sources=tuple(source for source in sources_of(project) if source.type != "local"),
    )


def _way(source: Source) -> str:
    return f"starts {source.config['command']}" if "command" in source.config else "connects"


def _providers(project: Project) -> Iterator[Peer]:
    for task in active_tasks(project):
        for number, alias in enumerate(model_chain(project.model_of(task), project)):
            for host in model_reach(alias).hosts:
                severity = Severity.WARNING if number else Severity.ERROR
                yield from _peer(host, _scheme(alias), f"model {alias.model}", severity)


def _scheme(alias: ModelAlias) -> str:
    return urlsplit(alias.api_base).scheme or ("http" if alias.model.startswith("ollama") else "https")


def _receivers(project: Project) -> Iterator[Peer]:
    for id_ in dict.fromkeys(id_ for task in active_tasks(project) for id_ in task.destinations):
        destination = project.destinations[id_]
        for host in destination_reach(destination).hosts:
            yield from _peer(host, _kind(destination), f"destination {id_}", Severity.WARNING)


def _kind(destination: Destination) -> str:
    config: Mapping[str, Value] = destination.config
    if destination.type == "email":
        port = config.get("port") or (465 if config.get("tls") == "tls" else 587)
        return f"{port}"
    return urlsplit(str(config.get("url", ""))).scheme or "https"


def _peer(host: str, scheme: str, purpose: str, severity: Severity) -> Iterator[Peer]:
    """None for a host that is only known at run time."""
    if " " in host or "$" in host:
        return
    parts = urlsplit(f"//{host}")
    usual = int(scheme) if scheme.isdecimal() else {"http": 80}.get(scheme, 443)
    if parts.hostname:
        yield Peer(host=parts.hostname, port=parts.port or usual, purpose=purpose, severity=severity)


async def check_contacts(found: Contacts, workspace: Workspace, project: Project) -> tuple[Check, ...]:
    """All at once; each takes as long as it may, and none keeps another from being told."""
    hosts = (_knock(peer) for peer in found.peers)
    sources = (_open(source, workspace, project) for source in found.sources)
    return tuple(await asyncio.gather(*hosts, *sources))


async def _knock(peer: Peer) -> Check:
    host, port, via = _on_the_way(peer)
    where = f"{peer.host}:{peer.port}{via}, for {peer.purpose},"
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
    except (OSError, TimeoutError, UnicodeError) as error:
        why = "does not answer" if isinstance(error, TimeoutError) else _why(error)
        return Check(
            topic="host",
            text=f"{where} {why}",
            code="unreachable",
            severity=peer.severity,
            cure="see that the name is right, the other side is up, and no firewall or proxy stands between",
        )
    return Check(topic="host", text=f"{where} accepts connections")


def _why(error: Exception) -> str:
    words = getattr(error, "strerror", None) or "cannot be connected to"
    return f"cannot be connected to: {str(words).lower()}" if words != "cannot be connected to" else words


def _on_the_way(peer: Peer) -> tuple[str, int, str]:
    """Providers are asked through the environment's proxy; destinations never are."""
    proxy = urlsplit(getproxies().get("https", "")) if peer.purpose.startswith("model") else None
    if proxy is None or not proxy.hostname or proxy_bypass(peer.host):
        return peer.host, peer.port, ""
    return proxy.hostname, proxy.port or 80, f" through {proxy.hostname}"


async def _open(source: Source, workspace: Workspace, project: Project) -> Check:
    from octops.app.exported import source_root
    from octops.app.site import secrets_of
    from octops.sources.opened import open_sources
    from octops.sources.surroundings import Surroundings

    surroundings = Surroundings(
        root=source_root(workspace, project),
        secrets=secrets_of(project),
        network_allow=project.settings.network_allow,
        version=__version__,
    )
    try:
        async with open_sources([source], surroundings) as opened:
            if source.optional and opened.notes:
                return Check(topic="source", text=opened.notes[0], code="unreachable", severity=Severity.WARNING)
            return Check(topic="source", text=f"`{source.id}` opens and offers {count(len(opened.specs), 'tool')}")
    except RunFailed as error:
        return Check(topic="source", text=error.failure.message, code="unreachable", cure=error.failure.hint)
