"""What one source, destination or model touches, read from its declaration and the schemas' annotations."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from octops import schemas
from octops.model.effects import Effects, SecretUse
from octops.model.ids import Value
from octops.model.project import Destination, ModelAlias, Source
from octops.plan.providers import LOCAL, PROVIDERS, Provider, provider_name


def source_reach(source: Source) -> Effects:
    """All but the tools: those depend on whether the model sees them or a prefetch calls one."""
    return _reach("source", source)


def destination_reach(destination: Destination, *, ledger_branch: str = "") -> Effects:
    """A file's recipient names its branch too, unless that is the ledger's own."""
    return _reach("destination", destination, ledger_branch)


def model_reach(model: ModelAlias) -> Effects:
    """The provider's host, or the one that octops.yaml names, and the key that goes there."""
    name = provider_name(model.model)
    provider = PROVIDERS.get(name, Provider(host="" if name == LOCAL else f"the usual host of {name}"))
    host = host_of(model.api_base) or provider.host
    declared = [*secret_names(model.api_key), *secret_names(model.options)]
    keys = declared if model.api_key or not provider.key else [*declared, provider.key]
    goes_to = f"model {model.model} at {host}" if model.api_base else f"model {model.model}"
    return Effects(
        models=(model.model,),
        hosts=_sorted([host, *(host_of(text) for text in _texts(model.options) if "://" in text)]),
        secrets=tuple(SecretUse(name=key, goes_to=goes_to) for key in sorted(set(keys))),
    )


def host_of(url: str) -> str:
    """`host` or `host:port` of a URL; what is no URL stands for itself, so that nothing goes unseen."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return url
    host = parts.hostname or ""
    return f"[{host}]{port}" if ":" in host else f"{host}{port}" or url


def secret_names(value: Value) -> Iterator[str]:
    """The names in every `{env: NAME}` anywhere in a value."""
    match value:
        case {"env": str(name), **rest} if not rest:
            yield name
        case Mapping():
            for item in value.values():
                yield from secret_names(item)
        case list() | tuple():
            for item in value:
                yield from secret_names(item)


def _reach(kind: str, thing: Source | Destination, ledger_branch: str = "") -> Effects:
    found: dict[str, list[str]] = {}
    for key in schemas.effect_keys(kind, thing.type):
        texts = list(_texts(_at(thing.config, key.path)))
        found.setdefault(key.effect, []).extend(texts)
    # Beside an address that is a secret stands the only host it may lead to.
    urls = [host_of(url) for url in found.get("url", ()) if not (url.startswith("$") and found.get("host"))]
    hosts = _sorted([*found.get("host", ()), *urls, *schemas.fixed_hosts(kind, thing.type)])
    branches = "".join(f" on branch {branch}" for branch in found.get("branch", ()) if branch != ledger_branch)
    recipients = [*found.get("recipient", ()), *(f"{path}{branches}" for path in found.get("path", ()))]
    program = found.get("command", [])[:1]
    places = [f"command {name}" for name in program] or [f"host {host}" for host in hosts] or [f"{kind} {thing.id}"]
    return Effects(
        hosts=hosts,
        commands=(_command_line(thing.config, found["command"]),) if program else (),
        reads=_reads(thing.id, thing.config, found.get("read", [])),
        recipients=_sorted(f"{thing.id}: {recipient}" for recipient in recipients),
        secrets=tuple(
            SecretUse(name=name, goes_to=place)
            for name in sorted(set(secret_names(thing.config)))
            for place in sorted(places)
        ),
    )


def _reads(id_: str, config: Mapping[str, Value], found: list[str]) -> tuple[str, ...]:
    """Globs from the repository's root, and what is excluded from them."""
    if not found:
        return ()
    folder = config.get("path")
    if not isinstance(folder, str):
        folder = ""
    globs = [text for text in found if text != folder] or (["**"] if folder else [])
    excluded = list(_texts(config.get("exclude")))
    inside = (lambda glob: str(PurePosixPath(folder, glob))) if folder else str
    return _sorted([*(f"{id_}: {inside(glob)}" for glob in globs), *(f"{id_}: !{inside(glob)}" for glob in excluded)])


def _at(value: Value, path: tuple[str, ...]) -> Value:
    """What a path leads to; through a list it leads to that of every item."""
    if not path:
        return value
    match value:
        case Mapping():
            return _at(value.get(path[0]), path[1:])
        case list() | tuple():
            return [_at(item, path) for item in value]
        case _:
            return None


def _texts(value: Value) -> Iterator[str]:
    """Every text in a value; a secret stands as `$NAME`, since only its name is known."""
    match value:
        case str():
            yield value
        case {"env": str(name), **rest} if not rest:
            yield f"${name}"
        case Mapping():
            for item in value.values():
                yield from _texts(item)
        case list() | tuple():
            for item in value:
                yield from _texts(item)


def _command_line(config: Mapping[str, Value], argv: list[str]) -> str:
    """As a shell would take it. Arguments, environment and directory belong to it: each can turn it into another."""
    arguments = [] if argv[1:] else list(_texts(config.get("args")))
    environment = config.get("env")
    literal = environment.items() if isinstance(environment, Mapping) else ()
    words = [
        *(f"{name}={shlex.quote(value)}" for name, value in literal if isinstance(value, str)),
        *(_word(word) for word in (*argv, *arguments)),
    ]
    directory = config.get("cwd")
    return " ".join(words) + (f" (in {directory})" if isinstance(directory, str) else "")


def _word(word: str) -> str:
    return word if word.startswith("$") and word[1:].isidentifier() else shlex.quote(word)


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))
