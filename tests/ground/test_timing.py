"""Durations, epochs, backoff and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import timing
from monitor.timing import backoff, format_duration, from_epoch, parse_duration, to_epoch


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        (" 7d ", 604800),
        ("2w", 1209600),
        ("1y", 31536000),
        ("1.5h", 5400),
        ("١٥m", 900),
        ("۱۵m", 900),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "15 minutes", "-5m", "1h-", "5M", "٫5h", "1h,30m"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30s, 15m, 2h or 7d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["101y", "99999999999999999999d"])
def test_a_duration_beyond_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than 100 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (45, "45s"),
        (60, "1m"),
        (5400, "1h30m"),
        (7200, "2h"),
        (90061, "1d1h"),
        (3601, "1h1s"),
    ],
)
def test_a_duration_is_written_with_at_most_two_units(seconds: float, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


@given(st.integers(0, 23), st.integers(1, 59))
def test_what_is_written_is_read_back(hours: int, minutes: int) -> None:
    span = timedelta(hours=hours, minutes=minutes)
    assert parse_duration(format_duration(span)) == span


@given(st.datetimes(timezones=st.just(UTC)))
def test_epochs_return_the_same_moment_to_the_millisecond(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert from_epoch(to_epoch(moment)) == moment


def test_an_absurd_epoch_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        from_epoch(10**18)


def test_the_clock_is_utc_to_the_millisecond_and_the_monotonic_one_never_runs_backwards() -> None:
    moment = timing.now()
    assert (moment.tzinfo, moment.microsecond % 1000) == (UTC, 0)
    assert timing.monotonic() <= timing.monotonic()


def test_digits_of_arabic_and_persian_become_ascii_and_nothing_else_does() -> None:
    assert timing.ascii_digits("٢٠٢٦ و۱۵ x7") == "2026 و15 x7"


BASE, CAP = timedelta(seconds=30), timedelta(hours=1)


def wait(attempt: int, jitter: float = 0.5, base: timedelta = BASE) -> timedelta:
    return backoff(attempt, base=base, cap=CAP, jitter=jitter)


def test_the_wait_doubles_with_every_try_up_to_its_cap() -> None:
    assert [wait(attempt).total_seconds() for attempt in (1, 2, 3, 8, 1000)] == [30, 60, 120, 3600, 3600]


def test_jitter_moves_the_wait_by_a_fifth_either_way() -> None:
    assert (wait(1, 0.0), wait(1, 0.9999) < timedelta(seconds=36)) == (timedelta(seconds=24), True)


def test_a_base_beyond_the_cap_waits_the_cap() -> None:
    assert wait(1, base=timedelta(days=2)) == CAP
