"""What a poll changes about its source."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import Failure, Fetched, SourceState, Wishes
from monitor.rhythm.states import MOST_APPEARED, MOST_HASTE, failed, is_gone, median_gap, succeeded

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NEW = SourceState(id="news")


def fetched(at: datetime = NOW, **more: Any) -> Fetched:
    values: dict[str, Any] = {"source": "news", "key": "k", "at": at, "cursor": {"etag": "e"}}
    return Fetched(**(values | more))


def failure(at: datetime = NOW, **more: Any) -> Failure:
    values: dict[str, Any] = {"source": "news", "at": at, "reason": "the server answered 500", "status": 500}
    return Failure(**(values | more))


def test_a_first_document_gives_cursor_times_and_wishes() -> None:
    wishes = Wishes(ttl=HOUR)
    state = succeeded(NEW, fetched(wishes=wishes, moved_to="https://x.example/"), NOW, appeared=[NOW - HOUR])

    assert state == SourceState(
        id="news",
        cursor={"etag": "e"},
        cursor_at=NOW,
        first_parsed=NOW,
        last_success=NOW,
        last_article=NOW,
        wishes=wishes,
        moved_to="https://x.example/",
        appeared=(NOW - HOUR,),
    )


def test_nothing_new_is_a_success_too_but_no_document() -> None:
    state = succeeded(NEW, fetched(unchanged=True), NOW)

    assert (state.last_success, state.first_parsed, state.last_article) == (NOW, None, None)


def test_a_success_ends_failures_and_what_came_of_them() -> None:
    bad = replace(
        NEW, failures=7, failing_since=NOW, last_error="x", last_error_at=NOW, not_before=NOW, gone_since=NOW
    )
    state = succeeded(bad, fetched(NOW + HOUR), NOW + HOUR)

    assert (state.failures, state.failing_since, state.not_before, state.gone_since) == (0, None, None, None)
    assert (state.last_error, state.last_error_at) == ("x", NOW)  # what it was stays readable


def test_an_overtaken_message_brings_its_articles_but_not_its_cursor() -> None:
    later = succeeded(NEW, fetched(NOW + HOUR, cursor={"n": 2}), NOW + HOUR)
    state = succeeded(later, fetched(NOW, cursor={"n": 1}), NOW + HOUR, appeared=[NOW])

    assert (state.cursor, state.last_success, state.first_parsed) == ({"n": 2}, NOW + HOUR, NOW)
    assert state.appeared == (NOW,)


def test_a_cursor_from_the_future_of_a_wrong_clock_does_not_hold_up_what_comes_now() -> None:
    ahead = succeeded(NEW, fetched(NOW + 365 * DAY, cursor={"n": 1}), NOW + 365 * DAY, appeared=[NOW + 365 * DAY])
    state = succeeded(ahead, fetched(NOW, cursor={"n": 2}), NOW, appeared=[NOW])

    assert (state.cursor, state.cursor_at, state.last_success, state.last_article) == ({"n": 2}, NOW, NOW, NOW)
    assert state.first_parsed == NOW


def test_a_clock_put_back_does_not_forget_the_rhythm() -> None:
    year = 365 * DAY
    hours = [NOW + year + n * HOUR for n in (-2, -1, 0)]
    ahead = succeeded(NEW, fetched(NOW + year), NOW + year, appeared=hours)
    state = succeeded(ahead, fetched(NOW), NOW, appeared=[NOW, NOW + DAY])

    assert state.appeared == (NOW - 2 * HOUR, NOW - HOUR, NOW)  # what appears tomorrow does not count yet


def test_failures_are_counted_from_their_first_on() -> None:
    once = failed(NEW, failure())
    twice = failed(once, failure(NOW + HOUR, reason="the server answered 502", not_before=NOW + DAY))

    assert (once.failures, once.failing_since, once.cursor) == (1, NOW, {})
    assert (twice.failures, twice.failing_since) == (2, NOW)
    assert (twice.last_error, twice.last_error_at) == ("the server answered 502", NOW + HOUR)
    assert twice.not_before == NOW + DAY


def test_a_failure_leaves_the_cursor_unless_it_brings_one() -> None:
    known = replace(NEW, cursor={"etag": "e", "url": "x"})
    assert failed(known, failure()).cursor == {"etag": "e", "url": "x"}
    assert failed(known, failure(cursor={"etag": "e"})).cursor == {"etag": "e"}


def test_failing_since_a_time_to_come_begins_now() -> None:
    ahead = replace(NEW, failures=3, failing_since=NOW + 365 * DAY, gone_since=NOW + 365 * DAY)
    state = failed(ahead, failure(status=410))
    assert (state.failing_since, state.gone_since) == (NOW, NOW)


def test_what_answers_410_for_a_day_is_gone() -> None:
    first = failed(NEW, failure(status=410))
    second = failed(first, failure(NOW + 23 * HOUR, status=410))
    third = failed(second, failure(NOW + 24 * HOUR, status=410))

    assert [is_gone(state) for state in (NEW, first, second, third)] == [False, False, False, True]


@pytest.mark.parametrize(("status", "since"), [(0, NOW), (500, None)])
def test_another_answer_than_410_shows_that_it_is_there_and_no_answer_shows_nothing(
    status: int, since: datetime | None
) -> None:
    state = failed(failed(NEW, failure(status=410)), failure(NOW + DAY, status=status))
    assert state.gone_since == since


def test_haste_grows_with_each_gap_and_goes_with_each_document_without() -> None:
    state = NEW
    for n in range(MOST_HASTE + 3):
        state = succeeded(state, fetched(NOW + n * HOUR), NOW + n * HOUR, is_gap=True)
    assert state.haste == MOST_HASTE
    same = succeeded(state, fetched(NOW + DAY, unchanged=True), NOW + DAY)
    calm = succeeded(same, fetched(NOW + 2 * DAY), NOW + 2 * DAY)
    assert (same.haste, calm.haste) == (MOST_HASTE, MOST_HASTE - 1)
    assert succeeded(NEW, fetched(), NOW).haste == 0


def test_the_latest_moments_are_kept_in_order_and_none_twice() -> None:
    moments = [NOW - n * HOUR for n in range(50)]
    state = succeeded(NEW, fetched(), NOW, appeared=[*moments, *moments])
    assert state.appeared == tuple(sorted(moments)[-MOST_APPEARED:])


@pytest.mark.parametrize(
    ("minutes", "gap"),
    [((), None), ((0,), None), ((0, 10), None), ((0, 0, 10), None), ((0, 10, 30), 15), ((0, 1, 2, 60), 1)],
)
def test_the_median_gap_needs_three_moments(minutes: tuple[int, ...], gap: int | None) -> None:
    found = median_gap(NOW + n * MINUTE for n in minutes)
    assert found == (None if gap is None else gap * MINUTE)
