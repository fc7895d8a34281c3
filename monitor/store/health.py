"""How channels stand: whether one is closed after failing as a whole, until when and why. Outlives a restart."""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from monitor.alerting.retries import OUTAGE, Health
from monitor.model import DeliveryState
from monitor.store.outbox import IS_NEXT
from monitor.store.rows import UNFINISHED, epoch, moment, safe
from monitor.timing import to_epoch


def health(connection: sqlite3.Connection) -> Mapping[str, Health]:
    """The channels that failed last, by name; every other one is open."""
    return {
        row["channel"]: Health(
            failures=row["failures"],
            closed_until=moment(row["closed_until"]),
            is_wish=bool(row["is_wish"]),
            reason=row["reason"],
        )
        for row in connection.execute("SELECT * FROM channel_health")
    }


def save(connection: sqlite3.Connection, channel: str, state: Health, now: datetime) -> None:
    """Write how a channel stands.

    In an outage the first of what waits is due when the channel may be asked again, however far off its own next try
    is. After it all are due at once.
    """
    if state.failures:
        connection.execute(
            "INSERT INTO channel_health (channel, failures, closed_until, is_wish, reason, since)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET failures = excluded.failures,"
            " closed_until = excluded.closed_until, is_wish = excluded.is_wish, reason = excluded.reason",
            (channel, state.failures, epoch(state.closed_until), state.is_wish, safe(state.reason), to_epoch(now)),
        )
        if state.failures >= OUTAGE:
            connection.execute(_FIRST_IS_DUE, (epoch(state.closed_until), channel))
        return
    gone = connection.execute(
        "DELETE FROM channel_health WHERE channel = ? RETURNING failures", (channel,)
    ).fetchone()
    if gone is not None and gone["failures"] >= OUTAGE:
        connection.execute(
            f"UPDATE delivery SET due = ? WHERE {UNFINISHED} AND channel = ? AND state = ? AND due > ?",
            (to_epoch(now), channel, DeliveryState.PENDING.value, to_epoch(now)),
        )


_FIRST_IS_DUE = (
    "UPDATE delivery SET due = min(due, ?) WHERE id = (SELECT d.id FROM delivery d JOIN alert t ON t.id = d.alert"
    f" WHERE d.{UNFINISHED} AND d.channel = ? AND d.state = 'pending' AND {IS_NEXT}"
    " ORDER BY d.due, d.created, d.id LIMIT 1)"
)
