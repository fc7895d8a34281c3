"""What the operator is to hear of channels and of rules that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.alerting.operator import (
    DRILL_WITHIN,
    DrillStanding,
    News,
    Standing,
    What,
    of_channels,
    of_drills,
    of_rules,
    words,
)
from monitor.model import DeliveryState
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON

HALF = timedelta(minutes=30)
FAILING = Standing(failing_since=NOON - HOUR, reason="no connection")
PARKED = Standing(parked=2, parked_reason="HTTP 404")
BEGUN = News(what=What.FAILING, about="desk")


def test_a_channel_is_told_once_when_it_has_failed_for_long() -> None:
    young = Standing(failing_since=NOON - 20 * MINUTE)

    assert of_channels({"desk": young}, {}, NOON, HALF) == {}
    assert of_channels({"desk": FAILING}, {}, NOON, HALF) == {BEGUN: NOON - HOUR}
    assert of_channels({"desk": FAILING}, {(What.FAILING, "desk"): NOON - HOUR}, NOON, HALF) == {}


def test_it_is_over_when_the_channel_works_again_and_not_when_it_fails_anew() -> None:
    told = {(What.FAILING, "desk"): NOON - HOUR}
    over = News(what=What.FAILING, about="desk", is_over=True)

    assert of_channels({}, told, NOON, HALF) == {over: NOON - HOUR}
    assert of_channels({"desk": Standing(failing_since=NOON)}, told, NOON, HALF) == {}
    assert of_channels({"desk": PARKED}, told, NOON, HALF) == {
        over: NOON - HOUR,
        News(what=What.PARKED, about="desk"): NOON,
    }


def test_parked_messages_are_told_until_none_is() -> None:
    told = {(What.PARKED, "desk"): NOON - HOUR}

    assert of_channels({"desk": PARKED}, told, NOON, HALF) == {}
    assert of_channels({}, told, NOON, HALF) == {News(what=What.PARKED, about="desk", is_over=True): NOON - HOUR}


def test_a_rule_is_named_three_days_before_its_end_and_again_when_that_moves() -> None:
    soon = NOON + 2 * DAY
    ending = News(what=What.ENDS, about="campaign")

    assert of_rules([("campaign", NOON + 4 * DAY), ("past", NOON - DAY)], {}, NOON) == {}
    assert of_rules([("campaign", soon)], {}, NOON) == {ending: soon}
    assert of_rules([("campaign", soon)], {(What.ENDS, "campaign"): soon}, NOON) == {}
    assert of_rules([("campaign", soon + HOUR)], {(What.ENDS, "campaign"): soon}, NOON) == {ending: soon + HOUR}
    assert of_channels({}, {(What.ENDS, "campaign"): soon}, NOON, HALF) == {}


def test_a_drill_is_told_of_when_it_is_given_up_or_late_and_again_when_one_arrives() -> None:
    late, over = News(what=What.DRILL, about="desk"), News(what=What.DRILL, about="desk", is_over=True)
    waiting = DrillStanding(made=NOON, state=DeliveryState.PENDING)
    told = {(What.DRILL, "desk"): NOON}

    assert of_drills({"desk": waiting}, {}, NOON + DRILL_WITHIN - MINUTE) == {}
    assert of_drills({"desk": waiting}, {}, NOON + DRILL_WITHIN) == {late: NOON}
    assert of_drills({"desk": waiting}, told, NOON + DAY) == {}
    assert of_drills({"desk": replace(waiting, made=NOON + DAY)}, told, NOON + DAY + HOUR) == {late: NOON + DAY}
    for state in (DeliveryState.PARKED, DeliveryState.DEAD):
        assert of_drills({"desk": replace(waiting, state=state)}, {}, NOON) == {late: NOON}
    assert of_drills({"desk": replace(waiting, state=None)}, {}, NOON + DRILL_WITHIN) == {late: NOON}
    arrived = replace(waiting, state=DeliveryState.SENT)
    assert of_drills({"desk": arrived}, {}, NOON + DAY) == {}
    assert of_drills({"desk": arrived}, told, NOON + DAY) == {over: NOON}
    assert of_channels({}, told, NOON + DAY, HALF) == {}


def test_the_words_about_a_drill_say_why_it_did_not_arrive() -> None:
    late = News(what=What.DRILL, about="desk")
    zone = ZoneInfo("Asia/Baghdad")
    parked = DrillStanding(made=NOON, state=DeliveryState.PARKED, reason="HTTP 410")

    assert words(late, NOON, "en", zone, NOON, drill=parked) == (
        "The drill of channel desk did not arrive",
        "Made 2026-11-24 15:00: HTTP 410. Do not count on this channel: rasid deliveries --channel desk",
    )
    assert (
        "no connection" in words(late, NOON, "en", zone, NOON, standing=FAILING, drill=replace(parked, reason=""))[1]
    )
    assert "it still waits" in words(late, NOON, "en", zone, NOON, drill=replace(parked, reason=""))[1]


def test_the_words_say_since_when_why_and_what_to_do() -> None:
    zone = ZoneInfo("Asia/Baghdad")
    parked = News(what=What.PARKED, about="desk")
    ending = News(what=What.ENDS, about="campaign")

    assert words(BEGUN, NOON - HOUR, "en", zone, NOON, standing=FAILING) == (
        "Channel desk takes no messages",
        "Since 2026-11-24 14:00: no connection. Messages wait and are sent when it answers.",
    )
    assert words(parked, NOON, "fr", zone, NOON, standing=PARKED)[1] == (
        "2 wait for you: HTTP 404. Then: rasid deliveries retry --all --channel desk"
    )
    assert words(ending, NOON + 2 * DAY, "en", zone, NOON, owner="iraq-desk")[1] == (
        "Its `until` is 2026-11-26 15:00, in 2d; from then on nothing is told. Owner: iraq-desk"
    )
    drills = [News(what=What.DRILL, about="desk", is_over=is_over) for is_over in (False, True)]
    for news in (BEGUN, parked, ending, News(what=What.PARKED, about="desk", is_over=True), *drills):
        title, text = words(news, NOON, "ar", zone, NOON)
        assert news.about in title
        assert "{" not in title + text
