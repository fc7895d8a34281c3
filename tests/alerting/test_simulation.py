"""Groups over time: whatever comes in whatever order, the promises of DESIGN 3 and 6 hold at every moment.

A small desk keeps groups and dispositions as the store does, and flushes as `tell.flush_due` does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerting.groups import collect, flush, told_elsewhere
from monitor.alerting.keys import GroupId
from monitor.alerting.routing import Candidate
from monitor.model import Alert, Disposition, Group, GroupState, Match, MatchState, Severity, Silence
from tests.alerting.samples import HOUR, MINUTE, NOON, SECOND, a_candidate, a_card, a_silence, an_article, code_of

RULES = (
    a_card("plain", Severity.MEDIUM, notify=("desk", "duty")),
    a_card("urgent", Severity.CRITICAL, group_wait=timedelta(0), group_interval=MINUTE),
    a_card("slow", Severity.LOW, group_wait=10 * MINUTE, throttle=3 * HOUR),
    a_card("rare", Severity.HIGH, throttle=30 * HOUR, notify=("duty",)),
    a_card("places", Severity.HIGH, group_by=("entity",), throttle=HOUR),
    a_card("each", Severity.INFO, group_by=()),
    a_card("stored", Severity.INFO, notify=()),
)
CARDS = {card.id: card for card in RULES}
OPEN = {Disposition.WAITING, Disposition.FOLDED}
Key = tuple[str, str, int, str]


@dataclass
class Told:
    """One alert as it went out, with the group just before and just after."""

    alert: Alert
    before: Group
    after: Group


@dataclass
class Desk:
    """Groups, dispositions and alerts, as they would be stored."""

    groups: dict[GroupId, Group] = field(default_factory=dict)
    states: dict[Key, MatchState] = field(default_factory=dict)
    expected: set[Key] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    silences: tuple[Silence, ...] = ()

    def take(self, candidates: list[Candidate], withdrawn: list[Match], now: datetime) -> None:
        collected = collect(candidates, self.groups, now, code_of, cards=CARDS, withdrawn=withdrawn)
        self._save(collected.groups, collected.states)
        for candidate in candidates:
            for channel in candidate.card.notify or ("",):
                self.expected.add((candidate.match.rule, candidate.article.id, candidate.article.version, channel))

    def flush(self, now: datetime, *, once: bool) -> None:
        for group_id in sorted(self.groups, key=lambda name: -len(self.groups[name].pending)):
            group = self.groups[group_id]
            if not once and group.pending and (group.due is None or group.due > now):
                continue
            decision = flush(group, CARDS, self.silences, now, alert_id=f"n{len(self.told)}", told={}, once=once)
            self._save([decision.group], decision.states)
            if decision.alert is not None:
                self.told.append(Told(decision.alert, group, decision.group))
                for name, other in self.groups.items():
                    if name[0] == group.channel and name != group_id:
                        self.groups[name] = told_elsewhere(other, decision.alert, CARDS, now)

    def pending(self) -> list[tuple[str, Match]]:
        return [(group.channel, match) for group in self.groups.values() for match in group.pending]

    def _save(self, groups: Iterable[Group], states: Iterable[MatchState]) -> None:
        for group in groups:
            self.groups[group.channel, group.key] = group
        for state in states:
            self.states[state.rule, state.article_id, state.version, state.channel] = state

    # --- what must always hold

    def check(self) -> None:
        assert set(self.states) == self.expected
        waiting = {key for key, state in self.states.items() if state.disposition in OPEN}
        assert waiting <= {(m.rule, m.article_id, m.version, channel) for channel, m in self.pending()}
        for group in self.groups.values():
            assert (group.due is None) == (not group.pending)
            assert len(set(group.pending)) == len(group.pending)
            assert not (group.state is GroupState.CLOSED and group.pending)
        tellings = Counter((told.alert.channel, match) for told in self.told for match in told.alert.matches)
        assert all(times == 1 for times in tellings.values())
        matches = defaultdict(list)
        for _, match in tellings:
            matches[match.rule, match.article_id, match.version].append(match)
        for key, state in self.states.items():
            was_told = any((key[3], match) in tellings for match in matches[key[:3]])
            assert (state.disposition is Disposition.ALERTED) == was_told

    def check_pace(self) -> None:
        """One alert per quiet, unless the severity rises; sequences count up by one."""
        by_group: defaultdict[GroupId, list[Told]] = defaultdict(list)
        for told in self.told:
            by_group[told.before.channel, told.before.key].append(told)
        for told_ones in by_group.values():
            assert [told.alert.sequence for told in told_ones] == list(range(1, len(told_ones) + 1))
            for earlier, later in pairwise(told_ones):
                quiet_until = earlier.after.quiet_until
                highest = later.before.told_severity
                assert quiet_until is not None
                rises = highest is not None and later.alert.severity > highest
                assert later.alert.created >= quiet_until or rises


@st.composite
def _arrivals(draw: st.DrawFn, number: int, now: datetime) -> list[Candidate]:
    article = an_article(f"a{number}", seen=now)
    rules = draw(st.sets(st.sampled_from(sorted(CARDS)), min_size=1, max_size=4))
    story = draw(st.sampled_from(["s1", "s2"]))
    entities = tuple(sorted(draw(st.sets(st.sampled_from(["erbil", "harir", "asad"]), max_size=3))))
    return [a_candidate(CARDS[rule], article, story=story, entities=entities) for rule in sorted(rules)]


PAUSES = st.sampled_from([timedelta(0), SECOND, 40 * SECOND, 4 * MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, 26 * HOUR])


@given(data=st.data(), steps=st.integers(1, 25), is_once=st.booleans())
@settings(max_examples=250, deadline=None)
def test_nothing_vanishes_nothing_is_told_twice_and_quiet_is_kept(
    data: st.DataObject, steps: int, is_once: bool
) -> None:
    desk, now = Desk(), NOON
    for number in range(steps):
        now += data.draw(PAUSES, label="pause")
        deed = data.draw(st.sampled_from(["article", "article", "flush", "edit", "silence"]), label="deed")
        if deed == "article":
            fresh = data.draw(_arrivals(number, now), label="matches")
            desk.take(fresh, [], now)
        elif deed == "edit" and desk.pending():
            article = data.draw(st.sampled_from(sorted({m.article_id for _, m in desk.pending()})), label="edited")
            desk.take([], [m for _, m in desk.pending() if m.article_id == article], now)
        elif deed == "silence":
            desk.silences = (*desk.silences, a_silence(("entity", "asad"), ends=now + HOUR))
        else:
            desk.flush(now, once=is_once)
        desk.check()
    if not is_once:
        desk.check_pace()
    # In the end everything is accounted for: each wait and each quiet ends.
    for _ in range(4):
        now += 31 * HOUR
        desk.flush(now, once=False)
        desk.check()
    assert not desk.pending()
    assert not [state for state in desk.states.values() if state.disposition in OPEN]
    if not is_once:
        desk.check_pace()
