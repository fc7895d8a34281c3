"""Whether a node of the match tree holds in one document, by which combinations, and on what evidence.

Positions are token numbers over the whole document, the title's before the text's; the title is sentence 0 and
paragraph 0. A scope is where hits may lie. What a leaf found is looked up, never searched for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

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
    is_condition,
    leaves,
)
from monitor.rules.phrases import Evidence
from monitor.rules.proximity import Cluster, Found, Piece, Slot, chains, clusters, count_apart, count_linked, fits
from monitor.text.document import Document

MOST_PIECES = 300
"""Combinations that a nested expression offers to the one around it in one unit."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Ranges of positions, both ends included. A hit counts when it lies inside, or `touching`: when it reaches
    in.
    """

    ranges: tuple[tuple[int, int], ...]
    touching: bool = False

    def cut(self, ranges: Iterable[tuple[int, int]]) -> Scope:
        """What of the scope lies in `ranges`."""
        both = ((max(low, a), min(high, b)) for low, high in self.ranges for a, b in ranges)
        return Scope(tuple((low, high) for low, high in both if low <= high), self.touching)


class Sight:
    """One document and what every leaf found in it."""

    def __init__(
        self, document: Document, hits: Mapping[int, Sequence[Evidence]], leaves: Mapping[int, Leaf]
    ) -> None:
        """`hits` are by term; leaves other than `leaves`, by number, find nothing."""
        self.document = document
        self.shift = document.scan.titles
        self._hits = hits
        self._leaves = leaves
        self._found: dict[int, tuple[Found, ...]] = {}
        self._firsts: dict[int, tuple[list[int], int]] = {}
        self._end = len(document.scan) - 1
        self.whole = Scope(((0, self._end),))

    @cached_property
    def fields(self) -> Mapping[str, tuple[int, int]]:
        """The first and last position of each field."""
        return {
            "title": (0, self.shift - 1),
            "lead": (self.shift, self.shift + self.document.lead_tokens - 1),
            "body": (self.shift, self._end),
        }

    def found(self, leaf: int) -> tuple[Found, ...]:
        """All hits of a leaf, in order."""
        known = self._found.get(leaf)
        if known is None:
            terms = self._leaves[leaf].terms if leaf in self._leaves else ()
            there = [term for term in terms if term in self._hits] if len(terms) < 100 else self._hits.keys() & terms
            items = [Found(hit.first, hit.last, term, leaf) for term in there for hit in self._hits[term]]
            known = self._found[leaf] = tuple(sorted(items))
        return known

    def inside(self, leaf: int, scope: Scope) -> Iterator[Found]:
        """The hits of a leaf in a scope."""
        items = self.found(leaf)
        if not items:
            return
        if leaf not in self._firsts:
            self._firsts[leaf] = [item.first for item in items], max(item.last - item.first for item in items)
        firsts, longest = self._firsts[leaf]
        for low, high in scope.ranges:
            start = bisect_left(firsts, low - longest if scope.touching else low)
            for item in items[start : bisect_right(firsts, high)]:
                if (item.last >= low) if scope.touching else (item.last <= high):
                    yield item

    def unit(self, kind: Unit, position: int) -> tuple[int, int]:
        """First and last position of the sentence or paragraph around a position."""
        numbers = self.numbers(kind)
        return bisect_left(numbers, numbers[position]), bisect_right(numbers, numbers[position]) - 1

    def numbers(self, kind: Unit) -> list[int]:
        """The number of the sentence or paragraph at every position."""
        units = self.document.scan.units
        return units.sentences if kind is Unit.SENTENCE else units.paragraphs

    def hit(self, found: Found) -> Evidence:
        """The place of a hit, with its core."""
        hits = self._hits[found.term]  # in order, none over another; a hostile article has thousands
        return hits[0] if len(hits) == 1 else hits[bisect_left(hits, (found.first,))]

    # --- truth -------------------------------------------------------------------------------------------

    def holds(self, node: Node, scope: Scope) -> bool:
        """Whether a node holds by hits in a scope."""
        match node:
            case Leaf():
                return next(self.inside(node.index, scope), None) is not None
            case Any():
                return any(self.holds(child, scope) for child in node.children)
            case All():
                return all(self.holds(child, scope) for child in node.children)
            case AtLeast():
                return self._reaches(node, scope)
            case Points():
                return self.points(node, scope) >= node.count
            case Clause():
                return self._clause(node, scope)
            case _:
                raise TypeError(f"{node!r} is not compiled")

    def _reaches(self, node: AtLeast, scope: Scope) -> bool:
        slots = self.slots((node,), scope)
        return slots is not None and fits(*slots)

    def _clause(self, node: Clause, scope: Scope) -> bool:
        inner = self.narrowed(node, scope)
        if node.within is not None:
            return self.conditions(node) and next(self.combinations(node, inner, some=True), None) is not None
        if not all(self.holds(part, inner) for part in node.parts) or not self.conditions(node):
            return False
        return self._mentioned(node, inner)

    def points(self, node: Points, scope: Scope) -> int:
        """The points of the items that hold in a scope."""
        return sum(points for points, child in node.items if self.holds(child, scope))

    def mentioned(self, node: Clause, scope: Scope) -> set[tuple[int, int]]:
        """The places of the hits by which a clause's parts hold in a scope: what `mentions` counts."""
        holding = [part for part in node.parts if self.holds(part, scope)]
        return {(item.first, item.last) for part in (*holding, *node.also) for item in self.evidence(part, scope)}

    def _mentioned(self, node: Clause, scope: Scope) -> bool:
        return not node.mentions or count_apart(self.mentioned(node, scope)) >= node.mentions

    def narrowed(self, node: Clause, scope: Scope) -> Scope:
        """The scope that the `fields` of a clause leave."""
        return scope.cut([self.fields[name] for name in node.fields]) if node.fields else scope

    def conditions(self, node: Clause) -> bool:
        """Whether `nowhere`, and `none` without `within`, find nothing: what does not depend on a combination."""
        return not any(self.holds(child, self.whole) for child in node.nowhere) and (
            node.within is not None or not any(self.holds(child, self.around(node)) for child in node.none)
        )

    def around(self, node: Clause) -> Scope:
        """Where `none` looks without `within`: the article, or the clause's own fields."""
        return self.narrowed(node, self.whole)

    # --- combinations ------------------------------------------------------------------------------------

    def combinations(self, node: Clause, scope: Scope, *, some: bool = False) -> Iterator[Piece]:
        """The combinations that satisfy a clause with `within`, its `none` included.

        `some`: at most one for each unit, which need not name the hits when the unit is a sentence or paragraph.
        """
        for unit, inner in self.units(node, scope):
            slots = self._wanted(node, inner)
            if slots is not None:
                yield from self._in_unit(node, unit, inner, slots, some)

    def meets(self, node: Clause, scope: Scope) -> bool:
        """Whether one unit holds all that a clause with `within` wants, be it in overlapping words."""
        return any(self._wanted(node, inner) is not None for _, inner in self.units(node, scope))

    def _wanted(self, node: Clause, scope: Scope) -> tuple[list[Slot], list[int]] | None:
        """The slots of a clause; in a sentence or paragraph a nested `all` is split, since one unit holds it all."""
        return self.slots(node.parts, scope, split=not node.ordered and not _counts_words(node))

    def _in_unit(
        self, node: Clause, unit: tuple[int, int], inner: Scope, slots: tuple[list[Slot], list[int]], some: bool
    ) -> Iterator[Piece]:
        if _counts_words(node):
            yield from self._linked(node, unit, inner, slots, self._runs(node, inner))
        elif not self._mentioned(node, inner) or not self._stands(node, Piece(*unit, ()), unit, inner):
            return
        elif some:
            if fits(*slots, ordered=node.ordered):
                yield Piece(*unit, ())
        else:
            yield from chains(*slots, ordered=node.ordered)

    def _runs(self, node: Clause, inner: Scope) -> list[Cluster]:
        """What `mentions` of a clause within N words counts."""
        assert node.within is not None
        return clusters(self.mentioned(node, inner), node.within.words) if node.mentions else []

    def _linked(
        self,
        node: Clause,
        unit: tuple[int, int],
        inner: Scope,
        slots: tuple[list[Slot], list[int]],
        runs: list[Cluster],
    ) -> Iterator[Piece]:
        """The combinations in a unit that satisfy a clause within N words."""
        assert node.within is not None
        gap = node.within.words
        for piece in chains(*slots, gap=gap, ordered=node.ordered):
            count = count_linked(runs, (piece.first, piece.last), gap) if node.mentions else 0
            if count >= node.mentions and self._stands(node, piece, unit, inner):
                yield piece

    def _stands(self, node: Clause, piece: Piece, unit: tuple[int, int], inner: Scope) -> bool:
        """Whether the reach of a combination holds what gives no hits of its own, and nothing of `none`."""
        assert node.within is not None
        around = reach(node.within, piece, unit)
        if not all(self.holds(part, inner.cut([around])) for part in node.also):
            return False
        return not any(self.holds(child, Scope((around,), touching=True)) for child in node.none)

    def units(self, node: Clause, scope: Scope) -> Iterator[tuple[tuple[int, int], Scope]]:
        """The sentences or paragraphs that can hold a combination, each with what of the scope lies in it."""
        assert node.within is not None
        kind = Unit.SENTENCE if node.within.unit is Unit.SENTENCE else Unit.PARAGRAPH
        numbers = self.numbers(kind)
        firsts: dict[int, int] = {}
        for leaf in self._fewest(node.parts):
            for item in self.inside(leaf, scope):
                firsts.setdefault(numbers[item.first], item.first)
        for number in sorted(firsts):
            unit = self.unit(kind, firsts[number])
            yield unit, scope.cut([unit])

    def _fewest(self, parts: Iterable[Node]) -> list[int]:
        """The leaves of the part that has the fewest hits, of which every combination needs one."""
        choices = [[leaf.index for leaf in leaves(node)] for node in combined(parts) if not is_condition(node)]
        return min(choices, key=lambda indexes: sum(len(self.found(index)) for index in indexes))

    def slots(
        self, parts: Iterable[Node], scope: Scope, *, split: bool = False
    ) -> tuple[list[Slot], list[int]] | None:
        """What is to be combined: a slot for each thing wanted, and how many each group needs; None when one is
        missing. What gives no hits only has to hold.

        `split`: an `all` further down is split into its own children, since one unit holds them all.
        """
        slots: list[Slot] = []
        needs: list[int] = []
        for children, need in _groups(parts, split):
            offers = []
            for child in children:
                if is_condition(child):
                    need -= self.holds(child, scope)
                else:
                    offers.append(self.pieces(child, scope))
            slots += [Slot(offer, len(needs)) for offer in offers if offer]
            if sum(map(bool, offers)) < need:
                return None
            needs.append(max(0, need))
        return slots, needs

    def pieces(self, node: Node, scope: Scope) -> tuple[Piece, ...]:
        """The combinations by which a node holds in a scope, sorted by start."""
        found: Iterator[Piece]
        match node:
            case Leaf():
                return tuple(Piece(item.first, item.last, (item,)) for item in self.inside(node.index, scope))
            case Any():
                return tuple(sorted({piece for child in node.children for piece in self.pieces(child, scope)}))
            case Clause() if not self.conditions(node):
                found = iter(())
            case Clause() if node.within is not None:
                found = self.combinations(node, self.narrowed(node, scope))
            case Clause():
                inner = self.narrowed(node, scope)
                found = self._free(node.parts, inner) if self._mentioned(node, inner) else iter(())
            case _:
                found = self._free((node,), scope)
        return tuple(sorted(islice(found, MOST_PIECES)))

    def _free(self, parts: Iterable[Node], scope: Scope) -> Iterator[Piece]:
        slots = self.slots(parts, scope)
        return iter(()) if slots is None else chains(*slots)

    # --- evidence ----------------------------------------------------------------------------------------

    def evidence(self, node: Node, scope: Scope) -> set[Found]:
        """The hits by which a node that holds does so: all that take part, not only the first."""
        if isinstance(node, Leaf):
            return set(self.inside(node.index, scope))
        if isinstance(node, Clause):
            scope = self.narrowed(node, scope)
            if node.within is not None:
                return self._combined(node, scope)
        return {
            item for child in children_of(node) if self.holds(child, scope) for item in self.evidence(child, scope)
        }

    def _combined(self, node: Clause, scope: Scope) -> set[Found]:
        """The hits of every unit that satisfies a clause; for N words, those that take part in a combination."""
        found: set[Found] = set()
        for unit, inner in self.units(node, scope):
            slots = self._wanted(node, inner)
            if slots is None or next(self._in_unit(node, unit, inner, slots, some=True), None) is None:
                continue
            if _counts_words(node):
                found.update(self._taking_part(node, unit, inner, slots))
            for part in node.also if _counts_words(node) else children_of(node):
                found.update(self.evidence(part, inner))
        return found

    def _taking_part(
        self, node: Clause, unit: tuple[int, int], inner: Scope, slots: tuple[list[Slot], list[int]]
    ) -> Iterator[Found]:
        wanted, needs = slots
        assert node.within is not None
        runs = self._runs(node, inner)
        longest = max((piece.last - piece.first + 1 for slot in wanted for piece in slot.pieces), default=0)
        furthest = len(wanted) * (longest + node.within.words)
        for index, slot in enumerate(wanted):
            for piece in slot.pieces[:MOST_PIECES]:
                tried = [other.among(piece.first - furthest, piece.last + furthest) for other in wanted]
                # the slot becomes a group of its own that must be served by this piece
                tried[index] = Slot((piece,), len(needs))
                left = [max(0, need - (group == slot.group)) for group, need in enumerate(needs)] + [1]
                if next(self._linked(node, unit, inner, (tried, left), runs), None) is not None:
                    yield from piece.hits


def reach(within: Within, piece: Piece, unit: tuple[int, int]) -> tuple[int, int]:
    """The unit that holds a combination; of N words, from N before it to N after it, in its paragraph."""
    if within.unit is not Unit.WORDS:
        return unit
    return max(unit[0], piece.first - within.words), min(unit[1], piece.last + within.words)


def _counts_words(node: Clause) -> bool:
    return node.within is not None and node.within.unit is Unit.WORDS


def _groups(parts: Iterable[Node], split: bool) -> Iterator[tuple[Sequence[Node], int]]:
    """The nodes of each group and how many of them are needed."""
    for part in parts:
        if isinstance(part, All):
            for child in part.children:
                if split and isinstance(child, All):
                    yield from _groups((child,), split)
                else:
                    yield (child,), 1
        elif isinstance(part, AtLeast):
            yield part.children, part.count
        else:
            yield (part,), 1
