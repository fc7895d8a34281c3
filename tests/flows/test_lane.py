"""A lane and the disk: how far it goes ahead, and what it does with what it cannot try in time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from monitor.alerting.calm import Calm
from monitor.alerting.retries import RetryPolicy
from monitor.daemon.lanes import Lanes
from monitor.deliver import MOST_LANES, STALE, UNCONFIRMED, deliver_lane
from monitor.metrics import Metrics
from monitor.model import Message, Outcome, Retry, Sent
from monitor.store.settling import Tried
from monitor.timing import to_epoch
from tests.alerting.samples import HOUR, MINUTE, NOON, a_candidate, a_card, an_article
from tests.flows.newsroom import Newsroom


@dataclass
class Channel:
    """A channel that calls back on each message, and takes it."""

    on_message: Callable[[Message], None]
    name: str = "desk"
    kind: str = "test"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        self.on_message(message)
        return Sent(receipt="taken")


@dataclass
class Clock:
    """A time that moves when it is told to."""

    now: datetime = NOON + MINUTE

    def __call__(self) -> datetime:
        return self.now


def tell(room: Newsroom, count: int) -> None:
    card = a_card(group_by=())
    room.take(*(a_candidate(card, an_article(f"a{number}")) for number in range(count)))
    room.flush(NOON + MINUTE)


@pytest.fixture
def events(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a lane did: "send", and "wait" for the disk."""
    said: list[str] = []
    settle_soon = room.store.settle_soon

    def watched(tried: Tried) -> Callable[[], bool]:
        confirm = settle_soon(tried)

        def wait() -> bool:
            said.append("wait")
            return confirm()

        return wait

    monkeypatch.setattr(room.store, "settle_soon", watched)
    return said


def test_a_lane_is_at_most_so_many_tries_ahead_of_the_disk(room: Newsroom, events: list[str]) -> None:
    tell(room, UNCONFIRMED + 2)

    counts = deliver_lane(room.store, Channel(lambda message: events.append("send")), Clock())

    assert counts == Counter(sent=UNCONFIRMED + 2)
    assert events == ["send"] * UNCONFIRMED + ["wait", "send"] * 2 + ["wait"] * UNCONFIRMED


def test_where_messages_are_counted_each_is_on_the_disk_before_the_next(room: Newsroom, events: list[str]) -> None:
    tell(room, 4)

    counts = deliver_lane(
        room.store, Channel(lambda message: events.append("send")), Clock(), calm=Calm(at_most=2, per=HOUR)
    )

    assert counts == Counter(sent=2, held=2)
    assert events == ["send", "wait", "send", "wait"]


def test_what_cannot_be_tried_in_time_is_given_back_and_claimed_again(room: Newsroom) -> None:
    tell(room, 4)
    clock = Clock()
    left: list[bool] = []

    def slowly(message: Message) -> None:
        (until,) = (row["lease_until"] for row in room.deliveries() if row["id"] == message.delivery_id)
        left.append(until > to_epoch(clock.now + STALE))
        clock.now += STALE + MINUTE

    counts = deliver_lane(room.store, Channel(slowly), clock)

    assert counts == Counter(sent=4)
    assert left == [True] * 4
    assert {row["attempts"] for row in room.deliveries()} == {1}


@dataclass
class Dead(Channel):
    """A channel that is out."""

    def send(self, message: Message, now: datetime) -> Outcome:
        self.on_message(message)
        return Retry(reason="refused", is_outage=True)


def test_more_dead_channels_than_there_are_lanes_keep_none_from_being_served(room: Newsroom) -> None:
    names = [f"dead-{number}" for number in range(MOST_LANES)]
    told: list[str] = []
    channels: dict[str, Channel] = {name: Dead(lambda message: None, name) for name in names}
    channels["desk"] = Channel(lambda message: told.append(message.delivery_id), "desk")
    card = a_card(group_by=(), notify=tuple(channels))
    room.take(a_candidate(card, an_article("a1")), a_candidate(card, an_article("a2")))
    room.flush(NOON + MINUTE)
    lanes = Lanes(room.store, Clock(), Metrics(), threading.Event())
    for _ in range(3):
        lanes.serve(channels, {})
        assert not lanes.stop(10)
    assert len(told) == 2
