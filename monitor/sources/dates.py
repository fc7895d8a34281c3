"""When an item was published, as far as its date can be believed. Pure.

A date without a zone is taken in the source's zone; so is "AST", which parsers read as Atlantic time and Gulf
sites mean as Arabia's. Arabic month names (Levantine, Gulf, Maghreb) are read here. What is missing, absurd or in
the future is None: such an article counts from when it was seen.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from monitor.timing import ascii_digits

SKEW = timedelta(days=1)  # clocks and zones go wrong by hours, rarely by more
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "كانون الثاني|يناير|جانفي",
            "شباط|فبراير|فيفري",
            "آذار|اذار|أذار|مارس",
            "نيسان|أبريل|ابريل|إبريل|أفريل|افريل",
            "أيار|ايار|مايو|ماي",
            "حزيران|يونيو|يونيه|جوان",
            "تموز|يوليو|يوليه|جويلية",
            "آب|اب|أغسطس|اغسطس|أوت|اوت|غشت",
            "أيلول|ايلول|سبتمبر|شتنبر",
            "تشرين الأول|تشرين الاول|أكتوبر|اكتوبر",
            "تشرين الثاني|نوفمبر|نونبر",
            "كانون الأول|كانون الاول|ديسمبر|دجنبر",
        ),
        start=1,
    )
    for name in names.split("|")
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ARABIC = re.compile(rf"(\d{{1,2}})\s+({_NAMES})(?:\s*[/–-]\s*(?:{_NAMES}))?\s*،?,?\s+(\d{{4}})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*(ص|م|صباحا|مساء)\b)?")
_ZONED = re.compile(
    r":\d{2}(?:[.,]\d+)?\s*(?:[+-]\d{1,2}(?::?\d{2})?|(?!am|pm)[a-z]{1,5})\s*(?:\([^)]*\))?(?:\s+\d{4})?$", re.I
)
_AST = re.compile(r"\bAST$")


def believable(date: str, moment: str, now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """The publication time in UTC, or None when there is none to be believed.

    `date` is the date as written, `moment` what a feed parser made of it (ISO 8601, UTC) or ""; `zone` is the
    source's.
    """
    found = _read(ascii_digits(date).strip(), moment, zone or UTC)
    if found is None or found > now + SKEW or found < EARLIEST:
        return None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _read(date: str, moment: str, zone: tzinfo) -> datetime | None:
    try:
        arabic = _arabic(date, zone)
        if arabic is not None:
            return arabic
        if not moment:
            return _standard(date, zone)
        parsed = datetime.fromisoformat(moment)
        if _AST.search(date) and zone is not UTC:
            return (parsed - timedelta(hours=4)).replace(tzinfo=zone).astimezone(UTC)
        if not _ZONED.search(date):
            return parsed.replace(tzinfo=zone).astimezone(UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _standard(date: str, zone: tzinfo) -> datetime | None:
    """ISO 8601 (a JSON article's form) or RFC 5322."""
    if not date:
        return None
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        found = parsedate_to_datetime(date)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _arabic(date: str, zone: tzinfo) -> datetime | None:
    """`16 تموز/يوليو 2024 14:30`, with or without a clock."""
    day = _ARABIC.search(date)
    if day is None:
        return None
    clock = _CLOCK.search(date)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3)) if clock else (0, 0, 0)
    if clock and clock[4]:
        hour = hour % 12 + (12 if clock[4].startswith("م") else 0)
    return datetime(int(day[3]), _MONTHS[day[2]], int(day[1]), hour, minute, second, tzinfo=zone).astimezone(UTC)
