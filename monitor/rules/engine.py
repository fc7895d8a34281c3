"""From an article to the rules it matches, with their evidence.

An article is tried only against the rules of which a required term occurs in it. Everything is frozen, and a change
of rules is another ruleset; but the lexicon learns as it reads, so one thread judges at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from types import MappingProxyType

from monitor.errors import Problem
from monitor.model import Article, EntityCard, Match, RuleCard, Span
from monitor.rules.beside import Company, beside
from monitor.rules.compiler import Compiled
from monitor.rules.evaluate import Sight
from monitor.rules.examples import Example, ExampleResult, judge
from monitor.rules.explain import Explainer, Explanation
from monitor.rules.expression import Node
from monitor.rules.filters import Filters
from monitor.rules.memo import Lexicon
from monitor.rules.proximity import Found
from monitor.rules.terms import Mode
from monitor.text.document import prepare
from monitor.text.fold import fold

MOST_SPANS = 100
"""Spans kept as evidence of one match; its entities are never cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule ready to run."""

    card: RuleCard
    node: Node
    filters: Filters = field(default_factory=Filters)
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """Rules ready to run. Made by `load_rules`.

    `cards` has every active rule, `inactive` says why a rule is not: it is off, or an example of it fails.
    `warnings` are what the files' author should know. `sources` gives the tags of each configured source, None when
    none are configured. `files` are all that were read, tables and word lists too: a change of one wants a reload.
    """

    rules: Mapping[str, Rule]
    compiled: Compiled
    inactive: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    sources: Mapping[str, Collection[str]] | None = None
    entities: Mapping[str, EntityCard] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @cached_property
    def cards(self) -> Mapping[str, RuleCard]:
        """What telling needs to know of every active rule."""
        return MappingProxyType({id: rule.card for id, rule in self.rules.items()})

    def match(self, article: Article) -> tuple[Match, ...]:
        """Every rule that the article matches, the most severe first, then by id.

        Filters of sources count only for an article of a configured source, those of days only when `seen` is set.
        """
        sight = self._sight(article)
        found = [match for id in self._entered(sight) if (match := self._match(self.rules[id], sight)) is not None]
        return tuple(sorted(found, key=lambda match: (-match.severity, match.rule)))

    def terms(self, article: Article, match: Match, keys: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """What a match hit of lists, by `$list`: the terms as written, of a pattern the words that it found."""
        rule, sight = self.rules[match.rule], self._sight(article)
        return {key: self._groups(key, rule, match, sight) for key in keys}

    def candidates(self, article: Article) -> tuple[str, ...]:
        """The rules that the article is tried against: a required term of each occurs in it."""
        return self._entered(self._sight(article))

    def explain(self, article: Article, rule_id: str) -> Explanation:
        """Why a rule matches an article, or why not. Raises KeyError for a rule that is not active."""
        return self._explained(self.rules[rule_id], self._sight(article))

    def examples(self) -> tuple[ExampleResult, ...]:
        """Run the examples of every active rule. The language filter counts only for examples that name one."""
        rules = self.rules.values()
        return tuple(result for rule in rules for example in rule.examples for result in self.judge(example, [rule]))

    def judge(self, example: Example, rules: Iterable[Rule]) -> Iterator[ExampleResult]:
        """Hold one example against rules made of this ruleset's leaves."""
        sight = self._sight(example.article)
        for rule in rules:
            if not example.article.language:
                rule = replace(rule, filters=replace(rule.filters, languages=()))
            match = self._match(rule, sight)
            groups = self._groups(example.group_by, rule, match, sight) if match and example.group else ()
            yield judge(rule.card.id, example, match, groups, partial(self._explained, rule, sight))

    def without(self, reasons: Mapping[str, str], warnings: tuple[Problem, ...] = ()) -> Ruleset:
        """The same rules without some, which become inactive for a reason."""
        rest = {id: rule for id, rule in self.rules.items() if id not in reasons}
        matches = {id: rule.node for id, rule in rest.items()}
        return replace(
            self,
            rules=rest,
            compiled=replace(self.compiled, matches=matches),
            inactive={**self.inactive, **reasons},
            warnings=(*self.warnings, *warnings),
        )

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self.compiled.terms)

    @cached_property
    def _company(self) -> Mapping[int, Company]:
        return self.compiled.company()

    @cached_property
    def _owners(self) -> tuple[tuple[int, ...], ...]:
        return self.compiled.owners()

    @cached_property
    def _entries(self) -> Mapping[int, tuple[str, ...]]:
        """The rules that are entered through each leaf."""
        entered: dict[int, list[str]] = {}
        for id, indexes in self.compiled.entries().items():
            for index in indexes:
                entered.setdefault(index, []).append(id)
        return {index: tuple(ids) for index, ids in entered.items()}

    def _sight(self, article: Article) -> Sight:
        document = prepare(article)
        return Sight(document, beside(document, self._lexicon.hits(document), self._company), self._owners)

    def _entered(self, sight: Sight) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id for leaf in sight.found for id in self._entries.get(leaf, ())))

    def _groups(self, key: str, rule: Rule, match: Match, sight: Sight) -> tuple[str, ...]:
        """The values of a match under one group key; of `$list` what was found: a pattern's words, else the term."""
        article = sight.document.article
        if not key.startswith("$"):
            values = {"source": article.source, "publisher": article.publisher, "severity": match.severity.word}
            return match.entities if key == "entity" else (values.get(key, match.rule),)
        evidence = sight.evidence(rule.node, sight.whole)
        hits = [item for item in evidence if self.compiled.leaves[item.leaf].label == key]
        found = set()
        for item in hits:
            term, span = self.compiled.terms[item.term], self._lexicon.span(sight.document, sight.hit(item))
            text = article.title if span.field == "title" else article.text
            found.add(fold(text[span.start : span.end]).text if term.mode is Mode.PATTERN else term.text)
        return tuple(sorted(found))

    def _explained(self, rule: Rule, sight: Sight) -> Explanation:
        refusals = rule.filters.refusals(sight.document.article, self.sources)
        return Explainer(sight, self.compiled.terms).rule(rule.card.id, rule.node, refusals)

    def _match(self, rule: Rule, sight: Sight) -> Match | None:
        article = sight.document.article
        if not sight.holds(rule.node, sight.whole):
            return None
        if next(rule.filters.refusals(article, self.sources), None) is not None:
            return None
        evidence = sorted(sight.evidence(rule.node, sight.whole))
        return Match(
            article_id=article.id,
            version=article.version,
            rule=rule.card.id,
            rule_hash=rule.card.hash,
            severity=rule.card.severity,
            entities=tuple(sorted(set(self._entities(evidence)))),
            spans=self._spans(sight, evidence),
        )

    def _entities(self, evidence: list[Found]) -> Iterator[str]:
        for leaf, term in {(item.leaf, item.term) for item in evidence}:
            yield from (id for number, id in self.compiled.leaves[leaf].entities if number == term)

    def _spans(self, sight: Sight, evidence: list[Found]) -> tuple[Span, ...]:
        hits = dict.fromkeys(sight.hit(item) for item in evidence)
        spans = dict.fromkeys(self._lexicon.span(sight.document, hit) for hit in hits)
        return tuple(
            sorted(
                list(spans)[:MOST_SPANS], key=lambda span: (span.field != "title", span.start, span.end, span.term)
            )
        )
