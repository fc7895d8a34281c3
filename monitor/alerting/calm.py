"""Decide when a channel is left in peace: quiet days and hours, digests, at most so many messages in a time. Pure.

Days and hours are local; a clock that jumps in spring makes a missing hour begin at the jump, one that is set back
in autumn makes quiet last through both, and a digest come once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.model import Severity
from monitor.timing import format_duration

CATCH_UP = timedelta(hours=1)
"""What waited longer for a channel, or for Rasid, is told together."""

FLOOD = 3
"""Fewer that waited so long are told one by one."""

_UTC = ZoneInfo("UTC")
_LONGEST_QUIET = timedelta(days=8)
_MOMENT = timedelta(seconds=1)


class Cause(StrEnum):
    """Why deliveries are held and told together."""

    QUIET = "quiet"
    DIGEST = "digest"
    AT_MOST = "at_most"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A span of each of these days (0 is Monday; none means every day), from `start` to `end` local time.

    An end at or before the start is on the next day; 00:00 to 00:00 is the whole day.
    """

    days: frozenset[int] = frozenset()
    start: time = time(0)
    end: time = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """When messages are told together: at these local times of each day, or with none on every full hour."""

    times: tuple[time, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """What a channel asks for. The default asks for nothing."""

    from_severity: Severity = Severity.INFO
    quiet: tuple[Quiet, ...] = ()
    lets_through: Severity | None = None
    digest: Digest | None = None
    at_most: int = 0  # 0: no bound
    per: timedelta = timedelta(hours=1)
    catches_up: bool = False  # after an outage, one message for all that waited
    zone: ZoneInfo = _UTC

    @property
    def may_hold(self) -> bool:
        """Whether it ever holds a message that may be told."""
        return bool(self.quiet or self.digest is not None or self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A delivery is not to be sent before `until`, and why."""

    until: datetime
    cause: Cause
    reason: str


def hold(
    calm: Calm, severity: Severity, now: datetime, sent: Sequence[datetime] = (), *, is_digest: bool = False
) -> Hold | None:
    """Why and until when a message of `severity` is held; None when it may go now.

    `sent` are the times at which the recipient was sent messages, of which those within `calm.per` count. A digest
    itself is held by quiet alone.
    """
    if not is_digest and calm.digest is not None:
        return Hold(until=_digest_time(calm, now), cause=Cause.DIGEST, reason="told in the next digest")
    if calm.lets_through is None or severity < calm.lets_through:
        until = quiet_until(calm, now)
        if until is not None:
            return Hold(until=until, cause=Cause.QUIET, reason="the channel has quiet hours")
    counted = sorted(moment for moment in sent if moment > now - calm.per)
    if not is_digest and calm.at_most and len(counted) >= calm.at_most:
        reason = f"the channel takes at most {calm.at_most} per {format_duration(calm.per)}"
        return Hold(until=counted[-calm.at_most] + calm.per, cause=Cause.AT_MOST, reason=reason)
    return None


def quiet_until(calm: Calm, now: datetime) -> datetime | None:
    """When the quiet that holds now ends; None when there is none. One that never ends is cut after eight days."""
    until = now
    while (end := _end_of_quiet(calm, until)) is not None and until - now < _LONGEST_QUIET:
        until = end
    return until if until > now else None


def next_digest(calm: Calm, now: datetime) -> datetime:
    """The first digest after `now`. Only for a channel that has digests."""
    assert calm.digest is not None
    if not calm.digest.times:  # full hours of local time, also where offsets are not whole hours
        local = now.astimezone(calm.zone)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now + timedelta(hours=1) - into
    day = now.astimezone(calm.zone).date()
    moments = (
        at(day + timedelta(days=ahead), clock, calm.zone) for ahead in (0, 1, 2) for clock in calm.digest.times
    )
    return min(moment for moment in moments if moment > now)


def at(day: date, clock: time, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """A local time as a moment in UTC: the jump itself where the clock leaves it out, the first (or `last`) where it
    comes twice."""
    early, late = (datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last else early
    # In a gap the two folds stand on either side of the jump, the second before it.
    before, after = late, early
    offset = before.astimezone(zone).utcoffset()
    while after - before > _MOMENT:
        middle = before + (after - before) / 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after.replace(microsecond=0)


def _digest_time(calm: Calm, now: datetime) -> datetime:
    """The next digest, put off to the end of a quiet that it would fall into."""
    moment = next_digest(calm, now)
    return quiet_until(calm, moment) or moment


def _end_of_quiet(calm: Calm, now: datetime) -> datetime | None:
    """The latest end of the spans that hold at a moment."""
    today = now.astimezone(calm.zone).date()
    ends = []
    for quiet in calm.quiet:
        for day in (today - timedelta(days=1), today):
            if quiet.days and day.weekday() not in quiet.days:
                continue
            last = day + timedelta(days=1) if quiet.end <= quiet.start else day
            if at(day, quiet.start, calm.zone) <= now < (end := at(last, quiet.end, calm.zone, last=True)):
                ends.append(end)
    return max(ends, default=None)
