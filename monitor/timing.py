"""Durations as people write them, backoff with jitter, and the only clock.

Everything else takes `now` as a parameter; only flows, the daemon and commands call `now()`.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhdwy])\s*)+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdwy])")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
LONGEST = timedelta(days=365 * 100)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """The present moment in UTC, truncated to the millisecond that the store keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def monotonic() -> float:
    """Seconds that never run backwards, for waits and deadlines."""
    return time.monotonic()


def to_epoch(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MILLISECOND


def from_epoch(milliseconds: int) -> datetime:
    """The aware UTC datetime of epoch milliseconds. Raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def ascii_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as 0-9, everything else as it is."""
    return text.translate(_DIGITS)


def parse_duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `2h`, `1h30m`, `7d`, `2w`, `1y` (365 days), also with Arabic-Indic digits.

    Raises ValueError for anything else, for numbers without a unit, and beyond 100 years.
    """
    plain = ascii_digits(text).strip()
    if not _DURATION.fullmatch(plain):
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 30s, 15m, 2h or 7d")
    try:
        total = sum((float(n) * _UNITS[unit] for n, unit in _PART.findall(plain)), timedelta())
    except OverflowError:
        total = timedelta.max
    if total > LONGEST:
        raise ValueError(f"{text!r} is longer than 100 years")
    return total


def format_duration(span: timedelta) -> str:
    """A duration as people write it, with at most two units: `2h`, `1h30m`, `45s`, `0s`."""
    if span < timedelta(seconds=1):
        return f"{span // timedelta(milliseconds=1)}ms" if span else "0s"
    parts = []
    for unit in ("y", "d", "h", "m", "s"):
        count, span = divmod(span, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
        if len(parts) == 2:
            break
    return "".join(parts)


def backoff(attempt: int, *, base: timedelta, cap: timedelta, jitter: float) -> timedelta:
    """The wait before try `attempt` + 1 (attempts count from 1): base x 2^(attempt-1), at most `cap`, x U(0.8, 1.2).

    `jitter` is a number in [0, 1) drawn by the caller, so that the decision stays repeatable.
    """
    doubled = base * (2 ** min(attempt - 1, 40)) if base < cap else cap
    return min(doubled, cap) * (0.8 + 0.4 * jitter)
