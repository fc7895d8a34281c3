"""What a poll changes about its source: a state and an outcome give the next state. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from monitor.model import Failure, Fetched, SourceState

MOST_APPEARED = 20
"""Moments of articles that a source's rhythm is read from."""

FEWEST_GAPS = 2
MOST_HASTE = 6
"""Halvings of an interval; with more, a wait of a day would come under the fastest."""

GONE_AFTER = timedelta(hours=24)
"""A second 410 so long after the first means it."""

GONE = 410


def succeeded(
    state: SourceState,
    fetched: Fetched,
    now: datetime,
    *,
    appeared: Iterable[datetime] = (),
    is_gap: bool = False,
) -> SourceState:
    """The state after a fetch that went well. `appeared`: when new articles did; `is_gap`: nothing of it was known.

    The cursor goes forward only: a message that a later one has overtaken does not bring back its own. A moment to
    come was written by a wrong clock and binds nobody.
    """
    at = fetched.at
    moments = tuple(appeared)
    if not fetched.unchanged:
        first = state.first_parsed
        state = replace(state, first_parsed=at if first is None else min(first, at))
    if moments:
        last = _past(state.last_article, now)
        state = replace(state, last_article=max(last or at, at), appeared=_latest(state.appeared, moments, now))
    if state.cursor_at is not None and at < state.cursor_at <= now:
        return state
    return replace(
        state,
        cursor=fetched.cursor,
        cursor_at=at,
        last_success=at,
        failures=0,
        failing_since=None,
        not_before=None,
        gone_since=None,
        moved_to=fetched.moved_to,
        wishes=fetched.wishes,
        haste=_haste(state.haste, fetched, is_gap=is_gap),
    )


def failed(state: SourceState, failure: Failure) -> SourceState:
    """The state after a fetch that failed. The cursor stays, unless the failure brings one."""
    at = failure.at
    since = state.failing_since if state.failures else None
    gone = state.gone_since
    if failure.status:  # who answers something else is there again
        gone = (_past(gone, at) or at) if failure.status == GONE else None
    return replace(
        state,
        cursor=state.cursor if failure.cursor is None else failure.cursor,
        failures=state.failures + 1,
        failing_since=_past(since, at) or at,
        last_error=failure.reason,
        last_error_at=at,
        not_before=failure.not_before,
        gone_since=gone,
    )


def is_gone(state: SourceState) -> bool:
    """Whether the server has said for a day that there is nothing any more."""
    gone, last = state.gone_since, state.last_error_at
    return bool(state.failures) and gone is not None and last is not None and last - gone >= GONE_AFTER


def median_gap(appeared: Iterable[datetime]) -> timedelta | None:
    """The median time between the latest articles; None while too few have appeared to tell."""
    gaps = [later - before for before, later in pairwise(sorted(appeared)) if later > before]
    if len(gaps) < FEWEST_GAPS:
        return None
    return timedelta(seconds=median(gap.total_seconds() for gap in gaps))


def _haste(haste: int, fetched: Fetched, *, is_gap: bool) -> int:
    """One halving more after a gap, one less after a document that overlaps what was known."""
    if is_gap:
        return min(haste + 1, MOST_HASTE)
    return haste if fetched.unchanged else max(haste - 1, 0)


def _latest(known: tuple[datetime, ...], new: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """The latest moments. Those of a clock that was ahead are moved back together: what matters is their rhythm."""
    ahead = max(known, default=now) - now
    kept = [moment - ahead for moment in known] if ahead > timedelta(0) else known
    return tuple(sorted({*kept, *(moment for moment in new if moment <= now)})[-MOST_APPEARED:])


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    """The moment, unless it is still to come."""
    return moment if moment is not None and moment <= now else None
