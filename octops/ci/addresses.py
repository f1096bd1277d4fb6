"""The https address of a remote: a machine that has a token and no ssh key clones from there."""

from __future__ import annotations

import re

# As GitHub, GitLab and their like write them: both addresses of a repository have one host and one path.
_SSH = re.compile(r"(?:git@(?P<short>[^/:@\s]+):|ssh://git@(?P<long>[^/:@\s]+)/)(?P<path>[^/~\s:][^\s:]*)")
_HTTP = re.compile(r"https?://", re.IGNORECASE)


def https_address(remote: str) -> str:
    """Empty where the remote does not tell: paths, ports of ssh, and hosts that only ssh knows."""
    if _HTTP.match(remote):
        return remote
    match = _SSH.fullmatch(remote)
    if match is None:
        return ""
    host = match["short"] or match["long"]
    first, dot, _ = host.partition(".")
    # `work` is a name of one's own ~/.ssh/config; at `ssh.dev.azure.com` nobody answers https.
    return f"https://{host}/{match['path']}" if dot and "ssh" not in first.lower() else ""
