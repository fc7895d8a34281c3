"""The queue within one process, as it is and with faults."""

from __future__ import annotations

import random
from datetime import timedelta

from monitor.queues import Queue
from monitor.queues.memory import MemoryQueue
from tests.queues.contract import QueueContract


class TestMemoryQueue(QueueContract):
    def make(self, *, lease: timedelta = timedelta(minutes=5)) -> Queue:
        return MemoryQueue(lease=lease)


class TestFaultyMemoryQueue(QueueContract):
    def make(self, *, lease: timedelta = timedelta(minutes=5)) -> Queue:
        return MemoryQueue(lease=lease, faults=random.Random(7))


def test_faults_redeliver_and_reorder() -> None:
    queue = MemoryQueue(faults=random.Random(1))
    for number in range(50):
        queue.put(str(number), b"")
    taken = []
    while lease := queue.take():
        taken.append(int(lease.key))
        queue.done(lease)

    assert set(taken) == set(range(50))
    assert len(taken) > 50
    assert taken != sorted(taken)


def test_faults_repeat_with_their_seed() -> None:
    def run() -> list[str]:
        queue = MemoryQueue(faults=random.Random(3))
        for number in range(20):
            queue.put(str(number), b"")
        taken = []
        while lease := queue.take():
            taken.append(lease.key)
            queue.done(lease)
        return taken

    assert run() == run()


def test_message_waiting_under_the_same_key_is_replaced() -> None:
    queue = MemoryQueue()
    queue.put("k", b"1")
    queue.put("k", b"2")

    assert len(queue) == 1
    lease = queue.take()
    assert lease is not None and lease.message == b"2"


def test_lease_runs_out_by_the_given_clock() -> None:
    seconds = [0.0]
    queue = MemoryQueue(lease=timedelta(minutes=5), clock=lambda: seconds[0])
    queue.put("k", b"m")
    first = queue.take()
    seconds[0] = 299.0
    assert queue.take() is None
    seconds[0] = 300.0
    second = queue.take()

    assert first is not None and second is not None and first.token != second.token
    assert len(queue) == 1
    queue.done(second)
    assert len(queue) == 0
