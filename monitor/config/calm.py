"""Read what a channel asks for to be left in peace: `from_severity`, `quiet`, `digest`, `at_most` and their like;
and when its drill is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time as Time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.calm import Calm, Digest, Quiet, quiet_until
from monitor.config.page import KeyPath, Page, nearest, several, words
from monitor.model import Severity
from monitor.timing import ascii_digits, from_epoch, parse_duration

KEYS = ("from_severity", "at_most", "quiet", "quiet_lets_through", "digest", "catch_up")

MACHINES = frozenset({"webhook", "stdout", "file"})
"""Kinds that programs read: what waited through an outage comes one by one, unless the channel says otherwise."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"(\d?\d:\d\d)\s*[-–]\s*(\d?\d:\d\d)")
_AT_MOST = re.compile(r"(\d{1,6})\s+per\s+(.+)")


def read_calm(page: Page, path: KeyPath, options: Mapping[str, Any], kind: str, zone: ZoneInfo) -> Calm:
    """What the channel at `path` asks for; faults are noted on the page."""
    at_most, per = page.value((*path, "at_most"), options, _at_most, (0, timedelta(hours=1)))
    calm = Calm(
        from_severity=page.value((*path, "from_severity"), options, _severity, Severity.INFO),
        quiet=page.value((*path, "quiet"), options, _quiet, ()),
        lets_through=page.value((*path, "quiet_lets_through"), options, _severity, None),
        digest=page.value((*path, "digest"), options, _digest, None),
        at_most=at_most,
        per=per,
        catches_up=page.value((*path, "catch_up"), options, _catch_up, kind not in MACHINES),
        zone=zone,
    )
    monday = from_epoch(0)
    if (end := quiet_until(calm, monday)) is not None and end - monday >= timedelta(days=8):
        page.fault((*path, "quiet"), "quiet: leaves no hour of the week in which anything may be told")
    return calm


def _severity(data: Any) -> Severity:
    word = words(data).lower()
    try:
        return Severity.from_word(word)
    except KeyError:
        known = [severity.word for severity in Severity]
        raise ValueError(f"{word!r} is not a severity{nearest(word, known)}") from None


def _at_most(data: Any) -> tuple[int, timedelta]:
    text = ascii_digits(words(data))
    found = _AT_MOST.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is not a bound; write for example '20 per 1h'")
    if not (per := parse_duration(found[2])):
        raise ValueError("the time must be longer than nothing")
    return int(found[1]), per


def _catch_up(data: Any) -> bool:
    text = words(data).lower()
    if text not in ("digest", "each"):
        raise ValueError(f"{text!r} is neither 'digest' (one message for all that waited) nor 'each'")
    return text == "digest"


def daily(data: Any) -> Time:
    """One time of each day, such as `daily 09:00`."""
    kind, _, clock = ascii_digits(words(data)).lower().partition(" ")
    if kind != "daily" or _CLOCK.fullmatch(clock.strip()) is None:
        raise ValueError(f"{data!r} is not a plan; write for example 'daily 09:00'")
    return _clock(clock.strip())


def _digest(data: Any) -> Digest:
    kind, _, rest = ascii_digits(words(data)).lower().partition(" ")
    clocks = rest.replace(",", " ").split()
    if kind == "hourly" and not clocks:
        return Digest()
    if kind == "daily" and clocks:
        return Digest(times=tuple(sorted({_clock(text) for text in clocks})))
    raise ValueError(f"{data!r} is not a plan; write for example 'daily 07:30' or 'hourly'")


def _quiet(data: Any) -> tuple[Quiet, ...]:
    items = data if isinstance(data, list) else [data]
    return tuple(quiet for item in items for quiet in _spans(item))


def _spans(item: Any) -> list[Quiet]:
    if not isinstance(item, dict) or not item:
        raise ValueError('expected items such as {days: [fri, sat]} or {hours: "22:00-06:00"}')
    if unknown := sorted(item.keys() - {"days", "hours"}):
        raise ValueError(f"unknown key {unknown[0]!r}{nearest(unknown[0], ('days', 'hours'))}")
    days = frozenset(map(_day, several(item["days"]))) if "days" in item else frozenset()
    if "hours" not in item:
        return [Quiet(days=days)]
    spans = []
    for text in several(item["hours"]):
        if (found := _SPAN.fullmatch(ascii_digits(text))) is None:
            raise ValueError(f"{text!r} is not a span of hours; write for example '22:00-06:00'")
        spans.append(Quiet(days=days, start=_clock(found[1]), end=_clock(found[2])))
    return spans


def _day(text: str) -> int:
    short = text.lower()[:3]
    if short not in _DAYS:
        raise ValueError(f"{text!r} is not a day{nearest(text, _DAYS)}")
    return _DAYS.index(short)


def _clock(text: str) -> Time:
    if (found := _CLOCK.fullmatch(text)) is None:
        raise ValueError(f"{text!r} is not a time of day; write for example '07:30'")
    return Time(int(found[1]), int(found[2]))
