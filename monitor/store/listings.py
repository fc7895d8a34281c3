"""Rows for people and scripts: matches, deliveries, sources, search. Plain dicts, ready for JSON, times in ISO.

The keys are a contract with those who script against `--json`; add keys, never rename them.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from datetime import datetime
from typing import Any

from monitor.alerting.drill import SOURCES as DRILL
from monitor.model import Severity
from monitor.store.rows import ids, iso, safe
from monitor.text.fold import fold, folded
from monitor.timing import to_epoch

Row = dict[str, Any]


def matches(
    connection: sqlite3.Connection,
    *,
    rule: str | None = None,
    article_id: str | None = None,
    source: str | None = None,
    channel: str | None = None,
    disposition: str | None = None,
    since: datetime | None = None,
    limit: int = 1000,
) -> tuple[Row, ...]:
    """Matches, newest first; those of drills only where their source, article or rule is asked for.

    Each row: match, article, version, title, url, source, publisher, language, published, seen, story, rule,
    severity, entities, spans, matched, lost (version or 0) and `channels`, a list of {channel, disposition, reason,
    group, code, alert, at, deliveries}, deliveries being a list of {id, recipient, state, attempts, last_error}.
    """
    conditions: list[tuple[str, Any]] = []
    if rule is not None:
        conditions.append(("m.rule = ?", rule))
    if article_id is not None:
        conditions.append(("a.id = ?", article_id))
    if source is not None:
        conditions.append(("a.source = ?", source))
    if since is not None:
        conditions.append(("m.created >= ?", to_epoch(since)))
    if channel is not None:
        conditions.append(
            ("EXISTS (SELECT 1 FROM disposition d WHERE d.match = m.number AND d.channel = ?)", channel)
        )
    if disposition is not None:
        conditions.append(
            ("EXISTS (SELECT 1 FROM disposition d WHERE d.match = m.number AND d.disposition = ?)", disposition)
        )
    if source is None and article_id is None and rule is None:
        conditions.append(("a.source NOT LIKE ?", f"{DRILL}%"))
    rows = connection.execute(
        "SELECT m.*, a.id AS article_id, a.source, a.story, a.first_seen, v.title, v.url, v.publisher, v.language,"
        " v.published FROM match m JOIN article a ON a.number = m.article"
        " LEFT JOIN version v ON v.article = m.article AND v.version = m.version"
        f"{_where(conditions)} ORDER BY m.number DESC LIMIT ?",
        (*(value for _, value in conditions), limit),
    ).fetchall()
    channels = _channels(connection, [row["number"] for row in rows])
    return tuple(
        {
            "match": row["number"],
            "article": row["article_id"],
            "version": row["version"],
            "title": row["title"] or "",
            "url": row["url"] or "",
            "source": row["source"],
            "publisher": row["publisher"] or "",
            "language": row["language"] or "",
            "published": iso(row["published"]),
            "seen": iso(row["first_seen"]),
            "story": row["story"] or "",
            "rule": row["rule"],
            "severity": Severity(row["severity"]).word,
            "entities": json.loads(row["entities"]),
            "spans": [
                {"field": field, "start": start, "end": end, "term": term}
                for field, start, end, term, _ in json.loads(row["spans"])
            ],
            "matched": iso(row["created"]),
            "lost": row["lost"],
            "channels": channels[row["number"]],
        }
        for row in rows
    )


def _where(conditions: list[tuple[str, Any]]) -> str:
    return " WHERE " + " AND ".join(condition for condition, _ in conditions) if conditions else ""


def _channels(connection: sqlite3.Connection, numbers: list[int]) -> defaultdict[int, list[Row]]:
    sent: defaultdict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(
        "SELECT * FROM delivery WHERE alert IN (SELECT d.alert FROM disposition d WHERE d.match IN"
        " (SELECT value FROM json_each(?))) ORDER BY recipient",
        (ids(numbers),),
    ):
        sent[row["alert"]].append({key: row[key] for key in ("id", "recipient", "state", "attempts", "last_error")})
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(
        "SELECT d.*, coalesce(c.code, '') AS code FROM disposition d LEFT JOIN code c ON c.group_key = d.group_key"
        " WHERE d.match IN (SELECT value FROM json_each(?)) ORDER BY d.channel",
        (ids(numbers),),
    ):
        found[row["match"]].append(
            {
                "channel": row["channel"],
                "disposition": row["disposition"],
                "reason": row["reason"],
                "group": row["group_key"],
                "code": row["code"],
                "alert": row["alert"] or "",
                "at": iso(row["at"]),
                "deliveries": sent[row["alert"]] if row["alert"] else [],
            }
        )
    return found


def deliveries(
    connection: sqlite3.Connection,
    *,
    state: str | None = None,
    channel: str | None = None,
    code: str | None = None,
    alert_id: str | None = None,
    since: datetime | None = None,
    limit: int = 1000,
) -> tuple[Row, ...]:
    """Deliveries, newest first. Each row: id, alert, code, group, sequence, channel, recipient, state, attempts, due,
    created, settled, last_error, receipt, severity, rules, reason, articles (ids) and title (of the first article).
    """
    conditions: list[tuple[str, Any]] = []
    if state is not None:
        conditions.append(("d.state = ?", state))
    if channel is not None:
        conditions.append(("d.channel = ?", channel))
    if code is not None:
        conditions.append(("t.code = ?", code.upper()))
    if alert_id is not None:
        conditions.append(("t.id = ?", alert_id))
    if since is not None:
        conditions.append(("d.created >= ?", to_epoch(since)))
    rows = connection.execute(
        "SELECT d.*, t.code, t.group_key, t.sequence, t.severity, t.rules, t.reason"
        f" FROM delivery d JOIN alert t ON t.id = d.alert{_where(conditions)} ORDER BY d.created DESC, d.id LIMIT ?",
        (*(value for _, value in conditions), limit),
    ).fetchall()
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(
        "SELECT t.alert, a.id, v.title FROM alert_match t JOIN match m ON m.number = t.match"
        " JOIN article a ON a.number = m.article"
        " LEFT JOIN version v ON v.article = m.article AND v.version = m.version"
        " WHERE t.alert IN (SELECT value FROM json_each(?)) ORDER BY t.alert, t.position",
        (ids({row["alert"] for row in rows}),),
    ):
        told[row["alert"]].setdefault(row["id"], row["title"] or "")
    return tuple(
        {
            "id": row["id"],
            "alert": row["alert"],
            "code": row["code"],
            "group": row["group_key"],
            "sequence": row["sequence"],
            "channel": row["channel"],
            "recipient": row["recipient"],
            "state": row["state"],
            "attempts": row["attempts"],
            "due": iso(row["due"]),
            "created": iso(row["created"]),
            "settled": iso(row["settled"]),
            "last_error": row["last_error"],
            "receipt": row["receipt"],
            "severity": Severity(row["severity"]).word,
            "rules": json.loads(row["rules"]),
            "reason": row["reason"],
            "articles": list(told[row["alert"]]),
            "title": next(iter(told[row["alert"]].values()), ""),
        }
        for row in rows
    )


def sources(connection: sqlite3.Connection) -> tuple[Row, ...]:
    """Every source that was ever fetched, by id: id, articles, matches, failures, first_parsed, last_success,
    last_article, last_error, last_error_at, not_before, files, failed_files. Not configured ones included, but
    not those of drills.
    """
    rows = connection.execute(
        "SELECT s.*, (SELECT count(*) FROM article a WHERE a.source = s.id) AS articles,"
        " (SELECT count(*) FROM match m JOIN article a ON a.number = m.article WHERE a.source = s.id) AS matches,"
        " (SELECT count(*) FROM file f WHERE f.source = s.id) AS files,"
        " (SELECT count(*) FROM file f WHERE f.source = s.id AND f.reason <> '') AS failed_files"
        " FROM source s WHERE s.id NOT LIKE ? ORDER BY s.id",
        (f"{DRILL}%",),
    )
    counts = ("id", "articles", "matches", "files", "failed_files", "failures", "last_error")
    times = ("first_parsed", "last_success", "last_article", "last_error_at", "not_before")
    return tuple({key: row[key] for key in counts} | {key: iso(row[key]) for key in times} for row in rows)


def overview(connection: sqlite3.Connection) -> Row:
    """How the store stands: articles, matches, alerts, groups_waiting, deliveries (state to number), waiting_since
    (of the oldest unfinished delivery), last_article {id, title, source, seen}, last_alert {id, code, channel, rules,
    created} (None before the first). Drills count among deliveries alone.
    """
    numbers = connection.execute(
        "WITH drill AS (SELECT number FROM article WHERE source IN (SELECT id FROM source WHERE id LIKE ?))"
        " SELECT (SELECT count(*) FROM article) - (SELECT count(*) FROM drill) AS articles,"
        " (SELECT count(*) FROM match) - (SELECT count(*) FROM match WHERE article IN drill) AS matches,"
        " (SELECT count(*) FROM alert) - (SELECT count(DISTINCT alert) FROM delivery WHERE drill) AS alerts,"
        " (SELECT count(DISTINCT alert_group) FROM pending) AS groups_waiting,"
        " (SELECT min(created) FROM delivery WHERE state IN ('pending', 'leased', 'held')) AS waiting_since",
        (f"{DRILL}%",),
    ).fetchone()
    article = connection.execute(
        "SELECT a.id, v.title, a.source, a.first_seen FROM article a"
        " LEFT JOIN version v ON v.article = a.number AND v.version = a.version WHERE a.source NOT LIKE ?"
        " ORDER BY a.number DESC LIMIT 1",
        (f"{DRILL}%",),
    ).fetchone()
    alert = connection.execute(
        "SELECT * FROM alert WHERE id NOT IN (SELECT alert FROM delivery WHERE drill) ORDER BY created DESC LIMIT 1"
    ).fetchone()
    states = connection.execute("SELECT state, count(*) AS n FROM delivery GROUP BY state ORDER BY state")
    return {
        **{name: numbers[name] for name in ("articles", "matches", "alerts", "groups_waiting")},
        "deliveries": {row["state"]: row["n"] for row in states},
        "waiting_since": iso(numbers["waiting_since"]),
        "last_article": article
        and {
            "id": article["id"],
            "title": article["title"] or "",
            "source": article["source"],
            "seen": iso(article["first_seen"]),
        },
        "last_alert": alert
        and {
            **{key: alert[key] for key in ("id", "code", "channel")},
            "rules": json.loads(alert["rules"]),
            "created": iso(alert["created"]),
        },
    }


_PIECE = re.compile(r'["“”«»]([^"“”«»]*)["“”«»]?|([^\s"“”«»]+)')
_AROUND = 80


def search_phrases(query: str) -> tuple[str, ...]:
    """The folded phrases of a query: quoted parts and words outside quotes, those without letters left out."""
    pieces = (" ".join(folded(quoted or word).split()) for quoted, word in _PIECE.findall(safe(query)))
    return tuple(piece for piece in pieces if any(map(str.isalnum, piece)))


def search(
    connection: sqlite3.Connection,
    query: str,
    *,
    source: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> tuple[Row, ...]:
    """Articles whose current version has all the phrases, newest first: id, title, url, source, publisher, language,
    published, seen, version, story, matches (rule ids) and excerpt (the text around the first phrase).

    Whatever people type reaches FTS5 as quoted phrases, so that no operator of it can be smuggled in.
    """
    phrases = search_phrases(query)
    if not phrases:
        return ()
    rows = connection.execute(
        "SELECT a.*, v.title, v.text, v.url, v.publisher, v.language,"
        " (SELECT group_concat(DISTINCT m.rule) FROM match m WHERE m.article = a.number) AS rules"
        " FROM article_search JOIN article a ON a.number = article_search.rowid"
        " JOIN version v ON v.article = a.number AND v.version = a.version"
        " WHERE article_search MATCH ?1 AND (?2 IS NULL OR a.source = ?2) AND (?3 IS NULL OR a.changed >= ?3)"
        " AND (?2 IS NOT NULL OR a.source NOT LIKE ?5)"
        " ORDER BY article_search.rowid DESC LIMIT ?4",
        (
            " AND ".join('"' + phrase.replace('"', " ") + '"' for phrase in phrases),
            source,
            None if since is None else to_epoch(since),
            limit,
            f"{DRILL}%",
        ),
    )
    return tuple(
        {
            "id": row["id"],
            "title": row["title"],
            "url": row["url"],
            "source": row["source"],
            "publisher": row["publisher"],
            "language": row["language"],
            "published": iso(row["published"]),
            "seen": iso(row["first_seen"]),
            "version": row["version"],
            "story": row["story"] or "",
            "matches": sorted(row["rules"].split(",")) if row["rules"] else [],
            "excerpt": _excerpt(row["text"], phrases),
        }
        for row in rows
    )


def _excerpt(text: str, phrases: tuple[str, ...]) -> str:
    """The text around the first phrase found in it as a whole, else its beginning, on one line."""
    plain = fold(text)
    places = (plain.text.find(phrase) for phrase in phrases)
    start = next((place for place in places if place >= 0), 0)
    begin, end = plain.original(start, min(start + 1, len(plain.text)))
    begin, end = max(0, begin - _AROUND), min(len(text), end + 2 * _AROUND)
    line = " ".join(text[begin:end].split())
    return ("… " if begin else "") + line + (" …" if end < len(text) else "")
