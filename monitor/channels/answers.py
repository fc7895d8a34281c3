"""Judge what an HTTP receiver answered, or that it did not: what every channel that posts has in common.

The table of HARDENING's Delivery section. Reasons hold a status or a kind of failure, never the URL (a secret) and
never the receiver's own text.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from monitor.errors import HttpError
from monitor.http.session import Response
from monitor.http.waits import retry_after
from monitor.model import Outcome, Rejected, Retry, Sent

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


def judge(response: Response, now: datetime) -> Outcome:
    """The outcome that a status means. Any refusal but 410 may be a passing fault of the receiver: tried again."""
    status = response.status
    if 200 <= status < 300:
        return Sent(receipt=_named(status))
    reason = _named(status)
    if 300 <= status < 400:
        reason += ": the URL moved; put the new one into the configuration"
    elif status in _ADVICE:
        reason += f": {_ADVICE[status]}"
    if status == 410:
        return Rejected(reason=reason, parks=True)
    return Retry(
        reason=reason,
        not_before=retry_after(response.headers, now),
        parks=status in (401, 403, 404),
        is_outage=status >= 500 or status == 429,
    )


def lost(error: HttpError) -> Outcome:
    """The outcome without a trustworthy answer. The receiver may have taken it: the same id goes again."""
    reason = _LOST.get(error.kind, "the request failed")
    if error.kind == "refused" and "address refused" in error.reason:
        # The one refusal that the operator often means to allow.
        reason += ": the address is not public; allow it by 'private_networks' if it is meant"
    return Retry(reason=reason, is_outage=error.kind != "too-large")


def _named(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
