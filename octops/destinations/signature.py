"""Standard Webhooks: how a receiver knows that a request is ours and was not sent before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from octops.model.run import DeliveryError


def signing_key(secret: str) -> bytes:
    """The key in a `whsec_…` text. Raises DeliveryError, without the text, when there is none."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise DeliveryError("`secret` is not a signing key: it is `whsec_` and base64", retryable=False)
    return key


def signed_headers(key: bytes | None, *, id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Id and timestamp, and the signature over them and the body when there is a key."""
    headers = {"webhook-id": id_, "webhook-timestamp": str(timestamp)}
    if key:
        digest = hmac.digest(key, b"%s.%d.%s" % (id_.encode(), timestamp, body), hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers
