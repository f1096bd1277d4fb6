"""Which texts of another program may be keys: change this when one is written down that nobody may see."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from octops.declare.literal_secrets import find

_SECRET_NAME = re.compile(
    r"key|token|secret|passw|auth|cred|cookie|session|signature|dsn|\bpat\b|_pat$|jwt", re.IGNORECASE
)
_OF_A_KEY = re.compile(r"(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|bearer)$", re.IGNORECASE)
_WHERE = re.compile(r"connection[-_ ]?string", re.IGNORECASE)
_HARMLESS = re.compile(r"true|false|\d{1,6}|[a-z]{1,12}|[A-Z]{1,10}|[a-z]{1,12}[-_/][a-z]{1,12}|application/[a-z.+-]+")
_SWITCH = re.compile(r"true|false|none|null|yes|no|on|off|\d", re.IGNORECASE)
_PATH = re.compile(r"[.~]?/?(?:[A-Za-z][\w. -]{0,40}/)+(?:[A-Za-z][\w. -]{0,40})?|[.~]?/[A-Za-z][\w. -]{0,40}")
_PAIR = re.compile(
    r"(?<![\w.-])(?:-{0,2})([A-Za-z][\w.-]*)[\"']?[ \t]{0,4}[=:](?!//)[ \t]{0,4}[\"']?(?=([^;&,\"']{1,200}))"
)
"""A name and what follows it. The value is only looked at, as another pair may stand in it: `A=1 B=2`."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RUN = re.compile(r"[A-Za-z0-9_~.+=-]{16,}")
_READABLE = re.compile(
    r"[A-Za-z]{0,24}\d{0,2}|[A-Za-z]{1,12}\d{3,4}|[a-z]{2,}\d[a-z]{2,}|v?\d{1,8}[a-z]?|[A-Za-z0-9]{1,5}"
)
"""What names and versions are made of, between their dots and dashes: `qwen2`, `server`, `20241022`, `k8s`."""


def names_a_key(name: str) -> bool:
    """Whether what stands under this name is a key, whatever it looks like."""
    return bool(_SECRET_NAME.search(name))


def takes_a_key(option: str) -> bool:
    """Whether an option with this name is followed by a key: `--api-key` is, `--max-tokens` and `--keep` are not."""
    return bool(_OF_A_KEY.search(option))


def looks_like_a_key(text: str) -> bool:
    """Whether some part of the text has the shape of a key, or is no word, name, version or path."""
    if find(text):
        return True
    runs = _RUN.findall(text)
    return any(not _READABLE.fullmatch(piece) for run in runs for piece in re.split(r"[_~.+=-]", run))


def is_plain(name: str, text: str) -> bool:
    """Whether a value may stand in a file: a plain word, a path or an address. Everything else is taken for a key."""
    if names_a_key(name):
        return text in ("true", "false")
    if looks_like_a_key(text):
        return False
    if _HARMLESS.fullmatch(text) or _PATH.fullmatch(text):
        return True
    parts = urlsplit(text) if re.match(r"https?://", text) and "[" not in text else None
    return parts is not None and not parts.query and not parts.fragment and "@" not in parts.netloc


def is_key(name: str, value: str) -> bool:
    """Whether an argument called `name` is a key; less strict than is_plain, as arguments are mostly plain."""
    if not value or (re.match(r"[.~]?/", value) and _PATH.fullmatch(value)):
        return looks_like_a_key(value)
    if _OF_A_KEY.search(name):
        return not _SWITCH.fullmatch(value)
    if names_a_key(name) or _WHERE.search(name):
        return not _HARMLESS.fullmatch(value)
    return looks_like_a_key(value)


def key_in(text: str, flag: str = "") -> str | None:
    """The name of a key in an argument: of `X-Api-Key: …`, `TOKEN=…`, `?key=…`, else its flag. Empty: it has none."""
    text = _DIGEST.sub("", text)
    # A name that says so comes first: `A=1 TOKEN=…` is the key of TOKEN.
    for name, value in sorted(_PAIR.findall(text), key=lambda pair: not names_a_key(pair[0])):
        if is_key(name, value.strip()):
            return "" if looks_like_a_key(name) else str(name)
    return flag if looks_like_a_key(text) or _in_address(text) or (flag and is_key(flag, text)) else None


def _in_address(text: str) -> bool:
    """A user in an address, or a question mark with more than plain words."""
    if "://" not in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    user, at, _ = parts.netloc.rpartition("@")
    # `git+ssh://git@host` names no secret; a longer user may be a token.
    asked = parse_qsl(parts.query, keep_blank_values=True)
    return bool(at and not _HARMLESS.fullmatch(user)) or any(is_key(key, value) for key, value in asked)
