"""Waiting for the signal that stops a daemon, whatever other signals come meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.daemon.stops import Stops


@contextmanager
def soon(number: int) -> Iterator[None]:
    """Send this process a signal in a moment."""
    timer = threading.Timer(0.1, os.kill, (os.getpid(), number))
    timer.start()
    try:
        yield
    finally:
        timer.join()


@contextmanager
def handled(number: int, stops: Stops, delay_s: float, *, stopping: bool) -> Iterator[None]:
    """A handler of a signal that takes its time, as one does on a busy machine."""

    def handle(signum: int, _: object) -> None:
        time.sleep(delay_s)
        if stopping:
            stops.put(signum)

    old = signal.signal(number, handle)
    try:
        yield
    finally:
        signal.signal(number, old)


def test_a_signal_that_is_handled_as_the_time_runs_out_makes_nobody_wait_for_ever() -> None:
    stops = Stops()
    last_resort = threading.Timer(5, stops.put, (signal.SIGTERM,))
    last_resort.start()
    with handled(signal.SIGHUP, stops, 0.5, stopping=False), soon(signal.SIGHUP):
        assert stops.wait(0.3) is None
    last_resort.cancel()


def test_a_signal_to_stop_ends_the_wait_and_is_told_once() -> None:
    stops = Stops()
    with handled(signal.SIGTERM, stops, 0, stopping=True), soon(signal.SIGTERM):
        assert stops.wait(5) == signal.SIGTERM
    assert stops.wait(0) is None


def test_a_second_signal_before_anyone_looked_takes_the_place_of_the_first() -> None:
    stops = Stops()
    stops.put(signal.SIGTERM)
    stops.put(signal.SIGINT)
    assert (stops.wait(0), stops.wait(0)) == (signal.SIGINT, None)
