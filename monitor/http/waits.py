"""What a server's headers say of time: Retry-After (RFC 9110, 10.2.3), and how long an answer is fresh. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
LONGEST_FRESH = timedelta(days=365)  # RFC 9111 knows no bound; more than this is a way to say "for ever"
_SECONDS = re.compile(r"\d{1,12}")


def retry_after(headers: Mapping[str, str], now: datetime, longest: timedelta = LONGEST) -> datetime | None:
    """The moment before which not to ask again, at most `longest` ahead; None without a wish that makes sense.

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
    return now + min(wait, longest) if wait > timedelta(0) else None


def fresh_for(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer is fresh (RFC 9111, 4.2): max-age less Age, else Expires against the server's own Date.

    None when nothing is said, or when `no-cache` or `no-store` says to ask each time.
    """
    directives = [word.strip().lower() for word in headers.get("Cache-Control", "").split(",")]
    if "no-cache" in directives or "no-store" in directives or "no-cache" in headers.get("Pragma", "").lower():
        return None
    for directive in directives:
        name, _, value = directive.partition("=")
        if name.strip() == "max-age":
            return _positive(_seconds(value.strip().strip('"')) - _seconds(headers.get("Age", "").strip()))
    until, since = _date(headers.get("Expires", "")), _date(headers.get("Date", ""))
    return _positive(until - since) if until is not None and since is not None else None


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=int(text)) if _SECONDS.fullmatch(text) else timedelta(0)


def _positive(span: timedelta) -> timedelta | None:
    return min(span, LONGEST_FRESH) if span > timedelta(0) else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
