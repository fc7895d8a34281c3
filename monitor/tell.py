"""Tell: flush due groups into alerts. The order of steps, little else.

An alert, its deliveries and its groups are one transaction; groups that are told at the same time share its commit.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from monitor.alerting.due import LIFE, is_due
from monitor.alerting.groups import Flush, Reason, Told, flush, told_elsewhere
from monitor.alerting.keys import GroupId
from monitor.alerting.message import content
from monitor.channels import Channel
from monitor.model import Alert, Disposition, EntityCard, Group, RuleCard, Silence
from monitor.store import Store
from monitor.store.outbox import deliveries_for

PAGE = 100
TOGETHER = 50
"""Groups whose articles are read at once, and that may share a commit."""

_EVERYTHING = 1_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushReport:
    """What one round over the groups did: alerts, muted matches, closed groups."""

    alerts: tuple[Alert, ...] = ()
    muted: int = 0
    closed: int = 0
    failed: tuple[str, ...] = ()  # groups that could not be told, and why; they stay due


def flush_due(
    store: Store,
    cards: Mapping[str, RuleCard],
    channels: Mapping[str, Channel],
    now: datetime,
    *,
    entities: Mapping[str, EntityCard] = MappingProxyType({}),
    once: bool = False,
) -> FlushReport:
    """Tell every group that is due, unless a silence of the store mutes it, and close those that are over.

    `cards` are all active rules, `entities` the names of theirs. `channels` gives the recipients; an alert for a
    channel that could not be built gets one delivery, which waits for it. `once` tells without group_wait and
    group_interval.
    """
    silences = store.silences(now)
    this = _Round(store, cards, channels, now, silences, entities, once=once)
    # Every group of a page leaves the list (told, muted, found empty) or has failed.
    while page := this.page():
        # Larger groups first: with `group_by: entity` they tell what smaller ones share with them.
        page.sort(key=lambda group: -len(group.pending))
        for first in range(0, len(page), TOGETHER):
            this.take(page[first : first + TOGETHER])
    found = store.idle_groups(now - LIFE, now, PAGE)
    idle = (flush(group, cards, silences, now, alert_id="", told={}) for group in found)
    closed = [decision.group for decision in idle if decision.reason is Reason.CLOSED]
    if closed:
        store.commit_group_soon(closed, (), now)()
    return FlushReport(
        alerts=tuple(this.alerts), muted=this.muted, closed=len(closed), failed=tuple(this.failed.values())
    )


class _Round:
    """One round over the due groups: what it has done so far, and how it takes one group."""

    def __init__(
        self,
        store: Store,
        cards: Mapping[str, RuleCard],
        channels: Mapping[str, Channel],
        now: datetime,
        silences: Sequence[Silence],
        entities: Mapping[str, EntityCard],
        *,
        once: bool,
    ) -> None:
        self.store, self.cards, self.channels, self.now = store, cards, channels, now
        self.silences, self.entities, self.once = silences, entities, once
        self.alerts: list[Alert] = []
        self.muted = 0
        self.failed: dict[GroupId, str] = {}
        self._seen: set[GroupId] = set()  # by a round that asks each group once
        self._changed: dict[GroupId, Group] = {}
        self._unconfirmed: list[tuple[Group, Flush, Sequence[Group], Callable[[], None]]] = []

    def page(self) -> list[Group]:
        """Groups to take next; none when the round is over."""
        if self.once:  # most pending groups are not due and stay: one page holds all
            found = self.store.pending_groups(_EVERYTHING)
        else:
            found = self.store.due_groups(self.now, PAGE + len(self.failed))
        without = self.failed.keys() | self._seen
        page = [group for group in found if (group.channel, group.key) not in without]
        if self.once:
            self._seen |= {(group.channel, group.key) for group in page}
        return page

    def take(self, groups: Sequence[Group]) -> None:
        """Flush groups and have what follows on the disk. The failure of one is noted and harms no other."""
        try:
            told = _told(self.store, groups)
        except Exception:  # whose fault it is shows when each is read alone
            told = None
        for group in groups:
            with self._harmless(group):
                known = _told(self.store, [group]) if told is None else told
                self._flush(self._changed.pop((group.channel, group.key), group), known)
        self._confirm()

    def _confirm(self) -> None:
        """Wait until what was decided is on the disk. Groups that wait together share a commit."""
        unconfirmed, self._unconfirmed = self._unconfirmed, []
        for group, decision, siblings, wait in unconfirmed:
            with self._harmless(group):
                wait()
                self._changed |= {(sibling.channel, sibling.key): sibling for sibling in siblings}
                self.alerts += [decision.alert] if decision.alert else ()
                self.muted += sum(state.disposition is Disposition.SILENCED for state in decision.states)

    @contextmanager
    def _harmless(self, group: Group) -> Iterator[None]:
        """A boundary: one group that cannot be told must not silence all that come after it."""
        try:
            yield
        except Exception as error:
            _log.exception("a group could not be told", extra={"channel": group.channel, "code": group.code})
            self.failed[group.channel, group.key] = f"group {group.code} on {group.channel}: {type(error).__name__}"

    def _flush(self, group: Group, told: Mapping[tuple[str, int], Told]) -> None:
        store, cards, now = self.store, self.cards, self.now
        if (group.pending or group.corrections) and not is_due(group, cards, now, once=self.once):
            return
        alert_id = f"n{secrets.token_hex(8)}"
        decision = flush(group, cards, self.silences, now, alert_id=alert_id, told=told, once=self.once)
        if decision.reason is Reason.CORRECTION:
            self._seen.discard((group.channel, group.key))  # its news comes after it
        siblings: Sequence[Group] = ()
        if decision.alert is None:
            wait = store.commit_group_soon(decision.group, decision.states, now)
        else:
            siblings = self._siblings(decision.alert)
            wait = _commit(store, decision, siblings, told, cards, self.entities, self.channels, now)
        self._unconfirmed.append((group, decision, siblings, wait))
        if siblings:
            self._confirm()  # they tell what this alert was to tell, should it fail

    def _siblings(self, alert: Alert) -> Sequence[Group]:
        """Other groups of the channel in which matches of this alert are pending, without them."""
        shared = {match.article_id for match in alert.matches if len(match.entities) > 1}
        if shared:
            self._confirm()  # what those hold is read
        holding = {
            group.key: group
            for article_id in sorted(shared)
            for group in self.store.groups_holding(article_id)
            if group.channel == alert.channel and group.key != alert.group_key
        }
        return [told_elsewhere(group, alert, self.cards, self.now) for group in holding.values()]


def _told(store: Store, groups: Iterable[Group]) -> Mapping[tuple[str, int], Told]:
    """Articles and stories of what groups have to tell."""
    matches = {
        (match.article_id, match.version) for group in groups for match in (*group.pending, *group.corrections)
    }
    stories = store.stories_of({article_id for article_id, _ in matches})
    return {
        (article_id, version): Told(article=article, story_id=stories[article_id].id if article_id in stories else "")
        for (article_id, version), article in store.versions(matches).items()
    }


def _commit(
    store: Store,
    decision: Flush,
    siblings: Sequence[Group],
    told: Mapping[tuple[str, int], Told],
    cards: Mapping[str, RuleCard],
    entities: Mapping[str, EntityCard],
    channels: Mapping[str, Channel],
    now: datetime,
) -> Callable[[], None]:
    alert = decision.alert
    assert alert is not None
    known = channels[alert.channel].recipients if alert.channel in channels else ()
    deliveries = deliveries_for(alert.id, alert.channel, known, now)
    earlier = store.earlier(alert.channel, alert.group_key) if alert.sequence > 1 else None
    body = content(alert, told, cards, entities=entities, group=decision.group, earlier=earlier)
    return store.commit_alert_soon(alert, body, deliveries, (decision.group, *siblings), decision.states, now)
