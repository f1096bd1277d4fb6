"""Whether what is said to a model is protected on its way: changes with which addresses are safe without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from octops.declare.known import Known
from octops.declare.located import At, Problem


def endpoint_problems(known: Known) -> Iterator[Problem]:
    """Models that would be asked over plain http: refused beyond this machine unless `network.allow` names the host."""
    if not known.unsure.isdisjoint(("models", "network")):
        return
    allowed = {entry.lower() for entry in known.settings.network_allow}
    for alias, model in known.settings.models.items():
        host, entry = _plain(model.api_base)
        if host and not _is_here(host) and not {host, entry} & allowed:
            yield Problem(
                code="plain-http",
                summary=f"the prompts and the key of model `{alias}` would go to `{entry}` unprotected",
                detail=f"use https, or add `{entry}` to `network.allow`",
                place=At(path=("models", alias, "api_base")),
            )


def _plain(address: str) -> tuple[str, str]:
    """The host of an address without TLS, alone and with its port, as `network.allow` writes them; else empty."""
    if not address.lower().startswith("http://"):
        return "", ""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 80
    except ValueError:
        return address, address
    written = f"[{host}]" if ":" in host else host
    return written, f"{written}:{port}"


def _is_here(host: str) -> bool:
    return host in ("localhost", "[::1]") or (host.startswith("127.") and host.replace(".", "").isdecimal())
