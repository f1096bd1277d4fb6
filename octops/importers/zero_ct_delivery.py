"""Where 0ct sends results → destinations. It sends mail and messages itself; here they go through your own account."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from octops.declare.literal_secrets import find
from octops.importers.draft import Gathering
from octops.importers.text import one_line

_ADDRESS = re.compile(r"[^@ \t\r\n<>,;:\"]+@[^@ \t\r\n<>,;:\"]+")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SECRET_PATH = re.compile(r"[A-Za-z0-9_-]{16,}")


def destinations(task: dict[str, Any], place: str, gathering: Gathering) -> list[str]:
    """The ids of the destinations of one task."""
    given = task.get("destinations")
    if given and not isinstance(given, list):
        gathering.leave(f"{place}destinations", "it is no list of destinations")
    items = [(f"{place}destinations[{n}]", it) for n, it in enumerate(given if isinstance(given, list) else [])]
    if task.get("deliveryEmail"):
        items.append((f"{place}deliveryEmail", {"type": "email", "value": task.get("deliveryEmailAddress")}))
    if task.get("deliverySms"):
        items.append((f"{place}deliverySms", {"type": "sms", "value": task.get("deliveryPhoneNumber")}))
    return [id_ for where, item in items if (id_ := _add(item, where, gathering))]


def _add(item: object, place: str, gathering: Gathering) -> str:
    if not isinstance(item, dict):
        gathering.leave(place, "it is not a destination")
        return ""
    value, label = one_line(item.get("value"), 2000), one_line(item.get("label"))
    build = {"email": _email, "sms": _sms, "webhook": _webhook}.get(str(item.get("type")))
    values = build(value, gathering) if build else None
    if values is None:
        gathering.leave(place, "its type or its address is none a destination can have")
        return ""
    if label:
        values["label"] = label
    if str(values.get("url", "")).startswith("http://"):
        gathering.leave(place, "its address is plain http: octops.yaml must name the host under `network.allow`")
    id_ = gathering.add("destination", label or _name(values, value), values)
    for key in {"email": ("host", "from"), "sms": ("from",)}.get(values["type"], ()):
        gathering.set(f"destinations/{id_}.yaml: {key}", f"your own: `{values[key]}` only keeps the place")
    return id_


def _name(values: dict[str, Any], value: str) -> str:
    if values["type"] in ("webhook", "slack"):
        return f"{values['type']}-{urlsplit(value).hostname or ''}"
    return f"{values['type']}-{value.partition('@')[0]}"


def _email(value: str, gathering: Gathering) -> dict[str, Any] | None:
    if not _ADDRESS.fullmatch(value):
        return None
    return {
        "type": "email",
        "to": value,
        "from": "octops@example.com",
        "host": "smtp.example.com",
        "username": gathering.secret("the user of your SMTP server", "SMTP_USERNAME"),
        "password": gathering.secret("the password of your SMTP server", "SMTP_PASSWORD"),
    }


def _sms(value: str, gathering: Gathering) -> dict[str, Any] | None:
    number = re.sub(r"[ ().-]", "", value)
    if not _NUMBER.fullmatch(number):
        return None
    return {
        "type": "sms",
        "to": number,
        "from": "+15550100000",
        "account_sid": gathering.secret("your Twilio account's id", "TWILIO_ACCOUNT_SID"),
        "auth_token": gathering.secret("your Twilio account's token", "TWILIO_AUTH_TOKEN"),
    }


def _webhook(value: str, gathering: Gathering) -> dict[str, Any] | None:
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return None
    if not re.fullmatch(r"https?://[!-~]+", value) or not host:
        return None
    if host == "hooks.slack.com":
        said = "the address of the Slack webhook"
        return {"type": "slack", "url": gathering.secret(said, "SLACK_WEBHOOK_URL")}
    if find(value) or parts.query or "@" in parts.netloc or _SECRET_PATH.search(parts.path):
        said = f"the address of the webhook at {host}, which may hold a key"
        return {
            "type": "webhook",
            "url": gathering.secret(said, "WEBHOOK_URL", host),
            "host": parts.netloc.rpartition("@")[2],
        }
    return {"type": "webhook", "url": value}
