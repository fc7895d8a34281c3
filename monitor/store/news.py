"""What the operator was told of channels and rules, and how channels and their drills stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from monitor.alerting.operator import DrillStanding, News, Standing, What
from monitor.model import DeliveryState
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


_WORST_FIRST = (DeliveryState.DEAD, DeliveryState.PARKED, DeliveryState.PENDING)


def drills(connection: sqlite3.Connection) -> Mapping[str, DrillStanding]:
    """How the last drill of each channel that ever had one stands, and when the last one arrived."""
    found: dict[str, DrillStanding] = {}
    rows = connection.execute(
        "SELECT channel, created, group_concat(DISTINCT state) AS states, max(last_error) AS reason,"
        " max(settled) AS settled FROM delivery WHERE drill GROUP BY alert ORDER BY created"
    )
    for row in rows:
        states = {_simply(DeliveryState(state)) for state in row["states"].split(",")}
        worst = next((state for state in _WORST_FIRST if state in states), DeliveryState.SENT)
        has_arrived = worst is DeliveryState.SENT
        before = found[row["channel"]].arrived if row["channel"] in found else None
        found[row["channel"]] = DrillStanding(
            made=from_epoch(row["created"]),
            state=worst,
            reason="" if has_arrived else row["reason"],
            arrived=moment(row["settled"]) if has_arrived else before,
        )
    return found


def _simply(state: DeliveryState) -> DeliveryState:
    return DeliveryState.PENDING if state in (DeliveryState.LEASED, DeliveryState.HELD) else state


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
