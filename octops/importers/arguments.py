"""The arguments of a server → arguments without keys: the server gets those by its environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from octops.importers.draft import Gathering, env_name
from octops.importers.keys import key_in
from octops.importers.text import one_line

REFERENCE = re.compile(r"\$\{(?:env:|input:)?([A-Za-z_][\w-]*)\}|\$([A-Z_][A-Z0-9_]*)")
DEFAULTED = re.compile(r"\$\{[A-Za-z_]\w*:-([^{}$]*)\}")
_FLAG = re.compile(r"--?[A-Za-z][\w-]*")
_SWITCHES = frozenset(("-y", "--yes", "-i", "-t", "-it", "--rm", "--interactive", "-q", "--quiet", "--verbose"))
"""Flags that no word belongs to."""
_CONTAINERS = frozenset(("docker", "podman", "nerdctl"))
_PASSED = re.compile(r"(?P<before>(?:-e|--env)=?)?(?P<name>[A-Za-z_][A-Za-z0-9_]{0,127})=(?P<value>.*)", re.DOTALL)
"""What gives a container a variable; without `=…` it gets the one its client has."""
_LONGEST = 8000
_SHELL = frozenset(("-c", "-lc", "/c", "-Command"))
"""A shell's flag for a script: without the script the server is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What may stand in a file, and the variables that hold the rest."""

    kept: tuple[str, ...]
    env: Mapping[str, dict[str, str]]


def arguments(given: object, command: str, server: str, place: str, gathering: Gathering) -> Arguments | None:
    """A key goes with its flag; None, and told, where the rest would not be the same server without it."""
    if given and not isinstance(given, list):
        gathering.leave(place, "it is no list of texts: write `args` yourself")
    reading = _Reading(command.rpartition("/")[2] in _CONTAINERS, server, place, gathering)
    for number, item in enumerate(given if isinstance(given, list) else []):
        if isinstance(item, (str, int, float)) and not isinstance(item, bool):
            reading.take(number, DEFAULTED.sub(r"\1", str(item)).replace("${workspaceFolder}", "."))
        else:
            gathering.leave(f"{place}[{number}]", "it is no text")
    if reading.is_broken:
        return None
    return Arguments(kept=tuple(it for it in reading.kept if it), env=reading.env)


def leave_server(place: str, server: str, key: str, gathering: Gathering) -> None:
    """Tell that a server cannot come, and which variable to keep its key in."""
    variable = _variable(server, key)
    said = f"it holds a key: write this source by hand, and give it the key by `env: {{NAME: {{env: {variable}}}}}`"
    gathering.leave(place, said)
    gathering.set(variable, f"the key at {place}, for the source you write by hand")


class _Reading:
    """The arguments while they are being read."""

    def __init__(self, is_container: bool, server: str, place: str, gathering: Gathering) -> None:
        self.kept: list[str] = []
        self.env: dict[str, dict[str, str]] = {}
        self.is_broken = False
        self._is_container = is_container
        self._server = server
        self._place = place
        self._gathering = gathering

    def take(self, number: int, argument: str) -> None:
        flag = self._flag_of(argument)
        place = f"{self._place}[{number}]"
        if len(argument) > _LONGEST:
            self._gathering.leave(place, f"it is longer than {_LONGEST} characters: write this source by hand")
            self.is_broken = True
            return
        reference = REFERENCE.search(argument)
        key = key_in(argument, flag)
        if key is None and reference is None:
            self.kept.append(one_line(argument, _LONGEST))
        elif self._passes_on(argument, flag, reference, place):
            return
        elif flag in _SHELL or not (flag or argument.startswith("-")):
            self._break(place, reference, key or "")
        else:
            self._take_out(place, flag, key or "", reference)

    def _flag_of(self, argument: str) -> str:
        before = self.kept[-1] if self.kept else ""
        is_value = _FLAG.fullmatch(before) and before not in _SWITCHES and not _FLAG.match(argument)
        return before if is_value else ""

    def _passes_on(self, argument: str, flag: str, reference: re.Match[str] | None, place: str) -> bool:
        """A container's variable keeps its name: its value comes from the environment of the source."""
        passed = _PASSED.fullmatch(argument) if self._is_container else None
        if passed is None or not (passed["before"] or flag in ("-e", "--env")):
            return False
        name = passed["name"]
        variable = (reference[1] or reference[2]) if reference else name
        self.env[name] = self._gathering.secret(f"the value of `{name}` at {place}", variable)
        self.kept.append(f"{passed['before'] or ''}{name}")
        return True

    def _take_out(self, place: str, flag: str, key: str, reference: re.Match[str] | None) -> None:
        if flag:
            self.kept.pop()
        variable = env_name(reference[1] or reference[2]) if reference else _variable(self._server, key)
        what = f"`{flag[:40]}` and its value were" if flag else "it was"
        why = "names a variable" if reference else "is a key"
        said = f"{what} taken out, as it {why}: under `env`, write the name the server reads for `{variable}`"
        self._gathering.leave(place, said)
        self.env[variable] = self._gathering.secret(f"the key at {place}", variable)

    def _break(self, place: str, reference: re.Match[str] | None, key: str) -> None:
        self.is_broken = True
        if reference is None:
            leave_server(place, self._server, key, self._gathering)
            return
        name = reference[0][:60]
        self._gathering.leave(place, f"`{name}` names a variable, and arguments hold none: write this source by hand")


def _variable(server: str, key: str) -> str:
    word = key.strip("-")
    return env_name(server, "TOKEN" if word.lower() == "authorization" else word or "KEY")
