"""How long things took of late: from publication to the store, to the outbox, to the receiver; and what waits now.

Drills are no news: they count among what waits, and as the last delivery that went well, and nowhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.alerting.drill import SOURCES
from monitor.model import DeliveryState
from monitor.timing import to_epoch

MOST = 2_000
"""Of the newest of each step that are looked at."""
MOST_RULES = 100

_DRILLS = f"{SOURCES}%"

_STEPS = {
    # What a first poll brings was published whenever; it says nothing about how fast we are.
    "published_to_stored": "SELECT a.first_seen - a.published AS lag FROM article a JOIN source s ON s.id = a.source"
    " WHERE a.changed > :since AND a.first_seen > :since AND a.published IS NOT NULL"
    " AND a.first_seen > coalesce(s.first_parsed, 0) AND a.source NOT LIKE :drills"
    " ORDER BY a.changed DESC LIMIT :most",
    "stored_to_outbox": "SELECT al.created - min(m.created) AS lag FROM (SELECT id, created FROM alert"
    " WHERE created > :since AND sequence = 1 AND id NOT IN (SELECT alert FROM delivery WHERE drill)"
    " ORDER BY created DESC LIMIT :most) al"
    " JOIN alert_match am ON am.alert = al.id JOIN match m ON m.number = am.match GROUP BY al.id",
    "outbox_to_sent": "SELECT settled - created AS lag FROM delivery WHERE created > :since AND state = :sent"
    " AND NOT drill ORDER BY created DESC LIMIT :most",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Unfinished deliveries: how many by (channel, state), and since when the oldest that is not held waits."""

    numbers: Mapping[tuple[str, str], int]
    oldest: int | None
    groups_waiting: int


def lags(connection: sqlite3.Connection, since: datetime) -> Mapping[str, tuple[float, ...]]:
    """The lags in seconds by step, sorted, of what happened after `since`."""
    values = {"since": to_epoch(since), "most": MOST, "sent": DeliveryState.SENT.value, "drills": _DRILLS}
    return {
        step: tuple(sorted(max(row["lag"], 0) / 1000 for row in connection.execute(query, values)))
        for step, query in _STEPS.items()
    }


def outbox(connection: sqlite3.Connection) -> Outbox:
    """The deliveries that are not finished."""
    rows = connection.execute(
        "SELECT channel, state, count(*) AS number, min(created) AS oldest FROM delivery"
        " WHERE state IN ('pending', 'leased', 'held') GROUP BY channel, state"
        " UNION ALL SELECT channel, state, count(*), NULL FROM delivery WHERE state = 'parked' GROUP BY channel"
    ).fetchall()
    waiting = [row["oldest"] for row in rows if row["state"] in ("pending", "leased")]
    groups = connection.execute("SELECT count(DISTINCT alert_group) AS number FROM pending").fetchone()
    return Outbox(
        numbers={(row["channel"], row["state"]): row["number"] for row in rows},
        oldest=min(waiting, default=None),
        groups_waiting=groups["number"],
    )


def rule_matches(connection: sqlite3.Connection, since: datetime) -> Mapping[str, int]:
    """Matches by rule after `since`, of the rules that matched most."""
    rows = connection.execute(
        "SELECT m.rule, count(*) AS number FROM article a JOIN match m ON m.article = a.number"
        " WHERE a.changed > ? AND m.created > ? AND a.source NOT LIKE ?"
        " GROUP BY m.rule ORDER BY number DESC, m.rule LIMIT ?",
        (to_epoch(since), to_epoch(since), _DRILLS, MOST_RULES),
    )
    return {row["rule"]: row["number"] for row in rows}


def last_successes(connection: sqlite3.Connection) -> Mapping[str, int]:
    """When, in epoch milliseconds, the last poll, article, alert and delivery went well; no row before the first."""
    row = connection.execute(
        "SELECT (SELECT max(last_success) FROM source WHERE id NOT LIKE ?1) AS poll,"
        " (SELECT max(last_article) FROM source WHERE id NOT LIKE ?1) AS article,"
        " (SELECT created FROM alert WHERE id NOT IN (SELECT alert FROM delivery WHERE drill)"
        "  ORDER BY created DESC LIMIT 1) AS alert,"
        " (SELECT max(settled) FROM delivery WHERE state = 'sent' AND created >"
        "   (SELECT max(created) FROM delivery) - 86400000) AS delivery",
        (_DRILLS,),
    ).fetchone()
    return {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118 - a Row is no mapping
