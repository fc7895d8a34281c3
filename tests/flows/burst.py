"""A burst: many stories match within a minute on two channels, which take only so many messages in an hour."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitor.alerting.calm import Calm
from tests.alerting.samples import HOUR, MINUTE, NOON, a_candidate, a_card, an_article
from tests.flows.newsroom import Newsroom

TOGETHER = 50
"""Matches of one fetch."""

CHANNELS = ("desk", "duty")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a burst came to. `first_hour` and `all` are messages received by channel; seconds are of this machine."""

    matches: int
    first_hour: Mapping[str, int]
    all: Mapping[str, int]
    told: Mapping[str, int]  # alerts in those messages, digests counted by what they hold
    dispositions: Mapping[str, int]
    expected: int  # matches x channels
    seconds: Mapping[str, float]


def run(room: Newsroom, *, matches: int, at_most: int) -> Report:
    """Take the matches within a minute, tell them, and deliver now and an hour later."""
    room.calm = {name: Calm(at_most=at_most, per=HOUR) for name in CHANNELS}
    for name in CHANNELS:
        room.webhook(name)
    card = a_card(notify=CHANNELS)
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(what: str) -> None:
        nonlocal clock
        seconds[what], clock = time.perf_counter() - clock, time.perf_counter()

    for first in range(0, matches, TOGETHER):
        numbers = range(first, min(first + TOGETHER, matches))
        seen = NOON + timedelta(minutes=first / matches)
        articles = (an_article(f"a{number}", title=f"Attack {number}", seen=seen) for number in numbers)
        room.take(*(a_candidate(card, article, story=f"s-{article.id}") for article in articles), at=seen)
    lap("match and group")
    room.flush(NOON + 2 * MINUTE)
    lap("tell")
    room.deliver(NOON + 2 * MINUTE)
    lap("deliver")
    first_hour = _received(room)
    room.deliver(NOON + HOUR + 3 * MINUTE)
    lap("digest")
    accounts = room.store.accounts()
    told: Counter[str] = Counter()
    for body in room.bodies():
        told[body["channel"]] += body["digest"]["alerts"] if "digest" in body else 1
    return Report(
        matches=accounts.matches,
        first_hour=first_hour,
        all=_received(room),
        told=told,
        dispositions={str(fate): number for fate, number in accounts.dispositions.items()},
        expected=accounts.expected,
        seconds=seconds,
    )


def _received(room: Newsroom) -> Mapping[str, int]:
    return Counter(body["channel"] for body in room.bodies())
