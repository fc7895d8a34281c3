"""What a feed's document asks of those who poll it: `<ttl>`, `<skipHours>`, `<skipDays>` of RSS 2.0. Pure.

Read from the bytes before the first item, whatever the parser makes of the document; kept in the feed's cursor, since
an answer "not modified" brings none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.model import Wishes

_HEAD = 65536
_LONGEST_TTL = 60 * 24 * 366  # minutes
_ITEM = re.compile(rb"<item[\s>]")
_TTL = re.compile(rb"<ttl>\s{0,20}([0-9]{1,9})\s{0,20}</ttl>")
_HOUR = re.compile(rb"<hour>\s{0,20}([0-9]{1,2})\s{0,20}</hour>")
_DAY = re.compile(rb"<day>\s{0,20}(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\s{0,20}</day>")
_WEEK = (b"Mon", b"Tues", b"Wednes", b"Thurs", b"Fri", b"Satur", b"Sun")


def of(body: bytes) -> dict[str, Any]:
    """What the document wishes, as JSON values for a cursor; nothing where it wishes nothing."""
    head = body[:_HEAD]
    item = _ITEM.search(head)
    head = head[: item.start()] if item else head
    found: dict[str, Any] = {}
    if (ttl := _TTL.search(head)) and int(ttl[1]):
        found["ttl"] = min(int(ttl[1]), _LONGEST_TTL)
    # Hours count from 0 to 23; some write 24 for midnight.
    hours = sorted({int(hour) % 24 for hour in _HOUR.findall(_inside(b"skipHours", head)) if int(hour) <= 24})
    days = sorted({_WEEK.index(day) for day in _DAY.findall(_inside(b"skipDays", head))})
    return found | ({"skip_hours": hours} if hours else {}) | ({"skip_days": days} if days else {})


def read(cursor: Mapping[str, Any], fresh_for: timedelta | None) -> Wishes:
    """The wishes of a cursor made by `of`, and of the last answer."""
    return Wishes(
        ttl=timedelta(minutes=cursor["ttl"]) if "ttl" in cursor else None,
        fresh_for=fresh_for,
        skip_hours=tuple(cursor.get("skip_hours", ())),
        skip_days=tuple(cursor.get("skip_days", ())),
    )


def _inside(name: bytes, head: bytes) -> bytes:
    """What stands between the first of these tags and its end."""
    _, _, rest = head.partition(b"<%s>" % name)
    inside, end, _ = rest.partition(b"</%s>" % name)
    return inside if end else b""
