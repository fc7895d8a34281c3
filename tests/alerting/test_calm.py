"""Quiet days and hours, digests and bounds of a channel, through the jumps of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.calm import Calm, Cause, Digest, Hold, Quiet, at, hold, next_digest, quiet_until
from monitor.model import Severity

BAGHDAD, BERLIN, CAIRO, BEIRUT, NEW_YORK = map(
    ZoneInfo, ["Asia/Baghdad", "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "America/New_York"]
)
NIGHT = Quiet(start=time(22), end=time(6))
WEEKEND = Quiet(days=frozenset({4, 5}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_channel_that_asks_for_nothing_is_told_at_once() -> None:
    assert hold(Calm(), Severity.INFO, utc("2026-03-01T12:00")) is None


@pytest.mark.parametrize(
    "calm", [Calm(quiet=(NIGHT,)), Calm(digest=Digest()), Calm(digest=Digest(times=(time(7),))), Calm(at_most=1)]
)
def test_only_a_channel_that_asks_for_peace_may_hold_a_message(calm: Calm) -> None:
    assert calm.may_hold
    assert not Calm(from_severity=Severity.HIGH, lets_through=Severity.HIGH, catches_up=True, zone=BAGHDAD).may_hold


def test_night_holds_until_morning_of_the_channels_own_timezone() -> None:
    calm = Calm(quiet=(NIGHT,), zone=BAGHDAD)

    assert quiet_until(calm, utc("2026-03-01T18:59")) is None  # 21:59 in Baghdad
    assert quiet_until(calm, utc("2026-03-01T19:00")) == utc("2026-03-02T03:00")
    assert quiet_until(calm, utc("2026-03-02T02:59")) == utc("2026-03-02T03:00")
    assert quiet_until(calm, utc("2026-03-02T03:00")) is None


def test_a_weekend_and_the_nights_around_it_are_one_quiet() -> None:
    calm = Calm(quiet=(WEEKEND, NIGHT), zone=BAGHDAD)

    thursday_night = utc("2026-03-05T20:00")

    assert quiet_until(calm, thursday_night) == utc("2026-03-08T03:00")  # Sunday, six in the morning


def test_a_night_of_named_days_begins_on_them() -> None:
    calm = Calm(quiet=(Quiet(days=frozenset({4}), start=time(22), end=time(6)),), zone=BAGHDAD)

    assert quiet_until(calm, utc("2026-03-06T23:00")) == utc("2026-03-07T03:00")  # Saturday 02:00
    assert quiet_until(calm, utc("2026-03-06T01:00")) is None  # Friday 04:00: Thursday's night is not quiet


def test_quiet_without_an_end_is_cut() -> None:
    always = Calm(quiet=(Quiet(),))

    until = quiet_until(always, utc("2026-03-01T12:00"))

    assert until is not None
    assert timedelta(days=8) <= until - utc("2026-03-01T12:00") < timedelta(days=10)


def test_what_is_severe_enough_passes_through_quiet() -> None:
    calm = Calm(quiet=(NIGHT,), lets_through=Severity.CRITICAL)
    midnight = utc("2026-03-01T23:00")

    assert hold(calm, Severity.CRITICAL, midnight) is None
    assert hold(calm, Severity.HIGH, midnight) == Hold(
        until=utc("2026-03-02T06:00"), cause=Cause.QUIET, reason="the channel has quiet hours"
    )


def test_at_most_holds_until_the_first_of_the_window_has_aged() -> None:
    calm = Calm(at_most=2, per=timedelta(hours=1))
    now = utc("2026-03-01T12:00")
    sent = [now - timedelta(minutes=ago) for ago in (70, 50, 10)]

    held = hold(calm, Severity.CRITICAL, now, sent)

    assert held == Hold(
        until=now + timedelta(minutes=10), cause=Cause.AT_MOST, reason="the channel takes at most 2 per 1h"
    )
    assert hold(calm, Severity.CRITICAL, now, sent[:2]) is None
    assert hold(calm, Severity.CRITICAL, now, sent, is_digest=True) is None


def test_a_digest_holds_everything_but_itself() -> None:
    calm = Calm(digest=Digest(times=(time(7, 30),)), zone=BAGHDAD)
    noon = utc("2026-03-01T09:00")

    held = hold(calm, Severity.CRITICAL, noon)

    assert held == Hold(until=utc("2026-03-02T04:30"), cause=Cause.DIGEST, reason="told in the next digest")
    assert hold(calm, Severity.CRITICAL, noon, is_digest=True) is None


def test_a_digest_inside_quiet_waits_for_its_end() -> None:
    calm = Calm(digest=Digest(times=(time(5),)), quiet=(NIGHT,))

    held = hold(calm, Severity.LOW, utc("2026-03-01T12:00"))

    assert held is not None
    assert held.until == utc("2026-03-02T06:00")


def test_hourly_digests_come_on_the_full_hour_also_where_offsets_are_not_whole() -> None:
    kabul = Calm(digest=Digest(), zone=ZoneInfo("Asia/Kabul"))  # +04:30

    assert next_digest(kabul, utc("2026-03-01T12:10")) == utc("2026-03-01T12:30")
    assert next_digest(kabul, utc("2026-03-01T12:30")) == utc("2026-03-01T13:30")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "moment"),
    [
        (BERLIN, "2026-03-29", time(2, 30), "2026-03-29T01:00"),  # left out: 02:00 becomes 03:00
        (NEW_YORK, "2026-03-08", time(2, 0), "2026-03-08T07:00"),
        (CAIRO, "2026-04-24", time(0, 0), "2026-04-23T22:00"),  # midnight itself is left out
        (BEIRUT, "2026-03-29", time(0, 30), "2026-03-28T22:00"),
        (BERLIN, "2026-10-25", time(2, 30), "2026-10-25T00:30"),  # twice: the first
        (BAGHDAD, "2026-03-29", time(2, 30), "2026-03-28T23:30"),
    ],
)
def test_local_times_that_a_jump_leaves_out_or_repeats(zone: ZoneInfo, day: str, clock: time, moment: str) -> None:
    assert at(datetime.fromisoformat(day).date(), clock, zone) == utc(moment)


def test_quiet_lasts_through_both_hours_of_a_clock_set_back() -> None:
    calm = Calm(quiet=(Quiet(start=time(22), end=time(2, 30)),), zone=BERLIN)

    assert quiet_until(calm, utc("2026-10-24T22:00")) == utc("2026-10-25T01:30")  # the second 02:30


@pytest.mark.parametrize("zone", [BAGHDAD, BERLIN, CAIRO, BEIRUT, NEW_YORK])
def test_in_a_year_a_daily_digest_comes_once_on_each_day(zone: ZoneInfo) -> None:
    for clock in (time(0, 0), time(0, 30), time(2, 30), time(7, 30)):
        calm = Calm(digest=Digest(times=(clock,)), zone=zone)
        now = utc("2026-01-01T12:00")
        days: list[date] = []
        while len(days) < 366:
            now = next_digest(calm, now)
            days.append(now.astimezone(zone).date())

        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


@pytest.mark.parametrize("zone", [BAGHDAD, BERLIN, CAIRO, BEIRUT, NEW_YORK])
def test_in_a_year_every_night_is_quiet_and_every_noon_is_not(zone: ZoneInfo) -> None:
    calm = Calm(quiet=(NIGHT,), zone=zone)
    for ahead in range(365):
        day = date(2026, 1, 1) + timedelta(days=ahead)
        assert quiet_until(calm, at(day, time(12), zone)) is None
        assert quiet_until(calm, at(day, time(23), zone)) == at(day + timedelta(days=1), time(6), zone)


@given(
    st.integers(0, 366 * 24 * 60).map(lambda minutes: utc("2026-01-01T00:00") + timedelta(minutes=minutes)),
    st.sampled_from([BERLIN, CAIRO]),
)
def test_when_quiet_ends_it_is_over(now: datetime, zone: ZoneInfo) -> None:
    calm = Calm(quiet=(NIGHT, WEEKEND), zone=zone)

    until = quiet_until(calm, now)

    assert until is None or (until > now and quiet_until(calm, until) is None)
