"""Decide whether a condition on volume holds: so many matches, publishers, a spike, an entity not heard of. Pure.

Windows end with the article that asks, so that a restart or a late look changes no answer. What is counted comes from
the store; what is new is counted here and goes back to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import AlertPolicy, Counted, RuleCard, When
from monitor.timing import format_duration

WEEK = timedelta(days=7)

RuleKey = tuple[str, str]
"""Rule and group key."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, with what was counted in words."""

    holds: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A range of time that a rule's conditions count over: after `start`, up to `end`."""

    start: datetime
    end: datetime


@dataclass(slots=True)
class Tally:
    """What was counted so far: rows by rule and group key in the order in which they came, when each rule last saw an
    entity, and since when rules are active."""

    rows: dict[RuleKey, list[Counted]] = field(default_factory=dict)
    entities: dict[tuple[str, str], datetime] = field(default_factory=dict)
    activated: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, rule: str, key: str) -> list[Counted]:
        """The rows of a rule and key, to be added to."""
        return self.rows.setdefault((rule, key), [])

    def add(self, row: Counted) -> None:
        """Count a row, or put it in the place of an older form of itself."""
        rows = self.of(row.match.rule, row.key)
        rows[:] = [one for one in rows if _name(one) != _name(row)]
        rows.append(row)
        self.seen(row.match.rule, row.match.entities, row.at)

    def without(self, names: Collection[tuple[str, str, int]]) -> None:
        """Count matches no more: an edit took them back."""
        for rows in self.rows.values():
            rows[:] = [row for row in rows if _name(row) not in names]

    def seen(self, rule: str, entities: Iterable[str], at: datetime) -> None:
        """Note that a rule saw entities."""
        for entity in entities:
            self.entities[rule, entity] = max(at, self.entities.get((rule, entity), at))


def conditions(policy: AlertPolicy) -> Iterator[When]:
    """All conditions on volume of a policy that count."""
    for when in (policy.when, *(step.when for step in policy.escalate)):
        if when is not None and when.over:
            yield when


def reach(policy: AlertPolicy) -> timedelta:
    """How far back the conditions of a policy count; zero when they count nothing."""
    reaches = (when.over if when.spike is None else when.over + when.baseline for when in conditions(policy))
    return max(reaches, default=timedelta(0))


def windows(cards: Iterable[RuleCard], first: datetime, last: datetime) -> Mapping[str, tuple[Window, ...]]:
    """The windows of each rule that counts, for articles seen from `first` to `last`."""
    found: dict[str, tuple[Window, ...]] = {}
    for card in cards:
        ranges = {
            (first - back - when.over, last - back)
            for when in conditions(card.alert)
            for back in (timedelta(0), *_weeks(when))
        }
        if ranges:
            found[card.id] = tuple(Window(start=start, end=end) for start, end in sorted(ranges))
    return found


def judge(when: When, this: Counted, tally: Tally, *, is_open: bool) -> Verdict:
    """Whether a condition holds now that `this` is counted. `is_open`: its group has told or gathers.

    An entity stays new to a group that is open, so that what else is told of it joins. Silence is no matter of one
    match: `due` waits for it.
    """
    rows = tally.of(this.match.rule, this.key)
    asked = []
    span = format_duration(when.over)
    recent = _in(rows, this.at - when.over, this.at)
    if when.count is not None:
        number = _matches(recent)
        asked.append(Verdict(number >= when.count, f"{number} of {when.count} matches in {span}"))
    if when.publishers is not None:
        found = len(voices(recent))
        asked.append(Verdict(found >= when.publishers, f"{found} of {when.publishers} publishers in {span}"))
    if when.spike is not None:
        asked.append(_spike(when, when.spike, rows, recent, this, tally.activated.get(this.match.rule)))
    if when.new_entity:
        since = this.at - when.over
        fresh = [
            entity
            for entity in this.match.entities
            if (last := tally.entities.get((this.match.rule, entity))) is None or last <= since
        ]
        asked.append(Verdict(is_open or bool(fresh), f"{len(fresh)} entities new in {span}"))
    return Verdict(all(one.holds for one in asked), ", ".join(one.reason for one in asked))


def voices(rows: Sequence[Counted]) -> Collection[str]:
    """The publishers that say something in words of their own: a text counts for the first that had it."""
    carried: set[str] = set()
    found: dict[str, None] = {}
    for row in rows:
        if row.publisher and row.wire not in carried:
            found[row.publisher] = None
            carried.add(row.wire)
    return found.keys()


def _spike(
    when: When,
    times: float,
    rows: Sequence[Counted],
    recent: Sequence[Counted],
    this: Counted,
    since: datetime | None,
) -> Verdict:
    """Weeks before the rule was active say nothing; without any other week there is nothing to compare with."""
    counts = [
        _matches(_in(rows, this.at - back - when.over, this.at - back))
        for back in _weeks(when)
        if since is None or since <= this.at - back - when.over
    ]
    span = format_duration(when.over)
    number = _matches(recent)
    if not counts:
        return Verdict(False, f"{number} matches in {span}, and no week yet to compare with")
    usual = sum(counts) / len(counts)
    holds = number >= max(when.least, times * usual)
    return Verdict(holds, f"{number} matches in {span}, usually {usual:.1f} at this hour of the week")


def _weeks(when: When) -> tuple[timedelta, ...]:
    """How long before a window those lie that it is compared with: the same hours of the weeks before."""
    if when.spike is None:
        return ()
    return tuple(WEEK * number for number in range(1, max(1, when.baseline // WEEK) + 1))


def _matches(rows: Sequence[Counted]) -> int:
    """How many matches rows of one rule are; one that an edit took back and another brought again is one."""
    return len({row.match.article_id for row in rows})


def _in(rows: Sequence[Counted], start: datetime, end: datetime) -> list[Counted]:
    return [row for row in rows if start < row.at <= end]


def _name(row: Counted) -> tuple[str, str, int]:
    return row.match.rule, row.match.article_id, row.match.version
