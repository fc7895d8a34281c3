"""The contract of every queue, as tests: a queue's own test class inherits them and says how to make one."""

from __future__ import annotations

import threading
from datetime import timedelta

from monitor.queues import Queue

WAIT = timedelta(seconds=5)


class QueueContract:
    """Inherit, name the class `Test...`, and implement `make`."""

    SHORT = timedelta(milliseconds=100)

    def make(self, *, lease: timedelta = timedelta(minutes=5)) -> Queue:
        """A new, empty queue whose leases last so long."""
        raise NotImplementedError

    def drain(self, queue: Queue) -> list[tuple[str, bytes]]:
        """Take and finish until nothing comes."""
        found = []
        while lease := queue.take(self.SHORT):
            found.append((lease.key, lease.message))
            queue.done(lease)
        return found

    def test_message_put_is_taken(self) -> None:
        queue = self.make()
        queue.put("k", b"m")

        assert set(self.drain(queue)) == {("k", b"m")}

    def test_empty_queue_gives_nothing_in_time(self) -> None:
        assert self.make().take(timedelta(milliseconds=10)) is None

    def test_every_message_comes_at_least_once(self) -> None:
        queue = self.make()
        wanted = {(str(number), bytes([number])) for number in range(100)}
        for key, message in wanted:
            queue.put(key, message)

        assert set(self.drain(queue)) == wanted

    def test_message_taken_and_not_done_comes_again_after_its_lease(self) -> None:
        queue = self.make(lease=timedelta(milliseconds=20))
        queue.put("k", b"m")
        assert queue.take(WAIT) is not None

        again = queue.take(WAIT)
        assert again is not None and (again.key, again.message) == ("k", b"m")

    def test_late_done_is_no_error_and_loses_nothing(self) -> None:
        queue = self.make(lease=timedelta(milliseconds=20))
        queue.put("k", b"m")
        late = queue.take(WAIT)
        again = queue.take(WAIT)
        assert late is not None and again is not None
        queue.done(late)
        queue.done(late)

        assert queue.take(WAIT) is not None

    def test_same_key_again_after_done_is_a_message_of_its_own(self) -> None:
        queue = self.make()
        queue.put("k", b"1")
        self.drain(queue)
        queue.put("k", b"2")

        assert ("k", b"2") in self.drain(queue)

    def test_taker_that_waits_is_woken_by_a_put(self) -> None:
        queue = self.make()
        found: list[str] = []

        def take() -> None:
            lease = queue.take(WAIT)
            found.append(lease.key if lease else "nothing")

        taker = threading.Thread(target=take)
        taker.start()
        queue.put("k", b"m")
        taker.join()

        assert found == ["k"]

    def test_many_threads_lose_nothing(self) -> None:
        queue = self.make()
        found: set[str] = set()

        def put(start: int) -> None:
            for number in range(start, start + 100):
                queue.put(str(number), b"")

        def take() -> None:
            while lease := queue.take(self.SHORT):
                found.add(lease.key)
                queue.done(lease)

        threads = [threading.Thread(target=put, args=(n * 100,)) for n in range(4)]
        threads += [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        found |= {key for key, _ in self.drain(queue)}
        assert found == {str(number) for number in range(400)}
