"""Sign bodies as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and the exact bytes sent.

Several secrets sign at once while one replaces another: a receiver takes a message when any signature fits. Secrets
never leave this module, nor a fault's text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

PREFIX = "whsec_"
FEWEST, MOST = 24, 64
"""Bytes of a secret."""

_WANTED = f"must be '{PREFIX}' and the base64 of {FEWEST} to {MOST} random bytes"


def headers(keys: Sequence[bytes], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of one attempt at `now`: time and a signature for each key."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    digests = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {"webhook-timestamp": timestamp, "webhook-signature": " ".join(f"v1,{digest}" for digest in digests)}


def _keys(value: object) -> object:
    """The keys of one secret or a list of them."""
    secrets = [value] if isinstance(value, str) else value
    if not isinstance(secrets, list) or not secrets:
        raise ValueError(_WANTED)
    return tuple(_key(secret) for secret in secrets)


def _key(secret: object) -> bytes:
    if not isinstance(secret, str) or not secret.startswith(PREFIX):
        raise ValueError(_WANTED)
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(_WANTED) from None
    if not FEWEST <= len(key) <= MOST:
        raise ValueError(f"{_WANTED}; this one holds {len(key)}")
    return key


Keys = Annotated[tuple[bytes, ...], BeforeValidator(_keys)]
