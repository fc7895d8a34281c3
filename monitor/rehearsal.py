"""Rehearse telling by a clock: matches gather in groups, and each group is told when it is due. No I/O.

The flow behind backtests and tests of rules. The decisions are those made in earnest (`alerting/`); groups, and what
conditions on volume count, are kept in memory. Silences, quiet hours and digests do not come into it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from types import MappingProxyType

from monitor.alerting.conditions import Tally
from monitor.alerting.due import is_over
from monitor.alerting.groups import collect, flush, told_elsewhere
from monitor.alerting.keys import GroupId, wanted
from monitor.alerting.routing import Candidate
from monitor.model import Alert, Article, Group, Match, MatchState, RuleCard, Severity
from monitor.rules.engine import Ruleset
from monitor.stories.publishers import Appearance, publisher_keys

MOST_GROUPS = 20_000
"""Groups kept before those that are over are forgotten; one of them that opens again counts its alerts from 1."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert, and what its matches are from now on."""

    alert: Alert
    states: tuple[MatchState, ...]


def candidates(
    article: Article, matches: Iterable[Match], rules: Ruleset, *, story_id: str, wire: str
) -> tuple[Candidate, ...]:
    """Matches of an article with all that telling needs to know, as `ingest` makes them of news."""
    (publisher,) = publisher_keys((Appearance(publisher=article.publisher, url=article.url, wire=wire),))
    found = []
    for match in matches:
        card = rules.cards[match.rule]
        lists = [key for key in card.alert.group_by if key.startswith("$")]
        found.append(
            Candidate(
                match=match,
                article=article,
                story_id=story_id,
                card=card,
                terms=rules.terms(article, match, lists) if lists else {},
                publisher=publisher,
                wire=wire,
            )
        )
    return tuple(found)


class Rehearsal:
    """Groups on all channels as a clock runs on. It is told the time, which never runs backwards."""

    def __init__(
        self,
        cards: Mapping[str, RuleCard],
        *,
        floors: Mapping[str, Severity] = MappingProxyType({}),
        begins: datetime | None = None,
    ) -> None:
        """`cards` are all rules, `floors` the lowest severity that a channel takes, by its name.

        Nothing is known of the time before `begins`, so that weeks before it count for no spike.
        """
        self._cards, self._floors = cards, floors
        self._tally = Tally(activated=dict.fromkeys(cards, begins) if begins else {})
        self._groups: dict[GroupId, Group] = {}
        self._numbers: dict[GroupId, int] = {}
        self._next = count()
        self._queue: list[tuple[datetime, int, GroupId]] = []
        self._holding: defaultdict[tuple[str, str], set[GroupId]] = defaultdict(set)
        self._room = MOST_GROUPS
        self._clock: datetime | None = None
        self._alerts = 0

    def take(self, found: Sequence[Candidate], now: datetime) -> tuple[MatchState, ...]:
        """Put new matches into groups; whoever calls has told what was due before. Returns what each became."""
        now = self._on(now)
        known = {group_id: self._groups[group_id] for group_id in wanted(found) if group_id in self._groups}
        collected = collect(
            found, known, now, lambda key: "", cards=self._cards, floors=self._floors, tally=self._tally
        )
        for group in collected.groups:
            self._keep(group)
        if len(self._groups) > self._room:
            self._forget(now)
        return collected.states

    def tell(self, until: datetime | None = None) -> Iterator[Told]:
        """Tell every group at the moment when it is due, up to a time; without one, whatever is still to be told."""
        while self._queue and (until is None or self._queue[0][0] <= until):
            due = self._queue[0][0]
            now, together = self._on(due), dict[GroupId, None]()
            while self._queue and self._queue[0][0] == due:
                together[heapq.heappop(self._queue)[2]] = None
            known = [group_id for group_id in together if group_id in self._groups]
            # Larger groups first: with `group_by: entity` they tell what smaller ones share with them.
            for group_id in sorted(known, key=lambda group_id: -len(self._groups[group_id].pending)):
                if self._groups[group_id].due == due:
                    yield from self._flush(self._groups[group_id], now)

    def _on(self, moment: datetime) -> datetime:
        self._clock = moment if self._clock is None else max(moment, self._clock)
        return self._clock

    def _flush(self, group: Group, now: datetime) -> Iterator[Told]:
        self._alerts += 1
        decision = flush(group, self._cards, (), now, alert_id=f"n{self._alerts}", told={})
        self._keep(decision.group)
        if decision.alert is not None:
            for sibling in self._siblings(decision.alert):
                self._keep(told_elsewhere(sibling, decision.alert, self._cards, now))
            yield Told(decision.alert, decision.states)

    def _keep(self, group: Group) -> None:
        group_id = group.channel, group.key
        self._groups[group_id] = group
        if group_id not in self._numbers:
            self._numbers[group_id] = next(self._next)  # of groups that are equal the older is told first
        if group.due is not None:
            heapq.heappush(self._queue, (group.due, self._numbers[group_id], group_id))
        for match in group.pending:
            if len(match.entities) > 1:
                self._holding[group.channel, match.article_id].add(group_id)

    def _siblings(self, alert: Alert) -> list[Group]:
        """Other groups of the channel in which matches of an alert may be pending by other entities."""
        shared = sorted({match.article_id for match in alert.matches if len(match.entities) > 1})
        found = {group_id: None for article in shared for group_id in sorted(self._holding[alert.channel, article])}
        others = (self._groups.get(group_id) for group_id in found if group_id[1] != alert.group_key)
        return [group for group in others if group is not None]

    def _forget(self, now: datetime) -> None:
        """Drop groups that are over, and what no window reaches any more."""
        self._groups = {name: group for name, group in self._groups.items() if not is_over(group, now)}
        self._numbers = {name: self._numbers[name] for name in self._groups}
        self._room = max(MOST_GROUPS, 2 * len(self._groups))
        self._holding = defaultdict(
            set,
            {name: here for name, ids in self._holding.items() if (here := ids & self._groups.keys())},
        )
        rows = {key: [row for row in rows if row.until >= now] for key, rows in self._tally.rows.items()}
        self._tally = replace(self._tally, rows={key: kept for key, kept in rows.items() if kept})
