"""Settling: what came of tries is written together, each by the holder of its lease."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from monitor.alerting.retries import Health
from monitor.model import Delivery, DeliveryState
from monitor.store import Store
from monitor.store.settling import Tried
from tests.store.conftest import Look
from tests.store.samples import NOW, delivery
from tests.store.test_outbox import lease_of, told

SENT = DeliveryState.SENT


@contextmanager
def writer_busy(store: Store) -> Iterator[None]:
    """Keep the writer at a job until the block ends, so that all that is asked for in it waits together."""
    started, gate = threading.Event(), threading.Event()

    def held(db: sqlite3.Connection) -> bool:
        started.set()
        return gate.wait(10)

    future = store._writing.submit(held)
    assert started.wait(10)
    try:
        yield
    finally:
        gate.set()
    assert store._writing.wait(future)


def tried(claimed: Delivery, state: DeliveryState = SENT, channel: Health | None = None) -> Tried:
    return Tried(
        delivery=replace(claimed, state=state, attempts=1), at=NOW, token=lease_of(claimed).token, channel=channel
    )


def claimed_of_three(store: Store) -> list[Delivery]:
    told(store, *(delivery(f"d-{number}", recipient=f"{number}@example.org") for number in range(3)))
    return [claimed for claimed, _ in store.claim(NOW)]


def test_tries_that_wait_together_are_one_statement(store: Store, look: Look) -> None:
    claimed = claimed_of_three(store)
    said: list[str] = []
    store._writing.run(lambda db: db.set_trace_callback(said.append))

    with writer_busy(store):
        confirm = [store.settle_soon(tried(one)) for one in claimed]
        assert look("SELECT DISTINCT state FROM delivery") == [("leased",)]

    assert [is_settled() for is_settled in confirm] == [True] * 3
    assert look("SELECT state, count(*) FROM delivery GROUP BY state") == [("sent", 3)]
    assert len([sql for sql in said if "attempts" in sql]) == 1


def test_one_that_was_overtaken_keeps_no_other_from_being_settled(store: Store, look: Look) -> None:
    first, second, third = claimed_of_three(store)
    with writer_busy(store):
        lost = replace(tried(second), token="another's", channel=Health(failures=1, reason="never written"))
        confirm = [store.settle_soon(one) for one in (tried(first), lost, tried(third))]

    assert [is_settled() for is_settled in confirm] == [True, False, True]
    assert look("SELECT id, state FROM delivery ORDER BY id") == [("d-0", "sent"), ("d-1", "leased"), ("d-2", "sent")]
    assert store.health() == {}


def test_two_who_tried_one_delivery_are_told_apart(store: Store, look: Look) -> None:
    told(store, delivery())
    ((first, _),) = store.claim(NOW)
    ((second, _),) = store.claim(lease_of(first).until)

    with writer_busy(store):
        confirm = [store.settle_soon(tried(first, DeliveryState.DEAD)), store.settle_soon(tried(second))]

    assert [is_settled() for is_settled in confirm] == [False, True]
    assert look("SELECT state FROM delivery") == [("sent",)]


def test_a_faulty_write_beside_them_is_no_fault_of_theirs(store: Store, look: Look) -> None:
    first, second, third = claimed_of_three(store)

    with writer_busy(store):
        confirm = [store.settle_soon(tried(one)) for one in (first, second)]
        faulty = store._writing.submit(lambda db: db.execute("INSERT INTO no_such_table VALUES (1)"))

    with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
        faulty.result()
    assert [is_settled() for is_settled in confirm] == [True, True]
    assert store.settle(third, NOW, token=lease_of(third).token)
    assert look("SELECT id, attempts FROM delivery ORDER BY id") == [("d-0", 1), ("d-1", 1), ("d-2", 0)]


def test_the_channels_health_is_written_with_the_try_that_changed_it(store: Store) -> None:
    first, second, _ = claimed_of_three(store)
    down, worse = Health(failures=1, reason="HTTP 503"), Health(failures=2, reason="HTTP 503")

    with writer_busy(store):
        confirm = [
            store.settle_soon(tried(one, DeliveryState.PENDING, health))
            for one, health in ((first, down), (second, worse))
        ]

    assert [is_settled() for is_settled in confirm] == [True, True]
    assert store.health() == {"desk": worse}
