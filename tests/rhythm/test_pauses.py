"""Whom to leave alone, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import Failure, Pause
from monitor.rhythm.pauses import after, holds, scopes

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOST, DOMAIN = "feeds.news.example.co.uk", "example.co.uk"


def found(status: int, now: datetime = NOW, known: dict[str, Pause] | None = None, **more: Any) -> dict[str, Pause]:
    scope, own = more.pop("scope", ""), more.pop("own_host", HOST)
    values: dict[str, Any] = {"source": "news", "at": now, "reason": "x", "status": status, "host": HOST}
    failure = Failure(**(values | more))
    pauses = after(failure, known or {}, now, own_host=own, domain=DOMAIN, scope=scope)
    return {pause.scope: pause for pause in pauses}


@pytest.mark.parametrize(
    ("status", "scope", "name"),
    [
        (429, "", f"domain:{DOMAIN}"),
        (503, "", f"host:{HOST}"),
        (429, "host", f"host:{HOST}"),
        (503, "domain", f"domain:{DOMAIN}"),
        (503, "source", "source:news"),
    ],
)
def test_429_pauses_the_domain_503_the_host_and_an_option_overrides_both(status: int, scope: str, name: str) -> None:
    assert list(found(status, scope=scope)) == [name]


def test_other_answers_pause_the_source_and_only_when_they_say_until_when() -> None:
    assert found(500) == found(0) == {}
    assert list(found(500, not_before=NOW + HOUR)) == ["source:news"]


def test_a_wish_with_a_time_holds_until_then_a_week_at_most() -> None:
    assert found(429, not_before=NOW + HOUR)[f"domain:{DOMAIN}"] == Pause(
        scope=f"domain:{DOMAIN}", since=NOW, until=NOW + HOUR, reason="status 429 with Retry-After"
    )
    assert found(429, not_before=NOW + 90 * DAY)[f"domain:{DOMAIN}"].until == NOW + 7 * DAY


def test_without_a_time_it_is_an_hour_then_a_day_then_two() -> None:
    known: dict[str, Pause] = {}
    now, waits = NOW, []
    for _ in range(5):
        known |= found(503, now, known)
        pause = known[f"host:{HOST}"]
        waits.append(pause.until - now)
        now = pause.until
    assert waits == [HOUR, DAY, 2 * DAY, 2 * DAY, 2 * DAY]


def test_answers_to_requests_that_were_under_way_count_once() -> None:
    known = found(503)
    again = found(503, NOW + timedelta(seconds=1), known)
    assert again[f"host:{HOST}"].strikes == 1


def test_a_wish_with_a_time_is_no_strike() -> None:
    known = found(503, not_before=NOW + HOUR)
    assert found(503, NOW + timedelta(minutes=1), known)[f"host:{HOST}"].strikes == 1


def test_strikes_of_a_time_to_come_are_forgotten() -> None:
    ahead = {f"host:{HOST}": Pause(scope=f"host:{HOST}", since=NOW + DAY, until=NOW + 2 * DAY, strikes=3)}
    assert found(503, known=ahead)[f"host:{HOST}"].strikes == 1


def test_a_refusal_behind_a_redirect_holds_the_source_too() -> None:
    assert sorted(found(429, own_host="other.example")) == [f"domain:{DOMAIN}", "source:news"]


def test_a_pause_holds_from_its_beginning_to_its_end() -> None:
    pause = Pause(scope="host:x", since=NOW, until=NOW + HOUR)
    moments = (NOW - HOUR, NOW, NOW + HOUR)
    assert [holds(pause, moment) for moment in moments] == [False, True, False]
    assert not holds(Pause(scope="host:x", since=NOW, until=NOW + 8 * DAY), NOW)


def test_a_source_is_held_by_its_own_pause_its_hosts_and_its_domains() -> None:
    assert scopes("news", HOST, DOMAIN) == ("source:news", f"host:{HOST}", f"domain:{DOMAIN}")
    assert scopes("wire", "", "") == ("source:wire",)
