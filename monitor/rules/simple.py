"""Judge the commonest shape of rule at once: lists and names in one sentence or paragraph or some words apart, and
nothing of `none` there.

Exactly what `evaluate` finds, without its generality; where a case is not simple it says so, and `evaluate` is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, product
from typing import NamedTuple, TypeAlias

from monitor.rules.evaluate import Sight
from monitor.rules.expression import Any, Clause, Leaf, Node, Unit, Within, combined
from monitor.rules.proximity import Found

Numbers: TypeAlias = Sequence[int] | Mapping[int, int]

MOST_PAIRS = 1_000
"""Pairs of hits that are tried one by one."""


class Simple(NamedTuple):
    """A rule of this shape: for each part that must combine the numbers of its leaves, any of which will do, and the
    numbers of those that must not be there.
    """

    within: Within
    parts: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]


def simple(node: Node) -> Simple | None:
    """A node as a simple one; None where it is another: only leaves, within a unit, in any order and any field."""
    if not isinstance(node, Clause) or node.within is None:
        return None
    parts = [_any_of(part) for part in combined(node.parts)]
    none = [_any_of(child) for child in node.none]
    if (
        len(parts) > 1
        and all((*parts, *none))
        and (node.within.unit is not Unit.WORDS or len(parts) == 2)
        and node == Clause(node.parts, node.within, none=node.none)
    ):
        return Simple(node.within, tuple(parts), tuple(chain.from_iterable(none)))
    return None


def _any_of(node: Node) -> tuple[int, ...]:
    """The numbers of the leaves of which a node wants any; none where it wants something else."""
    children = node.children if isinstance(node, Any) else (node,)
    found = tuple(child.index for child in children if isinstance(child, Leaf))
    return found if len(found) == len(children) else ()


def judge_in(sight: Sight, rule: Simple) -> set[Found] | None:
    """The hits by which a simple rule holds in a document (`judge`)."""
    parts = [list(chain.from_iterable(map(sight.found, leaves))) for leaves in rule.parts]
    if not all(parts):
        return set()
    numbers = sight.numbers(Unit.SENTENCE if rule.within.unit is Unit.SENTENCE else Unit.PARAGRAPH)
    if any(numbers[item.first] != numbers[item.last] for items in parts for item in items):
        return None
    return judge(rule.within, parts, [item for leaf in rule.none for item in sight.found(leaf)], numbers)


def judge(
    within: Within, parts: Sequence[Sequence[Found]], unwanted: Sequence[Found], numbers: Numbers
) -> set[Found] | None:
    """The hits by which what is wanted lies within reach, nothing if it does not; None where the general way must be
    gone.

    `parts` are the hits of each part, which lie in one unit each, `numbers` the sentence, or for words and paragraphs
    the paragraph, of the first and last position of every hit.
    """
    if within.unit is Unit.WORDS:
        return _apart(numbers, parts[0], parts[1], unwanted, within.words)
    return _in_units(numbers, parts, unwanted)


def _in_units(numbers: Numbers, parts: Sequence[Sequence[Found]], unwanted: Sequence[Found]) -> set[Found] | None:
    shared = set.intersection(*({numbers[item.first] for item in items} for items in parts))
    shared.difference_update(*(range(numbers[item.first], numbers[item.last] + 1) for item in unwanted))
    hits = sorted(
        (item.first, item.last, part)
        for part, items in enumerate(parts)
        for item in items
        if numbers[item.first] in shared
    )
    reached = [-1] * len(parts)
    for first, last, part in hits:
        if any(end >= first for other, end in enumerate(reached) if other != part):
            return None
        reached[part] = max(reached[part], last)
    return {item for items in parts for item in items if numbers[item.first] in shared}


def _apart(
    numbers: Numbers, some: Sequence[Found], others: Sequence[Found], unwanted: Sequence[Found], words: int
) -> set[Found] | None:
    if len(some) * len(others) > MOST_PAIRS:
        return None
    found: set[Found] = set()
    for pair in product(some, others):
        one, other = sorted(pair)
        unit = numbers[one.first]
        if 0 <= other.first - one.last - 1 <= words and numbers[other.first] == unit:
            low, high = one.first - words, other.last + words
            if not any(
                item.last >= low and item.first <= high and numbers[item.first] <= unit <= numbers[item.last]
                for item in unwanted
            ):
                found.update(pair)
    return found
