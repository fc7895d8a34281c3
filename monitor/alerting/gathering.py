"""Put new matches into groups, each under the conditions of its rule, and take withdrawn ones out. Pure.

A match whose condition on volume does not hold is counted and held back; once the condition holds, those of the same
rule and key that are in its window join with it. An escalation raises the group, and brings in more channels.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerting.conditions import Tally, conditions, judge, reach
from monitor.alerting.due import due_at, is_over
from monitor.alerting.keys import GroupId, channels, keys
from monitor.alerting.routing import Candidate, route
from monitor.model import Counted, Disposition, Group, GroupState, Match, MatchState, RuleCard, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What new matches changed: groups to write, what was counted, and what each match is on each of its channels."""

    groups: tuple[Group, ...] = ()
    states: tuple[MatchState, ...] = ()
    counted: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rise:
    """What an escalation does to a group: the steps that fired, the severity, the channels."""

    steps: tuple[str, ...] = ()
    to: Severity | None = None
    notify: tuple[str, ...] = ()


class Gathering:
    """Groups while matches are put into them: `known` are those that were there, or have changed."""

    def __init__(
        self,
        known: dict[GroupId, Group],
        now: datetime,
        new_code: Callable[[str], str],
        cards: Mapping[str, RuleCard],
        tally: Tally,
        floors: Mapping[str, Severity],
    ) -> None:
        self._known, self._now, self._new_code, self._cards = known, now, new_code, cards
        self._tally, self._floors = tally, floors
        self._changed: dict[GroupId, None] = {}
        self._states: list[MatchState] = []
        self._counted: dict[tuple[str, tuple[str, str, int]], Counted] = {}

    def collected(self) -> Collected:
        """All that changed."""
        return Collected(
            groups=tuple(self._known[group_id] for group_id in self._changed),
            states=_one_each(self._states),
            counted=tuple(self._counted.values()),
        )

    def withdraw(self, withdrawn: Sequence[Match]) -> None:
        """Take matches out that an edit took back, of groups and of what is counted."""
        gone = {name_of(match) for match in withdrawn}
        self._tally.without(gone)
        for group_id, group in list(self._known.items()):
            if lost := [match for match in group.pending if name_of(match) in gone]:
                names = {name_of(match) for match in lost}
                self._change(group_id, without(group, names, self._cards, self._now))
                self._states += [
                    state_of(match, group, Disposition.WITHDRAWN, "an edit took it back in time") for match in lost
                ]

    def correct(self, group_id: GroupId, match: Match) -> None:
        """A told match was taken back: its group owes a correction."""
        group = self._known[group_id]
        if name_of(match) not in map(name_of, group.corrections):
            group = replace(group, corrections=(*group.corrections, match))
            self._change(group_id, replace(group, due=due_at(group, self._cards, self._now)))

    def restore(self, match: Match) -> None:
        """A match holds again: no correction is owed any more."""
        for group_id, group in list(self._known.items()):
            rest = tuple(one for one in group.corrections if name_of(one) != name_of(match))
            if rest != group.corrections:
                group = replace(group, corrections=rest, due=None)
                self._change(group_id, replace(group, due=due_at(group, self._cards, self._now)))

    def take(self, candidate: Candidate) -> None:
        """Send a match to the channels of its rule, as far as its conditions hold."""
        open_on = []
        for way in route(candidate, self._now, self._floors):
            if way.disposition is None:
                open_on.append(way.channel)
            else:
                self._state(candidate.match, way.channel, way.disposition, way.reason)
        if not open_on:
            return
        joining: dict[str, list[Group]] = {channel: [] for channel in open_on}
        reasons = {}
        for key in keys(candidate):
            holds, reasons[key], brought = self._judged(candidate, key)
            if not holds:
                continue
            rise = self._risen(candidate, key)
            severity = max(candidate.match.severity, rise.to or candidate.match.severity)
            more = [name for name in rise.notify if severity >= self._floors.get(name, severity)]
            for channel in dict.fromkeys((*open_on, *more)):
                for match in brought:
                    group = self._join((channel, key), match, "", rise)
                    self._states.append(_first_state(match, [group], self._now))
                group = self._join((channel, key), candidate.match, candidate.publisher, rise)
                joining.setdefault(channel, []).append(group)
        # Only now, so that an entity is new to every key of the match, and to each step of its escalation.
        seen = candidate.article.seen or self._now
        self._tally.seen(candidate.match.rule, candidate.match.entities, seen)
        for channel, joined in joining.items():
            if joined:
                self._states.append(_first_state(candidate.match, joined, self._now))
            else:
                key, reason = next(iter(reasons.items()))
                self._state(candidate.match, channel, Disposition.STORE_ONLY, f"its condition: {reason}", key)

    def _judged(self, candidate: Candidate, key: str) -> tuple[bool, str, list[Match]]:
        """Count a match, and tell whether its rule's condition holds, why, and which others it brings with it."""
        policy, match = candidate.card.alert, candidate.match
        if not any(conditions(policy)):
            return True, "", []
        at = candidate.article.seen or self._now
        this = Counted(
            key=key,
            match=match,
            at=at,
            publisher=candidate.publisher,
            wire=candidate.wire or match.article_id,
            is_held=False,
            until=at + reach(policy),
        )
        rows = self._tally.of(match.rule, key)
        rows.append(this)
        is_open = any(
            group is not None and not is_over(group, self._now)
            for group in (self._known.get((channel, key)) for channel in channels(candidate))
        )
        holds, reason = True, ""
        if policy.when is not None:
            verdict = judge(policy.when, this, self._tally, is_open=is_open)
            holds, reason = verdict.holds, verdict.reason
        brought = []
        for place, row in enumerate(rows):
            if row is this:
                row = replace(row, is_held=not holds)
            elif holds and row.is_held and policy.when and at - policy.when.over < row.at <= at:
                row = replace(row, is_held=False)
                brought.append(row.match)
            else:
                continue
            rows[place] = self._counted[key, name_of(row.match)] = row
        return holds, reason, brought

    def _risen(self, candidate: Candidate, key: str) -> _Rise:
        """The steps of an escalation that hold now, or held before in a group that is open."""
        policy, rule = candidate.card.alert, candidate.match.rule
        if not policy.escalate:
            return _Rise()
        before = {
            step
            for channel in channels(candidate)
            if (group := self._known.get((channel, key))) is not None and not is_over(group, self._now)
            for step in group.escalated
        }
        this = self._tally.of(rule, key)[-1]
        fired = {
            f"{rule}:{number}": step
            for number, step in enumerate(policy.escalate)
            if f"{rule}:{number}" in before or judge(step.when, this, self._tally, is_open=False).holds
        }
        return _Rise(
            tuple(fired),
            max((step.to for step in fired.values() if step.to is not None), default=None),
            tuple(channel for step in fired.values() for channel in step.notify),
        )

    def _join(self, group_id: GroupId, match: Match, publisher: str, rise: _Rise) -> Group:
        group = _joined(self._known.get(group_id), match, group_id, self._now, self._new_code)
        raised = max((one for one in (group.raised, rise.to) if one is not None), default=None)
        news = {publisher} - group.told_publishers - {""}
        group = replace(
            group,
            raised=raised,
            escalated=tuple(dict.fromkeys((*group.escalated, *rise.steps))),
            new_publishers=group.new_publishers | news,
        )
        card = self._cards.get(match.rule)
        if card and card.alert.when and card.alert.when.silent:
            group = self._only(group, match)
        self._change(group_id, replace(group, due=due_at(group, self._cards, self._now)))
        return self._known[group_id]

    def _only(self, group: Group, match: Match) -> Group:
        """A group that waits for silence, with the match that ended it: the wait begins again."""
        earlier = [one for one in group.pending if one.rule == match.rule and name_of(one) != name_of(match)]
        self._states += [state_of(one, group, Disposition.STORE_ONLY, "the next one came in time") for one in earlier]
        rest = tuple(one for one in group.pending if one not in earlier)
        return replace(group, pending=rest)

    def _change(self, group_id: GroupId, group: Group) -> None:
        self._known[group_id] = group
        self._changed[group_id] = None

    def _state(self, match: Match, channel: str, disposition: Disposition, reason: str, group_key: str = "") -> None:
        self._states.append(
            MatchState(
                rule=match.rule,
                article_id=match.article_id,
                version=match.version,
                channel=channel,
                disposition=disposition,
                reason=reason,
                group_key=group_key,
            )
        )


def _joined(
    group: Group | None,
    match: Match,
    group_id: GroupId,
    now: datetime,
    new_code: Callable[[str], str],
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
            corrections=group.corrections if group else (),
        )
    if name_of(match) in map(name_of, group.pending):
        return group
    return replace(group, pending=(*group.pending, match), last_member=max(now, group.last_member))


def without(
    group: Group, names: Collection[tuple[str, str, int]], cards: Mapping[str, RuleCard], now: datetime
) -> Group:
    """A group without some of its pending matches."""
    rest = tuple(match for match in group.pending if name_of(match) not in names)
    if rest:
        group = replace(group, pending=rest)
        return replace(group, due=due_at(group, cards, now))
    state = GroupState.CLOSED if group.state is GroupState.GATHERING else group.state
    group = replace(group, state=state, pending=(), due=None)
    return replace(group, due=due_at(group, cards, now))


def _first_state(match: Match, joined: Sequence[Group], now: datetime) -> MatchState:
    """The one disposition of a match that joined groups: waiting if any of them tells it before a quiet ends."""
    soonest = min(joined, key=lambda group: (_folds(group, now), group.due or now))
    if _folds(soonest, now):
        return state_of(match, soonest, Disposition.FOLDED, f"group {soonest.code} was told and is quiet")
    return state_of(match, soonest, Disposition.WAITING, f"in group {soonest.code}")


def _folds(group: Group, now: datetime) -> bool:
    return group.quiet_until is not None and now < group.quiet_until and group.due == group.quiet_until


def name_of(match: Match) -> tuple[str, str, int]:
    """What names a match: its rule, its article and the version of that."""
    return match.rule, match.article_id, match.version


def state_of(match: Match, group: Group, disposition: Disposition, reason: str, alert_id: str = "") -> MatchState:
    """A disposition of a match in a group."""
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
