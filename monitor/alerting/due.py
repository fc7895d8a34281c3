"""Decide when a group is due, quiet or over. Pure: reads the clock's time as `now`, changes no group.

Before its first alert a group gathers for group_wait. After an alert it is quiet for max(group_interval, throttle);
only a higher severity ends the quiet early, at a tick of group_interval. The most severe pending match gives the
timing.
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


def is_over(group: Group, now: datetime) -> bool:
    """Whether the group is closed, or nothing came for so long that it closes now."""
    if group.state is GroupState.CLOSED:
        return True
    # Closing while quiet would let a new group speak inside a throttle longer than a day.
    return not group.pending and now >= max(group.last_member + LIFE, group.quiet_until or group.last_member)


def due_at(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime:
    """When a group with pending members is to be told."""
    if group.due is not None and group.due <= now:
        return group.due  # members that keep coming never postpone what is owed already
    most = top(group.pending)
    policy = policy_of(most, cards)
    if group.last_told is None or group.quiet_until is None:
        return group.opened + policy.group_wait
    if now >= group.quiet_until:
        gathered = now + policy.group_wait
        return gathered if group.due is None else min(group.due, gathered)
    if rises(group, most.severity):
        return min(group.quiet_until, _next_tick(group.last_told, policy.group_interval, now))
    return group.quiet_until


def is_due(group: Group, cards: Mapping[str, RuleCard], now: datetime, *, once: bool) -> bool:
    """Whether a group with pending members is told now. `once` counts the throttle only."""
    due = _due_once(group, cards, now) if once else group.due
    return due is None or due <= now  # without a time it is told rather than forgotten


def _due_once(group: Group, cards: Mapping[str, RuleCard], now: datetime) -> datetime:
    """When a group with pending members may be told if nobody gathers: only the throttle counts."""
    most = top(group.pending)
    if group.last_told is None or group.quiet_until is None or rises(group, most.severity):
        return now
    policy = policy_of(most, cards)
    if group.quiet_until - group.last_told > policy.group_interval:
        return group.quiet_until  # only a throttle makes a quiet that long
    return min(group.quiet_until, group.last_told + policy.throttle)


def rises(group: Group, severity: Severity) -> bool:
    """Whether a severity is higher than all that the group told since it opened."""
    return group.told_severity is not None and severity > group.told_severity


def _next_tick(last_told: datetime, interval: timedelta, now: datetime) -> datetime:
    """The first moment of last_told + n x interval (n from 1) that is not past."""
    if not interval:
        return now
    return last_told + interval * max(1, -((last_told - now) // interval))
