"""Try an edit of rules on the archive: what each rule matches more and less, and what would have been told.

Every article is judged once, by both forms of the rules that the edit touches, on all cores. Groups are rehearsed
for each form by the times at which the articles came, as if all other rules told nothing. The archive is streamed;
only samples are kept.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from types import MappingProxyType

from monitor.batch import match_all
from monitor.model import Article, Judged, Match, RuleCard, Severity
from monitor.rehearsal import Rehearsal, candidates
from monitor.rules.causes import Cause, by_clauses, by_terms, terms_of
from monitor.rules.engine import Ruleset
from monitor.rules.union import union
from monitor.store.archive import Archived

MOST_EXPLAINED = 200
"""Gains, and losses, of one rule of which the clauses are asked for the cause, where no term is one."""

MOST_CAUSES = 10_000
SEED = 7
"""Which articles are samples is the same in every run."""

WAS, IS = "was", "is"
SIDES = (WAS, IS)
"""The two forms of a rule: before and after the edit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An article that was gained or lost, with the match that shows why it matches where it does."""

    article: Article
    match: Match
    came: datetime


@dataclass(slots=True)
class Difference:
    """What became of one rule. `cards` holds the forms that there are; counts are by form.

    `causes` and `samples` are of the articles `gained` and `lost`; `asked` counts of how many of those clauses were
    asked for the cause (True), and of how many not any more. `alerts` are by channel; `days` are local.
    """

    rule: str
    cards: Mapping[str, RuleCard]
    matches: Counter[str] = field(default_factory=Counter)
    gained: int = 0
    lost: int = 0
    samples: dict[str, list[Sample]] = field(default_factory=lambda: {"gained": [], "lost": []})
    causes: dict[str, Counter[Cause]] = field(default_factory=lambda: {"gained": Counter(), "lost": Counter()})
    asked: dict[str, Counter[bool]] = field(default_factory=lambda: {"gained": Counter(), "lost": Counter()})
    days: dict[str, Counter[date]] = field(default_factory=lambda: {WAS: Counter(), IS: Counter()})
    alerts: dict[str, Counter[str]] = field(default_factory=lambda: {WAS: Counter(), IS: Counter()})
    judged: dict[str, Counter[str]] = field(default_factory=lambda: {WAS: Counter(), IS: Counter()})

    @property
    def is_changed(self) -> bool:
        """Whether the edit changes what the rule matches or how it is told."""
        return self.cards.get(WAS) != self.cards.get(IS)

    def ranked(self, what: str) -> list[tuple[Cause, int, bool]]:
        """The causes of gains or losses, the most frequent first, each with how many, and whether that is exact.

        Where clauses were asked of a part only, the others are taken to be like these.
        """
        asked, not_asked = self.asked[what][True], self.asked[what][False]
        share = (asked + not_asked) / asked if asked else 1
        found = [
            (cause, count, True) if cause.kind == "term" or not not_asked else (cause, round(count * share), False)
            for cause, count in self.causes[what].items()
        ]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def verdicts(self, side: str) -> Judged:
        """The matches of a form of which people judged the alert."""
        return Judged(useful=self.judged[side]["useful"], noise=self.judged[side]["noise"])


@dataclass(slots=True)
class Outcome:
    """What came of it all. `alerts` counts those of all these rules together, by form and channel."""

    rules: tuple[Difference, ...]
    articles: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0
    first: datetime | None = None
    last: datetime | None = None
    alerts: dict[str, Counter[str]] = field(default_factory=lambda: {WAS: Counter(), IS: Counter()})


MOST_FAILED = 20
"""Articles that could not be judged, of which the reason is kept."""


def touched(before: Ruleset, after: Ruleset) -> tuple[str, ...]:
    """The rules that an edit changes, wherever they stand: those that match or tell otherwise, come or go."""
    ids = dict.fromkeys((*after.cards, *before.cards))
    return tuple(id for id in ids if before.cards.get(id) != after.cards.get(id))


def backtest(
    before: Ruleset,
    after: Ruleset,
    rules: Collection[str],
    archive: Iterable[Archived],
    load: Callable[[], tuple[Ruleset, Ruleset]],
    *,
    floors: Mapping[str, Severity] = MappingProxyType({}),
    verdicts: Mapping[tuple[str, str], str] = MappingProxyType({}),
    zone: tzinfo,
    samples: int = 3,
    processes: int | None = None,
    watch: Callable[[Iterator[Archived]], Iterable[Archived]] = iter,
) -> Outcome:
    """Try both forms of these rules on articles, given in the order in which they came.

    `load` gives both forms again, in a process that cannot share them; it must be fit to be sent there.
    `floors` are the lowest severities that channels take, `verdicts` what people said of matches, by rule and
    article. Days are those of `zone`; `samples` articles are kept of what each rule gains and loses. `watch` is given
    the articles as they are done, to show how far it is. Raises MonitorError when workers die whatever they judge.
    """
    trial = _Trial(before, after, rules, floors, verdicts, zone, samples)
    for _ in watch(trial.run(archive, load, processes)):
        pass
    return trial.outcome()


class _Trial:
    """One backtest under way."""

    def __init__(
        self,
        before: Ruleset,
        after: Ruleset,
        rules: Collection[str],
        floors: Mapping[str, Severity],
        verdicts: Mapping[tuple[str, str], str],
        zone: tzinfo,
        samples: int,
    ) -> None:
        self._forms = {WAS: _only(before, rules), IS: _only(after, rules)}
        self._verdicts, self._zone, self._most = verdicts, zone, samples
        self._floors = floors
        self._random = random.Random(SEED)
        self._rehearsals: dict[str, Rehearsal] = {}
        cards = {id: {side: form.cards[id] for side, form in self._forms.items() if id in form.cards} for id in rules}
        self._rules = {id: Difference(id, known) for id, known in cards.items() if known}
        self._terms = {
            (side, id): terms_of(form.compiled, rule.node)
            for side, form in self._forms.items()
            for id, rule in form.rules.items()
        }
        self._outcome = Outcome(tuple(self._rules.values()))

    def run(
        self, archive: Iterable[Archived], load: Callable[[], tuple[Ruleset, Ruleset]], processes: int | None
    ) -> Iterator[Archived]:
        """Judge article after article; yields each when it is done."""
        both = _both(self._forms[WAS], self._forms[IS], self._rules)
        under_way: deque[Archived] = deque()

        def articles() -> Iterator[Article]:
            for one in archive:
                under_way.append(one)
                yield replace(one.article, seen=one.came)

        for judged in match_all(
            partial(_loaded, load, tuple(self._rules)), articles(), processes=processes, loaded=both
        ):
            one = under_way.popleft()
            if judged.reason:
                self._outcome.failures += 1
                if len(self._outcome.failed) < MOST_FAILED:
                    self._outcome.failed.append((judged.article.id, judged.reason))
            else:
                self._take(one, judged.article, judged.matches)
            self._outcome.articles += 1
            self._outcome.first = min(self._outcome.first or one.came, one.came)
            self._outcome.last = max(self._outcome.last or one.came, one.came)
            yield one

    def outcome(self) -> Outcome:
        """The result, once all that still waits is told."""
        for side in self._rehearsals:
            self._tell(side)
        for this in self._rules.values():
            for samples in this.samples.values():
                samples.sort(key=lambda sample: sample.came)
        return self._outcome

    def _take(self, one: Archived, article: Article, matches: tuple[Match, ...]) -> None:
        found: dict[str, dict[str, Match]] = {}
        for side, form in self._forms.items():
            known = {match.rule: match for match in matches if _hash(form, match.rule) == match.rule_hash}
            found[side] = {id: replace(match, severity=form.cards[id].severity) for id, match in known.items()}
        for id in dict.fromkeys(match.rule for match in matches):
            self._count(id, one, article, {side: found[side][id] for side in SIDES if id in found[side]})
        for side, by_rule in found.items():
            if by_rule:
                self._rehearse(side, one, article, by_rule.values())

    def _count(self, id: str, one: Archived, article: Article, found: Mapping[str, Match]) -> None:
        this, day = self._rules[id], one.came.astimezone(self._zone).date()
        verdict = self._verdicts.get((id, article.id))
        for side in found:
            this.matches[side] += 1
            this.days[side][day] += 1
            if verdict is not None:
                this.judged[side][verdict] += 1
        if found.keys() == {IS}:
            this.gained += 1
            self._differs(this, "gained", this.gained, WAS, Sample(article, found[IS], one.came))
        elif found.keys() == {WAS}:
            this.lost += 1
            self._differs(this, "lost", this.lost, IS, Sample(article, found[WAS], one.came))

    def _differs(self, this: Difference, what: str, number: int, other: str, sample: Sample) -> None:
        """Note a difference: the sample (each of them with the same chance), and what of the other form caused it."""
        kept = this.samples[what]
        if len(kept) < self._most:
            kept.append(sample)
        elif (place := self._random.randrange(number)) < self._most:
            kept[place] = sample
        form = self._forms[other]
        causes = by_terms(sample.match, self._terms.get((other, this.rule), ()))
        if not causes and this.rule in form.cards:
            is_asked = this.asked[what][True] < MOST_EXPLAINED
            this.asked[what][is_asked] += 1
            causes = by_clauses(form.explain(sample.article, this.rule)) if is_asked else ()
        if len(this.causes[what]) < MOST_CAUSES:
            this.causes[what].update(causes)

    def _rehearse(self, side: str, one: Archived, article: Article, matches: Iterable[Match]) -> None:
        form = self._forms[side]
        if side not in self._rehearsals:
            self._rehearsals[side] = Rehearsal(form.cards, floors=self._floors, begins=one.came)
        self._tell(side, one.came)
        found = candidates(article, matches, form, story_id=one.story_id, wire=one.wire)
        self._rehearsals[side].take(found, one.came)

    def _tell(self, side: str, until: datetime | None = None) -> None:
        for told in self._rehearsals[side].tell(until):
            self._outcome.alerts[side][told.alert.channel] += 1
            for rule in told.alert.rules:
                self._rules[rule].alerts[side][told.alert.channel] += 1


def _both(before: Ruleset, after: Ruleset, rules: Collection[str]) -> Ruleset:
    """Both forms of some rules; what matches the same by both is asked once. The hash of a match tells its form."""
    unlike = [id for id in rules if id not in after.cards or _hash(before, id) != _hash(after, id)]
    return union([_only(after, rules), _only(before, unlike)])


def _loaded(load: Callable[[], tuple[Ruleset, Ruleset]], rules: Collection[str]) -> Ruleset:
    before, after = load()
    return _both(before, after, rules)


def _hash(form: Ruleset, id: str) -> str | None:
    card = form.cards.get(id)
    return card.hash if card else None


def _only(rules: Ruleset, wanted: Collection[str]) -> Ruleset:
    return rules.without({id: "the edit does not touch it" for id in rules.cards if id not in wanted})


def daily(counts: Counter[date], first: date, last: date, columns: int) -> tuple[int, tuple[int, ...]]:
    """Volume over time in at most so many columns: how many days each has, and the count of each."""
    days = (last - first).days + 1
    width = -(-days // columns)
    sums = [0] * (-(-days // width))
    for day, count in counts.items():
        place = (day - first) // timedelta(days=width)
        if 0 <= place < len(sums):
            sums[place] += count
    return width, tuple(sums)
