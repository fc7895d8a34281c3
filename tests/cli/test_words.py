"""Why and why not in words: one line for every disposition and every state of a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.cli._words import fate, outcome, progress, repeats, why
from monitor.model import (
    Alert,
    Delivery,
    DeliveryState,
    Disposition,
    Group,
    GroupState,
    Match,
    Severity,
)
from monitor.store.history import AlertHistory, History, MatchHistory, StateHistory, TakenTimes

T = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
MATCH = Match(article_id="a1", version=1, rule="attack", rule_hash="h", severity=Severity.HIGH)
ALERT = Alert(
    id="n1",
    channel="desk",
    code="A7K2",
    rules=("attack",),
    severity=Severity.HIGH,
    group_key="story=s1",
    sequence=1,
    matches=(MATCH,),
    stories=("s1",),
    reason="first",
    created=T,
)
DELIVERY = Delivery(
    id="d0123456789", alert_id="n1", channel="desk", state=DeliveryState.SENT, attempts=1, due=T, created=T
)
GROUP = Group(
    key="story=s1",
    channel="desk",
    code="A7K2",
    state=GroupState.TOLD,
    opened=T,
    last_member=T,
    last_told=T,
    quiet_until=T + timedelta(hours=2),
    due=T + timedelta(hours=2),
    sequence=1,
)
GROUPS = {("desk", "story=s1"): GROUP}


def clock(moment: datetime | None) -> str:
    return f"{moment:%H:%M}" if moment else ""


def told(*deliveries: Delivery, sequence: int = 1, reason: str = "first") -> AlertHistory:
    receipts = tuple((d.id, "HTTP 200 OK") for d in deliveries if d.state is DeliveryState.SENT)
    return AlertHistory(
        alert=replace(ALERT, sequence=sequence, reason=reason), deliveries=deliveries, receipts=receipts
    )


def state(disposition: Disposition, *, reason: str = "", channel: str = "desk", **more: AlertHistory) -> StateHistory:
    key, code = ("story=s1", "A7K2") if channel else ("", "")
    return StateHistory(
        channel=channel,
        disposition=disposition,
        reason=reason,
        at=T,
        group_key=key,
        code=code,
        alert=more.get("alert"),
    )


@pytest.mark.parametrize(
    ("disposition", "reason", "line"),
    [
        (Disposition.WAITING, "in group A7K2", "Not told on desk yet: waiting in A7K2, to be told at 12:42"),
        (Disposition.FOLDED, "", "Not told on desk: folded into A7K2 (sent 10:42), quiet until 12:42"),
        (
            Disposition.STALE,
            "published 3d ago, more than 2d",
            "Not told on desk: too old, published 3d ago, more than 2d",
        ),
        (
            Disposition.BASELINE,
            "it was in the first document of its source",
            "Not told on desk: it was in the first document of its source",
        ),
        (
            Disposition.SILENCED,
            "silence x by ali: noise",
            "Not told on desk: silenced at 10:42 (silence x by ali: noise)",
        ),
        (
            Disposition.WITHDRAWN,
            "an edit took it back in time",
            "Not told on desk: withdrawn at 10:42, an edit took it back in time",
        ),
    ],
)
def test_every_reason_not_to_tell_has_its_line(disposition: Disposition, reason: str, line: str) -> None:
    assert fate(state(disposition, reason=reason), GROUPS, clock) == (line,)


def test_a_match_that_no_channel_wants_names_none() -> None:
    kept = state(Disposition.STORE_ONLY, reason="the rule notifies no channel", channel="")
    assert fate(kept, {}, clock) == ("Not told anywhere: the rule notifies no channel",)


def test_a_group_that_is_gone_leaves_the_times_out() -> None:
    assert fate(state(Disposition.FOLDED), {}, clock) == ("Not told on desk: folded into A7K2",)
    assert fate(state(Disposition.WAITING), {}, clock) == ("Not told on desk yet: waiting in A7K2",)


def test_a_delivered_alert_says_when_and_what_the_receiver_answered() -> None:
    lines = fate(state(Disposition.ALERTED, alert=told(DELIVERY)), GROUPS, clock)
    assert lines == ("Told on desk at 10:42 (A7K2: first news of its group): delivered, HTTP 200 OK",)


def test_an_update_says_which_one() -> None:
    (line,) = fate(state(Disposition.ALERTED, alert=told(DELIVERY, sequence=3, reason="update")), GROUPS, clock)
    assert line.startswith("Told on desk at 10:42 (A7K2, update 2: more news since")


def test_an_alert_without_its_deliveries_in_the_store_falls_back_to_its_reason() -> None:
    assert fate(state(Disposition.ALERTED, reason="x"), GROUPS, clock) == ("Not told on desk: x",)


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (
            replace(DELIVERY, state=DeliveryState.PENDING, attempts=0),
            "Not yet told on desk since 10:42 (A7K2: first news of its group): not tried yet, due at 10:42",
        ),
        (
            replace(DELIVERY, state=DeliveryState.DEAD, attempts=5, last_error="HTTP 500"),
            "Not told on desk since 10:42 (A7K2: first news of its group): given up after 5 tries: HTTP 500; "
            "to try again: rasid deliveries retry d01234567",
        ),
    ],
)
def test_an_alert_that_did_not_arrive_is_not_called_told(delivery: Delivery, words: str) -> None:
    assert fate(state(Disposition.ALERTED, alert=told(delivery)), GROUPS, clock) == (words,)


def test_several_recipients_are_a_line_each_and_partly_told_when_some_lack() -> None:
    ali = replace(DELIVERY, recipient="ali@example.org")
    mona = replace(DELIVERY, id="d2", recipient="mona@example.org", state=DeliveryState.LEASED)
    assert fate(state(Disposition.ALERTED, alert=told(ali, mona)), GROUPS, clock) == (
        "Partly told on desk at 10:42 (A7K2: first news of its group):",
        "  ali@example.org: delivered, HTTP 200 OK",
        "  mona@example.org: being delivered",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": DeliveryState.SENT, "attempts": 6}, "delivered after 6 tries, HTTP 200 OK"),
        (
            {"state": DeliveryState.PENDING, "attempts": 1, "last_error": "HTTP 500"},
            "1 try failed (HTTP 500), next at 10:42",
        ),
        ({"state": DeliveryState.HELD}, "held until 10:42"),
        (
            {"state": DeliveryState.HELD, "last_error": "the channel has quiet hours"},
            "held until 10:42: the channel has quiet hours",
        ),
        (
            {"state": DeliveryState.PARKED, "attempts": 0, "last_error": "HTTP 410"},
            "parked: HTTP 410; to try again: rasid deliveries retry d01234567",
        ),
        (
            {"state": DeliveryState.PARKED, "attempts": 2, "last_error": "HTTP 404"},
            "parked after 2 tries: HTTP 404; to try again: rasid deliveries retry d01234567",
        ),
    ],
)
def test_where_a_delivery_stands(change: dict[str, object], words: str) -> None:
    delivery = replace(DELIVERY, **change)  # type: ignore[arg-type]
    receipt = "HTTP 200 OK" if delivery.state is DeliveryState.SENT else ""
    assert progress(delivery, receipt, clock) == words


def test_a_channel_that_cannot_be_reached_is_named_before_anything_else() -> None:
    waiting = replace(DELIVERY, state=DeliveryState.PENDING, attempts=2, last_error="HTTP 503")

    assert progress(waiting, "", clock, obstacle="channel 'desk' is off") == (
        "waits: 2 tries failed (HTTP 503); channel 'desk' is off"
    )
    assert progress(replace(waiting, attempts=0), "", clock, obstacle="channel 'desk' is off") == (
        "waits: channel 'desk' is off"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": DeliveryState.SENT, "attempts": 0}, "delivered in a digest, HTTP 200 OK"),
        ({"state": DeliveryState.HELD, "attempts": 0}, "in a digest that is not delivered yet"),
        (
            {"state": DeliveryState.DEAD, "attempts": 0, "last_error": "HTTP 500"},
            "the digest that tells it was given up: HTTP 500; to try again: rasid deliveries retry d01234567",
        ),
    ],
)
def test_what_a_digest_tells_says_so(change: dict[str, object], words: str) -> None:
    delivery = replace(DELIVERY, **change)  # type: ignore[arg-type]
    receipt = "HTTP 200 OK" if delivery.state is DeliveryState.SENT else ""
    assert progress(delivery, receipt, clock, is_together=True) == words


def test_what_is_folded_says_how_many_publishers_are_still_lacking() -> None:
    groups = {("desk", "story=s1"): replace(GROUP, new_publishers=frozenset({"a", "b"}))}
    assert fate(state(Disposition.FOLDED), groups, clock, spread=5) == (
        "Not told on desk: folded into A7K2 (sent 10:42), quiet until 12:42; 2 of 5 new publishers so far",
    )


def test_a_digest_and_an_alert_without_a_code_say_why_they_are() -> None:
    assert why(replace(ALERT, reason="digest", code="")) == "a digest"
    assert why(replace(ALERT, code="")) == "first news of its group"


def test_a_match_that_an_edit_lost_and_an_earlier_alert_are_both_told() -> None:
    matched = MatchHistory(
        match=MATCH,
        matched=T,
        lost=2,
        states=(state(Disposition.FOLDED),),
        alerts=(told(DELIVERY),),
    )
    assert list(outcome(matched, GROUPS, clock)) == [
        "Version 2 of the article no longer holds it",
        "Not told on desk: folded into A7K2 (sent 10:42), quiet until 12:42",
        "Told on desk at 10:42 (A7K2: first news of its group): delivered, HTTP 200 OK",
    ]


def test_the_alert_of_a_state_is_told_once() -> None:
    alert = told(DELIVERY)
    matched = MatchHistory(
        match=MATCH, matched=T, lost=0, states=(state(Disposition.ALERTED, alert=alert),), alerts=(alert,)
    )
    assert len(list(outcome(matched, GROUPS, clock))) == 1


def taken(name: str, sha: str, times: int, minutes: int = 0) -> TakenTimes:
    return TakenTimes(
        source="wire",
        name=name,
        sha256=sha,
        first_taken=T + timedelta(minutes=minutes),
        last_taken=T + timedelta(minutes=minutes + 8),
        times=times,
        reason="",
        articles=("a1",),
    )


def history(*files: TakenTimes) -> History:
    return History(
        article_id="a1",
        source="wire",
        first_seen=T,
        changed=T,
        pruned=None,
        source_first_parsed=T,
        aliases=(),
        story_id="s1",
        story_reason="",
        story_articles=(),
        versions=(),
        matches=(),
        files=files,
    )


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ((), []),
        ((taken("a.txt", "1", 1),), []),
        ((taken("a.txt", "1", 2),), ["Dropped again at 10:50 with the same bytes: already known, nothing told"]),
        (
            (taken("a.txt", "1", 3),),
            ["Dropped again 2 times, last at 10:50, with the same bytes: already known, nothing told"],
        ),
        ((taken("b.txt", "2", 1, 5), taken("a.txt", "1", 1)), ["Came also in b.txt at 10:47: the same article"]),
    ],
)
def test_files_that_came_again_are_said(files: tuple[TakenTimes, ...], lines: list[str]) -> None:
    assert list(repeats(history(*files), clock)) == lines
