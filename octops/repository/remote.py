"""The other side: which remote counts, and what of the user's configuration reaching it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from octops.repository.commits import Identity
from octops.repository.git import Git

NAME = "ledger"
"""What the remote is called in octops' own copy of the ledger, whatever its name in the user's repository."""

_CARRIED = re.compile(
    r"credential\.|http\.|https\.|url\.|ssh\.|protocol\.|core\.(sshcommand|askpass|gitproxy)$", re.IGNORECASE
)
_OF_REMOTE = ("proxy", "proxyauthmethod", "uploadpack", "receivepack")
_PARTLY = "git -c uploadpack.allowFilter=true upload-pack"
"""A repository on disk is not asked for all it holds: hosts allow parts to be fetched, git by itself does not."""
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://(?:[^/@]+@)?|(?:[^/@:]+@))([^/:]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    scope: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """`settings` are handed to git through its environment: URLs and headers may hold passwords."""

    name: str
    url: str
    settings: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> str:
        """The address as it may be printed."""
        return without_password(self.url)

    @property
    def host(self) -> str:
        """Of an https or ssh address, in lower case; empty for a path."""
        match = _HOST.match(self.url)
        return match.group(1).lower() if match and not self.url.startswith("file:") else ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything git is configured with around one repository, includes followed."""

    settings: tuple[Setting, ...]

    @classmethod
    def read(cls, git: Git) -> Configuration:
        fields = git.read("config", "--list", "-z", "--show-scope", "--includes").out.split(b"\0")[:-1]
        text = [field.decode(errors="surrogateescape") for field in fields]
        pairs = zip(text[::2], text[1::2], strict=True)
        return cls(tuple(Setting(scope, *_key_and_value(line)) for scope, line in pairs))

    def last(self, key: str) -> str:
        """The value in force, or an empty text."""
        return next((setting.value for setting in reversed(self.settings) if setting.key == key), "")

    def remote(self, branch: str) -> Remote | None:
        """The upstream remote of the branch that is checked out, else `origin`, else the only one there is."""
        names = {key[7:-4] for key in self._keys() if key.startswith("remote.") and key.endswith(".url")}
        upstream = self.last(f"branch.{branch}.remote") if branch else ""
        only = next(iter(names)) if len(names) == 1 else ""
        name = next((name for name in (upstream, "origin", only) if name in names), "")
        return self._remote(name) if name else None

    def identity(self, environ: Iterable[tuple[str, str]]) -> Identity:
        """The user's own name and address if git knows both, else octops'."""
        variables = dict(environ)
        name = variables.get("GIT_COMMITTER_NAME") or self.last("committer.name") or self.last("user.name")
        email = variables.get("GIT_COMMITTER_EMAIL") or self.last("committer.email") or self.last("user.email")
        return Identity(name=name, email=email) if name and email else Identity()

    def _remote(self, name: str) -> Remote:
        urls = [setting.value for setting in self.settings if setting.key == f"remote.{name}.url"]
        own = [(f"remote.{NAME}.url", urls[0])]
        push_url = self.last(f"remote.{name}.pushurl")
        if push_url:
            own.append((f"remote.{NAME}.pushurl", push_url))
        if self._on_disk(urls[0]):
            own.append((f"remote.{NAME}.uploadpack", _PARTLY))
        own += [(f"remote.{NAME}.{key}", value) for key in _OF_REMOTE if (value := self.last(f"remote.{name}.{key}"))]
        # Global and system settings reach git anyway; only what belongs to the user's repository must be carried.
        carried = [
            (setting.key, setting.value)
            for setting in self.settings
            if setting.scope in ("local", "worktree") and _CARRIED.match(setting.key)
        ]
        return Remote(name=name, url=urls[0], settings=(*own, *carried))

    def _on_disk(self, url: str) -> bool:
        """A path or a file URL that no `insteadOf` turns into something else."""
        rewritten = any(it.key.startswith("url.") and url.startswith(it.value) for it in self.settings)
        return not rewritten and (url.startswith("file://") or ":" not in url.partition("/")[0])

    def _keys(self) -> Iterable[str]:
        return (setting.key for setting in self.settings)


def without_password(text: str) -> str:
    """Any text with the user part of URLs hidden."""
    return _PASSWORD.sub("***@", text)


def _key_and_value(line: str) -> tuple[str, str]:
    # A key without a value is git's way to write true.
    key, equals, value = line.partition("\n")
    return key, value if equals else "true"
