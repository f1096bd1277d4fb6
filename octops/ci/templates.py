"""Which workflow goes to which file, and what is put into the places that differ."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from octops.ci.addresses import https_address

FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/workflows/octops-plan.yml": "github-plan.yml",
        ".github/workflows/octops-comment.yml": "github-comment.yml",
        ".github/workflows/octops-apply.yml": "github-apply.yml",
    },
    "gitlab": {".gitlab/octops.yml": "gitlab.yml", ".gitlab-ci.yml": "gitlab-include.yml"},
    "kubernetes": {"octops.cronjob.yaml": "kubernetes.yaml"},
}
"""Path from the top of the repository → template, by CI system."""

# The templates begin the names that they have a use for themselves with OCTOPS_.
_TAKEN = {"OCTOPS_*": "octops", "HOME": "the shell", "PATH": "the shell"}
TAKEN: Mapping[str, Mapping[str, str]] = {
    "github": {**_TAKEN, "GIT_CONFIG_*": "git", "GITHUB_*": "GitHub"},
    "gitlab": _TAKEN,
    "kubernetes": _TAKEN,
}
"""Names that no secret can have in a job → whose they are, by CI system."""

PLACE = "https://example.com/owner/name.git"
"""Stands where an address has to be filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a workflow has to know of the repository it is for."""

    version: str
    folder: str = ""
    """Where the project lies below the top; empty at the top."""
    branch: str = "main"
    records: str = "octops/runs"
    repository: str = ""
    """The remote, without a password."""
    keys: Sequence[str] = ()
    """Names of the variables that hold secrets."""

    @property
    def clone_from(self) -> str:
        """Over https, the one way a job has a credential for; empty where that address has to be filled in."""
        return https_address(self.repository)


def workflows(system: str, facts: Facts) -> dict[str, str]:
    """Path → text. KeyError for a CI system that is not in FILES."""
    words, folder = _words(facts), Path(__file__).parent
    return {path: _filled((folder / name).read_text(encoding="utf-8"), words) for path, name in FILES[system].items()}


def taken(system: str, name: str) -> str:
    """Who needs this name in a job, so that it can be no secret's; empty where it is free. GitHub's token is one."""
    if system == "github" and name == "GITHUB_TOKEN":
        return ""
    return next((owner for pattern, owner in TAKEN[system].items() if fnmatchcase(name.upper(), pattern)), "")


def minutes(identity: str) -> str:
    """Two minutes half an hour apart that stay the same for a repository: never :00 nor :30, when everybody ticks."""
    first = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big") % 29 + 1
    return f"{first},{first + 30}"


def _words(facts: Facts) -> dict[str, str]:
    keys = "".join(f"          {key}: ${{{{ secrets.{key} }}}}\n" for key in facts.keys)
    return {
        "VERSION": facts.version,
        "IN": f" -C {shlex.quote(facts.folder)}" if facts.folder else "",
        "BRANCH": facts.branch if re.fullmatch(r"[A-Za-z][A-Za-z0-9._/-]*", facts.branch) else json.dumps(facts.branch),
        "SHELL_BRANCH": shlex.quote(facts.branch),
        "RECORDS": facts.records,
        "REPOSITORY": json.dumps(facts.clone_from or PLACE),
        "MINUTES": minutes(f"{facts.repository}/{facts.folder}"),
        "KEYS": keys,
        "KEY_NOTES": "".join(f"#   {key}  for a model, a source or a destination; protected\n" for key in facts.keys),
        "KEY_LITERALS": " ".join(f"--from-literal={key}=…" for key in facts.keys),
    }


def _filled(text: str, words: Mapping[str, str]) -> str:
    # In one pass: what is put in is never looked at again. A place with a line to itself takes whole lines.
    return re.sub(r"(?m)^@([A-Z_]+)@\n|@([A-Z_]+)@", lambda match: words[match[1] or match[2]], text)
