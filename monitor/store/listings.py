"""Rows for people and scripts: matches, deliveries, sources. Plain dicts, ready for JSON, times in ISO.

The keys are a contract with those who script against `--json`; add keys, never rename them.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from datetime import datetime
from typing import Any

from monitor.alerting.drill import SOURCES as DRILL
from monitor.alerting.excerpt import excerpt
from monitor.model import Severity
from monitor.store.rows import UNFINISHED, ids, iso
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
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 1000,
) -> tuple[Row, ...]:
    """Matches, newest first; `before` a match, to go on from there. Those of drills only where their source, article
    or rule is asked for.

    Each row: match, article, version, title, url, source, publisher, language, published, seen, story, rule,
    severity, entities, spans, excerpt, matched, lost (version or 0) and `channels`, a list of {channel, disposition,
    reason, group, code, alert, at, deliveries}, deliveries being a list of {id, recipient, state, attempts,
    last_error}.
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
    if until is not None:
        conditions.append(("m.created < ?", to_epoch(until)))
    if before is not None:
        conditions.append(("m.number < ?", before))
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
        "SELECT m.*, a.id AS article_id, a.source, a.story, a.first_seen, v.title AS full_title, v.text, r.quotes,"
        f" r.excerpt, {', '.join(f'coalesce(v.{name}, r.{name}) AS {name}' for name in _READABLE)}"
        " FROM match m JOIN article a ON a.number = m.article"
        " LEFT JOIN version v ON v.article = m.article AND v.version = m.version"
        " LEFT JOIN remnant r ON r.match = m.number"
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
            **_evidence(row),
            "matched": iso(row["created"]),
            "lost": row["lost"],
            "channels": channels[row["number"]],
        }
        for row in rows
    )


_READABLE = ("title", "url", "publisher", "language", "published")


def _evidence(row: sqlite3.Row) -> Row:
    """The spans of a match with their words, and the text around the first: of the article, or what is left of it."""
    spans = json.loads(row["spans"])
    if row["text"] is not None:
        fields = {"title": row["full_title"], "text": row["text"]}
        quotes = [fields[field][start:end] for field, start, end, *_ in spans]
        hits = [(start, end) for field, start, end, *_ in spans if field == "text"]
        around = " ".join(excerpt(row["text"], hits).text.split())
    else:
        quotes = json.loads(row["quotes"]) if row["quotes"] else [""] * len(spans)
        around = row["excerpt"] or ""
    return {
        "spans": [
            {"field": field, "start": start, "end": end, "term": term, "text": quote}
            for (field, start, end, term, _), quote in zip(spans, quotes, strict=True)
        ],
        "excerpt": around,
    }


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
        "SELECT t.alert, a.id, coalesce(v.title, r.title) AS title FROM alert_match t"
        " JOIN match m ON m.number = t.match JOIN article a ON a.number = m.article"
        " LEFT JOIN version v ON v.article = m.article AND v.version = m.version"
        " LEFT JOIN remnant r ON r.match = m.number"
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
    return {
        **{name: numbers[name] for name in ("articles", "matches", "alerts", "groups_waiting")},
        "deliveries": _states(connection),
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


def _states(connection: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries there are in each state, by their indexes: dead ones, which have none, are the rest."""
    found = connection.execute(f"SELECT state, count(*) FROM delivery WHERE {UNFINISHED} GROUP BY state").fetchall()
    numbers = dict(found)
    for state in ("parked", "sent"):
        (numbers[state],) = connection.execute(f"SELECT count(*) FROM delivery WHERE state = '{state}'").fetchone()
    (all_of_them,) = connection.execute("SELECT count(*) FROM delivery").fetchone()
    numbers["dead"] = all_of_them - sum(numbers.values())
    return {state: number for state, number in sorted(numbers.items()) if number}
