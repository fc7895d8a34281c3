"""Deliveries held back: put off until a time, let go again, or told together by a digest.

A digest is an alert without matches and one delivery of its own; what it tells keeps its rows, which are settled with
it: sent, dead or parked as the digest is.
"""

# ruff: noqa: S608 - what is joined into SQL here are constants of this package, never values

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.alerting.calm import Cause, Hold
from monitor.alerting.digest import GROUP
from monitor.model import Delivery, DeliveryState
from monitor.store.rows import UNFINISHED, ids, safe
from monitor.timing import from_epoch, to_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One delivery whose time has come, with what it was to say."""

    delivery_id: str
    recipient: str
    cause: Cause
    content: Mapping[str, Any]


def hold(connection: sqlite3.Connection, holds: Sequence[tuple[Delivery, Hold]]) -> int:
    """Put leased deliveries off, those whose leases still hold. Returns how many."""
    done = connection.executemany(
        "UPDATE delivery SET state = ?, due = ?, cause = ?, last_error = ?,"
        " lease_instance = NULL, lease_token = NULL, lease_until = NULL WHERE id = ? AND lease_token = ?",
        [
            (
                DeliveryState.HELD.value,
                to_epoch(why.until),
                why.cause.value,
                safe(why.reason),
                one.id,
                one.lease.token,
            )
            for one, why in holds
            if one.lease
        ],
    )
    return done.rowcount


def hold_overdue(
    connection: sqlite3.Connection, channel: str, created_before: datetime, now: datetime, fewest: int
) -> int:
    """Hold what was due and has waited since before a moment, for each recipient with at least `fewest` of them, so
    that it is told together; no drills. Returns how many."""
    done = connection.execute(
        "UPDATE delivery SET state = 'held', due = created, cause = ?, last_error = 'told together' WHERE id IN"
        " (SELECT id FROM (SELECT d.id, count(*) OVER (PARTITION BY d.recipient) AS many FROM delivery d"
        f" JOIN alert t ON t.id = d.alert WHERE d.{UNFINISHED} AND d.channel = ? AND d.state = 'pending'"
        " AND d.due <= ? AND d.created < ? AND NOT d.drill AND t.group_key NOT LIKE ?) WHERE many >= ?)",
        (
            Cause.OUTAGE.value,
            channel,
            to_epoch(now),
            to_epoch(created_before),
            f"{GROUP}=%",
            fewest,
        ),
    )
    return done.rowcount


def sent_times(
    connection: sqlite3.Connection, channel: str, recipient: str, after: datetime, most: int
) -> tuple[datetime, ...]:
    """When the last messages went to a recipient, the newest first; a digest counts as one, a drill as none."""
    rows = connection.execute(
        "SELECT settled FROM delivery WHERE channel = ? AND recipient = ? AND state = 'sent' AND digest IS NULL"
        " AND NOT drill AND settled > ? ORDER BY settled DESC LIMIT ?",
        (channel, recipient, to_epoch(after), most),
    )
    return tuple(from_epoch(row["settled"]) for row in rows)


def held(connection: sqlite3.Connection, channel: str, now: datetime) -> tuple[Held, ...]:
    """What was held on a channel until now, in the order in which it was made, and is in no digest yet."""
    rows = connection.execute(
        "SELECT d.id, d.recipient, d.cause, t.content FROM delivery d JOIN alert t ON t.id = d.alert"
        " WHERE d.state = 'held' AND d.channel = ? AND d.due <= ? AND d.digest IS NULL ORDER BY d.created, d.id",
        (channel, to_epoch(now)),
    )
    return tuple(
        Held(
            delivery_id=row["id"],
            recipient=row["recipient"],
            cause=Cause(row["cause"]),
            content=json.loads(row["content"]),
        )
        for row in rows
    )


def let_go(connection: sqlite3.Connection, delivery_ids: Collection[str], now: datetime) -> None:
    """Make held deliveries due."""
    connection.execute(
        "UPDATE delivery SET state = 'pending', due = ?, last_error = ''"
        " WHERE state = 'held' AND id IN (SELECT value FROM json_each(?))",
        (to_epoch(now), ids(delivery_ids)),
    )


def put_together(connection: sqlite3.Connection, delivery_ids: Collection[str], digest: str) -> None:
    """Say that held deliveries are told by a digest, given by the id of its own delivery."""
    connection.execute(
        "UPDATE delivery SET digest = ? WHERE state = 'held' AND id IN (SELECT value FROM json_each(?))",
        (digest, ids(delivery_ids)),
    )


def settle_members(connection: sqlite3.Connection, settled: Collection[str]) -> None:
    """What a digest tells ends as the digest does. `settled` are deliveries, digests or not."""
    connection.execute(
        "UPDATE delivery SET state = d.state, settled = d.settled, receipt = d.receipt, last_error = d.last_error"
        " FROM json_each(?) one CROSS JOIN delivery d ON d.id = one.value"
        " WHERE d.state IN ('sent', 'dead', 'parked') AND delivery.digest = d.id AND delivery.state = 'held'",
        (ids(settled),),
    )


def take_back(connection: sqlite3.Connection, delivery_ids: Collection[str], finished: Collection[str]) -> None:
    """Before deliveries are sent again: what a digest among them tells waits for it, the others leave theirs.

    `finished` are the states from which they are sent again.
    """
    again = ids(delivery_ids)
    connection.execute(
        "UPDATE delivery SET state = 'held' WHERE state IN (SELECT value FROM json_each(?))"
        " AND digest IN (SELECT value FROM json_each(?))",
        (ids(finished), again),
    )
    connection.execute(
        "UPDATE delivery SET digest = NULL WHERE state IN ('dead', 'parked')"
        " AND id IN (SELECT value FROM json_each(?))",
        (again,),
    )
