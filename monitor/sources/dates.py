"""When an item was published, as far as its date can be believed. Pure.

A date without a zone is taken in the source's zone; so is "AST", which parsers read as Atlantic time and Gulf
sites mean as Arabia's. Arabic month names (Levantine, Gulf, Maghreb) are read here. What is missing, absurd or in
the future is None: such an article counts from when it was seen.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

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
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,12}))?\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?)?"
)
_MAIL = re.compile(
    r"(?:[A-Za-z]{3,9}\s*,?\s+)?(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"(?:\s*([+-]\d{2}:?\d{2}|[A-Za-z]{1,4}))?(?:\s*\([A-Za-z ]{1,40}\))?"
)
_MAIL_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), start=1)
    for name in (names, names[:3])
}  # fmt: skip
# Hours east of Greenwich. A name that two parts of the world use (IST, CST of China, BST) has the older claim of
# RFC 822, or is missing here.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9,
}  # fmt: skip


def believable(date: str, moment: str, now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """The publication time in UTC, or None when there is none to be believed.

    `date` is the date as written, `moment` what a feed parser made of it (ISO 8601, UTC) or ""; `zone` is the
    source's.
    """
    found = read(date, moment, zone)
    if found is None or found > now + SKEW or found < EARLIEST:
        return None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def is_usual(date: str) -> bool:
    """Whether a date is written in one of the usual forms, which need no feed parser to be read."""
    return _usual(_plain(date), UTC) is not None


def read(date: str, moment: str, zone: tzinfo | None = None) -> datetime | None:
    """The date in UTC, however unbelievable, or None when it cannot be read; arguments as of `believable`."""
    date, zone = _plain(date), zone or UTC
    usual = _usual(date, zone)
    if usual is not None or not moment:
        return usual
    try:
        parsed = datetime.fromisoformat(moment)
        return (parsed if _ZONED.search(date) else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _plain(date: str) -> str:
    return (date if date.isascii() else ascii_digits(date)).strip()


def _usual(date: str, zone: tzinfo) -> datetime | None:
    """A date as Arabic sites write it, as ISO 8601 or as RFC 5322; one without a zone in `zone`."""
    try:
        found = _iso(date, zone) or _mail(date, zone) if date.isascii() else _arabic(date, zone)
        return found.astimezone(UTC) if found else None
    except (ValueError, OverflowError):  # the 31st of February, the year 9999 west of Greenwich
        return None


def _iso(date: str, zone: tzinfo) -> datetime | None:
    """`2026-11-23`, `2026-11-23T12:00:00.5Z`, `2026-11-23 12:00 +03`."""
    parts = _ISO.fullmatch(date)
    if parts is None:
        return None
    day, clock, fraction, offset = parts.groups()
    found = datetime.fromisoformat(f"{day}T{clock}" if clock else day)
    if fraction:
        found = found.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    return found.replace(tzinfo=_offset(offset) if offset else zone)


def _mail(date: str, zone: tzinfo) -> datetime | None:
    """`Mon, 23 Nov 2026 12:00:00 +0300`, with a zone's name, or without a zone."""
    parts = _MAIL.fullmatch(date)
    if parts is None:
        return None
    day, month, year, hour, minute, second, offset = parts.groups()
    number = _MAIL_MONTHS.get(month.lower())
    if number is None:
        return None
    name = (offset or "").lower()
    if name.isalpha() and not (name == "ast" and zone is not UTC):
        if name not in _ZONES:
            return None
        zone = timezone(timedelta(hours=_ZONES[name]))
    elif offset and not name.isalpha():
        zone = _offset(offset)
    return datetime(int(year), number, int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)


@lru_cache(maxsize=256)  # a feed has one or two
def _offset(text: str) -> timezone:
    if text in ("Z", "z"):
        return UTC
    digits = text[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-span if text.startswith("-") else span)


def _arabic(date: str, zone: tzinfo) -> datetime | None:
    """`16 تموز/يوليو 2024 14:30`, with or without a clock."""
    day = _ARABIC.search(date)
    if day is None:
        return None
    clock = _CLOCK.search(date)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3)) if clock else (0, 0, 0)
    if clock and clock[4]:
        hour = hour % 12 + (12 if clock[4].startswith("م") else 0)
    return datetime(int(day[3]), _MONTHS[day[2]], int(day[1]), hour, minute, second, tzinfo=zone)
