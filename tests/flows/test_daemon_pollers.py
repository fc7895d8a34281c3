"""The threads that poll: who is due is polled, and never more at a time than judging allows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.daemon.pollers import MOST_UNJUDGED, POLLERS, Pollers
from tests.flows.daemon import until


class Site:
    """Polls that last until they are let go."""

    def __init__(self) -> None:
        self.unjudged = 0
        self.begun: list[str] = []
        self._go = threading.Semaphore(0)

    def poll(self, source: str) -> None:
        self.begun.append(source)
        self._go.acquire()

    def let_go(self, polls: int) -> None:
        self._go.release(polls)


@contextmanager
def at_work(site: Site, per_host: int = 1) -> Iterator[Pollers]:
    """Pollers that are started, and ended at the end."""
    ending = threading.Event()
    pollers = Pollers(site.poll, per_host, unjudged=lambda: site.unjudged, ending=ending)
    pollers.start()
    yield pollers
    ending.set()
    site.let_go(1000)
    pollers.stop(30)
    assert not any(thread.is_alive() for thread in pollers.threads)


def begun(site: Site, most: int) -> int:
    """How many polls have begun, once so many have."""
    until(lambda: len(site.begun) >= most, what=f"for {most} polls")
    return len(site.begun)


def test_all_that_are_due_are_polled_at_once_up_to_the_bound_and_the_rest_by_whoever_is_done() -> None:
    site = Site()
    with at_work(site) as pollers:
        pollers.put((f"s{n}", f"host{n}") for n in range(POLLERS + 10))
        assert (begun(site, POLLERS), pollers.waiting) == (POLLERS, 10)
        site.let_go(4)
        assert (begun(site, POLLERS + 4), pollers.waiting) == (POLLERS + 4, 6)
        assert len(pollers.threads) == POLLERS + 1


def test_a_poller_that_waits_is_called_before_another_is_started() -> None:
    site = Site()
    site.let_go(1000)
    with at_work(site) as pollers:
        for n in range(5):
            pollers.put([(f"s{n}", f"host{n}")])
            begun(site, n + 1)
            until(lambda: pollers._idle == 1, what="for the poller to wait")
        assert len(pollers.threads) == 2


def test_a_second_source_of_a_host_comes_with_time_although_nobody_else_does() -> None:
    site = Site()
    site.let_go(1000)
    with at_work(site) as pollers:
        pollers.put([("a1", "a"), ("a2", "a")])
        assert begun(site, 1) == 1
        assert (begun(site, 2), site.begun) == (2, ["a1", "a2"])


def test_what_waited_for_judging_is_polled_when_that_has_caught_up() -> None:
    site = Site()
    site.unjudged = MOST_UNJUDGED
    with at_work(site) as pollers:
        pollers.put((f"s{n}", f"host{n}") for n in range(20))
        assert (pollers.waiting, site.begun) == (20, [])
        site.unjudged = 3
        assert (begun(site, 8), pollers.waiting) == (8, 12)
        site.unjudged = 0
        assert begun(site, 20) == 20
