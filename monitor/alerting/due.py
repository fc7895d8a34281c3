"""Decide when a group is due, quiet or over. Pure: reads the clock's time as `now`, changes no group.

Before its first alert a group gathers for group_wait. After an alert it is quiet for max(group_interval, throttle);
a higher severity and enough new publishers end the quiet early, at a tick of group_interval, and so does a
correction. The most severe pending match gives the timing. A rule that waits for silence is due when nothing came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import AlertPolicy, Group, GroupState, Match, RuleCard, Severity

LIFE = timedelta(hours=24)
"""A group closes this long after its last member, unless it is still quiet or has something to tell."""


def policy_of(match: Match, cards: Mapping[str, RuleCard]) -> AlertPolicy:
    """How a match is timed; the built-in policy when its rule is gone."""
    return cards[match.rule].alert if match.rule in cards else AlertPolicy()


def top(matches: Sequence[Match]) -> Match:
    """The most severe match, of equals the first."""
    return max(matches, key=lambda match: match.severity)


def severity_of(group: Group, matches: Sequence[Match]) -> Severity:
    """The highest severity of matches of a group, or that to which the group escalated."""
    highest = top(matches).severity
    return highest if group.raised is None else max(highest, group.raised)


def is_over(group: Group, now: datetime) -> bool:
    """Whether the group is closed, or nothing came for so long that it closes now."""
    if group.state is GroupState.CLOSED:
        return True
    # Closing while quiet would let a new group speak inside a throttle longer than a day.
    return not (group.pending or group.corrections) and now >= max(
        group.last_member + LIFE, group.quiet_until or group.last_member
    )


def due_at(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime | None:
    """When a group is to be told; None when it has nothing to tell."""
    correction = _correction_at(group, cards, now)
    if not group.pending:
        return correction
    told = _told_at(group, cards, now)
    return told if correction is None else min(told, correction)


def _told_at(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime:
    if (quiet := silent_for(group, cards)) is not None:
        return max(group.last_member + quiet, group.quiet_until or group.last_member)
    if group.due is not None and group.due <= now:
        return group.due  # members that keep coming never postpone what is owed already
    most = top(group.pending)
    policy = policy_of(most, cards)
    if group.last_told is None or group.quiet_until is None:
        return group.opened + policy.group_wait
    if now >= group.quiet_until:
        gathered = now + policy.group_wait
        return gathered if group.due is None else min(group.due, gathered)
    if _pierces(group, policy):
        return min(group.quiet_until, _next_tick(group.last_told, policy.group_interval, now))
    return group.quiet_until


def is_due(group: Group, cards: Mapping[str, RuleCard], now: datetime, *, once: bool) -> bool:
    """Whether a group with pending members is told now. `once` counts the throttle only."""
    if once and not group.corrections:
        due: datetime | None = _due_once(group, cards, now)
    else:
        due = now if once else group.due
    return due is None or due <= now  # without a time it is told rather than forgotten


def _due_once(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime:
    """When a group with pending members may be told if nobody gathers: only the throttle counts."""
    if silent_for(group, cards) is not None:
        return _told_at(group, cards, now)
    policy = policy_of(top(group.pending), cards)
    if group.last_told is None or group.quiet_until is None or _pierces(group, policy):
        return now
    if group.quiet_until - group.last_told > policy.group_interval:
        return group.quiet_until  # only a throttle makes a quiet that long
    return min(group.quiet_until, group.last_told + policy.throttle)


def rises(group: Group, severity: Severity) -> bool:
    """Whether a severity is higher than all that the group told since it opened."""
    return group.told_severity is not None and severity > group.told_severity


def spreads(group: Group, policy: AlertPolicy) -> bool:
    """Whether as many publishers came since the last alert as end the throttle."""
    return 0 < policy.new_publishers <= len(group.new_publishers)


def _pierces(group: Group, policy: AlertPolicy) -> bool:
    return rises(group, severity_of(group, group.pending)) or spreads(group, policy)


def silent_for(group: Group, cards: Mapping[str, RuleCard]) -> timedelta | None:
    """For how long nothing must come before the group is told; None when it does not wait for silence."""
    when = policy_of(top(group.pending), cards).when
    return when.silent if when else None


def _correction_at(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime | None:
    if not group.corrections:
        return None
    policy = policy_of(top(group.corrections), cards)
    if group.last_told is None or group.quiet_until is None or now >= group.quiet_until:
        return now
    return min(group.quiet_until, _next_tick(group.last_told, policy.group_interval, now))


def _next_tick(last_told: datetime, interval: timedelta, now: datetime) -> datetime:
    """The first moment of last_told + n x interval (n from 1) that is not past."""
    if not interval:
        return now
    return last_told + interval * max(1, -((last_told - now) // interval))
