"""The flow from a fetch to the store: identity, rules, stories, groups, one commit.

Only the order of steps is here: what an item is, which rules hit, where a match goes is decided in `stories/`,
`rules/` and `alerting/`. The same fetch delivered twice is committed once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from monitor.alerting.conditions import Tally, windows
from monitor.alerting.groups import collect
from monitor.alerting.keys import GroupId, keys, wanted
from monitor.alerting.routing import Candidate, baseline_reason
from monitor.model import (
    Article,
    Counted,
    Disposition,
    Fetched,
    Group,
    Ingest,
    Match,
    MatchState,
    RuleCard,
    Severity,
    StoryDecision,
)
from monitor.rules.engine import Ruleset
from monitor.store import Store, StoredMatch
from monitor.stories import placing
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.identity import IdentityDecision, Kind, decide_all
from monitor.stories.publishers import Appearance, publisher_keys

MatchName = tuple[str, str, int]
"""Rule, article and version: what names a match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTraits:
    """What ingest must know of a source: whether its first document tells nothing, and its `since` (DESIGN 6).

    Articles of drills (`is_drill`) join no story, and reach channels whatever severity these take.
    """

    has_baseline: bool = True
    since: timedelta | Literal["all"] | None = None
    is_drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one fetch came to. `is_repeat`: it had been committed before, and nothing was done. `is_gap`: nothing of
    the document was known, so that articles between it and the one before may have been missed.
    """

    source: str
    new: int = 0
    edited: int = 0
    same: int = 0
    aliases: int = 0
    matches: int = 0
    dispositions: Mapping[Disposition, int] = field(default_factory=dict)
    is_repeat: bool = False
    is_gap: bool = False


FEWEST_OF_A_GAP = 3
"""A document with fewer articles, all of them new, proves no gap: some feeds only ever hold their last one."""


def ingest(
    fetched: Fetched,
    *,
    store: Store,
    rules: Ruleset,
    traits: SourceTraits,
    now: datetime,
    floors: Mapping[str, Severity] = MappingProxyType({}),
) -> IngestReport:
    """Judge what a fetch brought and commit it with its cursor in one transaction. Raises StoreError.

    `floors` is the lowest severity that a channel takes, by its name.
    """
    if store.has_fetch(fetched.source, fetched.key, fetched.at):
        return IngestReport(source=fetched.source, is_repeat=True)
    articles = [replace(article, seen=article.seen or fetched.at) for article in fetched.articles]
    known = store.known(fetched.source, articles, fetched.present)
    decisions = decide_all(articles, known, complete=fetched.complete, others=fetched.present)
    news = [
        (replace(article, id=decision.article_id, version=decision.version, source=fetched.source), decision)
        for article, decision in zip(articles, decisions, strict=True)
        if decision.has_news
    ]
    judgement = _Judgement(fetched, store, rules, traits, now, news, floors)
    found = rules.match_each([article for article, _ in news])
    for (article, decision), matches in zip(news, found, strict=True):
        judgement.judge(article, decision, matches)
    aliases = {
        article.id: decision.article_id
        for article, decision in zip(articles, decisions, strict=True)
        if decision.kind is Kind.ALIAS
    }
    kinds = Counter(decision.kind for decision in decisions)
    is_gap = traits.has_baseline and not judgement.is_first_document
    is_gap = is_gap and kinds[Kind.NEW] == len(decisions) >= FEWEST_OF_A_GAP
    bundle = judgement.bundle(tuple(article for article, _ in news), tuple(aliases.items()))
    is_committed = store.commit(
        replace(bundle, is_gap=is_gap), now, text_keys=judgement.text_keys, fingerprints=judgement.fingerprints
    )
    return IngestReport(
        source=fetched.source,
        new=kinds[Kind.NEW],
        edited=len(news) - kinds[Kind.NEW],
        same=len(decisions) - len(news),
        aliases=kinds[Kind.ALIAS],
        matches=len(bundle.matches),
        dispositions=Counter(state.disposition for state in bundle.states),
        is_repeat=not is_committed,
        is_gap=is_gap,
    )


class _Judgement:
    """The news of one fetch being judged, in order: what was decided so far lies over what the store knows.

    Several versions of one article may come in one fetch (files of a drop folder), so that a later item must see
    what an earlier one came to.
    """

    def __init__(
        self,
        fetched: Fetched,
        store: Store,
        rules: Ruleset,
        traits: SourceTraits,
        now: datetime,
        news: Sequence[tuple[Article, IdentityDecision]],
        floors: Mapping[str, Severity],
    ) -> None:
        self._fetched = fetched
        self._store = store
        self._rules = rules
        self._since = traits.since
        self._is_drill = traits.is_drill
        self._now = now
        self._floors = {} if traits.is_drill else floors
        first_parsed = store.source_state(fetched.source).first_parsed
        # A first document in the future was dated by a wrong clock: it must not make all that comes now a baseline.
        is_first = first_parsed is None or fetched.at <= first_parsed <= max(now, fetched.at)
        self.is_first_document = traits.has_baseline and is_first
        edited = {article.id for article, decision in news if decision.previous is not None}
        self._stored = store.stored_matches(edited) if edited else {}
        self._first_seen = store.first_seen(edited) if edited else {}
        self._activated = store.rule_activated(rules.cards) if edited else {}
        known = store.stories_of(edited) if edited else {}
        self._story_ids = {article_id: story.id for article_id, story in known.items()}
        self._begun = {story.id: story.first_seen for story in known.values()}
        texts = [] if traits.is_drill else [(article.title, article.text) for article, _ in news]
        self._prints = store.fingerprints(texts)
        self._recent = placing.Recent()
        self.text_keys: dict[tuple[str, int], str] = {}
        self.fingerprints: dict[tuple[str, int], Fingerprint] = {}
        self._waiting: list[Candidate] = []
        self._withdrawn: list[Match] = []
        self._corrected: list[tuple[GroupId, Match]] = []
        self._restored: list[Match] = []
        self._counted: dict[tuple[str, MatchName], Counted] = {}
        self._wires: dict[str, str] = {}
        self._touched: set[str] = set()
        self._stories: dict[str, StoryDecision] = {}
        self._matches: dict[MatchName, Match] = {}
        self._states: dict[tuple[MatchName, str], MatchState] = {}
        self._groups: dict[GroupId, Group] = {}
        self._changed: dict[GroupId, None] = {}
        self._lost: dict[MatchName, tuple[Match, int]] = {}

    def judge(self, article: Article, decision: IdentityDecision, matches: Iterable[Match]) -> None:
        """Judge one new article or new version, which has these matches."""
        if article.id in self._touched:
            self._collect()
        self._touched.add(article.id)
        if not self._is_drill:
            self._place(article, decision)
        found = {match.rule: match for match in matches}
        earlier = self._earlier(article.id)
        by_rule: defaultdict[str, list[StoredMatch]] = defaultdict(list)
        for stored in earlier:
            by_rule[stored.match.rule].append(stored)
            if stored.match.rule in found:
                if stored.lost:
                    self._restored.append(stored.match)
                    self._lost[_name(stored.match)] = (stored.match, 0)
            elif stored.match.rule in self._rules.cards and not stored.lost:
                self._lost[_name(stored.match)] = (stored.match, article.version)
                self._withdrawn.append(stored.match)
                if self._rules.cards[stored.match.rule].alert.corrections:
                    self._corrected += [
                        ((state.channel, state.group_key), stored.match)
                        for state in stored.states
                        if state.disposition is Disposition.ALERTED
                    ]
        baselines = self._baseline_reasons(article, decision, found)
        wire = self._wires.get(article.id) or article.id
        voice = Appearance(publisher=article.publisher, url=article.url, wire=wire)
        for rule, match in found.items():
            card = self._rules.cards[rule]
            if by_rule[rule]:
                channels = _taken_back(by_rule[rule])
                if not channels:
                    continue
                card = replace(card, notify=channels)
            self._matches[_name(match)] = match
            self._waiting.append(
                Candidate(
                    match=match,
                    article=article,
                    story_id=self._story_ids.get(article.id, ""),
                    card=card,
                    baseline=baselines[rule],
                    terms=self._terms(article, match, card),
                    publisher=publisher_keys((voice,))[0],
                    wire=voice.wire,
                )
            )

    def bundle(self, articles: tuple[Article, ...], aliases: tuple[tuple[str, str], ...]) -> Ingest:
        """Everything decided, as one bundle of intents."""
        self._collect()
        return Ingest(
            fetched=self._fetched,
            articles=articles,
            aliases=aliases,
            stories=tuple(self._stories.items()),
            matches=tuple(self._matches.values()),
            states=tuple(self._states.values()),
            groups=tuple(self._groups[group_id] for group_id in self._changed),
            lost=tuple(self._lost.values()),
            counted=tuple(self._counted.values()),
        )

    def _place(self, article: Article, decision: IdentityDecision) -> None:
        """Give a new article its story; an edited one stays where it is, and others may join by its new text."""
        version = article.id, article.version
        this, like = next(self._prints)
        self.text_keys[version] = this.text_key
        own = self._story_ids.get(article.id)
        candidates = [*like, *self._recent.like(this)]
        if decision.previous is not None:
            candidates = [one for one in candidates if one.story_id == own]
        placed = placing.place(article, this, candidates, self._now)
        if decision.previous is None:
            own = placed.story_id
            self._stories[article.id] = placed
            self._story_ids[article.id] = own
            self._wires[article.id] = placed.wire
            self._begun |= {one.story_id: one.first_seen for one in candidates if one.story_id == own}
        if own is None:
            return  # it was edited, and begun before there were stories
        if not placed.is_known:
            self.fingerprints[version] = this
        seen = article.seen or self._now
        candidate = placing.Candidate(
            story_id=own,
            first_seen=self._begun.setdefault(own, seen),
            article_id=article.id,
            seen=seen,
            wire=placed.wire if decision.previous is None else "",
        )
        self._recent.add(candidate, this, is_known=placed.is_known)

    def _terms(self, article: Article, match: Match, card: RuleCard) -> Mapping[str, tuple[str, ...]]:
        """What a match hit of the lists by which its rule groups."""
        lists = [key for key in card.alert.group_by if key.startswith("$")]
        return self._rules.terms(article, match, lists) if lists else {}

    def _earlier(self, article_id: str) -> list[StoredMatch]:
        """The article's matches on earlier versions, with what this fetch has already changed about them."""
        stored = list(self._stored.get(article_id, ()))
        stored += [
            StoredMatch(match=match, lost=0, states=())
            for match in self._matches.values()
            if match.article_id == article_id
        ]
        return [replace(one, lost=self._loss(one), states=self._states_of(one)) for one in stored]

    def _loss(self, one: StoredMatch) -> int:
        """The version that lost a match, as far as this fetch has been judged; 0: it holds."""
        return self._lost.get(_name(one.match), (one.match, one.lost))[1]

    def _states_of(self, stored: StoredMatch) -> tuple[MatchState, ...]:
        name = _name(stored.match)
        states = {state.channel: state for state in stored.states}
        states |= {channel: state for (match, channel), state in self._states.items() if match == name}
        return tuple(states.values())

    def _baseline_reasons(
        self, article: Article, decision: IdentityDecision, found: Iterable[str]
    ) -> Mapping[str, str]:
        """Why each rule's match belongs to the baseline, or "".

        A rule never tells what came before it was activated. An edited article did come before; but where the old
        text would not have matched, the match is news of the edit, and is told.
        """
        first_seen = self._first_seen.get(article.id)
        previous = decision.previous
        old_hits: frozenset[str] = frozenset()
        if (
            previous is not None
            and first_seen is not None
            and any(first_seen < self._activated[rule] for rule in found if rule in self._activated)
        ):
            old = replace(article, title=previous.title, text=previous.text, version=previous.version)
            old_hits = frozenset(match.rule for match in self._rules.match(old))
        return {
            rule: baseline_reason(
                article,
                source_is_new=self.is_first_document,
                since=self._since,
                activated=self._activated.get(rule) if rule in old_hits else None,
                now=self._now,
                first_seen=first_seen,
            )
            for rule in found
        }

    def _collect(self) -> None:
        """Put the candidates gathered so far into groups, and take the withdrawn ones out."""
        if not (self._waiting or self._withdrawn or self._restored):
            return
        self._load_groups({*wanted(self._waiting), *(group_id for group_id, _ in self._corrected)})
        for article_id in dict.fromkeys(match.article_id for match in (*self._withdrawn, *self._restored)):
            for group in self._store.groups_holding(article_id):
                self._groups.setdefault((group.channel, group.key), group)
        collected = collect(
            self._waiting,
            self._groups,
            self._now,
            lambda key: self._store.new_code(key, self._now),
            cards=self._rules.cards,
            withdrawn=self._withdrawn,
            floors=self._floors,
            corrected=self._corrected,
            restored=self._restored,
            tally=self._tally(),
        )
        for row in collected.counted:
            self._counted[row.key, _name(row.match)] = row
        for group in collected.groups:
            self._groups[group.channel, group.key] = group
            self._changed[group.channel, group.key] = None
        for state in collected.states:
            self._states[(state.rule, state.article_id, state.version), state.channel] = state
        self._waiting, self._withdrawn, self._corrected, self._restored = [], [], [], []

    def _tally(self) -> Tally:
        """What was counted for the rules of the waiting candidates: by the store, and by this fetch before."""
        moments = [candidate.article.seen or self._now for candidate in self._waiting]
        cards = {candidate.card.id: candidate.card for candidate in self._waiting}
        ranges = windows(cards.values(), min(moments), max(moments)) if moments else {}
        if not ranges:
            return Tally()
        asked: defaultdict[str, set[str]] = defaultdict(set)
        for candidate in self._waiting:
            asked[candidate.card.id].update(keys(candidate))
        stored = (one for found in self._stored.values() for one in found)
        turned = [_name(one.match) for one in stored if bool(self._loss(one)) != bool(one.lost)]
        tally = self._store.tally(asked, ranges, self._store.rule_activated(ranges), turned)
        for row in self._counted.values():
            if not self._lost.get(_name(row.match), (row.match, 0))[1]:
                tally.add(row)
        return tally

    def _load_groups(self, group_ids: Iterable[GroupId]) -> None:
        keys: defaultdict[str, list[str]] = defaultdict(list)
        for channel, key in group_ids:
            if (channel, key) not in self._groups:
                keys[channel].append(key)
        for channel, missing in keys.items():
            for key, group in self._store.groups(channel, missing).items():
                self._groups[channel, key] = group


def _name(match: Match) -> MatchName:
    return match.rule, match.article_id, match.version


def _taken_back(earlier: Sequence[StoredMatch]) -> tuple[str, ...]:
    """Channels on which every earlier match of a rule was withdrawn, so that it may be told there again."""
    by_channel: defaultdict[str, set[Disposition]] = defaultdict(set)
    for stored in earlier:
        for state in stored.states:
            by_channel[state.channel].add(state.disposition)
    return tuple(channel for channel, fates in by_channel.items() if fates == {Disposition.WITHDRAWN})
