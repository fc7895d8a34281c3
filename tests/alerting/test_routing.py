"""Which channels a match goes to, and what keeps it back there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from monitor.alerting.routing import Route, baseline_reason, route
from monitor.model import Disposition, Severity
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, a_candidate, a_card, an_article


def test_a_match_goes_to_every_channel_of_its_rule_once() -> None:
    candidate = a_candidate(a_card(notify=("desk", "duty", "desk")))

    assert route(candidate, NOON) == (Route(channel="desk"), Route(channel="duty"))


def test_a_rule_without_channels_stores_only() -> None:
    ways = route(a_candidate(a_card(notify=())), NOON)

    assert ways == (Route(channel="", disposition=Disposition.STORE_ONLY, reason="the rule notifies no channel"),)


def test_a_rule_on_trial_stores_only_whatever_it_notifies() -> None:
    ways = route(a_candidate(replace(a_card(), is_trial=True)), NOON)

    assert ways == (Route(channel="", disposition=Disposition.STORE_ONLY, reason="the rule is on trial"),)


def test_a_baseline_match_is_baseline_on_every_channel_even_when_it_is_old_too() -> None:
    old = an_article(published=NOON - 30 * DAY)
    candidate = a_candidate(a_card(notify=("desk", "duty")), old, baseline="it was in the first document")

    expected = tuple(
        Route(channel=channel, disposition=Disposition.BASELINE, reason="it was in the first document")
        for channel in ("desk", "duty")
    )
    assert route(candidate, NOON) == expected


@pytest.mark.parametrize(
    ("published", "seen", "reason"),
    [
        (NOON - 2 * DAY, NOON, None),
        (NOON - 2 * DAY - MINUTE, NOON, "published 2d1m ago, more than 2d"),
        (None, NOON - 3 * DAY, "seen 3d ago, more than 2d"),
        (NOON + DAY, NOON - 3 * DAY, "seen 3d ago, more than 2d"),
        (NOON + DAY, NOON, None),
        (None, None, None),
    ],
)
def test_an_article_older_than_max_age_is_stale(
    published: datetime | None, seen: datetime | None, reason: str | None
) -> None:
    (way,) = route(a_candidate(a_card(), an_article(published=published, seen=seen)), NOON)

    expected = Route(channel="desk")
    if reason:
        expected = Route(channel="desk", disposition=Disposition.STALE, reason=reason)
    assert way == expected


@pytest.mark.parametrize(
    ("since", "published", "reason"),
    [
        (None, NOON, "it was in the first document of its source"),
        ("all", NOON - 30 * DAY, ""),
        (DAY, NOON - DAY, ""),
        (DAY, NOON - 2 * DAY, "it was in the first document of its source, published more than 1d ago"),
        (DAY, None, ""),
    ],
)
def test_the_first_document_of_a_source_is_baseline_unless_since_admits_it(
    since: timedelta | Literal["all"] | None, published: datetime | None, reason: str
) -> None:
    article = an_article(published=published)

    assert baseline_reason(article, source_is_new=True, since=since, activated=None, now=NOON) == reason


def test_later_documents_are_not_baseline() -> None:
    article = an_article(published=NOON - 30 * DAY)

    assert baseline_reason(article, source_is_new=False, since=None, activated=NOON - DAY, now=NOON) == ""


@pytest.mark.parametrize(
    ("seen", "first_seen", "is_baseline"),
    [(NOON, None, False), (NOON - HOUR, None, True), (NOON, NOON - HOUR, True), (None, None, False)],
)
def test_an_article_that_came_before_its_rule_was_activated_is_baseline(
    seen: datetime | None, first_seen: datetime | None, is_baseline: bool
) -> None:
    reason = baseline_reason(
        an_article(seen=seen), source_is_new=False, since=None, activated=NOON, now=NOON, first_seen=first_seen
    )

    assert reason == ("the article came before the rule was activated" if is_baseline else "")


@pytest.mark.parametrize(
    ("floor", "reason"),
    [
        (Severity.HIGH, None),
        (Severity.CRITICAL, "the channel takes only critical"),
    ],
)
def test_a_channel_takes_nothing_below_its_severity(floor: Severity, reason: str | None) -> None:
    (way,) = route(a_candidate(a_card()), NOON, {"desk": floor})

    assert (way.disposition, way.reason) == ((Disposition.STORE_ONLY, reason) if reason else (None, ""))


def test_a_floor_below_critical_says_and_above() -> None:
    (way,) = route(a_candidate(a_card("rumour", Severity.LOW)), NOON, {"desk": Severity.MEDIUM})

    assert way.reason == "the channel takes only medium and above"
