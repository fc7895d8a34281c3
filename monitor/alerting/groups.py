"""Gather matches into groups, and decide when a group is told. Pure: groups in, changed groups and dispositions out.

A group belongs to a channel and a key, and goes gathering -> told -> closed. After an alert it is quiet; members fold
until the quiet ends, when one update tells them. The most severe pending match gives the timing. Nothing is sent or
stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import product
from types import MappingProxyType

from monitor.alerting.due import due_at, is_due, is_over, policy_of, rises, top
from monitor.alerting.routing import Candidate, route
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

GroupId = tuple[str, str]
"""Channel and group key."""


class Reason(StrEnum):
    """What `flush` decided and why; an alert carries one of the first four."""

    FIRST = "first"
    AGAIN = "reopened"
    UPDATE = "update"
    ROSE = "severity rose"
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
    Reason.SILENCED: "every pending match is silenced",
    Reason.NOT_DUE: "its group is not due yet",
    Reason.EMPTY: "its group has nothing to tell",
    Reason.CLOSED: "its group closed: nothing came for a day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What new matches changed: groups to write, and the disposition of each match on each of its channels."""

    groups: tuple[Group, ...] = ()
    states: tuple[MatchState, ...] = ()


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


def keys(candidate: Candidate) -> tuple[str, ...]:
    """The group keys of a match: one, or as many as it has entities when its rule groups by entity."""
    match = candidate.match
    if not candidate.card.alert.group_by:
        return (f"match={match.rule}/{match.article_id}/{match.version}",)
    values: dict[str, tuple[str, ...]] = {
        "story": (candidate.story_id,),
        "rule": (match.rule,),
        "source": (candidate.article.source,),
        "entity": match.entities or ("",),
        "publisher": (candidate.article.publisher,),
        "severity": (match.severity.word,),
    }
    parts = ([f"{label}={_escaped(value)}" for value in values[label]] for label in candidate.card.alert.group_by)
    return tuple(dict.fromkeys("|".join(combination) for combination in product(*parts)))


def wanted(candidates: Iterable[Candidate]) -> frozenset[GroupId]:
    """The groups that `collect` needs to see for these candidates."""
    return frozenset(
        (channel, key) for candidate in candidates for channel in candidate.card.notify for key in keys(candidate)
    )


def collect(
    candidates: Sequence[Candidate],
    groups: Mapping[GroupId, Group],
    now: datetime,
    new_code: Callable[[str], str],
    *,
    cards: Mapping[str, RuleCard],
    withdrawn: Sequence[Match] = (),
    floors: Mapping[str, Severity] = MappingProxyType({}),
) -> Collected:
    """Put new matches into groups and take withdrawn ones out.

    `groups` holds at least the `wanted` groups that exist, closed ones too, and those in which `withdrawn` matches
    pend. `new_code` gives the short code of a group key. `cards` are all active rules: members of a rule that is gone
    are timed by the built-in policy. `floors` is the lowest severity that a channel takes, by its name.
    """
    known = dict(groups)
    changed: dict[GroupId, None] = {}
    states = []
    gone = {_name(match) for match in withdrawn}
    for group_id, group in groups.items():
        if lost := [match for match in group.pending if _name(match) in gone]:
            known[group_id] = _without(group, {_name(match) for match in lost}, cards, now)
            changed[group_id] = None
            states += [_state(match, group, Disposition.WITHDRAWN, "an edit took it back in time") for match in lost]
    for candidate in candidates:
        for way in route(candidate, now, floors):
            if way.disposition is not None:
                states.append(
                    MatchState(
                        rule=candidate.match.rule,
                        article_id=candidate.match.article_id,
                        version=candidate.match.version,
                        channel=way.channel,
                        disposition=way.disposition,
                        reason=way.reason,
                    )
                )
                continue
            joined = []
            for key in keys(candidate):
                group_id = (way.channel, key)
                joined.append(_joined(known.get(group_id), candidate.match, group_id, now, new_code, cards))
                known[group_id] = joined[-1]
                changed[group_id] = None
            states.append(_first_state(candidate.match, joined, now))
    return Collected(groups=tuple(known[group_id] for group_id in changed), states=_one_each(states))


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
    if not group.pending:
        if is_over(group, now):
            return Flush(reason=Reason.CLOSED, group=replace(group, state=GroupState.CLOSED, due=None))
        return Flush(reason=Reason.EMPTY, group=replace(group, due=None))
    if not is_due(group, cards, now, once=once):
        return Flush(reason=Reason.NOT_DUE, group=group)
    telling, states = [], []
    for match in group.pending:
        silence = silenced_by(silences, _labels(match, group, told), now)
        if silence is None:
            telling.append(match)
        else:
            reason = f"silence {silence.id} by {silence.author}: {silence.reason}"
            states.append(_state(match, group, Disposition.SILENCED, reason))
    if not telling:
        state = GroupState.CLOSED if group.state is GroupState.GATHERING else group.state
        muted = replace(group, state=state, pending=(), due=None)
        return Flush(reason=Reason.SILENCED, group=muted, states=tuple(states))
    severity = top(telling).severity
    reason = _why(group, severity)
    alert = Alert(
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
    states += [_state(match, group, Disposition.ALERTED, reason.words, alert_id) for match in telling]
    after = replace(_quiet(group, telling, cards, now), pending=(), due=None, sequence=alert.sequence)
    return Flush(reason=reason, group=after, alert=alert, states=tuple(states))


def told_elsewhere(group: Group, alert: Alert, cards: Mapping[str, RuleCard], now: datetime) -> Group:
    """A group after an alert of a sibling (same channel, other key) told some of its pending matches.

    No match is told twice. A group that has nothing left was told by that alert, and is quiet as if by its own.
    """
    names = {_name(match) for match in alert.matches}
    shared = [match for match in group.pending if _name(match) in names]
    rest = tuple(match for match in group.pending if _name(match) not in names)
    if shared and not rest:
        return replace(_quiet(group, shared, cards, now), pending=(), due=None)
    return _without(group, names, cards, now)


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("|", "%7C")


def _name(match: Match) -> tuple[str, str, int]:
    return match.rule, match.article_id, match.version


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


def _joined(
    group: Group | None,
    match: Match,
    group_id: GroupId,
    now: datetime,
    new_code: Callable[[str], str],
    cards: Mapping[str, RuleCard],
) -> Group:
    if group is None or is_over(group, now):
        channel, key = group_id
        group = Group(
            key=key,
            channel=channel,
            code=new_code(key),
            state=GroupState.GATHERING,
            opened=now,
            last_member=now,
            sequence=group.sequence if group else 0,
        )
    if _name(match) in map(_name, group.pending):
        return group
    group = replace(group, pending=(*group.pending, match), last_member=max(now, group.last_member))
    return replace(group, due=due_at(group, cards, now))


def _without(
    group: Group, names: Collection[tuple[str, str, int]], cards: Mapping[str, RuleCard], now: datetime
) -> Group:
    rest = tuple(match for match in group.pending if _name(match) not in names)
    if rest:
        group = replace(group, pending=rest)
        return replace(group, due=due_at(group, cards, now))
    state = GroupState.CLOSED if group.state is GroupState.GATHERING else group.state
    return replace(group, state=state, pending=(), due=None)


def _quiet(group: Group, telling: Sequence[Match], cards: Mapping[str, RuleCard], now: datetime) -> Group:
    most = top(telling)
    policy = policy_of(most, cards)
    highest = most.severity if group.told_severity is None else max(most.severity, group.told_severity)
    return replace(
        group,
        state=GroupState.TOLD,
        last_told=now,
        quiet_until=now + max(policy.group_interval, policy.throttle),
        told_severity=highest,
    )


def _why(group: Group, severity: Severity) -> Reason:
    if group.state is GroupState.TOLD:
        return Reason.ROSE if rises(group, severity) else Reason.UPDATE
    return Reason.AGAIN if group.sequence else Reason.FIRST


def _first_state(match: Match, joined: Sequence[Group], now: datetime) -> MatchState:
    """The one disposition of a match that joined groups: waiting if any of them tells it before a quiet ends."""
    soonest = min(joined, key=lambda group: (_folds(group, now), group.due or now))
    if _folds(soonest, now):
        return _state(match, soonest, Disposition.FOLDED, f"group {soonest.code} was told and is quiet")
    return _state(match, soonest, Disposition.WAITING, f"in group {soonest.code}")


def _folds(group: Group, now: datetime) -> bool:
    return group.quiet_until is not None and now < group.quiet_until and group.due == group.quiet_until


def _state(match: Match, group: Group, disposition: Disposition, reason: str, alert_id: str = "") -> MatchState:
    return MatchState(
        rule=match.rule,
        article_id=match.article_id,
        version=match.version,
        channel=group.channel,
        disposition=disposition,
        reason=reason,
        group_key=group.key,
        alert_id=alert_id,
    )


def _one_each(states: Iterable[MatchState]) -> tuple[MatchState, ...]:
    """One state for each match and channel: a match withdrawn from several groups is withdrawn once."""
    return tuple({(s.rule, s.article_id, s.version, s.channel): s for s in states}.values())
