"""What an operator should hear of a source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import SourceState
from monitor.rhythm.troubles import Trouble, troubles

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING: Mapping[Trouble, datetime] = {}


def wrong(
    known: Mapping[Trouble, datetime] = NOTHING, *, is_local: bool = False, **state: Any
) -> dict[Trouble, datetime]:
    defaults: dict[str, Any] = {
        "id": "news",
        "first_parsed": NOW - 90 * DAY,
        "last_success": NOW,
        "last_article": NOW,
    }
    made = SourceState(**(defaults | state))
    return dict(troubles(made, known, NOW, is_local=is_local))


@pytest.mark.parametrize(
    ("failures", "hours", "is_wrong"), [(6, 6, True), (600, 6, True), (5, 60, False), (60, 5, False)]
)
def test_a_source_is_failing_after_six_times_and_six_hours(failures: int, hours: int, is_wrong: bool) -> None:
    since = NOW - hours * HOUR
    found = wrong(failures=failures, failing_since=since, last_error_at=NOW)
    assert found == ({Trouble.FAILING: since} if is_wrong else {})


@pytest.mark.parametrize(
    ("hours", "gaps", "is_wrong"),
    [
        (24, (1, 1, 1), True),
        (23, (1, 1, 1), False),
        (24, (), True),  # without a rhythm a day is long
        (39, (10, 10), False),  # four median gaps
        (40, (10, 10), True),
    ],
)
def test_a_source_is_silent_for_longer_than_a_day_and_four_gaps(
    hours: int, gaps: tuple[int, ...], is_wrong: bool
) -> None:
    last = NOW - hours * HOUR
    appeared = tuple(last - sum(gaps[:n]) * HOUR for n in range(len(gaps), -1, -1)) if gaps else ()
    assert wrong(last_article=last, appeared=appeared) == ({Trouble.SILENT: last} if is_wrong else {})


def test_a_feed_that_never_had_an_article_is_silent_from_its_first_document_on() -> None:
    assert wrong(last_article=None, first_parsed=NOW - 2 * DAY) == {Trouble.SILENT: NOW - 2 * DAY}
    assert wrong(last_article=None, first_parsed=None) == {}


def test_a_folder_without_a_rhythm_is_never_silent() -> None:
    last = NOW - 9 * DAY
    assert wrong(last_article=last, is_local=True) == {}
    appeared = (last - 2 * HOUR, last - HOUR, last)
    assert wrong(last_article=last, appeared=appeared, is_local=True) == {Trouble.SILENT: last}


def test_silence_while_nobody_asked_proves_nothing() -> None:
    assert wrong(last_article=NOW - 9 * DAY, last_success=NOW - 9 * DAY + HOUR) == {}


def test_silence_ends_with_the_next_article_and_not_because_nobody_asks() -> None:
    known = {Trouble.SILENT: NOW - 9 * DAY}
    assert wrong(known, last_article=NOW - 9 * DAY, last_success=NOW - 8.9 * DAY) == known
    assert wrong(known, last_article=NOW) == {}
    assert wrong(known, last_article=None, first_parsed=NOW - 9 * DAY) == known


def test_a_source_has_moved_until_the_configuration_says_so() -> None:
    found = wrong(moved_to="https://new.example/rss")
    assert found == {Trouble.MOVED: NOW}
    known = {Trouble.MOVED: NOW - DAY}
    assert wrong(known, moved_to="https://new.example/rss") == known
    assert wrong(known) == {}


def test_what_is_gone_is_not_failing_as_well() -> None:
    state: dict[str, Any] = {
        "failures": 60,
        "failing_since": NOW - 3 * DAY,
        "gone_since": NOW - 2 * DAY,
        "last_error_at": NOW,
    }
    known = {Trouble.FAILING: NOW - 3 * DAY, Trouble.SILENT: NOW - 3 * DAY}
    assert wrong(known, **state) == {Trouble.GONE: NOW - 2 * DAY}
    assert wrong({Trouble.GONE: NOW - DAY}, **state) == {Trouble.GONE: NOW - DAY}


def test_a_failure_in_between_neither_begins_nor_ends_anything() -> None:
    known = {Trouble.MOVED: NOW - DAY, Trouble.SILENT: NOW - DAY, Trouble.GONE: NOW - DAY}
    assert wrong(known, failures=1, failing_since=NOW, last_article=NOW - 9 * DAY) == known
    assert wrong(failures=1, failing_since=NOW, last_article=NOW - 9 * DAY, moved_to="https://x.example/") == {}


def test_failing_keeps_what_was_wrong_before_and_ends_with_a_success() -> None:
    known = {Trouble.MOVED: NOW - DAY, Trouble.FAILING: NOW - DAY}
    assert wrong(known, failures=9, failing_since=NOW - DAY, last_error_at=NOW) == known
    assert wrong(known, moved_to="https://x.example/") == {Trouble.MOVED: NOW - DAY}


def test_a_paused_source_has_no_troubles() -> None:
    assert wrong({Trouble.SILENT: NOW - DAY}, paused_at=NOW, failures=99, failing_since=NOW - DAY) == {}
