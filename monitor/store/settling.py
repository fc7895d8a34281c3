"""Settling: what came of tries is written together, whichever lanes made them.

A lane hands a try over and goes on sending; what gathers while the writer is busy becomes one statement. Until that
is committed the delivery is leased as before, so that a crash repeats it under its id.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from monitor.alerting.retries import Health
from monitor.model import Delivery, DeliveryState
from monitor.store import health
from monitor.store.held import settle_members
from monitor.store.rows import to_json
from monitor.timing import to_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Where a delivery stands after a try that ended `at`, by who holds its lease's `token`; its `channel`'s health
    where that changed."""

    delivery: Delivery
    at: datetime
    token: str
    receipt: str = ""
    channel: Health | None = None


@dataclass(eq=False)
class _Batch:
    """Tries by the ids of their deliveries, and the ids that were settled, once committed."""

    tries: dict[str, Tried] = field(default_factory=dict)
    settled: Future[Collection[str]] = field(default_factory=Future)


class Settling:
    """Gathers tries of all lanes. Safe in every thread."""

    def __init__(self, submit: Callable[[Callable[[sqlite3.Connection], Collection[str]]], Future[Collection[str]]]):
        """`submit` is the writer's."""
        self._submit = submit
        self._lock = threading.Lock()
        self._open: _Batch | None = None

    def add(self, tried: Tried) -> Future[Collection[str]]:
        """Have a try written; gives the ids of deliveries that were settled with it. Its own is missing when the
        lease was another's."""
        with self._lock:
            if self._open is None or tried.delivery.id in self._open.tries:
                batch = _Batch()
                batch.settled = self._submit(lambda db: self._write(db, batch))
                self._open = batch
            self._open.tries[tried.delivery.id] = tried
            return self._open.settled

    def _write(self, connection: sqlite3.Connection, batch: _Batch) -> Collection[str]:
        with self._lock:  # a batch may be written a second time, when a job beside it failed; it does not grow again
            if self._open is batch:
                self._open = None
        return settle(connection, batch.tries)


def settle(connection: sqlite3.Connection, tries: Mapping[str, Tried]) -> Collection[str]:
    """Write tries, by the ids of their deliveries, whose tokens are still those of the leases. Returns which."""
    rows = connection.execute(
        "UPDATE delivery SET state = json_extract(value, '$[2]'), attempts = json_extract(value, '$[3]'),"
        " due = json_extract(value, '$[4]'), last_error = json_extract(value, '$[5]'),"
        " receipt = json_extract(value, '$[6]'), settled = json_extract(value, '$[7]'),"
        " lease_instance = NULL, lease_token = NULL, lease_until = NULL"
        " FROM json_each(?) WHERE delivery.id = json_extract(value, '$[0]')"
        " AND lease_token = json_extract(value, '$[1]') RETURNING delivery.id",
        (to_json([_row(tried) for tried in tries.values()]),),
    )
    settled = frozenset(row[0] for row in rows)
    settle_members(connection, settled)
    for id, tried in tries.items():
        if tried.channel is not None and id in settled:
            health.save(connection, tried.delivery.channel, tried.channel, tried.at)
    return settled


def _row(tried: Tried) -> tuple[str | int | None, ...]:
    this = tried.delivery
    state = DeliveryState.PENDING if this.state is DeliveryState.LEASED else this.state
    return (
        this.id,
        tried.token,
        state.value,
        this.attempts,
        to_epoch(this.due),
        this.last_error,
        tried.receipt,
        to_epoch(tried.at),
    )
