"""Candidates of a search: articles that hold what a query must find, by the index of folded words; newest first."""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.alerting.drill import SOURCES as DRILLS
from monitor.model import Article
from monitor.rules.lookup import Group, Sought, Way
from monitor.store.rows import VERSION_COLUMNS, article_from, ids, iso, safe
from monitor.text.fold import folded
from monitor.text.tokens import words_of
from monitor.timing import to_epoch

Found = tuple[Article, dict[str, object]]
"""An article, and what a listing says of it beside what is in it: seen, story, matches (ids of rules)."""


def indexed(text: str) -> str:
    """A text as the search index takes it: its folded words, cut as rules cut them."""
    return safe(" ".join(words_of(folded(text))))


def numbers(connection: sqlite3.Connection, groups: Sequence[Group]) -> list[int]:
    """The rows of articles that have a way of every group, the newest first; without groups of all with a text."""
    if not groups:
        query, values = "SELECT number FROM article WHERE pruned IS NULL ORDER BY number DESC", ()
        return [row[0] for row in connection.execute(query, values)]
    wanted = " AND ".join(f"({_any(group)})" for group in groups)
    query = "SELECT rowid FROM article_search WHERE article_search MATCH ? ORDER BY rowid DESC"
    return [row[0] for row in connection.execute(query, (wanted,))]


def _any(group: Group) -> str:
    return " OR ".join(f"({_all(way)})" for way in group)


def _all(way: Way) -> str:
    return " AND ".join(f"({' OR '.join(map(_quoted, sorted(words)))})" for words in way)


def _quoted(sought: Sought) -> str:
    """Words for FTS5. They are runs of letters and digits, so that nothing of its language can stand in them."""
    return f'"{" ".join(sought.words)}"' + " *" * sought.is_open


def articles(
    connection: sqlite3.Connection,
    rows: Sequence[int],
    source: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[Found]:
    """The current versions of some articles, the newest first, of a source and first seen within a time; without a
    source none of drills."""
    found = connection.execute(
        f"SELECT a.id, a.source, a.first_seen, a.story, {VERSION_COLUMNS},"
        " (SELECT group_concat(DISTINCT m.rule) FROM match m WHERE m.article = a.number) AS rules"
        " FROM article a JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.number IN (SELECT value FROM json_each(?1))"
        " AND (a.source = ?2 OR ?2 IS NULL AND a.source NOT LIKE ?5)"
        " AND (?3 IS NULL OR a.first_seen >= ?3) AND (?4 IS NULL OR a.first_seen < ?4) ORDER BY a.number DESC",
        (
            ids(rows),
            source,
            None if since is None else to_epoch(since),
            None if until is None else to_epoch(until),
            f"{DRILLS}%",
        ),
    )
    return [
        (
            article_from(row, row["id"], row["source"]),
            {
                "seen": iso(row["first_seen"]),
                "published": iso(row["published"]),
                "story": row["story"] or "",
                "matches": sorted(row["rules"].split(",")) if row["rules"] else [],
            },
        )
        for row in found
    ]
