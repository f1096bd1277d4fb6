"""Whether what a source or a destination declares can work at all: the same no that its run would meet.

Per file, not per task; what depends on a secret, on a variable or on the network is left to the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Pointer, Problem
from octops.errors import Severity
from octops.model.project import Destination, Source
from octops.rules.command import spaced_command
from octops.rules.later import Later, later_in_destination, later_in_source
from octops.rules.paths import file_refusal, filled, folder_refusal
from octops.rules.refusal import Refusal

_ALTERNATIVES = {
    "source": "sources of this version have type `mcp` (transport `stdio` or `http`) or `local`",
    "destination": "destinations of this version have type `webhook`, `email` or `file`",
}


def source_problems(source: Source, known: Known) -> Iterator[Problem]:
    """What keeps it from ever being opened: an error, or a warning where runs go on without it."""
    for later in later_in_source(source):
        yield _later("source", source.id, later, (), required=not source.optional)
    severity = Severity.WARNING if source.optional else Severity.ERROR
    for refused in _of_source(source, known):
        yield _refused(f"source `{source.id}` can never be opened", refused, (), severity)
    for refused in _one(spaced_command(str(source.config.get("command", "")))):
        # There may be such a program all the same.
        yield _refused(f"source `{source.id}` can hardly be opened", refused, (), Severity.WARNING)


def destination_problems(destination: Destination, known: Known, at: Pointer = ()) -> Iterator[Problem]:
    """What keeps every delivery to it from arriving; `at` leads to the destination in its file."""
    if later := later_in_destination(destination.type):
        yield _later("destination", destination.id, later, at)
    for refused in _of_destination(destination, known):
        yield _refused(f"nothing can be delivered to `{destination.id}`", refused, at)


def inline_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """Of the destinations written in the task itself."""
    for index, id_ in enumerate(declared.task.destinations):
        if id_ in declared.inline and id_ in known.inline:
            yield from destination_problems(known.inline[id_], known, ("destinations", index))


def _of_source(source: Source, known: Known) -> Iterator[Refusal]:
    config = source.config
    if source.type == "local":
        yield from _one(folder_refusal(str(config.get("path", "."))))
    elif source.type == "mcp" and config.get("transport") == "http" and "network" not in known.unsure:
        from octops.rules.web import server_refusal

        yield from _one(server_refusal(str(config["url"]), known.settings.network_allow))


def _of_destination(destination: Destination, known: Known) -> Iterator[Refusal]:
    config = destination.config
    if destination.type == "file" and "records" not in known.unsure:
        records = known.settings.records.branch
        yield from _one(file_refusal(filled(str(config["path"])), str(config.get("branch", "")), records))
    elif destination.type == "webhook" and "network" not in known.unsure:
        yield from _of_webhook(config, known)
    elif destination.type == "email" and "network" not in known.unsure:
        yield from _of_email(config, known)


def _of_email(config: Any, known: Known) -> Iterator[Refusal]:
    from octops.rules.addresses import mail_port, mail_refusal, private_refusal

    tls, allow = str(config.get("tls", "starttls")), known.settings.network_allow
    host, port = str(config["host"]).strip("[]"), mail_port(int(config.get("port", 0)), tls)
    if refused := mail_refusal(host, port, tls, allow) or private_refusal(host, port, allow):
        yield replace(refused, at=("host",))


def _of_webhook(config: Any, known: Known) -> Iterator[Refusal]:
    from octops.rules.addresses import private_refusal
    from octops.rules.web import header_refusal, url_refusal, written_address

    url, allow = config["url"], known.settings.network_allow
    address = written_address(url) if isinstance(url, str) else None
    if isinstance(address, Refusal):
        yield address
    elif address is not None:
        yield from _one(
            url_refusal(address, str(config.get("host", "")), allow)
            or private_refusal(address.host, address.port, allow)
        )
    for name, value in config.get("headers", {}).items():
        yield from _one(header_refusal(name, value if isinstance(value, str) else ""))


def _one(refused: Refusal | None) -> Iterator[Refusal]:
    if refused is not None:
        yield refused


def _refused(what: str, refused: Refusal, at: Pointer, severity: Severity = Severity.ERROR) -> Problem:
    place = At(path=(*at, *(refused.at or ("url",))))
    return Problem(
        severity=severity, code=refused.code, summary=f"{what}: {refused.what}", detail=refused.cure, place=place
    )


def _later(kind: str, id_: str, later: Later, at: Pointer, *, required: bool = True) -> Problem:
    what = f"runs that use {kind} `{id_}` fail before" if required else f"runs go on without {kind} `{id_}` when"
    return Problem(
        severity=Severity.WARNING,
        code="not-available",
        summary=f"{later}: {what} their model is asked",
        detail=_ALTERNATIVES[kind],
        place=At(path=(*at, *later.at)),
    )
