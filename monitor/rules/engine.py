"""From an article to the rules it matches, with their evidence.

An article is tried only against the rules of which a required term occurs in it. Everything is frozen, and a change
of rules is another ruleset; but the lexicon learns as it reads, so one thread judges at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from monitor.errors import Problem
from monitor.model import Article, EntityCard, Match, RuleCard, Span
from monitor.rules.abreast import Held, judge_all
from monitor.rules.beside import beside
from monitor.rules.compiler import Compiled
from monitor.rules.evaluate import Sight
from monitor.rules.examples import Example, ExampleResult, judge
from monitor.rules.explain import Explainer, Explanation
from monitor.rules.memo import span
from monitor.rules.named import Named
from monitor.rules.packing import View
from monitor.rules.plan import Rarity
from monitor.rules.ready import Lookup, Ready, Rule, Shelf
from monitor.rules.search import Search, Sweep
from monitor.rules.simple import judge_in
from monitor.rules.terms import Mode
from monitor.text.document import Document, prepare, prepare_all
from monitor.text.fold import fold
from monitor.text.original import original

MOST_SPANS = 100
"""Spans kept as evidence of one match; its entities are never cut."""


class Told(NamedTuple):
    """The cards of rules, when those end that end at all, and the entities that terms stand for."""

    cards: Mapping[str, RuleCard]
    ends: Mapping[str, datetime]
    named: Named


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """Rules ready to run. Made by `load_rules`.

    `cards` has every active rule, `inactive` says why a rule is not: it is off, or an example of it fails.
    `warnings` are what the files' author should know. `sources` gives the tags of each configured source, None when
    none are configured. `files` are all that were read, tables and word lists too: a change of one wants a reload.

    After a small change most rules are as they were and `beneath`, with a lexicon of their own; `compiled` are the
    others. `lookup` and `told` are given where they were made before; `origin` is what the next load begins with.
    `rarity` says how often words occur, where that is known.
    """

    rules: Mapping[str, Rule]
    compiled: Compiled
    inactive: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    sources: Mapping[str, Collection[str]] | None = None
    entities: Mapping[str, EntityCard] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    beneath: Ruleset | None = None
    lookup: Lookup | None = field(default=None, compare=False, repr=False)
    told: Told | None = field(default=None, compare=False, repr=False)
    origin: object = field(default=None, compare=False, repr=False)
    rarity: Rarity | None = field(default=None, compare=False, repr=False)

    @cached_property
    def cards(self) -> Mapping[str, RuleCard]:
        """What telling needs to know of every active rule."""
        return View(self.rules, self._card)

    @cached_property
    def ends(self) -> Mapping[str, datetime]:
        """When the active rules end that end at all."""
        found = {} if self.beneath is None else dict(self.beneath.ends)
        if self.told is not None:
            found.update(self.told.ends)
        else:
            found.update((id, rule.filters.ends) for id, rule in self.own if rule.filters.ends is not None)
        return {id: ends for id, ends in found.items() if id in self.rules}

    def _card(self, id: str) -> RuleCard:
        if (owner := self._owner(id)) is not self:
            return owner.cards[id]
        return self.rules[id].card if self.told is None else self.told.cards[id]

    def match(self, article: Article) -> tuple[Match, ...]:
        """Every rule that the article matches, the most severe first, then by id.

        Filters of sources count only for an article of a configured source, those of days only when `seen` is set.
        """
        return self.match_each((article,))[0]

    def match_each(self, articles: Sequence[Article]) -> list[tuple[Match, ...]]:
        """What `match` gives for each of some articles. Several at once cost less than each by itself."""
        found: list[tuple[Match, ...]] = []
        for documents in prepare_all(articles):
            each = zip(*(layer._match_own(documents) for layer in self.layers), strict=True)
            found += [
                tuple(sorted(chain.from_iterable(some), key=lambda match: (-match.severity, match.rule)))
                for some in each
            ]
        return found

    def _match_own(self, documents: Sequence[Document]) -> list[list[Match]]:
        """The matches of this layer's own rules with each document of one sheet, in no order."""
        with self.found_by.lock:
            sweep = Sweep(self.found_by.lexicon, documents)
            return self._matches(sweep, self._candidates(sweep))

    def _candidates(self, sweep: Sweep) -> dict[int, list[str]]:
        """The active rules of this layer that each document may match, by its place."""
        found = self.found_by.index.candidates(sweep)
        active = {place: [id for id in ids if id in self.rules] for place, ids in found.items()}
        return {place: ids for place, ids in active.items() if ids}

    def _matches(self, sweep: Sweep, candidates: Mapping[int, Sequence[str]]) -> list[list[Match]]:
        """The matches of candidate rules with each document of a sheet: simple rules in all of them first."""
        shelf = self._shelf
        pairs = [(place, at, id, shelf.asking(id)) for place, ids in candidates.items() for at, id in enumerate(ids)]
        found: dict[tuple[int, int], Match | None] = {}
        left: dict[int, list[tuple[int, Ready]]] = {}
        together = [(place, asking) for place, _, _, asking in pairs if asking is not None]
        lexicon = self.found_by.lexicon
        judged = iter(judge_all(sweep, together, shelf.askings, lexicon.entries_of, lexicon.standing))
        for place, at, id, asking in pairs:
            held = None if asking is None else next(judged)
            if held is None:
                left.setdefault(place, []).append((at, shelf[id]))
            elif held:
                found[place, at] = self._match(self.rules[id], sweep.documents[place].article, held)
        for place, some in left.items():
            sight = self._sight(sweep.search(sweep.documents[place]), [ready for _, ready in some])
            found.update(((place, at), self._judged(ready, sight)) for at, ready in some)
        matches: list[list[Match]] = [[] for _ in sweep.documents]
        for (place, _), match in sorted(found.items(), key=itemgetter(0)):
            if match is not None:
                matches[place].append(match)
        return matches

    def terms(self, article: Article, match: Match, keys: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """What a match hit of lists, by `$list`: the terms as written, of a pattern the words that it found."""
        if (owner := self._owner(match.rule)) is not self:
            return owner.terms(article, match, keys)
        ready = self._ready(match.rule)
        sight = self._sight_of(article, (ready,))
        return {key: self._groups(key, ready.rule, match, sight) for key in keys}

    def candidates(self, article: Article) -> tuple[str, ...]:
        """The rules that the article is judged by: a required term of each occurs in it, close to its others."""
        found: list[str] = []
        for layer in self.layers:
            with layer.found_by.lock:
                found += layer._candidates(Sweep(layer.found_by.lexicon, [prepare(article)])).get(0, ())
        return tuple(found)

    def costs(self, article: Article, clock: Callable[[], float]) -> dict[str, float]:
        """What judging each candidate rule takes, by itself, in the units of `clock`."""
        document = prepare(article)
        found: dict[str, float] = {}
        for layer in self.layers:
            with layer.found_by.lock:
                sweep = Sweep(layer.found_by.lexicon, [document])
                for id in layer._candidates(sweep).get(0, ()):
                    before = clock()
                    layer._matches(sweep, {0: [id]})
                    found[id] = clock() - before
        return found

    def explain(self, article: Article, rule_id: str) -> Explanation:
        """Why a rule matches an article, or why not. Raises KeyError for a rule that is not active."""
        if (owner := self._owner(rule_id)) is not self:
            return owner.explain(article, rule_id)
        rule = self._ready(rule_id)
        return self._explained(rule.rule, self._sight_of(article, (rule,)))

    def examples(self) -> tuple[ExampleResult, ...]:
        """Run the examples of every active rule. The language filter counts only for examples that name one."""
        found = []
        for id, rule in self.rules.items():
            owner = self._owner(id)
            found += [result for example in rule.examples for result in owner.judge(example, [rule])]
        return tuple(found)

    def judge(self, example: Example, rules: Iterable[Rule]) -> Iterator[ExampleResult]:
        """Hold one example against rules made of this ruleset's leaves."""
        tried = [self._shelf.made(rule) for rule in rules]
        sight = self._sight_of(example.article, tried)
        for ready in tried:
            rule = ready.rule
            if not example.article.language:
                rule = replace(rule, filters=replace(rule.filters, languages=()))
            match = self._judged(replace(ready, rule=rule), sight)
            groups = self._groups(example.group_by, rule, match, sight) if match and example.group else ()
            yield judge(rule.card.id, example, match, groups, partial(self._explained, rule, sight))

    def without(self, reasons: Mapping[str, str], warnings: tuple[Problem, ...] = ()) -> Ruleset:
        """The same rules without some, which become inactive for a reason; what finds them is shared."""
        lookup, compiled = vars(self).get("found_by", self.lookup), self.compiled
        if lookup is None:
            compiled = replace(
                compiled, matches={id: node for id, node in compiled.matches.items() if id not in reasons}
            )
        return replace(
            self,
            rules=View(dict.fromkeys(id for id in self.rules if id not in reasons), self.rules.__getitem__),
            compiled=compiled,
            inactive={**self.inactive, **reasons},
            warnings=(*self.warnings, *warnings),
            beneath=None if self.beneath is None else self.beneath.without(reasons),
            lookup=lookup,
        )

    @property
    def layers(self) -> tuple[Ruleset, ...]:
        """It and the one beneath, each with the rules that are made of its leaves (`own`)."""
        return (self,) if self.beneath is None else (self, self.beneath)

    @property
    def own(self) -> Iterator[tuple[str, Rule]]:
        """The active rules of this layer."""
        return ((id, self.rules[id]) for id in self.compiled.matches if id in self.rules)

    def _owner(self, id: str) -> Ruleset:
        """The ruleset of whose leaves a rule is made: this, or the one beneath."""
        return self if self.beneath is None or id in self.compiled.matches else self.beneath

    @cached_property
    def found_by(self) -> Lookup:
        """How its own rules are found; made when it is first asked for."""
        return self.lookup or Lookup.of(self.compiled, self.rarity)

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.rules, self.found_by)

    def _ready(self, id: str) -> Ready:
        """A rule made ready, outside of judging; under the lock, since what is kept of rules grows with them."""
        with self.found_by.lock:
            return self._shelf[id]

    def _sight_of(self, article: Article, rules: Sequence[Ready]) -> Sight:
        """What one article holds of what some rules look for."""
        document = prepare(article)
        with self.found_by.lock:
            return self._sight(Sweep(self.found_by.lexicon, [document]).search(document), rules)

    def _sight(self, search: Search, rules: Sequence[Ready]) -> Sight:
        """What the article holds of what some rules look for, and of what they do not want."""
        leaves = {number: leaf for rule in rules for number, leaf in rule.leaves.items()}
        document = search.document
        hits = self.found_by.lexicon.places(document, search=search, only=[rule.asked for rule in rules])
        return Sight(document, beside(document.scan, hits, self.found_by.company), leaves)

    def _groups(self, key: str, rule: Rule, match: Match, sight: Sight) -> tuple[str, ...]:
        """The values of a match under one group key; of `$list` what was found: a pattern's words, else the term."""
        article = sight.document.article
        if not key.startswith("$"):
            values = {"source": article.source, "publisher": article.publisher, "severity": match.severity.word}
            return match.entities if key == "entity" else (values.get(key, match.rule),)
        evidence = sight.evidence(rule.node, sight.whole)
        hits = [item for item in evidence if self.compiled.leaves[item.leaf].label == key]
        found, scan = set(), sight.document.scan
        for item in hits:
            term = self.compiled.terms[item.term]
            words = scan.raw(scan.starts.item(item.first), scan.ends.item(item.last))
            found.add(fold(words).text if term.mode is Mode.PATTERN else term.text)
        return tuple(sorted(found))

    def _explained(self, rule: Rule, sight: Sight) -> Explanation:
        refusals = rule.filters.refusals(sight.document.article, self.sources)
        return Explainer(sight, self.compiled.terms).rule(rule.card.id, rule.node, refusals)

    def _judged(self, ready: Ready, sight: Sight) -> Match | None:
        """The match of a rule with one article by itself."""
        found = None if ready.shape is None else judge_in(sight, ready.shape)
        if found is None:
            node = ready.rule.node
            if not sight.holds(node, sight.whole):
                return None
            found = sight.evidence(node, sight.whole)
        elif not found:
            return None
        scan = sight.document.scan
        held = [(item.leaf, item.term, original(scan, *sight.hit(item))) for item in sorted(found)]
        return self._match(ready.rule, sight.document.article, held)

    def _match(self, rule: Rule, article: Article, held: Held) -> Match | None:
        """The match that the hits by which a rule holds make, unless its filters refuse the article."""
        if next(rule.filters.refusals(article, self.sources), None) is not None:
            return None
        card = rule.card
        return Match(
            article_id=article.id,
            version=article.version,
            rule=card.id,
            rule_hash=card.hash,
            severity=card.severity,
            entities=tuple(sorted({id for leaf, term, _ in held for id in self.named.by(leaf, term)})),
            spans=self._spans(held),
        )

    def _spans(self, held: Held) -> tuple[Span, ...]:
        text = self.found_by.lexicon.text
        places = sorted({(*place[:3], text(term), place.core) for _, term, place in held})
        return tuple(span(*place) for place in places[:MOST_SPANS])

    @cached_property
    def named(self) -> Named:
        """Which entities its terms stand for."""
        return (self.told and self.told.named) or Named.of(self.compiled.leaves)
