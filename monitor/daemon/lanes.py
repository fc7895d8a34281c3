"""A lane for each channel with something due: a thread of its own, so that a slow channel delays no other.

Starts lanes and counts what they did; what a lane does is `deliver.deliver_lane`.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from monitor import timing
from monitor.alerting.calm import Calm
from monitor.channels import Channel
from monitor.deliver import MOST_LANES, deliver_lane
from monitor.metrics import Metrics
from monitor.store import Store

_log = logging.getLogger(__name__)


class Lanes:
    """The lanes of a running Rasid. `serve` and `stop` belong to one thread."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], metrics: Metrics, ending: threading.Event
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._ending = ending
        self._running: dict[str, threading.Thread] = {}
        self._numbers = itertools.count(1)
        self._begun: dict[str, int] = {}  # the number of each channel's last lane

    def serve(self, channels: Mapping[str, Channel], calm: Mapping[str, Calm]) -> None:
        """Start a lane for each of these channels that has something due and none yet. Does not wait.

        Where there are more than `MOST_LANES`, those come first whose last lane began longest ago: what is due on
        channels that are down stays due.
        """
        self._running = {name: lane for name, lane in self._running.items() if lane.is_alive()}
        now = self._clock()
        for name, channel in sorted(channels.items(), key=lambda item: self._begun.get(item[0], 0)):
            if len(self._running) >= MOST_LANES:
                return
            if name not in self._running and self._store.has_due(now, (name,)):
                # A daemon thread: a receiver that never answers must not keep the process from ending.
                lane = threading.Thread(
                    target=self._run, args=(channel, calm.get(name, Calm())), name=f"lane-{name}", daemon=True
                )
                self._running[name] = lane
                self._begun[name] = next(self._numbers)
                lane.start()

    def stop(self, patience_s: float) -> tuple[str, ...]:
        """Wait for tries under way; returns the channels whose try did not end in time."""
        end = timing.monotonic() + patience_s
        for lane in self._running.values():
            lane.join(max(0.0, end - timing.monotonic()))
        return tuple(f"lane-{name}" for name, lane in self._running.items() if lane.is_alive())

    def _run(self, channel: Channel, calm: Calm) -> None:
        try:
            ending = self._ending
            counts = deliver_lane(
                self._store,
                channel,
                self._clock,
                calm=calm,
                goes_on=lambda: not ending.is_set(),
                pause=ending.wait,
            )
        except Exception as error:  # the thread's boundary
            if not self._ending.is_set():
                self._metrics.count("troubles", loop="deliver")
                _log.error("deliver failed", exc_info=error, extra={"channel": channel.name})
            return
        words = {("retried" if state == "pending" else state): number for state, number in counts.items()}
        for result, number in words.items():
            self._metrics.count("deliveries", number, result=result)
        if words:
            _log.info("delivered", extra={"channel": channel.name, **words})
