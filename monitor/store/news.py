"""What the operator was told of channels and rules, and how channels stand that are worth telling of."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from monitor.alerting.operator import News, Standing, What
from monitor.store.rows import moment
from monitor.timing import from_epoch, to_epoch


def standings(connection: sqlite3.Connection) -> Mapping[str, Standing]:
    """The channels that fail as a whole or have parked deliveries, by name."""
    rows = connection.execute(
        "SELECT name, h.since, h.reason, count(d.id) AS parked, max(d.last_error) AS parked_reason"
        " FROM (SELECT channel AS name FROM channel_health UNION SELECT channel FROM delivery WHERE state = 'parked')"
        " LEFT JOIN channel_health h ON h.channel = name"
        " LEFT JOIN delivery d ON d.channel = name AND d.state = 'parked' GROUP BY name"
    )
    return {
        row["name"]: Standing(
            failing_since=moment(row["since"]),
            reason=row["reason"] or "",
            parked=row["parked"],
            parked_reason=row["parked_reason"] or "",
        )
        for row in rows
    }


def told(connection: sqlite3.Connection) -> dict[tuple[What, str], datetime]:
    """What the operator was told and is still so, with since when."""
    rows = connection.execute("SELECT * FROM operator_news")
    return {(What(row["what"]), row["about"]): from_epoch(row["since"]) for row in rows}


def save(connection: sqlite3.Connection, news: Mapping[News, datetime]) -> None:
    """Remember what begins, forget what is over."""
    for item, since in news.items():
        if item.is_over:
            connection.execute("DELETE FROM operator_news WHERE what = ? AND about = ?", (item.what, item.about))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO operator_news (what, about, since) VALUES (?, ?, ?)",
                (item.what, item.about, to_epoch(since)),
            )
