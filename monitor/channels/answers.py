"""Judge what an HTTP receiver answered, or that it did not: what every channel that posts has in common.

The table of outcomes that `docs/channels.md` shows. Reasons hold a status or a kind of failure, never the URL (a
secret) and never the receiver's own text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from monitor.errors import HttpError
from monitor.http.session import Response
from monitor.http.waits import retry_after
from monitor.model import Outcome, Rejected, Retry, Sent

LONGEST_ANSWER = 65_536
"""Bytes of an answer that is read as JSON; a longer one says nothing to us."""

_LOST = {
    "refused": "the request was refused by the guard",
    "deadline": "no whole answer in time",
    "too-large": "the answer was too large",
    "network": "no connection",
    "tls": "no trustworthy TLS connection",
    "truncated": "the connection broke off before the answer was whole",
}
_ADVICE = {
    401: "the receiver wants other credentials",
    403: "the receiver forbids it",
    404: "the receiver does not know this URL",
    410: "the receiver is gone for good",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Rejected):
    """The receiver cannot read this message, but perhaps a plainer one."""


def judge(response: Response, now: datetime) -> Outcome:
    """The outcome that a status means. Any refusal but 410 may be a passing fault of the receiver: tried again."""
    status = response.status
    if 200 <= status < 300:
        return Sent(receipt=named(status))
    reason = named(status)
    if 300 <= status < 400:
        reason += ": the URL moved; put the new one into the configuration"
    elif status in _ADVICE:
        reason += f": {_ADVICE[status]}"
    if status == 410:
        return Rejected(reason=reason, parks=True)
    return Retry(
        reason=reason,
        not_before=retry_after(response.headers, now) or _wish(response, now),
        parks=status in (401, 403, 404),
        is_outage=status >= 500 or status == 429,
    )


def judge_told(response: Response, now: datetime, *, parking: Collection[int] = ()) -> Outcome:
    """The same for kinds that render a message: it may be what the receiver cannot read.

    A status of `parking` is for a person to mend.
    """
    if response.status in (400, 413, 422):
        return Unreadable(reason=f"{named(response.status)}: the receiver cannot read the message")
    outcome = judge(response, now)
    if response.status in parking and isinstance(outcome, Retry):
        return Rejected(reason=outcome.reason, parks=True)
    return outcome


def lost(error: HttpError) -> Outcome:
    """The outcome without a trustworthy answer. The receiver may have taken it: the same id goes again."""
    reason = _LOST.get(error.kind, "the request failed")
    if error.kind == "refused" and "address refused" in error.reason:
        # The one refusal that the operator often means to allow.
        reason += ": the address is not public; allow it by 'private_networks' if it is meant"
    return Retry(reason=reason, is_outage=error.kind != "too-large")


def named(status: int) -> str:
    """A status with its usual words."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def said(response: Response) -> Mapping[str, Any]:
    """The object that an answer holds as JSON; empty when it holds none. Its texts may hold secrets."""
    if len(response.body) > LONGEST_ANSWER:
        return {}
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _wish(response: Response, now: datetime) -> datetime | None:
    """The wait that the answer's JSON asks for, in seconds."""
    answer = said(response)
    more = answer.get("parameters")
    for holder in (answer, more if isinstance(more, dict) else {}):
        wait = holder.get("retry_after")
        if isinstance(wait, int | float) and not isinstance(wait, bool):
            return retry_after({"Retry-After": str(wait)}, now)
    return None
