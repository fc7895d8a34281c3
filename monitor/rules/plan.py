"""How a rule is found without being judged: what an article must have before the rule can match it.

A group is a set of leaves of which every match needs a hit. All this is necessary, never sufficient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple, TypeAlias

from monitor.rules.compiler import Compiled
from monitor.rules.expression import (
    All,
    Any,
    AtLeast,
    Clause,
    Leaf,
    Node,
    Points,
    Unit,
    Within,
    children_of,
    combined,
    leaves,
)
from monitor.rules.wording import Mode, Term
from monitor.text.fold import folded
from monitor.text.tokens import words_of

Group: TypeAlias = frozenset[int]
"""Numbers of leaves, one of which must have a hit."""


Rarity: TypeAlias = Callable[[str], float]
"""Of a folded word the share of articles that hold it, above 0 to 1."""

USUAL = 0.02
"""The share of a plain word of which nothing is known."""

_NO_HIT: tuple[Group, float] = (frozenset(), inf)


class Near(NamedTuple):
    """Groups that must have hits in one unit; where the unit is words, neighbours are at most so many words apart."""

    within: Within
    groups: tuple[Group, ...]


class Plan(NamedTuple):
    """The groups of a rule, the rarest first, and which of them must lie close together."""

    groups: tuple[Group, ...]
    nears: tuple[Near, ...]


def plans(compiled: Compiled, rarity: Rarity | None = None) -> Mapping[str, Plan]:
    """The plan of every rule. A group is rare when it has few terms and few rules share them; how often a term occurs
    `rarity` says, without which names and phrases count as rare.
    """
    used = Counter(leaf.index for node in compiled.matches.values() for leaf in set(leaves(node)))
    weights = [_weight(term, rarity) for term in compiled.terms]
    costs = [
        (frozenset({leaf.index}), used[leaf.index] * sum(weights[term] for term in leaf.terms))
        for leaf in compiled.leaves
    ]
    return {id: _plan(node, costs) for id, node in compiled.matches.items()}


def _plan(node: Node, costs: Sequence[tuple[Group, float]]) -> Plan:
    found = dict(_groups(node, costs))
    return Plan(tuple(sorted(found, key=lambda group: found[group])), tuple(_nears(node, costs)))


def _groups(node: Node, costs: Sequence[tuple[Group, float]]) -> Iterator[tuple[Group, float]]:
    """Groups of which a node needs a hit, each with its cost: one for each conjunct; none if it needs no hit."""
    if isinstance(node, Leaf):
        yield costs[node.index]
    elif isinstance(node, Any):
        yield from _one_of([(1, child) for child in node.children], 1, costs)
    elif isinstance(node, AtLeast):
        yield from _one_of([(1, child) for child in node.children], node.count, costs)
    elif isinstance(node, Points):
        yield from _one_of([(points, child) for points, child in node.items if points > 0], node.count, costs)
    else:
        for part in children_of(node):
            yield from _groups(part, costs)


def _one_of(
    items: Sequence[tuple[int, Node]], wanted: int, costs: Sequence[tuple[Group, float]]
) -> Iterator[tuple[Group, float]]:
    """The cheapest items without which the sum wanted cannot be reached: the dearest are left out while the rest
    falls short.
    """
    ways = [(points, *min(_groups(child, costs), key=lambda way: way[1], default=_NO_HIT)) for points, child in items]
    spare, group, total = 0, frozenset[int](), 0.0
    for points, own, cost in sorted(ways, key=lambda way: -way[2]):
        if spare + points < wanted:
            spare += points
        elif cost == inf:
            return  # it holds without a hit
        else:
            group, total = group | own, total + cost
    yield group, total


def _nears(node: Node, costs: Sequence[tuple[Group, float]]) -> Iterator[Near]:
    if isinstance(node, Clause) and node.within is not None:
        groups = dict(found for part in node.parts for found in _groups(part, costs))
        if len(groups) > 1:
            is_flat = all(isinstance(part, Leaf) for part in combined(node.parts))
            yield Near(node.within if is_flat else _unit(node.within), tuple(groups))
    elif isinstance(node, (All, Clause)):
        for child in children_of(node):
            yield from _nears(child, costs)


def _unit(within: Within) -> Within:
    """The unit that holds a combination whose hulls may be wide: words lie in one paragraph."""
    return Within(Unit.PARAGRAPH) if within.unit is Unit.WORDS else within


def _weight(term: Term, rarity: Rarity | None) -> float:
    """The share of articles that a term is likely to occur in."""
    if term.mode is Mode.PATTERN:
        return USUAL
    words = tuple(words_of(folded(term.text)))
    if rarity is not None and words:
        return min(map(rarity, words))
    spread: int = max(len(words), 1) ** 2
    return USUAL * (0.2 if term.name else 1.0) / spread
