"""The archive as rules are tried on it: articles in the order in which they came, with their stories."""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from monitor.alerting.drill import SOURCES as DRILLS
from monitor.model import Article
from monitor.store.rows import VERSION_COLUMNS, article_from
from monitor.timing import from_epoch, to_epoch

PAGE = 500
"""Articles read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """An article in its current version: `number` orders by arrival, `came` is when its first version was seen.

    `wire` is the article whose text it carries, its own id when it copies none.
    """

    number: int
    article: Article
    came: datetime
    story_id: str
    wire: str


def size(connection: sqlite3.Connection, since: datetime) -> int:
    """How many articles first seen since then have kept their text."""
    (total,) = connection.execute(
        "SELECT count(*) FROM article WHERE pruned IS NULL AND first_seen >= ?", (to_epoch(since),)
    ).fetchone()
    return int(total)


def page(connection: sqlite3.Connection, since: datetime, after: int) -> tuple[Archived, ...]:
    """The next articles behind the one of number `after` (0: from the beginning), no drills; none at the end."""
    rows = connection.execute(
        f"SELECT a.number, a.id, a.source, a.first_seen, a.story, a.wire, {VERSION_COLUMNS} FROM article a"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.number > ? AND a.first_seen >= ? AND a.pruned IS NULL AND a.source NOT LIKE ?"
        " ORDER BY a.number LIMIT ?",
        (after, to_epoch(since), f"{DRILLS}%", PAGE),
    )
    return tuple(
        Archived(
            number=row["number"],
            article=article_from(row, row["id"], row["source"]),
            came=from_epoch(row["first_seen"]),
            story_id=row["story"] or "",
            wire=row["wire"] or row["id"],
        )
        for row in rows
    )
