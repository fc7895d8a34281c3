"""Verdicts: what people said of alerts, useful or noise. One for each alert, the last that was given.

A verdict counts for every rule that the alert names; one on several channels for the same news counts once.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from monitor.errors import StoreError
from monitor.model import Judged
from monitor.store.rows import ids, iso, safe
from monitor.timing import to_epoch

Row = dict[str, Any]

VERDICTS = ("useful", "noise")
SHORTEST_PREFIX = 4
"""Letters of an alert's id that must be typed."""


def give(
    connection: sqlite3.Connection, alerts: Collection[str], verdict: str, author: str, note: str, now: datetime
) -> int:
    """Write a verdict on alerts in place of an earlier one. Returns on how many. Raises StoreError."""
    if verdict not in VERDICTS:
        raise StoreError(f"{verdict!r} is no verdict; say {' or '.join(VERDICTS)}")
    return connection.execute(
        "INSERT INTO verdict (alert, verdict, author, note, at)"
        " SELECT id, ?, ?, ?, ? FROM alert WHERE id IN (SELECT value FROM json_each(?))"
        " ON CONFLICT (alert) DO UPDATE SET verdict = excluded.verdict, author = excluded.author,"
        " note = excluded.note, at = excluded.at",
        (verdict, safe(author), safe(note), to_epoch(now), ids(alerts)),
    ).rowcount


def meant(connection: sqlite3.Connection, word: str) -> tuple[str, ...]:
    """The alerts that a code, an id or the unique beginning of an id means: of a code the last one on each channel.

    Raises StoreError when several begin so, or when it is an alert of which no rule can be judged.
    """
    rows = connection.execute(
        "SELECT id FROM alert a WHERE code = ?1 AND sequence ="
        " (SELECT max(sequence) FROM alert WHERE channel = a.channel AND group_key = a.group_key)"
        " AND group_key = (SELECT group_key FROM alert WHERE code = ?1 ORDER BY created DESC LIMIT 1)"
        " ORDER BY channel",
        (word.upper(),),
    ).fetchall()
    if not rows and len(word) >= SHORTEST_PREFIX:
        rows = connection.execute(
            "SELECT id FROM alert WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", (word, word + "\U0010ffff")
        ).fetchall()
        if len(rows) > 1 and rows[0]["id"] != word:
            shown = ", ".join(row["id"] for row in rows)
            raise StoreError(f"several alerts begin with {word!r} ({shown}, ...); write more of the id")
        rows = rows[:1]
    found = tuple(row["id"] for row in rows)
    for alert in found:
        if not connection.execute("SELECT 1 FROM alert_match WHERE alert = ?", (alert,)).fetchone():
            raise StoreError(f"alert {alert} tells of no match itself; judge the alerts it names by their codes")
    return found


def verdicts(
    connection: sqlite3.Connection, *, rule: str | None = None, since: datetime | None = None, limit: int = 1000
) -> tuple[Row, ...]:
    """Verdicts, the last given first: alert, code, channel, sequence, verdict, by, note, at, rules, severity, created
    (of the alert) and title (of its first article).
    """
    rows = connection.execute(
        "SELECT v.*, t.code, t.channel, t.sequence, t.rules, t.created, t.content FROM verdict v"
        " JOIN alert t ON t.id = v.alert"
        " WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM json_each(t.rules) WHERE value = ?1))"
        " AND (?2 IS NULL OR v.at >= ?2) ORDER BY v.at DESC, v.alert LIMIT ?3",
        (rule, None if since is None else to_epoch(since), limit),
    )
    return tuple(
        {
            "alert": row["alert"],
            "code": row["code"],
            "channel": row["channel"],
            "sequence": row["sequence"],
            "verdict": row["verdict"],
            "by": row["author"],
            "note": row["note"],
            "at": iso(row["at"]),
            "rules": json.loads(row["rules"]),
            "created": iso(row["created"]),
            "title": next((one.get("title", "") for one in json.loads(row["content"]).get("articles", ())), ""),
        }
        for row in rows
    )


_LAST = (
    "SELECT t.id, t.rules, v.verdict, max(v.at) FROM verdict v JOIN alert t ON t.id = v.alert"
    " GROUP BY t.group_key, t.sequence"
)
"""Of the alerts that tell the same on several channels the verdict given last (SQLite gives the row of the max)."""


def by_rule(connection: sqlite3.Connection) -> Mapping[str, Judged]:
    """How many alerts of each rule were judged useful and noise; rules without a verdict are left out."""
    rows = connection.execute(
        "SELECT r.value AS rule, sum(l.verdict = 'useful') AS useful, sum(l.verdict = 'noise') AS noise"
        f" FROM ({_LAST}) l, json_each(l.rules) r GROUP BY r.value ORDER BY r.value"
    )
    return {row["rule"]: Judged(useful=row["useful"], noise=row["noise"]) for row in rows}


def of_matches(connection: sqlite3.Connection, rules: Collection[str]) -> Mapping[tuple[str, str], str]:
    """What was said last of the alerts that told each match, by rule and article."""
    rows = connection.execute(
        "SELECT m.rule, a.id AS article, v.verdict FROM verdict v JOIN alert_match t ON t.alert = v.alert"
        " JOIN match m ON m.number = t.match JOIN article a ON a.number = m.article"
        " WHERE m.rule IN (SELECT value FROM json_each(?)) ORDER BY v.at",
        (ids(rules),),
    )
    return {(row["rule"], row["article"]): row["verdict"] for row in rows}
