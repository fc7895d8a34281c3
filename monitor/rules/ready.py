"""Rules that are ready to be judged, and how those are found that an article may match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

from monitor.model import RuleCard
from monitor.rules.abreast import Asking, Askings
from monitor.rules.beside import Company
from monitor.rules.compiler import Compiled
from monitor.rules.examples import Example
from monitor.rules.expression import Leaf, Node, all_leaves
from monitor.rules.filters import Filters
from monitor.rules.index import Index
from monitor.rules.memo import Asked, Lexicon
from monitor.rules.plan import Rarity, plans
from monitor.rules.simple import Simple, simple

MOST_READY = 20_000
"""Rules that are kept ready to be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule ready to run."""

    card: RuleCard
    node: Node
    filters: Filters = field(default_factory=Filters)
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How rules are found: where their terms stand in a text, which rules that may be, and what some terms need.

    What is found in a text is asked for under the `lock`: the lexicon and the index learn as they read, and the
    rulesets before and after a change share them.
    """

    lexicon: Lexicon
    index: Index
    company: Mapping[int, Company]
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
    """A rule with what judging it needs: all its leaves, by number, its shape if that is simple, and what it looks
    for if it can be judged for many articles at once.
    """

    rule: Rule
    leaves: Mapping[int, Leaf]
    shape: Simple | None
    asking: Asking | None
    found_by: Lookup

    @cached_property
    def is_filtered(self) -> bool:
        """Whether it asks for more than words."""
        return self.rule.filters != Filters()

    @cached_property
    def asked(self) -> Asked:
        """What it looks for in one article by itself."""
        company = self.found_by.company
        terms = {term for leaf in self.leaves.values() for term in leaf.terms}
        terms.update(other for term in terms & company.keys() for other in company[term][0])
        return self.found_by.lexicon.asked(terms)


class Shelf:
    """Rules that are kept ready, since articles asked for them."""

    def __init__(self, rules: Mapping[str, Rule], found_by: Lookup) -> None:
        self._rules, self._found_by = rules, found_by
        self._needing = frozenset(found_by.company)
        self._begin()

    def _begin(self) -> None:
        self._known: dict[str, Ready] = {}
        self.askings = Askings(self._found_by.lexicon.vocabulary)

    def tidy(self) -> None:
        """Forget all, if they are too many. What was taken before is then not to be judged any more."""
        if len(self._known) > MOST_READY:
            self._begin()

    def __getitem__(self, id: str) -> Ready:
        known = self._known.get(id)
        if known is None:
            known = self._known[id] = self._made(self._rules[id], self._asking)
        return known

    def made(self, rule: Rule) -> Ready:
        """A rule made ready to be judged by itself, and not kept."""
        return self._made(rule, lambda shape, leaves: None)

    def _made(self, rule: Rule, asking: Callable[[Simple, Mapping[int, Leaf]], Asking | None]) -> Ready:
        leaves = {leaf.index: leaf for leaf in all_leaves(rule.node)}
        shape = simple(rule.node)
        return Ready(rule, leaves, shape, None if shape is None else asking(shape, leaves), self._found_by)

    def _asking(self, shape: Simple, leaves: Mapping[int, Leaf]) -> Asking | None:
        """What a rule looks for, if it can be judged for many articles at once."""
        if not all(self._needing.isdisjoint(leaf.terms) for leaf in leaves.values()):
            return None
        return self.askings.of(shape, leaves)
