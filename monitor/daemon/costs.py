"""What rules cost: the dearest of them, timed now and then on a few articles of the last day.

Judging itself is not timed: this asks the engine beside it, an article at a time, for as long as a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import nlargest
from operator import itemgetter

from monitor.rules.engine import Ruleset
from monitor.store import Store

EVERY = timedelta(minutes=5)
WITHIN = timedelta(days=1)
MOST_ARTICLES = 50
MOST_RULES = 20
MOST_SECONDS = 1.0
"""Processor time that one round may take."""

DEAR_S = 0.005
"""From here on a rule is worth a word: fifty times what judging an article by a hundred ordinary ones takes."""

MOST_SAID = 3


class Costs:
    """The last round. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._measured: datetime | None = None
        self._dearest: Mapping[str, float] = {}

    def dearest(self, rules: Ruleset, store: Store, now: datetime) -> Mapping[str, float]:
        """Seconds of processor time that the dearest rules take for an article on the average, the dearest first."""
        with self._lock:
            is_fresh = self._measured is not None and timedelta(0) <= now - self._measured < EVERY
            if not is_fresh or not self._dearest:
                self._measured, self._dearest = now, _measured(rules, store, now)
            return self._dearest


def dear(costs: Mapping[str, float]) -> dict[str, float]:
    """The few dearest rules that are worth a word, in milliseconds; most often none."""
    few = nlargest(MOST_SAID, costs.items(), key=itemgetter(1))
    return {rule: round(seconds * 1000, 1) for rule, seconds in few if seconds >= DEAR_S}


def _measured(rules: Ruleset, store: Store, now: datetime) -> Mapping[str, float]:
    seconds: dict[str, float] = {}
    judged, end = 0, time.thread_time() + MOST_SECONDS
    for article in store.recent(now - WITHIN, MOST_ARTICLES)[1]:
        if time.thread_time() > end:
            break
        for rule, cost in rules.costs(article, time.thread_time).items():
            seconds[rule] = seconds.get(rule, 0.0) + cost
        judged += 1
    return {rule: total / judged for rule, total in nlargest(MOST_RULES, seconds.items(), key=itemgetter(1))}
