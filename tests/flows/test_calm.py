"""Quiet hours, digests, bounds and catching up, from committed matches to a receiver; a real file, real HTTP."""

from __future__ import annotations

import json
from collections import Counter
from datetime import time, timedelta

from jsonschema import Draft202012Validator

from monitor.alerting.calm import Calm, Digest, Quiet
from monitor.deliver import DeliveryReport
from monitor.model import Severity
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, a_candidate, a_card, an_article
from tests.conftest import ROOT
from tests.flows.newsroom import Newsroom
from tests.receiver import status

NIGHT = Quiet(start=time(11), end=time(18))
"""Seven hours around NOON, which is 12:00 UTC."""

EVENING = NOON + 6 * HOUR


def _tell(room: Newsroom, *names: str, severity: Severity = Severity.HIGH, at_minute: int = 0) -> None:
    """Articles of as many stories, each of which matches and is due."""
    at = NOON + at_minute * MINUTE
    card = a_card("attack" if severity is Severity.HIGH else severity.word, severity)
    room.take(*(a_candidate(card, an_article(name), story=f"s-{name}") for name in names), at=at)
    room.flush(at + MINUTE)


def _answer(room: Newsroom, *codes: int) -> None:
    """What the receiver says next; then 200 again."""
    past = len(room.receiver.received)
    room.receiver.script = [status(code) for code in (*[200] * past, *codes, 200)]


def _states(room: Newsroom) -> Counter[str]:
    return Counter(row["state"] for row in room.deliveries())


def test_what_quiet_hours_held_is_one_message_when_they_end(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    _tell(room, "a1", "a2", "a3")

    assert room.deliver(NOON + HOUR) == DeliveryReport(held=3)
    assert room.deliver(EVENING - MINUTE) == DeliveryReport()
    assert room.bodies() == []
    assert {row["last_error"] for row in room.deliveries()} == {"the channel has quiet hours"}
    assert room.deliver(EVENING) == DeliveryReport(sent=1)

    (body,) = room.bodies()
    assert body["digest"] == {"cause": "quiet", "alerts": 3, "more_alerts": 0, "since": "2026-11-24T12:01:00.000Z"}
    assert sorted(article["id"] for article in body["articles"]) == ["a1", "a2", "a3"]
    assert _states(room) == Counter(sent=4)  # the three and the digest that told them
    assert set(room.dispositions().values()) == {"alerted"}


def test_a_digest_that_quiet_hours_hold_is_told_as_it_is_and_never_within_another(room: Newsroom) -> None:
    room.calm["desk"] = Calm(at_most=1, per=HOUR)
    _tell(room, "a1", "a2", "a3")
    room.deliver(NOON + 2 * MINUTE)
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    assert room.deliver(NOON + HOUR + 3 * MINUTE) == DeliveryReport(held=1)  # the digest of two
    _tell(room, "a4", "a5", at_minute=70)
    room.deliver(NOON + 2 * HOUR)

    assert room.deliver(EVENING) == DeliveryReport(sent=2)

    assert [body["digest"]["alerts"] for body in room.bodies()[1:]] == [2, 2]
    assert _states(room) == Counter(sent=7)


def test_a_digest_is_what_its_schema_says(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    _tell(room, "a1", "a2")
    room.deliver(NOON + HOUR)
    room.deliver(EVENING)

    schema = json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(room.bodies()[0])


def test_what_was_held_alone_is_told_as_itself(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    _tell(room, "a1")

    room.deliver(NOON + HOUR)
    room.deliver(EVENING)

    (body,), (delivery,) = room.bodies(), room.deliveries()
    assert "digest" not in body
    assert (body["id"], delivery["state"]) == (delivery["id"], "sent")


def test_what_is_severe_enough_is_told_at_night(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,), lets_through=Severity.CRITICAL)
    _tell(room, "a1")
    _tell(room, "a2", severity=Severity.CRITICAL)

    assert room.deliver(NOON + HOUR) == DeliveryReport(sent=1, held=1)
    assert room.bodies()[0]["severity"] == "critical"


def test_a_more_severe_update_passes_what_is_held_of_its_group(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,), lets_through=Severity.CRITICAL)
    room.take(a_candidate(a_card(), an_article("a1"), story="s"))
    room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)
    worse = a_card("war", Severity.CRITICAL)
    room.take(a_candidate(worse, an_article("a2"), story="s"), at=NOON + 20 * MINUTE)
    room.flush(NOON + HOUR)

    assert room.deliver(NOON + HOUR) == DeliveryReport(sent=1)
    assert room.deliver(EVENING) == DeliveryReport(sent=1)
    assert [body["sequence"] for body in room.bodies()] == [2, 1]


def test_a_channel_with_digests_gets_one_each_morning(room: Newsroom) -> None:
    room.calm["desk"] = Calm(digest=Digest(times=(time(7, 30),)))
    morning = NOON + timedelta(hours=19, minutes=30)
    _tell(room, "a1", "a2")
    room.deliver(NOON + HOUR)
    _tell(room, "a3", at_minute=300)
    room.deliver(NOON + 6 * HOUR)

    assert room.deliver(morning) == DeliveryReport(sent=1)
    _tell(room, "b1", at_minute=24 * 60)
    room.deliver(NOON + DAY + HOUR)
    assert room.deliver(morning + DAY) == DeliveryReport(sent=1)

    assert [body["digest"]["alerts"] for body in room.bodies()] == [3, 1]


def test_at_most_so_many_go_out_and_one_message_tells_the_rest(room: Newsroom) -> None:
    room.calm["desk"] = Calm(at_most=3, per=HOUR)
    _tell(room, *(f"a{number}" for number in range(40)))

    assert room.deliver(NOON + 2 * MINUTE) == DeliveryReport(sent=3, held=37)
    assert room.deliver(NOON + HOUR) == DeliveryReport()
    assert room.deliver(NOON + HOUR + 3 * MINUTE) == DeliveryReport(sent=1)

    *single, last = room.bodies()
    assert ["digest" in body for body in single] == [False] * 3
    assert last["digest"]["alerts"] == 37
    assert len(last["articles"]) + last["digest"]["more_alerts"] == 37
    assert _states(room) == Counter(sent=41)


def test_a_channel_that_catches_up_gets_one_message_for_what_waited(room: Newsroom) -> None:
    room.calm["desk"] = Calm(catches_up=True)
    _tell(room, "a1", "a2", "a3", "a4")
    _answer(room, *[503] * 12)
    for minute in (2, 10, 60):
        room.deliver(NOON + minute * MINUTE)
    before = len(room.receiver.received)

    room.deliver(NOON + 2 * DAY)
    room.deliver(NOON + 2 * DAY + MINUTE)

    assert _states(room) == Counter(sent=5)
    told = room.bodies()[before:]
    assert [body.get("digest", {}).get("alerts") for body in told] == [None, 3]


def test_a_channel_that_does_not_catch_up_gets_each_by_itself(room: Newsroom) -> None:
    _tell(room, "a1", "a2", "a3", "a4")

    room.deliver(NOON + 2 * DAY)

    assert ["digest" in body for body in room.bodies()] == [False] * 4


def test_what_a_digest_tells_waits_with_it_and_ends_with_it(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    _tell(room, "a1", "a2")
    room.deliver(NOON + HOUR)
    _answer(room, 410)

    assert room.deliver(EVENING) == DeliveryReport(parked=1)
    assert _states(room) == Counter(parked=3)
    room.store.replay([row["id"] for row in room.deliveries()], EVENING + MINUTE)
    assert _states(room) == Counter(held=2, pending=1)
    assert room.deliver(EVENING + MINUTE) == DeliveryReport(sent=1)
    assert _states(room) == Counter(sent=3)
    first, second = room.bodies()
    assert first == second


def test_what_leaves_a_digest_that_failed_is_told_by_itself(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(NIGHT,))
    _tell(room, "a1", "a2")
    room.deliver(NOON + HOUR)
    _answer(room, 410)
    room.deliver(EVENING)
    member = next(row["id"] for row in room.deliveries() if row["digest"])

    room.store.replay([member], EVENING + MINUTE)
    room.deliver(EVENING + MINUTE)

    assert room.bodies()[-1]["id"] == member
    assert _states(room) == Counter(sent=1, parked=2)


def test_a_lower_severity_than_the_channel_takes_is_stored_only(room: Newsroom) -> None:
    low = a_candidate(a_card("rumour", Severity.LOW))
    room.take(low, a_candidate(a_card()), floors={"desk": Severity.HIGH})

    assert room.dispositions() == {("rumour", "a1", "desk"): "store-only", ("attack", "a1", "desk"): "waiting"}
