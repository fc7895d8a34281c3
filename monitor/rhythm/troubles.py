"""What is wrong with a source that an operator should hear of once, and hear again when it is over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model import SourceState
from monitor.rhythm.states import is_gone, median_gap

FAILING_TIMES = 6
FAILING_FOR = timedelta(hours=6)
SILENT_FOR = timedelta(hours=24)
SILENT_GAPS = 4


class Trouble(StrEnum):
    """What may be wrong with a source."""

    FAILING = "failing"
    SILENT = "silent"
    MOVED = "moved"
    GONE = "gone"


def troubles(
    state: SourceState,
    known: Mapping[Trouble, datetime],
    now: datetime,
    *,
    silent_for: timedelta = SILENT_FOR,
    is_local: bool = False,
) -> Mapping[Trouble, datetime]:
    """What is wrong now, and since when; `known` is what was wrong before.

    A source that fails now and then says nothing new: its troubles stay as they are until it works again.
    """
    if state.paused_at is not None:
        return {}
    if is_gone(state):
        return {Trouble.GONE: known.get(Trouble.GONE, state.gone_since or now)}
    found: dict[Trouble, datetime] = {
        trouble: since for trouble, since in known.items() if trouble in (Trouble.MOVED, Trouble.SILENT)
    }
    if is_failing(state, now):
        return found | {Trouble.FAILING: known.get(Trouble.FAILING, state.failing_since or now)}
    if state.failures:
        return known
    if not state.moved_to:
        found.pop(Trouble.MOVED, None)
    else:
        found.setdefault(Trouble.MOVED, state.last_success or now)
    last = state.last_article
    if last is not None and Trouble.SILENT in found and last > found[Trouble.SILENT]:
        del found[Trouble.SILENT]
    since = silent_since(state, silent_for, is_local=is_local)
    if since is not None:
        found.setdefault(Trouble.SILENT, since)
    return found


def is_failing(state: SourceState, now: datetime) -> bool:
    """Whether it has failed long enough and often enough to bother somebody."""
    since = state.failing_since
    return state.failures >= FAILING_TIMES and since is not None and now - since >= FAILING_FOR


def silent_since(state: SourceState, silent_for: timedelta, *, is_local: bool = False) -> datetime | None:
    """Since when it has brought nothing, when that is longer than its rhythm explains; else None.

    Measured up to its last success: while nobody asked, silence proves nothing. A folder without a rhythm is never
    silent: nobody promised that files come.
    """
    gap = median_gap(state.appeared)
    last = state.last_article or state.first_parsed
    if last is None or state.last_success is None or (gap is None and is_local):
        return None
    longest = max(silent_for, SILENT_GAPS * (gap or timedelta(0)))
    return last if state.last_success - last >= longest else None
