"""Which texts are keys and passwords written out: change this when a provider gives its keys a new shape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_START = r"(?<![A-Za-z0-9_-])"
"""Keys begin where a word begins; this also keeps every pattern linear in the length of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralSecret:
    """A key found in a text: `text[start:end]`, in characters. The key itself is not kept."""

    what: str
    """What it looks like, in words: `an OpenAI API key`."""
    variable: str
    """The environment variable people usually keep it in."""
    fingerprint: str
    start: int
    end: int


class _Shape(NamedTuple):
    """`marker` is a text every match contains, so that files without it cost one search; `joint` see _JOINTS."""

    marker: str
    joint: str
    what: str
    variable: str
    pattern: str
    """Compiled when its marker is there: most files hold none of them."""


def _shape(marker: str, what: str, variable: str, pattern: str) -> _Shape:
    joint = "_" if "_" in marker else "-" if "-" in marker else ""
    return _Shape(marker=marker, joint=joint, what=what, variable=variable, pattern=_START + pattern)


def _url(marker: str, what: str, variable: str, pattern: str) -> _Shape:
    return _Shape(marker=marker, joint="://", what=what, variable=variable, pattern=pattern)


# The first shape that matches a place names it: wider ones and longer prefixes stand before others.
_SHAPES = (
    _shape("PRIVATE KEY", "a private key", "PRIVATE_KEY", r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    _shape("sk-ant-", "an Anthropic API key", "ANTHROPIC_API_KEY", r"sk-ant-[A-Za-z0-9_-]{12,}"),
    _shape("sk-or-", "an OpenRouter API key", "OPENROUTER_API_KEY", r"sk-or-[A-Za-z0-9_-]{16,}"),
    _shape(
        "sk-", "an OpenAI API key", "OPENAI_API_KEY", r"sk-(?:(?:proj|svcacct|admin|None)-[\w-]{16,}|[A-Za-z0-9]{20,})"
    ),
    _shape("github_pat_", "a GitHub token", "GITHUB_TOKEN", r"github_pat_\w{20,}"),
    *(
        _shape(prefix, "a GitHub token", "GITHUB_TOKEN", prefix + r"[A-Za-z0-9]{20,}")
        for prefix in ("ghp_", "gho_", "ghs_", "ghu_", "ghr_")
    ),
    _shape("glpat-", "a GitLab token", "GITLAB_TOKEN", r"glpat-[\w-]{16,}"),
    *(
        _shape(prefix, "a Slack token", "SLACK_BOT_TOKEN", prefix + r"[A-Za-z0-9-]{10,}")
        for prefix in ("xoxb-", "xoxp-", "xoxa-", "xoxc-", "xoxe-", "xoxo-", "xoxr-", "xoxs-")
    ),
    _shape("xapp-", "a Slack app token", "SLACK_APP_TOKEN", r"xapp-\d-[A-Za-z0-9-]{10,}"),
    _url(
        "hooks.slack.com",
        "a Slack webhook URL",
        "SLACK_WEBHOOK_URL",
        r"https?://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{12,}",
    ),
    _url(
        "/api/webhooks/",
        "a Discord webhook URL",
        "DISCORD_WEBHOOK_URL",
        r"https?://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}",
    ),
    _url(
        ".webhook.office.com/",
        "a Microsoft Teams webhook URL",
        "TEAMS_WEBHOOK_URL",
        r"https?://[\w-]+\.webhook\.office\.com/[\w/@-]{20,}",
    ),
    _shape(":AA", "a Telegram bot token", "TELEGRAM_BOT_TOKEN", r"\d{8,10}:AA[\w-]{32,33}(?![\w-])"),
    _shape("AKIA", "an AWS access key", "AWS_ACCESS_KEY_ID", r"AKIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("ASIA", "an AWS access key", "AWS_ACCESS_KEY_ID", r"ASIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("AIza", "a Google API key", "GOOGLE_API_KEY", r"AIza[\w-]{30,}"),
    _shape("GOCSPX-", "a Google client secret", "GOOGLE_CLIENT_SECRET", r"GOCSPX-[\w-]{20,}"),
    _shape("sk_", "a Stripe key", "STRIPE_API_KEY", r"sk_(?:live|test)_[A-Za-z0-9]{16,}"),
    _shape("rk_", "a Stripe key", "STRIPE_API_KEY", r"rk_(?:live|test)_[A-Za-z0-9]{16,}"),
    _shape("whsec_", "a webhook signing secret", "WEBHOOK_SECRET", r"whsec_[A-Za-z0-9+/=_-]{16,}"),
    _shape("SK", "a Twilio API key", "TWILIO_API_KEY", r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    _shape("SG.", "a SendGrid API key", "SENDGRID_API_KEY", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    _shape("hf_", "a Hugging Face token", "HF_TOKEN", r"hf_[A-Za-z0-9]{20,}"),
    _shape("npm_", "an npm token", "NPM_TOKEN", r"npm_[A-Za-z0-9]{30,}"),
    _shape("pypi-", "a PyPI token", "PYPI_TOKEN", r"pypi-AgE[\w-]{40,}"),
    _shape("gsk_", "a Groq API key", "GROQ_API_KEY", r"gsk_[A-Za-z0-9]{30,}"),
    _shape("xai-", "an xAI API key", "XAI_API_KEY", r"xai-[A-Za-z0-9]{40,}"),
    _shape("r8_", "a Replicate token", "REPLICATE_API_TOKEN", r"r8_[A-Za-z0-9]{30,}"),
    _shape("pplx-", "a Perplexity API key", "PERPLEXITYAI_API_KEY", r"pplx-[A-Za-z0-9]{40,}"),
    _shape("dapi", "a Databricks token", "DATABRICKS_TOKEN", r"dapi[0-9a-f]{32}"),
    _shape("lin_api_", "a Linear API key", "LINEAR_API_KEY", r"lin_api_[A-Za-z0-9]{30,}"),
    _shape("ntn_", "a Notion token", "NOTION_TOKEN", r"ntn_[A-Za-z0-9]{30,}"),
    _shape("eyJ", "a JSON web token", "ACCESS_TOKEN", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    _url(
        "://",
        "a password in a URL",
        "URL_WITH_PASSWORD",
        r"(?<=://)[^\s/:@<>${}*\"']*:[^\s/@<>${}*\"']+(?=@)",
    ),
)
_NOT_LINE_END = re.compile("[^\n]")
_PLACEHOLDER = re.compile(r"[A-Za-z0-9]{0,12}[_-](?:[a-z0-9]{1,8}-)?[xX]+")
"""`sk-ant-xxxxxxxxxxxxxxxx` in an explanation is not a key."""


_JOINTS = (
    ("_", re.compile(r"_[A-Za-z0-9_+/=-]{16}")),
    ("-", re.compile(r"-[A-Za-z0-9_-]{10}")),
    ("://", re.compile("://")),
)
"""Most keys are a prefix, a joint and a long word: where no joint is followed by one, none of them can match."""
_JOINED = tuple((joint, tuple(shape for shape in _SHAPES if shape.joint == sign)) for sign, joint in _JOINTS)
_PLAIN = tuple(shape for shape in _SHAPES if not shape.joint)


def find(text: str) -> tuple[LiteralSecret, ...]:
    """Every key in `text`, in its order, none inside another. Takes time linear in the text."""
    shapes = [shape for shape in _PLAIN if shape.marker in text]
    for joint, joined in _JOINED:
        if joint.search(text):
            shapes += [shape for shape in joined if shape.marker in text]
    if not shapes:
        return ()
    found: list[LiteralSecret] = []
    for shape in shapes:
        secrets = tuple(_of_shape(shape, text))
        text = _blanked(text, secrets)
        found.extend(secrets)
    return tuple(sorted(found, key=lambda secret: secret.start))


def masked(text: str) -> str:
    """`text` with every key in it replaced by as many asterisks, so that columns stay where they are."""
    return _blanked(text, find(text))


def _blanked(text: str, secrets: Sequence[LiteralSecret]) -> str:
    pieces = []
    end = 0
    for secret in secrets:
        pieces += [text[end : secret.start], _NOT_LINE_END.sub("*", text[secret.start : secret.end])]
        end = secret.end
    return "".join([*pieces, text[end:]])


def _of_shape(shape: _Shape, text: str) -> Iterator[LiteralSecret]:
    end = 0
    for match in re.finditer(shape.pattern, text):
        if match.start() < end or _PLACEHOLDER.fullmatch(match[0]):
            continue
        end = _end_of_key(text, match.end()) if shape.marker == "PRIVATE KEY" else match.end()
        start = match.start() if shape.marker != "://" else match.start() + match[0].index(":") + 1
        prefix = shape.marker if match[0].startswith(shape.marker) else ""
        yield LiteralSecret(
            what=shape.what,
            variable=shape.variable,
            fingerprint=fingerprint(text[start:end], prefix),
            start=start,
            end=end,
        )


def _end_of_key(text: str, start: int) -> int:
    footer = text.find("-----END", start)
    if footer < 0:
        return len(text)
    line_end = text.find("\n", footer)
    return len(text) if line_end < 0 else line_end


def fingerprint(secret: str, prefix: str = "") -> str:
    """Enough to recognise a key one holds, never enough to use it: at most four characters of a public prefix."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    shown = f"`{prefix[:4]}…`, " if prefix else ""
    return f"{shown}{len(secret)} characters, sha256:{digest[:8]}…"
