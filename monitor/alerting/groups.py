"""Gather matches into groups, and decide when a group is told. Pure: groups in, changed groups and dispositions out.

A group belongs to a channel and a key, and goes gathering -> told -> closed. After an alert it is quiet; members fold
until the quiet ends, when one update tells them. The most severe pending match gives the timing. Nothing is sent or
stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from monitor.alerting.conditions import Tally
from monitor.alerting.due import due_at, is_due, is_over, policy_of, rises, severity_of, silent_for, spreads, top
from monitor.alerting.gathering import Collected, Gathering, name_of, state_of, without
from monitor.alerting.keys import GroupId
from monitor.alerting.routing import Candidate
from monitor.alerting.silences import Labels, silenced_by
from monitor.model import (
    Alert,
    Article,
    Disposition,
    Group,
    GroupState,
    Match,
    MatchState,
    RuleCard,
    Severity,
    Silence,
)


class Reason(StrEnum):
    """What `flush` decided and why; an alert carries one of those before SILENCED."""

    FIRST = "first"
    AGAIN = "reopened"
    UPDATE = "update"
    ROSE = "severity rose"
    ESCALATED = "escalated"
    SPREAD = "spread"
    SILENT = "silence"
    CORRECTION = "correction"
    SILENCED = "silenced"
    NOT_DUE = "not due"
    EMPTY = "nothing pending"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _WORDS[self]


_WORDS = {
    Reason.FIRST: "first news of its group",
    Reason.AGAIN: "news again after its group had closed",
    Reason.UPDATE: "more news since the last alert of its group",
    Reason.ROSE: "more severe than what its group had told",
    Reason.ESCALATED: "its rule escalated it",
    Reason.SPREAD: "many new publishers tell it",
    Reason.SILENT: "nothing more came for as long as its rule waits",
    Reason.CORRECTION: "an edit took back what was told",
    Reason.SILENCED: "every pending match is silenced",
    Reason.NOT_DUE: "its group is not due yet",
    Reason.EMPTY: "its group has nothing to tell",
    Reason.CLOSED: "its group closed: nothing came for a day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What telling knows of one pending match beside itself: its article and its story."""

    article: Article
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """What became of a group that was asked. `alert` is set when it is to be told; `states` are the new
    dispositions."""

    reason: Reason
    group: Group
    alert: Alert | None = None
    states: tuple[MatchState, ...] = ()


def collect(
    candidates: Sequence[Candidate],
    groups: Mapping[GroupId, Group],
    now: datetime,
    new_code: Callable[[str], str],
    *,
    cards: Mapping[str, RuleCard],
    withdrawn: Sequence[Match] = (),
    floors: Mapping[str, Severity] = MappingProxyType({}),
    corrected: Sequence[tuple[GroupId, Match]] = (),
    restored: Sequence[Match] = (),
    tally: Tally | None = None,
) -> Collected:
    """Put new matches into groups and take withdrawn ones out.

    `groups` holds at least the `wanted` groups that exist, closed ones too, and those in which `withdrawn` matches
    pend. `new_code` gives the short code of a group key. `cards` are all active rules: members of a rule that is gone
    are timed by the built-in policy. `floors` is the lowest severity that a channel takes, by its name. `corrected`
    are matches that were told by a group and taken back, `restored` such as hold again; their groups are among
    `groups`.
    `tally` is what was counted for conditions on volume; new matches are counted in it.
    """
    this = Gathering(dict(groups), now, new_code, cards, Tally() if tally is None else tally, floors)
    this.withdraw(withdrawn)
    for group_id, match in corrected:
        this.correct(group_id, match)
    for match in restored:
        this.restore(match)
    for candidate in candidates:
        this.take(candidate)
    return this.collected()


def flush(
    group: Group,
    cards: Mapping[str, RuleCard],
    silences: Sequence[Silence],
    now: datetime,
    *,
    alert_id: str,
    told: Mapping[tuple[str, int], Told],
    once: bool = False,
) -> Flush:
    """Decide whether a group is told now.

    `told` gives article and story by (article id, version); what it lacks is told without them. `once` ignores
    group_wait and group_interval, not the throttle.
    """
    if group.corrections and is_due(group, cards, now, once=once):
        return _corrected(group, cards, silences, now, alert_id, told)
    if not group.pending and not group.corrections:
        if is_over(group, now):
            return Flush(reason=Reason.CLOSED, group=replace(group, state=GroupState.CLOSED, due=None))
        return Flush(reason=Reason.EMPTY, group=replace(group, due=None))
    if not is_due(group, cards, now, once=once):
        return Flush(reason=Reason.NOT_DUE, group=group)
    telling, states = [], []
    for match in group.pending:
        is_drill = match.rule in cards and cards[match.rule].is_drill  # it tests the way, so nothing mutes it
        silence = None if is_drill else silenced_by(silences, _labels(match, group, told), now)
        if silence is None:
            telling.append(match)
        else:
            reason = f"silence {silence.id} by {silence.author}: {silence.reason}"
            states.append(state_of(match, group, Disposition.SILENCED, reason))
    if not telling:
        state = GroupState.CLOSED if group.state is GroupState.GATHERING else group.state
        muted = replace(group, state=state, pending=(), due=None)
        return Flush(reason=Reason.SILENCED, group=muted, states=tuple(states))
    severity = severity_of(group, telling)
    reason = _why(group, telling, cards)
    alert = _alert(group, telling, reason, severity, alert_id, told, now)
    states += [state_of(match, group, Disposition.ALERTED, reason.words, alert_id) for match in telling]
    after = replace(_quiet(group, telling, cards, now), sequence=alert.sequence)
    return Flush(reason=reason, group=after, alert=alert, states=tuple(states))


def told_elsewhere(group: Group, alert: Alert, cards: Mapping[str, RuleCard], now: datetime) -> Group:
    """A group after an alert of a sibling (same channel, other key) told some of its pending matches.

    No match is told twice. A group that has nothing left was told by that alert, and is quiet as if by its own.
    """
    names = {name_of(match) for match in alert.matches}
    shared = [match for match in group.pending if name_of(match) in names]
    rest = tuple(match for match in group.pending if name_of(match) not in names)
    if shared and not rest:
        return _quiet(group, shared, cards, now)
    return without(group, names, cards, now)


def _story(match: Match, told: Mapping[tuple[str, int], Told]) -> str:
    known = told.get((match.article_id, match.version))
    return known.story_id if known else ""


def _labels(match: Match, group: Group, told: Mapping[tuple[str, int], Told]) -> Labels:
    labels: dict[str, Collection[str]] = {
        "rule": (match.rule,),
        "channel": (group.channel,),
        "code": (group.code,),
        "severity": (match.severity.word,),
        "entity": match.entities,
    }
    if known := told.get((match.article_id, match.version)):
        labels |= {
            "story": (known.story_id,),
            "source": (known.article.source,),
            "publisher": (known.article.publisher,),
        }
    return labels


def _corrected(
    group: Group,
    cards: Mapping[str, RuleCard],
    silences: Sequence[Silence],
    now: datetime,
    alert_id: str,
    told: Mapping[tuple[str, int], Told],
) -> Flush:
    """Tell what an edit took back, by an alert of its own in the same thread; what pends is told later."""
    telling = [
        match for match in group.corrections if silenced_by(silences, _labels(match, group, told), now) is None
    ]
    after = replace(group, corrections=(), due=None)
    if not telling:
        return Flush(reason=Reason.SILENCED, group=replace(after, due=due_at(after, cards, now)))
    alert = _alert(group, telling, Reason.CORRECTION, top(telling).severity, alert_id, told, now)
    after = replace(after, sequence=alert.sequence)
    return Flush(reason=Reason.CORRECTION, group=replace(after, due=due_at(after, cards, now)), alert=alert)


def _alert(
    group: Group,
    telling: Sequence[Match],
    reason: Reason,
    severity: Severity,
    alert_id: str,
    told: Mapping[tuple[str, int], Told],
    now: datetime,
) -> Alert:
    return Alert(
        id=alert_id,
        channel=group.channel,
        code=group.code,
        rules=tuple(dict.fromkeys(m.rule for m in sorted(telling, key=lambda m: -m.severity))),
        severity=severity,
        group_key=group.key,
        sequence=group.sequence + 1,
        matches=tuple(telling),
        stories=tuple(dict.fromkeys(s for m in telling if (s := _story(m, told)))),
        reason=reason.value,
        created=now,
    )


def _quiet(group: Group, telling: Sequence[Match], cards: Mapping[str, RuleCard], now: datetime) -> Group:
    """The group after its pending matches were told: quiet, with nothing pending but corrections."""
    policy = policy_of(top(telling), cards)
    severity = severity_of(group, telling)
    group = replace(
        group,
        state=GroupState.TOLD,
        pending=(),
        due=None,
        last_told=now,
        quiet_until=now + max(policy.group_interval, policy.throttle),
        told_severity=severity if group.told_severity is None else max(severity, group.told_severity),
        told_publishers=group.told_publishers | group.new_publishers,
        new_publishers=frozenset(),
    )
    return replace(group, due=due_at(group, cards, now))


def _why(group: Group, telling: Sequence[Match], cards: Mapping[str, RuleCard]) -> Reason:
    if silent_for(replace(group, pending=tuple(telling)), cards) is not None:
        return Reason.SILENT
    if group.state is not GroupState.TOLD:
        return Reason.AGAIN if group.sequence else Reason.FIRST
    severity = severity_of(group, telling)
    if rises(group, severity):
        return Reason.ROSE if severity == top(telling).severity else Reason.ESCALATED
    return Reason.SPREAD if spreads(group, policy_of(top(telling), cards)) else Reason.UPDATE
