"""Stories in the store: which articles are like one, what is kept of each to tell that, and stories for people.

The index of fingerprints lives in memory and is only ever what the table says: it reads what was added since it
looked last, so that it is the same after a restart and no commit needs to tell it anything.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from monitor.errors import StoreError
from monitor.model import Story, StoryDecision
from monitor.store.rows import ids, iso, safe
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.hashing import Hasher
from monitor.stories.index import MOST_FOUND, Index
from monitor.stories.placing import WINDOW, Candidate
from monitor.stories.publishers import Appearance, independent, publisher_keys
from monitor.timing import from_epoch, to_epoch

Row = dict[str, Any]

SHORTEST_PREFIX = 4
"""Letters of a story's id that must be typed."""

AT_ONCE = 64
"""Articles for which others like them are looked up at once."""


# --- what ingest asks ---------------------------------------------------------------------------------------


class LikeArticles:
    """Finds articles like one by their fingerprints. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index = Index()
        self._last = 0
        self._reader: Reader | None = None

    def reader(self, connection: sqlite3.Connection) -> Reader:
        """What reads articles under this database's seed."""
        if self._reader is None:
            (seed,) = connection.execute("SELECT seed FROM story_seed").fetchone()
            self._reader = Reader(Hasher(seed))
        return self._reader

    def find(
        self, connection: sqlite3.Connection, fingerprints: Sequence[Fingerprint]
    ) -> list[tuple[Candidate, ...]]:
        """For each fingerprint articles of open and lately closed stories with the same text, then up to sixteen that
        share keys.
        """
        same = {key: _with_text(connection, key) for key in {one.text_key for one in fingerprints} - {""}}
        with self._lock:
            self._read_on(connection)
            found = self._index.find_each([one.keys for one in fingerprints])
        alike = _with_numbers(connection, {number for numbers in found for number in numbers})
        return [
            (*same.get(one.text_key, ()), *(alike[number] for number in sorted(numbers) if number in alike))
            for one, numbers in zip(fingerprints, found, strict=True)
        ]

    def _read_on(self, connection: sqlite3.Connection) -> None:
        oldest, newest = connection.execute(
            "SELECT (SELECT min(number) FROM fingerprint), (SELECT max(number) FROM fingerprint)"
        ).fetchone()
        self._index.forget_before(oldest or 0)
        if not newest or newest == self._last:
            return
        rows = connection.execute(
            "SELECT number, keys FROM fingerprint WHERE number > ? ORDER BY number", (self._last,)
        ).fetchall()
        if not self._last:
            keys = np.frombuffer(b"".join(row["keys"] for row in rows), "<u4")
            counts = [len(row["keys"]) // keys.itemsize for row in rows]
            self._index.load(np.repeat(np.array([row["number"] for row in rows], np.uint64), counts), keys)
        else:
            for row in rows:
                self._index.add(row["number"], np.frombuffer(row["keys"], "<u4"))
        self._last = newest


_CANDIDATE = "SELECT s.id, s.first_seen, a.id, a.wire"


def _with_text(connection: sqlite3.Connection, key: str) -> list[Candidate]:
    """Articles with a text, of the oldest stories first."""
    rows = connection.execute(
        f"{_CANDIDATE}, t.seen FROM story_text t JOIN story s ON s.id = t.story"
        " JOIN article a ON a.number = t.article WHERE t.text_key = ? ORDER BY s.first_seen LIMIT ?",
        (key, MOST_FOUND),
    )
    return [_candidate(*row) for row in rows]


def _with_numbers(connection: sqlite3.Connection, numbers: Collection[int]) -> dict[int, Candidate]:
    """Articles by the numbers of their fingerprints."""
    if not numbers:
        return {}
    rows = connection.execute(
        f"{_CANDIDATE}, f.seen, f.body, f.number FROM fingerprint f JOIN story s ON s.id = f.story"
        " JOIN article a ON a.number = f.article WHERE f.number IN (SELECT value FROM json_each(?))",
        (ids(numbers),),
    )
    return {number: _candidate(*row) for *row, number in rows}


def _candidate(
    story: str, first_seen: int, article: str, wire: str, seen: int, fingerprint: bytes | None = None
) -> Candidate:
    return Candidate(
        story_id=story,
        first_seen=from_epoch(first_seen),
        article_id=article,
        seen=from_epoch(seen),
        wire=wire,
        fingerprint=fingerprint,
    )


# --- what a commit writes -----------------------------------------------------------------------------------


def save(connection: sqlite3.Connection, decision: StoryDecision, article_id: str, seen: int) -> None:
    """Begin a story with a new article, or add one to it."""
    connection.execute(
        "INSERT INTO story (id, head, size, first_seen, last_seen) VALUES (?1, ?2, 1, ?3, ?3)"
        " ON CONFLICT (id) DO UPDATE SET size = size + 1, first_seen = min(first_seen, excluded.first_seen),"
        " last_seen = max(last_seen, excluded.last_seen)",
        (decision.story_id, article_id, seen),
    )


def save_text(
    connection: sqlite3.Connection,
    story_id: str,
    article: int,
    version: int,
    seen: int,
    text_key: str,
    fingerprint: Fingerprint | None,
) -> None:
    """Keep what finds a text again: its key and, if there is one, its fingerprint."""
    if text_key:
        connection.execute(
            "INSERT OR IGNORE INTO story_text (text_key, story, article, seen) VALUES (?, ?, ?, ?)",
            (text_key, story_id, article, seen),
        )
    if fingerprint is not None:
        connection.execute(
            "INSERT INTO fingerprint (article, version, story, seen, keys, body) VALUES (?, ?, ?, ?, ?, ?)",
            (article, version, story_id, seen, fingerprint.keys.astype("<u4").tobytes(), fingerprint.to_bytes()),
        )


def forget(connection: sqlite3.Connection, now: datetime) -> None:
    """Delete what finds texts that were seen longer ago than a story is open.

    The last fingerprint stays, so that no number is ever given twice.
    """
    before = to_epoch(now - WINDOW)
    connection.execute("DELETE FROM story_text WHERE seen < ?", (before,))
    connection.execute(
        "DELETE FROM fingerprint WHERE seen < ? AND number < (SELECT max(number) FROM fingerprint)", (before,)
    )


# --- what others ask ----------------------------------------------------------------------------------------


def stories_of(connection: sqlite3.Connection, article_ids: Collection[str]) -> Mapping[str, Story]:
    """The story of each article, by the article's id; publishers are those of current versions, sorted."""
    rows = connection.execute(
        "SELECT a.id AS article, s.* FROM article a JOIN story s ON s.id = a.story"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (ids(article_ids),),
    ).fetchall()
    publishers: defaultdict[str, set[str]] = defaultdict(set)
    for row in connection.execute(
        "SELECT DISTINCT a.story, v.publisher FROM article a"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.story IN (SELECT value FROM json_each(?)) AND v.publisher <> ''",
        (ids({row["id"] for row in rows}),),
    ):
        publishers[row["story"]].add(row["publisher"])
    return {
        row["article"]: Story(
            id=row["id"],
            head=row["head"],
            size=row["size"],
            publishers=tuple(sorted(publishers[row["id"]])),
            first_seen=from_epoch(row["first_seen"]),
            last_seen=from_epoch(row["last_seen"]),
        )
        for row in rows
    }


def appearances(connection: sqlite3.Connection, article_ids: Collection[str]) -> tuple[Appearance, ...]:
    """Articles as voices, in the order in which they were seen; those whose text is pruned are left out."""
    rows = connection.execute(
        f"{_APPEARANCE} WHERE a.id IN (SELECT value FROM json_each(?)) ORDER BY a.first_seen, a.number",
        (ids(article_ids),),
    )
    return tuple(map(_appearance, rows))


_APPEARANCE = (
    "SELECT a.id, a.story, a.wire, v.publisher, v.url FROM article a"
    " JOIN version v ON v.article = a.number AND v.version = a.version"
)


def _appearance(row: sqlite3.Row) -> Appearance:
    return Appearance(publisher=row["publisher"], url=row["url"], wire=row["wire"] or row["id"])


def stories(
    connection: sqlite3.Connection, *, since: datetime | None = None, least: int = 1, limit: int = 1000
) -> tuple[Row, ...]:
    """Stories with an article since a moment, the one that grew last first. Each row: id, title (of its first
    article), size, publishers, independent (publishers that copy no other), first_seen, last_seen, head.
    """
    rows = connection.execute(
        f"{_STORY} WHERE s.last_seen >= ? AND s.size >= ? ORDER BY s.last_seen DESC, s.id LIMIT ?",
        (0 if since is None else to_epoch(since), least, limit),
    ).fetchall()
    voices: defaultdict[str, list[Appearance]] = defaultdict(list)
    for row in connection.execute(
        f"{_APPEARANCE} WHERE a.story IN (SELECT value FROM json_each(?)) ORDER BY a.first_seen, a.number",
        (ids(row["id"] for row in rows),),
    ):
        voices[row["story"]].append(_appearance(row))
    return tuple(_story(row, voices[row["id"]]) for row in rows)


_STORY = (
    "SELECT s.*, v.title FROM story s LEFT JOIN article a ON a.id = s.head"
    " LEFT JOIN version v ON v.article = a.number AND v.version = a.version"
)


def _story(row: sqlite3.Row, voices: list[Appearance]) -> Row:
    return {
        "id": row["id"],
        "title": row["title"] or "",
        "size": row["size"],
        "publishers": len({*publisher_keys(voices)} - {""}),
        "independent": len(independent(voices)),
        "first_seen": iso(row["first_seen"]),
        "last_seen": iso(row["last_seen"]),
        "head": row["head"],
    }


def story(connection: sqlite3.Connection, story_id: str) -> Row | None:
    """A story by its id, the unique beginning of it, or the id of one of its articles: the row of `stories` and
    `articles`, a list of {id, title, url, publisher, source, seen, relation, reason, wire} as they came.
    """
    rows = connection.execute(
        f"{_STORY} WHERE s.id = ?1 OR s.id = (SELECT story FROM article WHERE id = ?1)"
        " OR (length(?1) >= ?3 AND s.id >= ?1 AND s.id < ?2) ORDER BY s.id = ?1 DESC LIMIT 2",
        (safe(story_id), safe(story_id) + "\U0010ffff", SHORTEST_PREFIX),
    ).fetchall()
    if len(rows) > 1 and rows[0]["id"] != story_id:
        raise StoreError(f"several stories begin with {story_id!r}; write more of the id")
    if not rows:
        return None
    articles = connection.execute(
        "SELECT a.id, a.source, a.first_seen, a.relation, a.story_reason, a.wire, v.title, v.url, v.publisher"
        " FROM article a LEFT JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE a.story = ? ORDER BY a.first_seen, a.number",
        (rows[0]["id"],),
    ).fetchall()
    return _story(rows[0], [_appearance(row) for row in articles if row["url"] is not None]) | {
        "articles": [
            {
                "id": row["id"],
                "title": row["title"] or "",
                "url": row["url"] or "",
                "publisher": row["publisher"] or "",
                "source": row["source"],
                "seen": iso(row["first_seen"]),
                "relation": row["relation"],
                "reason": row["story_reason"],
                "wire": row["wire"],
            }
            for row in articles
        ]
    }
