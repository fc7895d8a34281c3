"""Writing alerts and deliveries: an alert with its deliveries at once, leases, replays.

A delivery's id never changes. A lease is an instance, a random token and an end: only who holds the token settles
(`settling.py`).
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.alerting.message import Earlier, Written
from monitor.model import Alert, Delivery, DeliveryState, Lease, Message
from monitor.store.groups import match_number
from monitor.store.held import take_back
from monitor.store.rows import UNFINISHED, ids, safe, to_json
from monitor.timing import from_epoch, to_epoch

LEASE = timedelta(minutes=5)
"""How long a claimed delivery belongs to its claimer."""


NEXT_DELIVERIES = f"""
DROP INDEX delivery_by_due;                      -- the next of one channel is asked for, among all that wait
CREATE INDEX delivery_next ON delivery (channel, due, created) WHERE {UNFINISHED};
"""


def deliveries_for(alert_id: str, channel: str, recipients: Sequence[str], now: datetime) -> list[Delivery]:
    """One delivery of an alert for each recipient, due now; a single one for a channel that names none."""
    return [
        Delivery(
            id=f"d{secrets.token_hex(10)}",
            alert_id=alert_id,
            channel=channel,
            recipient=recipient,
            state=DeliveryState.PENDING,
            due=now,
            created=now,
        )
        for recipient in dict.fromkeys(recipients or ("",))
    ]


def earlier(connection: sqlite3.Connection, channel: str, group_key: str) -> Earlier | None:
    """What the alerts that a group was told by on a channel said; None when it never was."""
    query = "SELECT content, max(created) AS last, min(sequence) FROM alert WHERE channel = ? AND group_key = ?"
    row = connection.execute(query, (channel, safe(group_key))).fetchone()
    if row["content"] is None:
        return None
    first = json.loads(row["content"])
    publishers = connection.execute(
        "SELECT DISTINCT v.publisher FROM alert t JOIN alert_match am ON am.alert = t.id"
        " JOIN match m ON m.number = am.match JOIN version v ON v.article = m.article AND v.version = m.version"
        " WHERE t.channel = ? AND t.group_key = ? AND v.publisher <> ''",
        (channel, safe(group_key)),
    )
    return Earlier(
        title=first["articles"][0]["title"],
        severity=first["severity"],
        last=from_epoch(row["last"]),
        publishers=frozenset(row["publisher"] for row in publishers),
    )


def save_alert(
    connection: sqlite3.Connection,
    alert: Alert,
    content: Mapping[str, Any],
    deliveries: Sequence[Delivery],
    told: Sequence[tuple[str, str, int]],
) -> None:
    """Insert an alert, its matches, its deliveries, and which match is told to whom by which delivery.

    `told` are the (rule, article id, version) that this alert tells; those told to a recipient before stay with
    the delivery that did it.
    """
    connection.execute(
        "INSERT INTO alert (id, channel, group_key, sequence, code, severity, rules, stories, reason, created,"
        " content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            alert.id,
            alert.channel,
            safe(alert.group_key),
            alert.sequence,
            alert.code,
            int(alert.severity),
            to_json(alert.rules),
            to_json(alert.stories),
            safe(alert.reason),
            to_epoch(alert.created),
            to_json(content),
        ),
    )
    numbers = [match_number(connection, rule, article, version) for rule, article, version in told]
    connection.executemany(
        "INSERT INTO alert_match (alert, position, match) VALUES (?, ?, ?)",
        [(alert.id, position, number) for position, number in enumerate(dict.fromkeys(numbers))],
    )
    for delivery in deliveries:
        connection.execute(
            "INSERT INTO delivery (id, alert, channel, recipient, state, attempts, due, created, last_error, drill)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                delivery.id,
                alert.id,
                delivery.channel,
                delivery.recipient,
                delivery.state.value,
                delivery.attempts,
                to_epoch(delivery.due),
                to_epoch(delivery.created),
                safe(delivery.last_error),
                bool(content.get("drill")),
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO told (match, channel, recipient, delivery) VALUES (?, ?, ?, ?)",
            [(number, delivery.channel, delivery.recipient, delivery.id) for number in numbers],
        )


def free_leases(connection: sqlite3.Connection) -> None:
    """Give back every leased delivery at once: who has just taken the lock is the only writer alive."""
    connection.execute(
        "UPDATE delivery SET state = ?, lease_instance = NULL, lease_token = NULL, lease_until = NULL"
        f" WHERE {UNFINISHED} AND state = ?",
        (DeliveryState.PENDING.value, DeliveryState.LEASED.value),
    )


def has_due(connection: sqlite3.Connection, now: datetime, channels: Collection[str] | None = None) -> bool:
    """Whether one of these channels (all by default) has anything to send, or held until now."""
    row = connection.execute(
        f"SELECT 1 FROM delivery WHERE {UNFINISHED} AND due <= ?"
        " AND (state <> 'leased' OR lease_until <= ?) AND (state <> 'held' OR digest IS NULL)"
        f"{'' if channels is None else ' AND channel IN (SELECT value FROM json_each(?))'} LIMIT 1",
        (to_epoch(now), to_epoch(now), *(() if channels is None else (ids(channels),))),
    ).fetchone()
    return row is not None


def pending(connection: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries wait for a try on each channel."""
    rows = connection.execute(
        f"SELECT channel, count(*) FROM delivery WHERE {UNFINISHED} AND state = 'pending' GROUP BY channel"
    )
    return dict(rows)


def claim(
    connection: sqlite3.Connection, instance: str, now: datetime, limit: int, channels: Collection[str] | None
) -> Claimed:
    """Lease due deliveries, of each channel the longest due first, for `read` to give what is to be sent.

    None overtakes an earlier alert of its group to the same recipient that is still on its way; one that is held
    is not. Each brings along the receipt of the first that was sent, so that a channel can go on in its thread.
    """
    if channels is None:
        waiting = connection.execute(f"SELECT DISTINCT channel FROM delivery WHERE {UNFINISHED}")
        channels = [row["channel"] for row in waiting]
    lease = Lease(instance=instance, token=secrets.token_hex(16), until=now + LEASE)
    lines: list[str] = []
    for channel in channels:
        found = connection.execute(_NEXT, (channel, to_epoch(now), to_epoch(now), limit - len(lines))).fetchone()[0]
        lines += found.split("\n") if found else ()
    pairs = [line.split("\t", 1) for line in lines]
    columns = f"[{','.join(pair[0] for pair in pairs)}]"
    if lines:
        connection.execute(
            "UPDATE delivery SET state = ?, lease_instance = ?, lease_token = ?, lease_until = ?"
            " WHERE id IN (SELECT json_extract(value, '$[0]') FROM json_each(?))",
            (DeliveryState.LEASED.value, instance, lease.token, to_epoch(lease.until), columns),
        )
    return Claimed(columns=columns, contents=tuple(pair[1] for pair in pairs), lease=lease)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What was claimed, unread: a list of columns for each delivery, in JSON, and the contents of their alerts."""

    columns: str
    contents: tuple[str, ...]
    lease: Lease


def read(claimed: Claimed) -> tuple[tuple[Delivery, Message], ...]:
    """The deliveries that were claimed, and what is to be sent. The writer's thread need not wait for it."""
    return tuple(
        (
            Delivery(
                id=id,
                alert_id=alert,
                channel=channel,
                recipient=recipient,
                state=DeliveryState.LEASED,
                attempts=attempts,
                due=from_epoch(due),
                created=from_epoch(created),
                lease=claimed.lease,
                last_error=error,
            ),
            Message(delivery_id=id, recipient=recipient, content=Written(content), thread=thread),
        )
        for (id, alert, channel, recipient, attempts, due, created, error, thread), content in zip(
            json.loads(claimed.columns), claimed.contents, strict=True
        )
    )


EARLIER = (  # in a query over delivery d and its alert t
    "alert e JOIN delivery x ON x.alert = e.id WHERE e.channel = t.channel AND e.group_key = t.group_key"
    " AND e.sequence < t.sequence AND x.recipient = d.recipient"
)
IS_NEXT = (
    f"(t.sequence = 1 OR NOT EXISTS (SELECT 1 FROM {EARLIER}"
    " AND (x.state IN ('pending', 'leased') OR x.state = 'held' AND x.digest IS NOT NULL)))"
)
"""Nothing earlier of its group is on its way to its recipient; in a query over delivery d and its alert t."""

# One row for all, a line each: between two rows the writer would hand the interpreter to another thread, and wait for
# its turn. JSON has neither tabs nor line breaks outside its escapes, as it is stored.
_NEXT = (
    "SELECT group_concat(line, char(10)) FROM (SELECT json_array(d.id, d.alert, d.channel, d.recipient, d.attempts,"
    " d.due, d.created, d.last_error, CASE WHEN t.sequence = 1 THEN '' ELSE"
    f" coalesce((SELECT x.receipt FROM {EARLIER} AND x.state = 'sent' ORDER BY e.sequence LIMIT 1), '') END)"
    " || char(9) || t.content AS line"
    " FROM delivery d JOIN alert t ON t.id = d.alert"
    f" WHERE d.{UNFINISHED} AND d.channel = ? AND d.due <= ?"
    " AND (d.state = 'pending' OR d.state = 'leased' AND d.lease_until <= ?)"
    f" AND {IS_NEXT} ORDER BY d.due, d.created, d.id LIMIT ?)"
)


def release(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> None:
    """Give leases back; their deliveries are pending and due as before."""
    connection.executemany(
        "UPDATE delivery SET state = ?, lease_instance = NULL, lease_token = NULL, lease_until = NULL"
        " WHERE id = ? AND lease_token = ?",
        [(DeliveryState.PENDING.value, one.id, one.lease.token) for one in deliveries if one.lease],
    )


def replay(
    connection: sqlite3.Connection, delivery_ids: Collection[str], now: datetime, *, also_sent: bool = False
) -> int:
    """Make dead and parked deliveries due again, under their ids; with `also_sent` those sent as well.

    What a digest told is told again by it alone. Returns how many.
    """
    finished = [DeliveryState.DEAD.value, DeliveryState.PARKED.value, *([DeliveryState.SENT.value] * also_sent)]
    take_back(connection, delivery_ids, finished)
    done = connection.execute(
        "UPDATE delivery SET state = ?, attempts = 0, due = ? WHERE state IN (SELECT value FROM json_each(?))"
        " AND digest IS NULL AND id IN (SELECT value FROM json_each(?))",
        (DeliveryState.PENDING.value, to_epoch(now), ids(finished), ids(delivery_ids)),
    )
    return done.rowcount
