"""From committed matches to a receiver: due groups are flushed, due deliveries tried; real file, real HTTP."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.retries import RetryPolicy
from monitor.alerting.routing import Candidate
from monitor.deliver import DeliveryReport, deliver_lane
from monitor.model import (
    Message,
    Outcome,
    RuleCard,
    Sent,
    Severity,
)
from monitor.store import Store
from monitor.tell import TOGETHER, FlushReport
from monitor.timing import to_epoch
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, SECOND, a_candidate, a_card, a_silence, an_article
from tests.flows.newsroom import CARD, Newsroom
from tests.receiver import Receiver, closed_port, hang, reset, status


def _another(number: int = 2, card: RuleCard = CARD, entities: tuple[str, ...] = ()) -> Candidate:
    return a_candidate(card, an_article(f"a{number}"), entities=entities)


# --- flushing ------------------------------------------------------------------------------------------------


def test_a_match_reaches_the_receiver_once(room: Newsroom) -> None:
    room.take(a_candidate(CARD))

    assert room.flush(NOON) == FlushReport()
    report = room.flush(NOON + MINUTE)
    assert room.deliver(NOON + MINUTE) == DeliveryReport(sent=1)
    assert room.deliver(NOON + HOUR) == DeliveryReport()

    (alert,), (body,), (delivery,) = report.alerts, room.bodies(), room.deliveries()
    assert (body["id"], body["alert"]) == (delivery["id"], alert.id)
    assert (body["articles"][0]["title"], body["story"]) == ("Rockets hit the base", "s1")
    assert (delivery["state"], delivery["receipt"], delivery["attempts"]) == ("sent", "HTTP 200 OK", 1)
    assert room.dispositions() == {("attack", "a1", "desk"): "alerted"}


def test_one_event_that_matches_several_rules_is_one_message(room: Newsroom) -> None:
    room.take(a_candidate(CARD), a_candidate(a_card("war", Severity.CRITICAL)), a_candidate(a_card("base")))

    room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)

    (body,) = room.bodies()
    assert body["rules"] == ["war", "attack", "base"]
    assert body["severity"] == "critical"


def test_each_channel_of_a_rule_gets_its_own_alert_and_delivery(room: Newsroom) -> None:
    room.webhook("duty")
    room.take(a_candidate(a_card(notify=("desk", "duty"))))

    report = room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)

    assert sorted(alert.channel for alert in report.alerts) == ["desk", "duty"]
    assert sorted(request.path for request in room.receiver.received) == ["/desk", "/duty"]
    codes = {body["code"] for body in room.bodies()}
    assert len(codes) == 1


def test_folded_members_are_told_by_one_update_when_the_quiet_ends(room: Newsroom) -> None:
    card = a_card(throttle=2 * HOUR)
    room.take(a_candidate(card))
    room.flush(NOON + MINUTE)
    room.take(_another(2, card), at=NOON + 10 * MINUTE)
    room.take(_another(3, card), at=NOON + 20 * MINUTE)

    assert room.flush(NOON + HOUR).alerts == ()
    assert set(room.dispositions().values()) == {"alerted", "folded"}
    (update,) = room.flush(NOON + 2 * HOUR + MINUTE).alerts
    assert (update.sequence, [match.article_id for match in update.matches]) == (2, ["a2", "a3"])
    assert set(room.dispositions().values()) == {"alerted"}


def test_many_groups_are_told_in_one_round(room: Newsroom) -> None:
    card = a_card(group_by=())
    room.take(*(_another(number, card) for number in range(230)))

    assert len(room.flush(NOON + MINUTE).alerts) == 230


def test_a_match_in_the_groups_of_several_entities_is_told_once(room: Newsroom) -> None:
    card = a_card(group_by=("entity",))
    room.take(
        _another(1, card, ("erbil", "harir")),
        _another(2, card, ("erbil", "harir", "asad")),
        _another(3, card, ("harir",)),
    )

    report = room.flush(NOON + MINUTE)
    room.flush(NOON + DAY)

    assert [(alert.group_key, len(alert.matches)) for alert in report.alerts] == [("entity=harir", 3)]
    told = [match.article_id for alert in report.alerts for match in alert.matches]
    assert sorted(told) == ["a1", "a2", "a3"]
    group = room.store.groups("desk", ["entity=asad"])["entity=asad"]
    assert (group.pending, group.last_told) == ((), NOON + MINUTE)


def test_groups_of_entities_are_told_on_each_channel_by_itself(room: Newsroom) -> None:
    card = a_card(group_by=("entity",), notify=("desk", "duty"))
    room.take(_another(1, card, ("erbil", "harir")))

    report = room.flush(NOON + MINUTE)

    assert sorted(alert.channel for alert in report.alerts) == ["desk", "duty"]
    assert set(room.dispositions().values()) == {"alerted"}


def test_a_silenced_group_is_muted_and_nothing_is_delivered(room: Newsroom) -> None:
    room.take(a_candidate(CARD))
    room.silence(a_silence(("rule", "attack")))

    report = room.flush(NOON + MINUTE)

    assert report == FlushReport(muted=1)
    assert room.deliveries() == []
    assert room.dispositions() == {("attack", "a1", "desk"): "silenced"}


def test_a_lifted_silence_mutes_nothing_any_more(room: Newsroom) -> None:
    room.take(a_candidate(CARD))
    room.silence(a_silence(("rule", "attack")))
    perform = room.store.perform

    assert perform({"do": "lift", "at": to_epoch(NOON + SECOND), "id": "x1"})
    assert not perform({"do": "lift", "at": to_epoch(NOON + 2 * SECOND), "id": "x1"})

    assert len(room.flush(NOON + MINUTE).alerts) == 1


def test_an_update_says_when_the_group_was_told_and_who_is_new(room: Newsroom) -> None:
    card = a_card(throttle=2 * HOUR)
    room.webhook()
    first = an_article("a1", publisher="wire.example", title="Rockets hit the base")
    room.take(a_candidate(card, first))
    room.flush(NOON + MINUTE)
    more = [an_article(f"b{n}", publisher=f"{n}.example", title="Five hurt", seen=NOON + HOUR) for n in range(3)]
    again = an_article("c1", publisher="wire.example", title="Five hurt", seen=NOON + HOUR)
    room.take(*(a_candidate(card, article) for article in (*more, again)), at=NOON + HOUR)

    (alert,) = room.flush(NOON + 3 * HOUR).alerts
    room.deliver(NOON + 3 * HOUR)
    opening, update = room.bodies()

    assert (alert.sequence, update["publishers"], update["new_publishers"]) == (2, 4, 3)
    assert update["since"] == "2026-11-24T12:01:00.000Z"
    assert update["opening"] == {"title": "Rockets hit the base", "severity": "high"}
    assert (opening["since"], opening["opening"]) == (None, None)
    assert opening["quiet_until"] == "2026-11-24T14:01:00.000Z"


def test_groups_close_a_day_after_their_last_member(room: Newsroom) -> None:
    weekly = a_card("weekly", throttle=7 * DAY, group_by=("rule",))
    room.take(a_candidate(CARD), a_candidate(weekly))
    room.flush(NOON + MINUTE)

    assert room.flush(NOON + DAY - MINUTE).closed == 0
    assert room.flush(NOON + DAY + MINUTE).closed == 1
    assert room.flush(NOON + DAY + MINUTE).closed == 0
    assert room.flush(NOON + 8 * DAY).closed == 1


def test_once_tells_without_waiting_but_keeps_the_throttle(room: Newsroom) -> None:
    calm, throttled = a_card("calm", group_by=("rule",)), a_card("throttled", group_by=("rule",), throttle=2 * HOUR)
    room.take(a_candidate(calm), a_candidate(throttled))

    first = room.flush(NOON, once=True)
    room.take(_another(2, calm), _another(2, throttled), at=NOON + SECOND)
    second = room.flush(NOON + SECOND, once=True)

    assert sorted(alert.group_key for alert in first.alerts) == ["rule=calm", "rule=throttled"]
    assert [alert.group_key for alert in second.alerts] == ["rule=calm"]
    assert room.dispositions()["throttled", "a2", "desk"] == "folded"


@pytest.fixture
def said(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a round over the groups did: "tell" one, and "wait" for the disk."""
    events: list[str] = []
    commit = room.store.commit_alert_soon

    def watched(*args: Any) -> Callable[[], None]:
        events.append("tell")
        confirm = commit(*args)

        def wait() -> None:
            events.append("wait")
            confirm()

        return wait

    monkeypatch.setattr(room.store, "commit_alert_soon", watched)
    return events


def test_groups_are_told_many_at_once_before_the_disk_is_waited_for(room: Newsroom, said: list[str]) -> None:
    each = a_card(group_by=("rule", "story"))
    room.take(*(a_candidate(each, an_article(f"a{n}"), story=f"s{n}") for n in range(TOGETHER + 2)))

    assert len(room.flush(NOON + MINUTE).alerts) == TOGETHER + 2
    assert said == ["tell"] * TOGETHER + ["wait"] * TOGETHER + ["tell"] * 2 + ["wait"] * 2


def test_an_article_that_cannot_be_read_harms_no_group_but_its_own(room: Newsroom) -> None:
    room.take(*(a_candidate(CARD, an_article(f"a{n}"), story=f"s{n}") for n in range(3)))
    with closing(sqlite3.connect(room.path)) as connection, connection:
        connection.execute(
            "UPDATE version SET tags = '[' WHERE article = (SELECT number FROM article WHERE id = 'a1')"
        )

    report = room.flush(NOON + MINUTE)

    assert sorted(alert.group_key for alert in report.alerts) == ["story=s0", "story=s2"]
    (failure,) = report.failed
    assert failure.endswith("on desk: JSONDecodeError")


def test_a_group_that_cannot_be_told_harms_no_other(room: Newsroom) -> None:
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)
    room.take(_another(2), a_candidate(CARD, an_article("a3"), story="s3"), at=NOON + HOUR)
    with closing(sqlite3.connect(room.path)) as connection, connection:
        # The next alert of the first group would be its first once more, which the store refuses.
        connection.execute("UPDATE alert_group SET sequence = 0 WHERE key = 'story=s1'")

    for once in (False, True):
        report = room.flush(NOON + 2 * HOUR, once=once)

        assert [alert.group_key for alert in report.alerts] == ([] if once else ["story=s3"])
        (failure,) = report.failed
        assert failure.endswith("on desk: StoreConflict")
    assert room.dispositions()["attack", "a2", "desk"] == "waiting"


# --- delivering ----------------------------------------------------------------------------------------------


def _deliver_until_done(room: Newsroom, at: datetime) -> tuple[list[DeliveryReport], datetime]:
    """Rounds a minute apart until nothing is pending."""
    reports = []
    while any(row["state"] == "pending" for row in room.deliveries()):
        reports.append(room.deliver(at))
        at += MINUTE
        assert len(reports) < 50
    return reports, at


def test_five_times_500_and_then_200_is_sent_with_the_same_id_every_time(room: Newsroom) -> None:
    room.receiver.script = [*5 * [status(500)], status(200)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    reports, _ = _deliver_until_done(room, NOON + MINUTE)

    assert reports == [*5 * [DeliveryReport(retried=1)], DeliveryReport(sent=1)]
    assert len({request.headers["webhook-id"] for request in room.receiver.received}) == 1
    assert len({request.body for request in room.receiver.received}) == 1
    (delivery,) = room.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["last_error"]) == ("sent", 6, "")


def test_a_try_that_failed_waits_for_its_time(room: Newsroom) -> None:
    room.webhook(retry="30s")
    room.receiver.script = [status(503, Retry_After="3600"), status(200)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    room.deliver(NOON + MINUTE)
    (delivery,) = room.deliveries()
    assert (delivery["state"], delivery["last_error"]) == ("pending", "HTTP 503 Service Unavailable")
    assert room.deliver(NOON + 30 * MINUTE) == DeliveryReport()
    assert room.deliver(NOON + 62 * MINUTE) == DeliveryReport(sent=1)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (500, "dead", "HTTP 500 Internal Server Error; no success within 4m"),
        (404, "parked", "HTTP 404 Not Found: the receiver does not know this URL; no success within 4m"),
        (410, "parked", "HTTP 410 Gone: the receiver is gone for good"),
    ],
)
def test_a_delivery_that_is_given_up_says_why(room: Newsroom, code: int, state: str, reason: str) -> None:
    room.webhook(give_up="1s")
    room.receiver.script = [status(code)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    reports, _ = _deliver_until_done(room, NOON + MINUTE)

    (delivery,) = room.deliveries()
    assert delivery["state"] == state
    assert str(delivery["last_error"]).startswith(reason)
    assert getattr(reports[-1], state) == reports[-1].failed == 1


def test_a_repeating_failure_is_logged_first_and_last(room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    room.webhook(give_up="1s")
    room.receiver.script = [status(500)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    _deliver_until_done(room, NOON + MINUTE)

    assert [vars(record)["state"] for record in caplog.records] == ["pending", "dead"]
    assert room.receiver.url not in str([vars(record) for record in caplog.records])


def test_a_delivery_that_arrives_is_not_worth_a_warning(room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    room.deliver(NOON + MINUTE)

    assert caplog.records == []


def test_a_reply_lost_after_the_body_repeats_the_delivery_with_the_same_id(room: Newsroom) -> None:
    room.receiver.script = [reset, status(200)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    _deliver_until_done(room, NOON + MINUTE)

    first, second = room.bodies()
    assert first == second


def test_a_killed_delivery_is_sent_again_with_the_same_id_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "rasid.db"
    with Receiver() as receiver:
        with Store.open(path, write=True, now=NOON) as store:
            room = Newsroom(store=store, path=path, receiver=receiver)
            room.webhook()
            room.take(a_candidate(CARD))
            room.flush(NOON + MINUTE)
            # As if killed between send and settle: claimed, sent, never settled.
            ((delivery, message),) = store.claim(NOON + MINUTE)
            room.channels["desk"].send(message, NOON + MINUTE)
        with Store.open(path, write=True, now=NOON + 2 * MINUTE) as store:
            room = replace(room, store=store)
            assert room.deliver(NOON + 2 * MINUTE) == DeliveryReport(sent=1)

        assert [body["id"] for body in room.bodies()] == [delivery.id, delivery.id]


def test_a_try_that_outlived_its_lease_settles_nothing(room: Newsroom) -> None:
    @dataclass
    class Slow:
        """While it sends, its lease ends and another claims the delivery."""

        name: str = "desk"
        kind: str = "slow"
        retry: RetryPolicy = field(default_factory=RetryPolicy)
        recipients: tuple[str, ...] = ("",)

        def send(self, message: Message, now: datetime) -> Outcome:
            assert room.store.claim(now + HOUR)
            return Sent(receipt="late")

    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)
    room.channels["desk"] = Slow()

    assert room.deliver(NOON + MINUTE) == DeliveryReport(overtaken=1)
    assert room.deliveries()[0]["state"] == "leased"


@dataclass
class Crashing:
    """A channel with a fault, and a secret in its fault."""

    name: str = "bad"
    kind: str = "crashing"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    recipients: tuple[str, ...] = ("one", "two")

    def send(self, message: Message, now: datetime) -> Outcome:
        raise KeyError("s3cret")


def test_a_crashing_channel_harms_only_itself_and_shows_no_secret(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.channels["bad"] = Crashing()
    room.take(a_candidate(a_card(notify=("bad", "desk"))))
    room.flush(NOON + MINUTE)

    with caplog.at_level(logging.DEBUG):
        report = room.deliver(NOON + MINUTE)

    assert report == DeliveryReport(sent=1, retried=2)
    bad, other, _ = room.deliveries()
    assert sorted([bad["recipient"], other["recipient"]]) == ["one", "two"]
    assert bad["last_error"] == "the channel crashed: KeyError"
    assert caplog.records
    assert "s3cret" not in caplog.text + str([vars(record) for record in caplog.records])


@pytest.mark.parametrize(("named", "told"), [(("one", "two", "one"), ["one", "two"]), ((), [""])])
def test_each_recipient_has_one_delivery(room: Newsroom, named: tuple[str, ...], told: list[str]) -> None:
    room.channels["bad"] = Crashing(recipients=named)
    room.take(a_candidate(a_card(notify=("bad",))))

    room.flush(NOON + MINUTE)

    assert sorted(row["recipient"] for row in room.deliveries()) == told


def test_a_channel_that_is_not_configured_keeps_its_deliveries_and_is_reported(room: Newsroom) -> None:
    room.take(a_candidate(a_card(notify=("gone", "desk"))))
    room.flush(NOON + MINUTE)

    assert room.deliver(NOON + MINUTE) == DeliveryReport(sent=1, without_channel={"gone": 1})
    room.webhook("gone")
    assert room.deliver(NOON + 30 * DAY) == DeliveryReport(sent=1)


def test_a_slow_channel_keeps_no_other_waiting(room: Newsroom) -> None:
    each = a_card(group_by=(), notify=("desk", "a-slow", "z-dead"))
    with Receiver(script=[hang]) as slow, closed_port() as nobody:
        room.webhook("a-slow", base=slow.url, timeout="300ms")
        room.webhook("z-dead", base=nobody)
        room.take(*(_another(number, each) for number in range(4)))
        room.flush(NOON + MINUTE)

        report = room.deliver(NOON + MINUTE)

    assert report == DeliveryReport(sent=4, retried=8)
    assert len(slow.received) == 4
    settled = {
        name: max(row["settled"] for row in room.deliveries() if row["channel"] == name) for name in room.channels
    }
    assert settled["desk"] < settled["a-slow"]


def test_a_match_whose_article_was_pruned_meanwhile_is_still_told(room: Newsroom) -> None:
    room.take(a_candidate(CARD))
    with closing(sqlite3.connect(room.path)) as connection, connection:
        connection.execute("DELETE FROM version")

    room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)

    (body,) = room.bodies()
    assert (body["articles"][0]["id"], body["articles"][0]["title"]) == ("a1", "")


def test_nothing_vanishes(room: Newsroom) -> None:
    cards = [a_card("one", notify=("desk", "duty")), a_card("none", notify=()), a_card("two", throttle=HOUR)]
    for number in range(6):
        room.take(*(_another(number, card) for card in cards), at=NOON + number * MINUTE)
        room.flush(NOON + number * MINUTE)

    accounts = room.store.accounts()
    assert accounts.matches == 18
    assert sum(accounts.dispositions.values()) == accounts.expected == 6 * (2 + 1 + 1)


# --- lanes ---------------------------------------------------------------------------------------------------


def _lane(room: Newsroom, at: datetime) -> Counter[str]:
    return deliver_lane(room.store, room.channels["desk"], lambda: at, pause=lambda seconds: None)


def test_a_channel_that_is_out_is_asked_by_one_probe_and_then_told_everything(room: Newsroom) -> None:
    room.webhook(retry="2h")
    room.receiver.script = [*3 * [status(503)], status(200)]
    room.take(*(_another(number, a_card(group_by=())) for number in range(15)))
    room.flush(NOON + MINUTE)

    assert _lane(room, NOON + MINUTE) == {"pending": 1}
    assert _lane(room, NOON + MINUTE) == {}
    assert _lane(room, NOON + 2 * MINUTE) == {"pending": 1}
    health = room.store.health()["desk"]
    assert (health.failures, health.reason) == (2, "HTTP 503 Service Unavailable")
    assert _lane(room, NOON + 3 * MINUTE) == {"pending": 1}
    assert _lane(room, NOON + 9 * MINUTE) == {"sent": 15}
    assert room.store.health() == {}


@pytest.mark.parametrize("updates", [0, 2])
def test_in_an_outage_the_channel_is_asked_every_few_minutes_however_long_the_waits(
    room: Newsroom, updates: int
) -> None:
    room.webhook(retry=["1s", "1s", "12h"])
    room.receiver.script = [*8 * [status(503)], status(200)]
    for number in range(1 + updates):  # of one group: each must wait for the first
        at = NOON + number * HOUR
        room.take(_another(number + 1), at=at)
        room.flush(at + MINUTE)
    at = NOON + updates * HOUR + MINUTE

    asked = [_lane(room, at + number * MINUTE) for number in range(60)]

    assert [counts for counts in asked if counts] == [*8 * [{"pending": 1}], {"sent": 1 + updates}]
    assert [body["sequence"] for body in room.bodies()] == [*9 * [1], *range(2, 2 + updates)]


def test_one_message_that_always_fails_does_not_come_again_with_every_other(room: Newsroom) -> None:
    room.webhook(retry="2h")
    room.receiver.script = [status(500), *20 * [status(200)]]
    room.take(*(_another(number, a_card(group_by=())) for number in range(3)))
    room.flush(NOON + MINUTE)

    assert _lane(room, NOON + MINUTE) == {"pending": 1}
    assert _lane(room, NOON + 2 * MINUTE) == {"sent": 2}
    assert [row["attempts"] for row in room.deliveries() if row["state"] == "pending"] == [1]


def test_what_a_receiver_asked_for_holds_for_the_whole_channel_and_over_a_restart(room: Newsroom) -> None:
    room.receiver.script = [status(429, Retry_After="3600"), status(200)]
    room.take(*(_another(number, a_card(group_by=())) for number in range(2)))
    room.flush(NOON + MINUTE)

    assert room.deliver(NOON + MINUTE) == DeliveryReport(retried=1)
    assert room.deliver(NOON + 30 * MINUTE) == DeliveryReport()
    assert room.deliver(NOON + 62 * MINUTE) == DeliveryReport(sent=2)


def test_no_alert_overtakes_an_earlier_one_of_its_group(room: Newsroom) -> None:
    room.webhook(retry="2h")
    room.receiver.script = [status(400), status(200)]
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)
    room.take(_another(2), at=NOON + 10 * MINUTE)
    room.flush(NOON + 20 * MINUTE)

    assert room.deliver(NOON + 20 * MINUTE) == DeliveryReport()
    assert room.deliver(NOON + 4 * HOUR) == DeliveryReport(sent=2)
    assert [body["sequence"] for body in room.bodies()] == [1, 1, 2]


def test_a_stop_gives_back_what_was_claimed_and_not_tried(room: Newsroom) -> None:
    room.take(*(_another(number, a_card(group_by=())) for number in range(5)))
    room.flush(NOON + MINUTE)

    counts = deliver_lane(
        room.store, room.channels["desk"], lambda: NOON + MINUTE, goes_on=lambda: len(room.receiver.received) < 2
    )

    assert counts == {"sent": 2}
    assert Counter(row["state"] for row in room.deliveries()) == {"sent": 2, "pending": 3}


def test_a_channel_with_a_pace_waits_after_each_message_also_after_the_last(room: Newsroom) -> None:
    room.channel("desk", "slack", url=room.receiver.url)
    room.take(*(_another(number, a_card(group_by=())) for number in range(3)))
    room.flush(NOON + MINUTE)
    waits: list[tuple[int, float]] = []

    counts = deliver_lane(
        room.store,
        room.channels["desk"],
        lambda: NOON + MINUTE,
        pause=lambda seconds: waits.append((len(room.receiver.received), seconds)),
    )

    assert counts == {"sent": 3}
    assert waits == [(1, 1.0), (2, 1.0), (3, 1.0)]


def test_an_update_is_sent_into_the_thread_that_the_first_message_opened(room: Newsroom) -> None:
    room.channel("desk", "slack", server=room.receiver.url, token="xoxb-1", to="#desk")
    room.receiver.script = [
        status(200, body=b'{"ok": true, "ts": "17.1"}'),
        status(200, body=b'{"ok": true, "ts": "17.2"}'),
    ]
    for number in range(3):
        at = NOON + number * HOUR
        room.take(_another(number), at=at)
        room.flush(at + MINUTE)
        _lane(room, at + MINUTE)

    assert [body.get("thread_ts") for body in room.bodies()] == [None, "17.1", "17.1"]
