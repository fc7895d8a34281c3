"""When a source is polled next: pure, so every clock and every history can be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Pause, SourceState, Wishes
from monitor.rhythm.plan import (
    EVERY,
    GONE_EVERY,
    LONGEST_BACKOFF,
    SCAN_EVERY,
    SPREAD_TOGETHER,
    Pace,
    Plan,
    Why,
    draw,
    interval,
    phase,
    plan,
    spread_over,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FOLDER = Pace(is_local=True)
_OPTIONS = ("jitter", "pauses", "asked", "is_pending", "is_offline", "spread")


def planned(pace: Pace = Pace(), now: datetime = NOW, **known: Any) -> Plan:  # noqa: B008 - frozen
    options = {name: known.pop(name) for name in _OPTIONS if name in known}
    return plan(SourceState(**({"id": "news"} | known)), pace, now, **options)


def waits(pace: Pace = Pace(), now: datetime = NOW, **known: Any) -> timedelta:  # noqa: B008 - frozen
    at = planned(pace, now, **known).at
    assert at is not None
    return at - now


def every(span: timedelta, **more: Any) -> Pace:
    return Pace(every=span, **more)


def rhythm(*gaps: timedelta, until: datetime = NOW) -> tuple[datetime, ...]:
    """Moments with these gaps between them, the last one at `until`."""
    moments = [until]
    for gap in reversed(gaps):
        moments.insert(0, moments[0] - gap)
    return tuple(moments)


# --- the interval ------------------------------------------------------------------------------------------------


def test_a_source_never_polled_is_due_at_once() -> None:
    assert planned() == Plan(at=NOW, why=Why.DUE)


def test_a_healthy_source_keeps_its_interval_from_its_last_success() -> None:
    assert waits(last_success=NOW - 5 * MINUTE) == EVERY - 5 * MINUTE
    assert waits(every(HOUR), last_success=NOW - 5 * MINUTE) == 55 * MINUTE


def test_a_poll_that_wrote_nothing_counts_as_well() -> None:
    assert waits(last_success=NOW - HOUR, asked=NOW) == EVERY


def test_chance_cuts_a_tenth_at_most_and_lengthens_nothing() -> None:
    assert waits(every(100 * MINUTE), last_success=NOW, jitter=0.999) > 90 * MINUTE
    assert waits(every(100 * MINUTE), last_success=NOW, jitter=0.5) == 95 * MINUTE
    drawn = [draw(SourceState(id=f"s{n}", last_success=NOW)) for n in range(1000)]
    assert 0 <= min(drawn) < 0.01 and 0.99 < max(drawn) < 1
    state = SourceState(id="a", last_success=NOW)
    assert draw(state) == draw(state) != draw(SourceState(id="a", last_success=NOW + MINUTE))
    assert draw(SourceState(id="a")) == phase("a")


@pytest.mark.parametrize(
    ("appeared", "span", "why"),
    [
        ((), EVERY, Why.UNKNOWN),
        (rhythm(HOUR), EVERY, Why.UNKNOWN),
        (rhythm(HOUR, 20 * MINUTE, 40 * MINUTE), 20 * MINUTE, Why.RHYTHM),  # half of the median gap
        (rhythm(MINUTE, MINUTE, MINUTE), 2 * MINUTE, Why.RHYTHM),  # the fastest
        (rhythm(90 * DAY, 90 * DAY), 6 * HOUR, Why.RHYTHM),  # the slowest
        (rhythm(HOUR, HOUR, until=NOW - 32 * HOUR), 2 * HOUR, Why.RHYTHM),  # it has been silent for long
        (rhythm(HOUR, HOUR, until=NOW + 300 * DAY), 30 * MINUTE, Why.RHYTHM),  # a wrong clock
    ],
)
def test_without_every_the_interval_follows_the_sources_own_rhythm(
    appeared: tuple[datetime, ...], span: timedelta, why: Why
) -> None:
    assert interval(SourceState(id="news", appeared=appeared), Pace(), NOW) == (span, why)


def test_a_gap_halves_the_interval_down_to_the_fastest() -> None:
    pace = every(32 * MINUTE)
    spans = [interval(SourceState(id="news", haste=n), pace, NOW) for n in range(6)]
    assert [span for span, _ in spans] == [n * MINUTE for n in (32, 16, 8, 4, 2, 2)]
    assert [why for _, why in spans] == [Why.EVERY] + 5 * [Why.HASTE]
    assert interval(SourceState(id="news", haste=3), every(MINUTE), NOW) == (MINUTE, Why.HASTE)


def test_a_folder_is_looked_at_every_other_second_and_sooner_while_files_grow() -> None:
    assert waits(FOLDER, last_success=NOW) == SCAN_EVERY
    assert waits(every(HOUR, is_local=True), last_success=NOW) == HOUR
    assert planned(FOLDER, last_success=NOW, is_pending=True) == Plan(
        at=NOW + timedelta(milliseconds=500), why=Why.PENDING
    )


# --- what servers and documents wish -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "wishes", "wait"),
    [
        (every(5 * MINUTE), Wishes(ttl=10 * MINUTE), 10 * MINUTE),
        (every(5 * MINUTE), Wishes(ttl=HOUR), 15 * MINUTE),  # max_delay is 15 minutes at least
        (every(HOUR), Wishes(fresh_for=DAY), 2 * HOUR),  # and twice the interval
        (every(HOUR, max_delay=5 * HOUR), Wishes(fresh_for=DAY), 5 * HOUR),
        (every(HOUR, max_delay=MINUTE), Wishes(fresh_for=DAY), HOUR),  # it never hurries
        (every(HOUR), Wishes(ttl=MINUTE), HOUR),
        (every(5 * MINUTE), Wishes(ttl=8 * MINUTE, fresh_for=9 * MINUTE), 9 * MINUTE),
        (Pace(slowest=20 * MINUTE), Wishes(ttl=DAY), 20 * MINUTE),
        (Pace(slowest=20 * MINUTE, max_delay=HOUR), Wishes(ttl=DAY), HOUR),
    ],
)
def test_hints_stretch_the_interval_to_at_most_max_delay(pace: Pace, wishes: Wishes, wait: timedelta) -> None:
    assert waits(pace, last_success=NOW, wishes=wishes) == wait


def test_a_stretched_wait_says_who_wished_it() -> None:
    found = planned(every(5 * MINUTE), last_success=NOW, wishes=Wishes(ttl=HOUR))
    assert found.reason == "its server wishes it: every 1h, at most every 15m"
    assert planned(every(5 * MINUTE), last_success=NOW).reason == "as configured: every 5m"
    assert planned().reason == "it is due"


@pytest.mark.parametrize(
    ("wishes", "until"),
    [
        (Wishes(skip_hours=(13, 14)), NOW.replace(hour=15)),
        (Wishes(skip_hours=(14, 15)), None),  # 13:00 is fine
        (Wishes(skip_days=(1,)), NOW.replace(day=25, hour=0)),
        (Wishes(skip_days=(1, 2), skip_hours=(0, 1)), NOW.replace(day=26, hour=2)),
        (Wishes(skip_hours=tuple(range(24))), None),
        (Wishes(skip_days=tuple(range(7))), None),
        (Wishes(skip_hours=(99,), skip_days=(-1,)), None),
    ],
)
def test_hours_and_days_to_skip_are_skipped_unless_they_block_everything(
    wishes: Wishes, until: datetime | None
) -> None:
    found = planned(every(HOUR, max_delay=10 * DAY), last_success=NOW, wishes=wishes)
    assert found.why is (Why.SKIP if until else Why.EVERY)
    assert found.at is not None
    late = found.at - (until or NOW + HOUR)
    assert timedelta(0) < late < SPREAD_TOGETHER if until else not late


def test_chance_does_not_lead_back_into_the_hours_to_skip() -> None:
    found = planned(every(HOUR, max_delay=DAY), last_success=NOW, wishes=Wishes(skip_hours=(13, 14)), jitter=0.999)
    assert found.at is not None and found.at > NOW.replace(hour=15)


def test_hours_to_skip_stretch_to_at_most_max_delay_too() -> None:
    assert waits(every(HOUR), last_success=NOW, wishes=Wishes(skip_hours=tuple(range(13, 24)))) - 2 * HOUR < MINUTE


# --- failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(1, 2 * EVERY), (2, 4 * EVERY), (3, 8 * EVERY), (7, LONGEST_BACKOFF), (10**6, LONGEST_BACKOFF)],
)
def test_failures_double_the_wait_up_to_a_day_and_never_end_it(failures: int, wait: timedelta) -> None:
    assert waits(failures=failures, last_error_at=NOW) == wait


def test_a_failing_source_says_how_often_and_how() -> None:
    found = planned(failures=3, last_error_at=NOW, last_error="the server answered 500")
    assert found.reason == "failed: 3 in a row, the server answered 500"
    assert len(planned(failures=3, last_error_at=NOW, last_error="x" * 999).reason) < 120


def test_a_folder_that_is_gone_is_looked_for_every_five_minutes_at_least() -> None:
    assert waits(FOLDER, failures=50, last_error_at=NOW) == 5 * MINUTE


def test_a_rare_feed_does_not_come_sooner_because_it_failed() -> None:
    assert waits(every(48 * HOUR), failures=3, last_error_at=NOW) == 48 * HOUR


def test_while_most_servers_are_out_of_reach_nothing_is_doubled() -> None:
    assert waits(every(5 * MINUTE), failures=9, asked=NOW, is_offline=True) == 5 * MINUTE
    assert planned(every(DAY), asked=NOW, is_offline=True) == Plan(at=NOW + 15 * MINUTE, why=Why.OFFLINE)
    assert waits(FOLDER, last_success=NOW, is_offline=True) == SCAN_EVERY


def test_what_is_gone_is_looked_for_once_a_day() -> None:
    found = planned(failures=2, gone_since=NOW - DAY, last_error_at=NOW)
    assert found == Plan(at=NOW + GONE_EVERY, why=Why.GONE)
    assert planned(failures=2, gone_since=NOW - HOUR, last_error_at=NOW).why is Why.FAILED


# --- pauses ------------------------------------------------------------------------------------------------------


def pause(until: timedelta, since: timedelta = timedelta(0)) -> Pause:
    return Pause(scope="host:x.example", since=NOW + since, until=NOW + until, reason="status 503")


def test_a_pause_that_a_server_asked_for_holds_and_its_sources_do_not_come_back_together() -> None:
    found = planned(last_success=NOW, pauses=[pause(3 * HOUR), pause(HOUR)])
    assert found.at is not None and timedelta(0) <= found.at - (NOW + 3 * HOUR) < SPREAD_TOGETHER
    assert found.reason == "its server asked for a pause: host:x.example, status 503"


def test_a_pause_that_ends_before_the_source_is_due_changes_nothing() -> None:
    assert waits(last_success=NOW, pauses=[pause(MINUTE)]) == EVERY


def test_a_pause_written_by_a_wrong_clock_binds_nobody() -> None:
    year = 365 * DAY
    for wrong in (pause(year + HOUR, since=year), pause(year), pause(-HOUR, since=-2 * HOUR)):
        assert waits(last_success=NOW, pauses=[wrong]) == EVERY


def test_a_source_paused_by_hand_has_no_next_poll() -> None:
    found = planned(paused_at=NOW, paused_by="ali: noise", failures=9)
    assert (found.at, found.reason) == (None, "paused: ali: noise")


# --- clocks and crowds -------------------------------------------------------------------------------------------


def test_a_time_to_come_was_written_by_a_wrong_clock() -> None:
    assert waits(last_success=NOW + 1000 * HOUR) == EVERY
    assert waits(last_success=NOW + 1000 * HOUR, wishes=Wishes(skip_hours=(3,))) == EVERY


def test_overdue_sources_take_turns_and_few_do_not_wait() -> None:
    late = [waits(id=f"s{n}", spread=spread_over(10_000)) for n in range(1000)]
    assert 0 <= min(late).total_seconds() < 3 and 297 < max(late).total_seconds() <= 300
    assert waits(spread=spread_over(3)) < timedelta(seconds=1)
    assert phase("a") == phase("a") != phase("b")


def test_an_overdue_folder_waits_for_no_turn_among_many_feeds() -> None:
    assert waits(FOLDER, id="s7", spread=spread_over(10_000)) == timedelta(0)


@given(
    failures=st.integers(0, 10**6),
    haste=st.integers(0, 6),
    last=st.none() | st.integers(-(10**9), 10**9),
    error=st.none() | st.integers(-(10**9), 10**9),
    gone=st.none() | st.integers(-(10**9), 10**9),
    begins=st.integers(-(10**9), 10**9),
    lasts=st.integers(-(10**9), 10**9),
    span=st.none() | st.integers(1, 10**7),
    wish=st.none() | st.integers(1, 10**9),
    is_local=st.booleans(),
)
def test_whatever_the_clock_did_no_source_is_put_off_for_longer_than_its_bound(
    failures: int,
    haste: int,
    last: int | None,
    error: int | None,
    gone: int | None,
    begins: int,
    lasts: int,
    span: int | None,
    wish: int | None,
    is_local: bool,
) -> None:
    def moment(seconds: int | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    pace = Pace(every=None if span is None else timedelta(seconds=span), is_local=is_local)
    since = NOW + timedelta(seconds=begins)
    held = Pause(scope="host:x", since=since, until=since + timedelta(seconds=lasts), reason="status 429")
    wait = waits(
        pace,
        failures=failures,
        haste=haste,
        last_success=moment(last),
        last_error_at=moment(error),
        gone_since=moment(gone),
        wishes=Wishes(ttl=None if wish is None else timedelta(seconds=wish)),
        pauses=[held],
    )
    base = pace.every or EVERY
    longest = max(LONGEST_BACKOFF, pace.slowest, 2 * base, 7 * DAY) + SPREAD_TOGETHER
    assert timedelta(0) <= wait <= longest
