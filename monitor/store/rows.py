"""Between frozen types and rows: what goes into columns is safe, what comes out is the type again.

Text from outside has been cleaned at the door; still nothing that SQLite or JSON cannot hold passes here: lone
surrogates become U+FFFD, NUL goes.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Delivery,
    DeliveryState,
    Group,
    GroupState,
    Lease,
    Match,
    Severity,
    Span,
)
from monitor.timing import from_epoch, to_epoch

_UNSAFE = re.compile("[\0\ud800-\udfff]")

VERSION_COLUMNS = (
    "v.version, v.title, v.text, v.boilerplate, v.url, v.author, v.publisher, v.language, v.tags, v.published, v.seen"
)
UNFINISHED = "state IN ('pending', 'leased', 'held')"
"""Deliveries on their way, in the words of their index: a query that lacks them reads all there ever were."""

MATCH_COLUMNS = "m.number, a.id AS article, m.version, m.rule, m.rule_hash, m.severity, m.entities, m.spans"


def safe(text: str) -> str:
    """Text that SQLite and UTF-8 can hold."""
    return _UNSAFE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", text)


def to_json(value: Any) -> str:
    """JSON text for a column; letters stay readable."""
    return safe(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=dict))


def opaque_json(value: Mapping[str, Any]) -> str:
    """JSON text that gives back every string exactly, also a file name that is not UTF-8."""
    return json.dumps(value, separators=(",", ":"), default=dict)


def epoch(moment: datetime | None) -> int | None:
    """Milliseconds, or None."""
    return None if moment is None else to_epoch(moment)


def moment(milliseconds: int | None) -> datetime | None:
    """An aware UTC datetime, or None."""
    return None if milliseconds is None else from_epoch(milliseconds)


def iso(milliseconds: int | None) -> str | None:
    """ISO 8601 in UTC with milliseconds and Z, as in the views, or None."""
    if milliseconds is None:
        return None
    return from_epoch(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ids(values: Iterable[str | int]) -> str:
    """A list for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(values))


def article_from(row: sqlite3.Row, article_id: str, source: str) -> Article:
    """The article of a row with VERSION_COLUMNS."""
    return Article(
        id=article_id,
        source=source,
        title=row["title"],
        text=row["text"],
        url=row["url"],
        author=row["author"],
        publisher=row["publisher"],
        language=row["language"],
        tags=_strings(row["tags"]),
        published=moment(row["published"]),
        seen=from_epoch(row["seen"]),
        version=row["version"],
        boilerplate=row["boilerplate"],
    )


def spans_json(spans: tuple[Span, ...]) -> str:
    """Evidence as a column keeps it."""
    return to_json([[s.field, s.start, s.end, s.term, list(s.core)] for s in spans])


@lru_cache(maxsize=4096)  # the members of a group are read each time one joins it
def spans_from(text: str) -> tuple[Span, ...]:
    """Evidence as rules gave it."""
    return tuple(
        Span(field=field, start=start, end=end, term=term, core=(core[0], core[1]))
        for field, start, end, term, core in json.loads(text)
    )


@lru_cache(maxsize=1024)
def _strings(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def match_from(row: sqlite3.Row) -> Match:
    """The match of a row with MATCH_COLUMNS."""
    return Match(
        article_id=row["article"],
        version=row["version"],
        rule=row["rule"],
        rule_hash=row["rule_hash"],
        severity=Severity(row["severity"]),
        entities=_strings(row["entities"]),
        spans=spans_from(row["spans"]),
    )


def group_from(row: sqlite3.Row, pending: tuple[Match, ...], corrections: tuple[Match, ...] = ()) -> Group:
    """The group of a row of alert_group."""
    return Group(
        key=row["key"],
        channel=row["channel"],
        code=row["code"],
        state=GroupState(row["state"]),
        pending=pending,
        opened=from_epoch(row["opened"]),
        last_member=from_epoch(row["last_member"]),
        last_told=moment(row["last_told"]),
        quiet_until=moment(row["quiet_until"]),
        due=moment(row["due"]),
        sequence=row["sequence"],
        told_severity=None if row["told_severity"] is None else Severity(row["told_severity"]),
        raised=None if row["raised"] is None else Severity(row["raised"]),
        escalated=tuple(json.loads(row["escalated"])),
        told_publishers=frozenset(json.loads(row["told_publishers"])),
        new_publishers=frozenset(json.loads(row["new_publishers"])),
        corrections=corrections,
    )


def alert_from(row: sqlite3.Row, matches: tuple[Match, ...]) -> Alert:
    """The alert of a row of alert."""
    return Alert(
        id=row["id"],
        channel=row["channel"],
        code=row["code"],
        rules=tuple(json.loads(row["rules"])),
        severity=Severity(row["severity"]),
        group_key=row["group_key"],
        sequence=row["sequence"],
        matches=matches,
        stories=tuple(json.loads(row["stories"])),
        reason=row["reason"],
        created=from_epoch(row["created"]),
    )


def delivery_from(row: sqlite3.Row) -> Delivery:
    """The delivery of a row of delivery."""
    lease = None
    if row["lease_token"] is not None:
        lease = Lease(instance=row["lease_instance"], token=row["lease_token"], until=from_epoch(row["lease_until"]))
    return Delivery(
        id=row["id"],
        alert_id=row["alert"],
        channel=row["channel"],
        recipient=row["recipient"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due=from_epoch(row["due"]),
        created=from_epoch(row["created"]),
        lease=lease,
        last_error=row["last_error"],
    )
