"""How long a server asks to be left alone: the Retry-After header (RFC 9110, 10.2.3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The moment before which not to ask again, at most 24 h ahead; None without a wish that makes sense.

    Takes whole or decimal seconds, or a date, which is compared with the server's own Date so that a wrong clock
    does not matter.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        until = _date(text)
        if until is None:
            return None
        wait = until - (_date(headers.get("Date", "")) or now)
    return now + min(wait, LONGEST) if wait > timedelta(0) else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
