"""What retention deletes, in small steps: found on a reading connection, deleted in short transactions of few rows.

The text of an article goes first; its identity stays for ever, so that it never comes back as new. A match outlives
its article and keeps what is needed to read it (`remnant`). What is waiting or undelivered stays, whatever its age.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from monitor.alerting.excerpt import excerpt
from monitor.errors import StoreConflict, StoreError
from monitor.store import stories
from monitor.store.rows import spans_from, to_json
from monitor.stories.placing import WINDOW
from monitor.timing import to_epoch

FETCHES_KEPT = timedelta(days=30)
"""How long it is known which fetches were ingested: a message comes again within minutes."""

FREE_PAGES = 1000
"""Free pages of the file that are left to be filled again, if a twentieth of the file is not more."""

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Before which moments things go; None: they are kept for ever. `sources` are those with a limit of their own."""

    articles: datetime | None
    matches: datetime | None
    sources: Mapping[str, datetime | None]

    def of_sources(self, connection: sqlite3.Connection) -> dict[str, int]:
        """For every source whose articles are not kept for ever the moment before which their texts go."""
        names = [row["id"] for row in connection.execute("SELECT id FROM source")]
        found = {name: self.sources.get(name, self.articles) for name in names}
        return {name: to_epoch(limit) for name, limit in found.items() if limit is not None}


class Step(NamedTuple):
    """A few rows of one kind that may go, as JSON values."""

    kind: str
    rows: Rows


# --- what may not go ------------------------------------------------------------------------------------------

UNFINISHED = "d.state NOT IN ('sent', 'dead')"
_NEEDED = (
    "(EXISTS (SELECT 1 FROM pending p WHERE p.match = m.number)"
    " OR EXISTS (SELECT 1 FROM correction c WHERE c.match = m.number)"
    " OR EXISTS (SELECT 1 FROM alert_match t JOIN delivery d ON d.alert = t.alert"
    f" WHERE t.match = m.number AND {UNFINISHED}))"
)
"""Whether a match is still to be told, or a correction of it, or an alert that tells it is not delivered."""

_TEXT_NEEDED = f"EXISTS (SELECT 1 FROM match m WHERE m.article = a.number AND {_NEEDED})"
_MATCH_GOES = (
    "EXISTS (SELECT 1 FROM article a WHERE a.number = m.article AND a.pruned IS NOT NULL)"
    f" AND NOT {_NEEDED} AND NOT EXISTS (SELECT 1 FROM counted c WHERE c.match = m.number)"
)
_ALERT_GOES = (
    f"NOT EXISTS (SELECT 1 FROM delivery d WHERE d.alert = t.id AND {UNFINISHED})"
    " AND NOT EXISTS (SELECT 1 FROM alert_match am WHERE am.alert = t.id)"
    " AND NOT EXISTS (SELECT 1 FROM disposition s WHERE s.alert = t.id)"
    " AND NOT EXISTS (SELECT 1 FROM delivery d JOIN told o ON o.delivery = d.id WHERE d.alert = t.id)"
)
_GROUP_GOES = (
    "g.state = 'closed' AND g.due IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM alert t WHERE t.channel = g.channel AND t.group_key = g.key)"
    " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.alert_group = g.number)"
    " AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.alert_group = g.number)"
)
_REMEMBERED = "(a.pruned IS NULL OR EXISTS (SELECT 1 FROM match m WHERE m.article = a.number))"
_STORY_GOES = (  # texts from before :before are found by nothing any more
    f"NOT EXISTS (SELECT 1 FROM article a WHERE a.story = s.id AND (a.changed >= :before OR {_REMEMBERED}))"
    " AND s.id <> coalesce((SELECT story FROM fingerprint ORDER BY number DESC LIMIT 1), '')"
)
_FILE_GOES = (
    "NOT EXISTS (SELECT 1 FROM file_article h JOIN article a ON a.number = h.article"
    f" WHERE h.file = f.number AND {_REMEMBERED})"
)


_Find: TypeAlias = Callable[[sqlite3.Connection, Limits, datetime, int], Rows]
_Delete: TypeAlias = Callable[[sqlite3.Connection, Rows, datetime], int]


class _Kind(NamedTuple):
    """How one kind of thing is found and deleted. `most` rows a step keep it short."""

    most: int
    find: _Find
    delete: _Delete


def _select(connection: sqlite3.Connection, query: str, *values: Any) -> Rows:
    return [list(row) for row in connection.execute(query, values)]


def _older(query: str) -> _Find:
    """Find what is older than matches are kept, by a query that takes that moment and the most rows."""

    def find(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> Rows:
        return [] if limits.matches is None else _select(connection, query, to_epoch(limits.matches), most)

    return find


def _each(may_go: str, *statements: str) -> _Delete:
    """Delete row by row, by statements that take its key, what may still go: since it was found it may have become
    needed again. `may_go` is the query that takes the key and finds it."""

    def delete(connection: sqlite3.Connection, rows: Rows, now: datetime) -> int:
        gone = [key for (key,) in rows if _select(connection, may_go, key)]
        for key in gone:
            for statement in statements:
                connection.execute(statement, (key,))
        return len(gone)

    return delete


def _all(statement: str) -> _Delete:
    """Delete all rows by a statement that takes one."""
    return lambda connection, rows, now: connection.executemany(statement, rows).rowcount


# --- articles -------------------------------------------------------------------------------------------------


def _find_articles(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> Rows:
    return _select(
        connection,
        "SELECT a.number, a.changed FROM json_each(?) l JOIN article a ON a.source = l.key AND a.changed < l.value"
        f" AND a.pruned IS NULL WHERE NOT {_TEXT_NEEDED} LIMIT ?",
        json.dumps(limits.of_sources(connection)),
        most,
    )


def _delete_articles(connection: sqlite3.Connection, rows: Rows, now: datetime) -> int:
    gone = 0
    for number, changed in rows:
        done = connection.execute(  # an edit, or a match that waits, may have come since it was found
            "UPDATE article AS a SET pruned = ? WHERE number = ? AND changed = ? AND pruned IS NULL"
            f" AND NOT {_TEXT_NEEDED}",
            (to_epoch(now), number, changed),
        )
        if done.rowcount:
            leave_remnants(connection, number)
            connection.execute("DELETE FROM version WHERE article = ?", (number,))
            connection.execute("DELETE FROM article_search WHERE rowid = ?", (number,))
            gone += 1
    return gone


def leave_remnants(connection: sqlite3.Connection, article: int, version: int | None = None) -> None:
    """Keep of an article's versions, or of one, what its matches need to be read."""
    rows = connection.execute(
        "SELECT m.number, m.spans, v.* FROM match m JOIN version v ON v.article = m.article AND v.version = m.version"
        " WHERE m.article = ? AND (?2 IS NULL OR m.version = ?2)",
        (article, version),
    ).fetchall()
    for row in rows:
        fields = {"title": row["title"], "text": row["text"]}
        spans = spans_from(row["spans"])
        quotes = [fields[span.field][span.start : span.end] for span in spans]
        hits = [(span.start, span.end) for span in spans if span.field == "text"]
        connection.execute(
            "INSERT OR REPLACE INTO remnant (match, title, url, publisher, language, published, quotes, excerpt)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row[name] for name in ("number", "title", "url", "publisher", "language", "published")),
                to_json(quotes),
                " ".join(excerpt(row["text"], hits).text.split()),
            ),
        )


# --- groups of what was told ------------------------------------------------------------------------------------


def _delete_groups(connection: sqlite3.Connection, rows: Rows, now: datetime) -> int:
    gone = 0
    for number, key in rows:
        done = connection.execute(f"DELETE FROM alert_group AS g WHERE g.number = ? AND {_GROUP_GOES}", (number,))
        gone += done.rowcount
        connection.execute(
            "DELETE FROM code WHERE group_key = ?1 AND NOT EXISTS (SELECT 1 FROM alert_group WHERE key = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM alert t WHERE t.code = code.code)",
            (key,),
        )
    return gone


# --- stories, fetches and free pages ------------------------------------------------------------------------


_STORYLESS = "story = NULL, story_reason = '', relation = '', wire = ''"


def _find_stories(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> Rows:
    latest = max(limits.of_sources(connection).values(), default=0)
    before = to_epoch(now - WINDOW)
    query = f"SELECT s.id FROM story s WHERE s.last_seen < :seen AND {_STORY_GOES} ORDER BY s.last_seen LIMIT :most"
    values = {"seen": min(latest, before), "before": before, "most": most}
    return [list(row) for row in connection.execute(query, values)]


def _delete_stories(connection: sqlite3.Connection, rows: Rows, now: datetime) -> int:
    stories.forget(connection, now)
    gone = 0
    for (story,) in rows:
        values = {"story": story, "before": to_epoch(now - WINDOW)}
        if connection.execute(f"SELECT 1 FROM story s WHERE s.id = :story AND {_STORY_GOES}", values).fetchone():
            connection.execute(
                "UPDATE article SET story = NULL, story_reason = '', relation = '', wire = '' WHERE story = ?",
                (story,),
            )
            connection.execute("DELETE FROM story WHERE id = ?", (story,))
            gone += 1
    return gone


def _find_fetches(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> Rows:
    return _select(
        connection,
        "SELECT f.source, f.at, f.key FROM source s JOIN fetch f ON f.source = s.id AND f.at < ? LIMIT ?",
        to_epoch(now - FETCHES_KEPT),
        most,
    )


def _find_pages(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> Rows:
    """Free pages that the file may be shortened by: none in a file that was made without `auto_vacuum`."""
    mode, free, pages = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("auto_vacuum", "freelist_count", "page_count")
    )
    spare = free - max(FREE_PAGES, pages // 20)
    return [[1]] * min(spare, most) if mode and spare > 0 else []


def _delete_pages(connection: sqlite3.Connection, rows: Rows, now: datetime) -> int:
    before = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA incremental_vacuum({len(rows)})").fetchall()
    return int(before - connection.execute("PRAGMA page_count").fetchone()[0])


KINDS: Mapping[str, _Kind] = {
    "articles": _Kind(50, _find_articles, _delete_articles),
    "matches": _Kind(
        100,
        _older(f"SELECT m.number FROM match m WHERE m.created < ? AND {_MATCH_GOES} ORDER BY m.created LIMIT ?"),
        _each(
            f"SELECT 1 FROM match m WHERE m.number = ? AND {_MATCH_GOES}",
            *(f"DELETE FROM {table} WHERE match = ?" for table in ("told", "alert_match", "disposition", "remnant")),
            "DELETE FROM match WHERE number = ?",
        ),
    ),
    "alerts": _Kind(
        100,
        _older(f"SELECT t.id FROM alert t WHERE t.created < ? AND {_ALERT_GOES} ORDER BY t.created LIMIT ?"),
        _each(
            f"SELECT 1 FROM alert t WHERE t.id = ? AND {_ALERT_GOES}",
            "DELETE FROM delivery WHERE alert = ?",
            "DELETE FROM alert WHERE id = ?",
        ),
    ),
    "groups": _Kind(
        100,
        _older(f"SELECT g.number, g.key FROM alert_group g WHERE g.last_member < ? AND {_GROUP_GOES} LIMIT ?"),
        _delete_groups,
    ),
    "stories": _Kind(10, _find_stories, _delete_stories),  # each looks through the fingerprints of three days
    "files": _Kind(
        100,
        _older(f"SELECT f.number FROM file f WHERE f.last_taken < ? AND {_FILE_GOES} LIMIT ?"),
        _each(
            f"SELECT 1 FROM file f WHERE f.number = ? AND {_FILE_GOES}",
            "DELETE FROM file_article WHERE file = ?",
            "DELETE FROM file WHERE number = ?",
        ),
    ),
    "silences": _Kind(
        100, _older("SELECT id FROM silence WHERE ends < ? LIMIT ?"), _all("DELETE FROM silence WHERE id = ?")
    ),
    "fetches": _Kind(500, _find_fetches, _all("DELETE FROM fetch WHERE source = ? AND at = ? AND key = ?")),
    "pages": _Kind(256, _find_pages, _delete_pages),
}
"""In the order in which they go: what comes later may have been held by what came before."""


# --- steps ----------------------------------------------------------------------------------------------------


def next_step(
    connection: sqlite3.Connection, limits: Limits, now: datetime, skip: Collection[str] = ()
) -> Step | None:
    """What may go next; None when nothing may. `skip` are kinds not to look at."""
    for name, kind in KINDS.items():
        if name not in skip and (rows := kind.find(connection, limits, now, kind.most)):
            return Step(name, rows)
    return None


def take_step(connection: sqlite3.Connection, step: Step, now: datetime) -> int:
    """Delete what is still not needed of a step. Returns how much went. Raises StoreError for a garbled step."""
    kind = KINDS.get(step.kind)
    if kind is None or len(step.rows) > kind.most:
        raise StoreError(f"no step of retention: {step.kind!r} with {len(step.rows)} rows")
    return kind.delete(connection, step.rows, now)


def count(connection: sqlite3.Connection, limits: Limits, now: datetime) -> dict[str, int]:
    """How many of each kind would go at once; what only they hold goes after them and is not counted."""
    return {name: len(kind.find(connection, limits, now, -1)) for name, kind in KINDS.items() if name != "pages"}


def sweep(
    find: Callable[[Collection[str]], Step | None],
    take: Callable[[Step], int],
    go_on: Callable[[], bool],
) -> Counter[str]:
    """Take step after step until nothing may go or `go_on`, asked between two, says no. Returns what went.

    A kind of which a step could delete nothing is left for the next time, so that this always ends. So is one that
    something unforeseen still needs; then it raises StoreConflict after the others.
    """
    gone: Counter[str] = Counter()
    stuck: set[str] = set()
    fault: StoreConflict | None = None
    while (step := find(stuck)) is not None:
        try:
            done = take(step)
        except StoreConflict as error:
            done, fault = 0, error
        gone[step.kind] += done
        if not done:
            stuck.add(step.kind)
        if not go_on():
            break
    if fault is not None:
        raise fault
    return +gone
