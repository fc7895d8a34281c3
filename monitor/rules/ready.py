"""Rules that are ready to be judged, and how those are found that an article may match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from threading import Lock
from typing import Protocol

from monitor.model import RuleCard
from monitor.rules.abreast import Asking, Askings, Wants
from monitor.rules.beside import Company
from monitor.rules.compiler import Compiled
from monitor.rules.examples import Example
from monitor.rules.expression import Leaf, Node, all_leaves
from monitor.rules.filters import Filters
from monitor.rules.index import Index
from monitor.rules.memo import Asked, Lexicon
from monitor.rules.packing import MOST_KEPT
from monitor.rules.plan import Rarity, plans
from monitor.rules.simple import Simple, simple


class Body(Protocol):
    """What a rule looks for, and its examples."""

    @property
    def node(self) -> Node:
        """What it looks for."""

    @property
    def examples(self) -> tuple[Example, ...]:
        """What its author says of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """The body of a rule that was compiled just now."""

    node: Node
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule ready to run."""

    card: RuleCard
    body: Body
    filters: Filters = field(default_factory=Filters)

    @property
    def node(self) -> Node:
        """What it looks for."""
        return self.body.node

    @property
    def examples(self) -> tuple[Example, ...]:
        """What its author says of it."""
        return self.body.examples

    def wanting(self, node: Node) -> Rule:
        """The same rule, which looks for something else."""
        return replace(self, body=Said(node, self.examples))


@dataclass(frozen=True, slots=True)
class Lookup:
    """How rules are found: where their terms stand in a text, which rules that may be, and what some terms need.

    What is found in a text is asked for under the `lock`: the lexicon and the index learn as they read, and the
    rulesets before and after a change share them.
    """

    lexicon: Lexicon
    index: Index
    company: Mapping[int, Company]
    askings: Wants | None = None
    """What simple rules look for, where that was worked out before."""
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, compiled: Compiled, rarity: Rarity | None = None) -> Lookup:
        """Made anew for rules; `rarity` says by which of its terms a rule is best found."""
        made = plans(compiled, rarity)
        groups = {leaf for plan in made.values() for leaf in next(iter(plan.groups), ())}
        lexicon = Lexicon(compiled.terms, {term for leaf in groups for term in compiled.leaves[leaf].terms})
        return cls(lexicon, Index(compiled, made, lexicon), compiled.company())


@dataclass(frozen=True)
class Ready:
    """A rule with what judging it in one article by itself needs."""

    rule: Rule
    found_by: Lookup

    @cached_property
    def leaves(self) -> Mapping[int, Leaf]:
        """All its leaves, by number."""
        return {leaf.index: leaf for leaf in all_leaves(self.rule.node)}

    @cached_property
    def shape(self) -> Simple | None:
        """Its shape, if that is simple."""
        return simple(self.rule.node)

    @cached_property
    def asked(self) -> Asked:
        """What it looks for in one article by itself."""
        company = self.found_by.company
        terms = {term for leaf in self.leaves.values() for term in leaf.terms}
        terms.update(other for term in terms & company.keys() for other in company[term][0])
        return self.found_by.lexicon.asked(terms)


class Shelf:
    """Rules as they are judged. Those that were asked for last are kept ready."""

    def __init__(self, rules: Mapping[str, Rule], found_by: Lookup) -> None:
        self.askings = found_by.askings or Askings(found_by.lexicon.vocabulary, found_by.company)
        self._rules, self._found_by = rules, found_by
        self._ready = lru_cache(MOST_KEPT)(lambda id: Ready(rules[id], found_by))

    def asking(self, id: str) -> Asking | None:
        """What a rule looks for, if it can be judged for many articles at once: of such a rule nothing else is read
        until it holds.
        """
        return self.askings.of(id, lambda: self._rules[id].node)

    def __getitem__(self, id: str) -> Ready:
        return self._ready(id)

    def made(self, rule: Rule) -> Ready:
        """A rule made ready to be judged by itself, and not kept."""
        return Ready(rule, self._found_by)
