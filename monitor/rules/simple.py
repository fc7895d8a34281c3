"""Judge the commonest shape of rule at once: lists and names in one sentence or paragraph or some words apart, and
nothing of `none` there.

Exactly what `evaluate` finds, without its generality; where a case is not simple it says so, and `evaluate` is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import TypeGuard

from monitor.rules.evaluate import Sight
from monitor.rules.expression import Any, Clause, Leaf, Node, Unit
from monitor.rules.proximity import Found

MOST_PAIRS = 1_000
"""Pairs of hits that are tried one by one."""


def is_simple(node: Node) -> TypeGuard[Clause]:
    """Whether a node has this shape: only leaves, within a unit, in any order, anywhere in the article."""
    return (
        isinstance(node, Clause)
        and node.within is not None
        and node == Clause(node.parts, node.within, none=node.none)
        and len(node.parts) > 1
        and all(isinstance(part, Leaf) for part in node.parts)
        and (node.within.unit is not Unit.WORDS or len(node.parts) == 2)
        and all(
            isinstance(part, Leaf) for one in node.none for part in (one.children if isinstance(one, Any) else (one,))
        )
    )


def judge(sight: Sight, node: Clause) -> set[Found] | None:
    """The hits by which a simple node holds, none if it does not; None where the general way must be gone."""
    assert node.within is not None
    parts = [sight.found.get(part.index, ()) for part in node.parts if isinstance(part, Leaf)]
    if not all(parts):
        return set()
    unwanted = [
        item
        for one in node.none
        for leaf in (one.children if isinstance(one, Any) else (one,))
        if isinstance(leaf, Leaf)
        for item in sight.found.get(leaf.index, ())
    ]
    kind = Unit.SENTENCE if node.within.unit is Unit.SENTENCE else Unit.PARAGRAPH
    numbers = sight.numbers(kind)
    if any(numbers[item.first] != numbers[item.last] for items in parts for item in items):
        return None
    if node.within.unit is Unit.WORDS:
        return _apart(sight, numbers, parts[0], parts[1], unwanted, node.within.words)
    return _in_units(numbers, parts, unwanted)


def _in_units(
    numbers: Sequence[int], parts: Sequence[Sequence[Found]], unwanted: Sequence[Found]
) -> set[Found] | None:
    shared = set.intersection(*({numbers[item.first] for item in items} for items in parts))
    shared.difference_update(*(range(numbers[item.first], numbers[item.last] + 1) for item in unwanted))
    found: set[Found] = set()
    for unit in shared:
        inside = [[item for item in items if numbers[item.first] == unit] for items in parts]
        if not all(
            one.last < other.first or other.last < one.first
            for some, others in combinations(inside, 2)
            for one, other in product(some, others)
        ):
            return None
        found.update(*inside)
    return found


def _apart(
    sight: Sight,
    numbers: Sequence[int],
    some: Sequence[Found],
    others: Sequence[Found],
    unwanted: Sequence[Found],
    words: int,
) -> set[Found] | None:
    if len(some) * len(others) > MOST_PAIRS:
        return None
    found: set[Found] = set()
    for pair in product(some, others):
        one, other = sorted(pair)
        if not 0 <= other.first - one.last - 1 <= words or numbers[one.first] != numbers[other.first]:
            continue
        if unwanted:
            low, high = sight.unit(Unit.PARAGRAPH, one.first)
            low, high = max(low, one.first - words), min(high, other.last + words)
            if any(item.last >= low and item.first <= high for item in unwanted):
                continue
        found.update(pair)
    return found
