"""A receiver that is down for three days gets everything afterwards: real HTTP on loopback, the clock is given."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from monitor.alerting.calm import Calm, Digest
from monitor.deliver import deliver_lane
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, a_candidate, a_card, an_article
from tests.flows.newsroom import Newsroom
from tests.receiver import Answer, status

STEP = 20 * MINUTE
BACK = NOON + 3 * DAY
STORIES, UPDATES = 4, 5
CARD = a_card(throttle=12 * HOUR)


class Down:
    """A receiver that is out until it is back, and what it took from then on."""

    def __init__(self, room: Newsroom) -> None:
        self.room, self.now = room, NOON
        room.receiver.script = [self.answer]
        self.taken: list[dict[str, Any]] = []
        self.tries: defaultdict[str, int] = defaultdict(int)

    def answer(self, handler: Any) -> None:
        body = json.loads(self.room.receiver.received[-1].body)
        self.tries[body["id"]] += 1
        is_back = self.now >= BACK
        if is_back:
            self.taken.append(body)
        reply: Answer = status(200 if is_back else 503)
        reply(handler)

    def live(self, until: datetime, calm: Calm) -> None:
        """Work as the daemon does, with a clock of our own: news until the receiver is back, told and tried."""
        while self.now < until:
            count, rest = divmod(self.now - NOON, 13 * HOUR)
            if not rest and count < UPDATES:
                for story in range(STORIES):
                    article = an_article(f"s{story}-{count}", seen=self.now)
                    self.room.take(a_candidate(CARD, article, story=f"s{story}"), at=self.now)
            self.room.flush(self.now)
            deliver_lane(self.room.store, self.room.channels["desk"], lambda: self.now, calm=calm)
            self.now += STEP

    def told(self) -> list[tuple[str, int]]:
        """Group and number of every alert that arrived, in that order."""
        return [(body["group"], body["sequence"]) for body in self.taken if "digest" not in body]


@pytest.fixture
def down(room: Newsroom) -> Down:
    room.channels.clear()
    room.webhook(retry=["5s", "5m", "30m", "2h", "5h", "10h"])
    return Down(room)


def test_a_program_gets_each_alert_once_and_in_the_order_of_its_group(down: Down) -> None:
    down.live(BACK, Calm())
    assert down.taken == []
    # A channel that is out is asked by one probe at a time, not by everything that waits.
    assert sum(down.tries.values()) <= 3 * DAY / STEP

    down.live(BACK + 2 * STEP, Calm())

    told = down.told()
    assert len(told) == len(set(told)) == STORIES * UPDATES
    for story in range(STORIES):
        assert [number for group, number in told if group == f"story=s{story}"] == [1, 2, 3, 4, 5]
    assert {row["state"] for row in down.room.deliveries()} == {"sent"}
    assert {body["id"] for body in down.taken} == {row["id"] for row in down.room.deliveries()}


def test_a_reader_gets_what_waited_as_one_message(down: Down) -> None:
    calm = Calm(catches_up=True)
    down.live(BACK, calm)
    down.live(BACK + 2 * STEP, calm)

    probe, digest = down.taken
    assert (probe["sequence"], digest["digest"]["cause"]) == (1, "outage")
    assert digest["digest"]["alerts"] == STORIES * UPDATES - 1
    ranked = [article["id"] for article in digest["articles"]]
    for story in range(STORIES):
        mine = [name for name in ranked if name.startswith(f"s{story}-")]
        assert mine == sorted(mine)
    assert {row["state"] for row in down.room.deliveries()} == {"sent"}


def test_a_channel_with_digests_gets_those_of_three_days_when_it_is_back(down: Down) -> None:
    calm = Calm(digest=Digest(times=(time(18),)), catches_up=True)
    down.live(BACK, calm)
    assert down.taken == []
    down.live(BACK + DAY, calm)

    told = [body["digest"]["alerts"] for body in down.taken]
    assert sum(told) == STORIES * UPDATES
    assert [body["created"] for body in down.taken] == sorted(body["created"] for body in down.taken)
    named = [article["id"] for body in down.taken for article in body["articles"]]
    for story in range(STORIES):
        assert [name for name in named if name.startswith(f"s{story}-")] == [f"s{story}-{n}" for n in range(UPDATES)]
    assert {row["state"] for row in down.room.deliveries()} == {"sent"}


def test_the_clock_of_this_test_passes_three_days() -> None:
    assert BACK - NOON == timedelta(days=3) > UPDATES * 13 * HOUR
