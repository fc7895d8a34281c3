"""When a source is polled next, and why then. Pure: state, pace, pauses, time and a random number give a moment.

`every` is a ceiling on delay. What server and document wish stretches it to at most `max_delay`; only failures,
pauses and 410 go beyond, each up to a bound of its own. Whatever clocks did, no moment lies beyond that bound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from monitor.model import Pause, SourceState, Wishes
from monitor.rhythm.pauses import holds
from monitor.rhythm.states import is_gone, median_gap
from monitor.timing import format_duration, to_epoch

EVERY = timedelta(minutes=15)
"""Between two polls of a feed whose rhythm is not known yet."""

SCAN_EVERY = timedelta(seconds=2)
"""Between two looks into a folder."""

SCAN_SOON = timedelta(milliseconds=500)
"""The next look when files are still growing, or were taken and are to be moved."""

LONGEST_BACKOFF = timedelta(hours=24)
LONGEST_FOLDER_BACKOFF = timedelta(minutes=5)  # looking at a folder costs nobody else anything
LONGEST_OFFLINE = timedelta(minutes=15)
GONE_EVERY = timedelta(hours=24)
LEAST_DELAY = timedelta(minutes=15)
"""`max_delay` is at least this long where nothing else is said."""

LONGEST_SPREAD = timedelta(minutes=5)
_SPREAD_EACH = timedelta(milliseconds=50)
SPREAD_TOGETHER = timedelta(minutes=1)
"""Over how long sources come back that were held until the same moment."""

JITTER = 0.1
"""The part of a wait that chance may cut; never lengthened, since `every` is a ceiling."""

_POLLS_A_GAP = 2
_POLLS_A_SILENCE = 16
"""A source silent for longer than its rhythm is polled less: so often in the time of the silence so far."""

_MOST_DOUBLINGS = 20


class Why(StrEnum):
    """Why a source is polled when it is."""

    EVERY = "as configured"
    RHYTHM = "its own rhythm"
    UNKNOWN = "its rhythm is not known yet"
    HASTE = "faster, because articles were missed"
    WISH = "its server wishes it"
    SKIP = "its document names hours or days to skip"
    PENDING = "files are not ready or not moved yet"
    FAILED = "failed"
    GONE = "gone (410), looked for once a day"
    SHUNNED = "its server asked for a pause"
    PAUSED = "paused"
    OFFLINE = "most servers are out of reach"
    DUE = "it is due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a source may and should be polled, as configured. `is_local`: a folder, whose polls cost nobody."""

    every: timedelta | None = None
    max_delay: timedelta | None = None
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(hours=6)
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a source is polled next (None: not before somebody resumes it), and why then.

    `every` is what the reason speaks of, `most` the bound that cut it, `detail` what else there is to say.
    """

    at: datetime | None
    why: Why
    every: timedelta | None = None
    most: timedelta | None = None
    detail: str = ""

    @property
    def reason(self) -> str:
        """In words."""
        said = [
            *([self.detail] if self.detail else []),
            *([f"every {format_duration(self.every)}"] if self.every is not None else []),
            *([f"at most every {format_duration(self.most)}"] if self.most is not None else []),
        ]
        return f"{self.why}: {', '.join(said)}" if said else self.why.value


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long after the last attempt, the longest that clocks may make of it, and why."""

    span: timedelta
    longest: timedelta
    why: Why
    every: timedelta | None = None
    most: timedelta | None = None
    detail: str = ""


def interval(state: SourceState, pace: Pace, now: datetime) -> tuple[timedelta, Why]:
    """Between two polls of a source that is healthy and whose server wishes nothing."""
    if pace.every is not None:
        base, why = pace.every, Why.EVERY
    elif pace.is_local:
        return SCAN_EVERY, Why.EVERY
    else:
        gap = median_gap(state.appeared)
        if gap is None:
            base, why = EVERY, Why.UNKNOWN
        else:
            silence = max(now - state.appeared[-1], timedelta(0))
            base, why = max(gap / _POLLS_A_GAP, silence / _POLLS_A_SILENCE), Why.RHYTHM
        base = min(max(base, pace.fastest), pace.slowest)
    if state.haste:
        return max(base / 2**state.haste, min(base, pace.fastest)), Why.HASTE
    return base, why


def phase(source: str) -> float:
    """A number in [0, 1) that belongs to a source: where in a spread its turn is."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:6]) / 2**48


def draw(state: SourceState) -> float:
    """A number in [0, 1) as if drawn for the next wait of a source: who asks again gets the same."""
    moments = [moment for moment in (state.last_success, state.last_error_at) if moment is not None]
    return phase(f"{state.id} {to_epoch(max(moments))}" if moments else state.id)


def spread_over(sources: int) -> timedelta:
    """Over how long the polls of so many overdue sources are spread: none waits where there are few."""
    return min(LONGEST_SPREAD, sources * _SPREAD_EACH)


def plan(
    state: SourceState,
    pace: Pace,
    now: datetime,
    *,
    jitter: float = 0.0,
    pauses: Iterable[Pause] = (),
    asked: datetime | None = None,
    is_pending: bool = False,
    is_offline: bool = False,
    spread: timedelta = timedelta(0),
) -> Plan:
    """Plan the next poll of a source.

    `jitter` in [0, 1) cuts the wait by up to a tenth. `pauses` are those of the source, its host and its domain.
    `asked` is when it was last polled, where the state does not know it yet; `spread` the time over which overdue
    sources take turns.
    """
    if state.paused_at is not None:
        return Plan(at=None, why=Why.PAUSED, detail=state.paused_by)
    wait = _wait(state, pace, now, is_pending=is_pending, is_offline=is_offline)
    # What is to be skipped is skipped to its end, and not by everybody until the same second.
    skipped = phase(state.id) * SPREAD_TOGETHER if wait.why is Why.SKIP else None
    span = wait.span * (1 - JITTER * jitter) if skipped is None else wait.span + skipped
    attempts = [moment for moment in (asked, state.last_success, state.last_error_at) if moment is not None]
    # A moment to come was written by a wrong clock: as if it were now.
    due = min(max(attempts), now) + span if attempts else now
    due = min(due, now + wait.longest)
    found = Plan(at=due, why=wait.why, every=wait.every, most=wait.most, detail=wait.detail)
    for pause in pauses:
        if holds(pause, now) and pause.until > (found.at or now):
            after = phase(state.id) * SPREAD_TOGETHER
            found = Plan(at=pause.until + after, why=Why.SHUNNED, detail=f"{pause.scope}, {pause.reason}")
    if found.at is not None and found.at <= now:
        turn = timedelta(0) if pace.is_local else spread * phase(state.id)  # a folder asks nobody
        return Plan(at=now + turn, why=Why.DUE)
    return found


def _wait(state: SourceState, pace: Pace, now: datetime, *, is_pending: bool, is_offline: bool) -> _Wait:
    base, why = interval(state, pace, now)
    bound = max(pace.slowest, pace.every or base)
    if is_offline and not pace.is_local:
        return _Wait(min(base, LONGEST_OFFLINE), LONGEST_OFFLINE, Why.OFFLINE)
    if is_gone(state):
        return _Wait(GONE_EVERY, GONE_EVERY, Why.GONE)
    if state.failures:
        cap = max(base, LONGEST_FOLDER_BACKOFF if pace.is_local else LONGEST_BACKOFF)
        doubled = min(base * 2 ** min(state.failures, _MOST_DOUBLINGS), cap)
        return _Wait(doubled, max(cap, bound), Why.FAILED, detail=f"{state.failures} in a row, {_word(state)}")
    if is_pending:
        return _Wait(min(SCAN_SOON, base), bound, Why.PENDING)
    if pace.is_local:
        return _Wait(base, bound, why)
    return _stretched(state, pace, base, why, now)


def _word(state: SourceState) -> str:
    return state.last_error if len(state.last_error) <= 80 else state.last_error[:79] + "…"


def _stretched(state: SourceState, pace: Pace, base: timedelta, why: Why, now: datetime) -> _Wait:
    """The interval, stretched as server and document wish, to at most `max_delay`."""
    most = pace.max_delay or max(2 * base, LEAST_DELAY)
    if pace.every is None and pace.max_delay is None:
        most = min(most, pace.slowest)
    most = max(most, base)
    wishes = state.wishes
    wish = max(wishes.ttl or timedelta(0), wishes.fresh_for or timedelta(0))
    span = min(max(base, wish), most)
    longest = max(most, pace.slowest)
    if wishes.skip_hours or wishes.skip_days:
        last = min(state.last_success or now, now)
        allowed = min(_next_allowed(last + span, wishes) - last, most)
        if allowed > span:
            return _Wait(allowed, longest + SPREAD_TOGETHER, Why.SKIP, most=most)
    if span > base:
        return _Wait(span, longest, Why.WISH, wish, most)
    return _Wait(base, longest, why, base)


def _next_allowed(moment: datetime, wishes: Wishes) -> datetime:
    """The first moment from `moment` on that the document does not ask to skip; what blocks everything binds not."""
    hours = frozenset(wishes.skip_hours) & frozenset(range(24))
    days = frozenset(wishes.skip_days) & frozenset(range(7))
    if len(hours) == 24 or len(days) == 7:
        return moment
    at = moment.astimezone(UTC)
    while at.hour in hours or at.weekday() in days:
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at
