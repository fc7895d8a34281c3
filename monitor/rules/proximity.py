"""Which hits combine: one piece for each thing wanted, none overlapping, in one unit or with narrow gaps.

A piece is a hit, or the hull of a combination found further down with the hits it is made of; hits never overlap,
hulls may interlock (then nothing lies between them). Whether single hits fit together is decided exactly;
combinations of hulls are tried in order of their start, up to a bound that no real article reaches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from typing import NamedTuple

MOST_STEPS = 100_000
MOST_STATES = 4_000


Span = tuple[int, int]


class Found(NamedTuple):
    """One hit of a leaf's term; first and last are token positions in the document, title before text."""

    first: int
    last: int
    term: int
    leaf: int


class Piece(NamedTuple):
    """A hull of hits."""

    first: int
    last: int
    hits: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing wanted and the pieces that can stand for it, sorted by start. `group` says which need it serves."""

    pieces: tuple[Piece, ...]
    group: int
    firsts: tuple[int, ...] = field(init=False, repr=False)
    ends: tuple[int, ...] = field(init=False, repr=False)  # earliest end of this piece and all behind it
    is_simple: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "firsts", tuple(piece.first for piece in self.pieces))
        backwards = accumulate((piece.last for piece in reversed(self.pieces)), min)
        object.__setattr__(self, "ends", tuple(backwards)[::-1])
        object.__setattr__(self, "is_simple", all(len(piece.hits) == 1 for piece in self.pieces))

    def among(self, first: int, last: int) -> Slot:
        """The slot with only those pieces that start from one position to another."""
        start, end = bisect_left(self.firsts, first), bisect_right(self.firsts, last)
        return self if end - start == len(self.firsts) else Slot(self.pieces[start:end], self.group)


def fits(slots: Sequence[Slot], needs: Sequence[int], *, ordered: bool = False) -> bool:
    """Whether each group gets as many of its slots as it needs, by pieces whose hits do not overlap.

    `ordered`: in the order of the slots. All pieces are taken to lie in one unit.
    """
    if not all(slot.is_simple for slot in slots):
        return next(chains(slots, needs, ordered=ordered), None) is not None
    left = list(needs)
    rest = list(slots)
    if not ordered:
        rest = []
        for slot, is_free in zip(slots, _free(slots), strict=True):
            if is_free:
                left[slot.group] = max(0, left[slot.group] - 1)
            else:
                rest.append(slot)
    return _earliest_end(rest, left, ordered)


def _free(slots: Sequence[Slot]) -> list[bool]:
    """For each slot, whether it has a piece that overlaps no piece of another slot: such a piece costs nothing."""
    pieces = sorted((piece.first, piece.last, index) for index, slot in enumerate(slots) for piece in slot.pieces)
    clear = [True] * len(pieces)
    ends: dict[int, int] = {}
    for number, (first, last, index) in enumerate(pieces):
        clear[number] = all(end < first for other, end in ends.items() if other != index)
        ends[index] = max(last, ends.get(index, -1))
    starts: dict[int, int] = {}
    for number in range(len(pieces) - 1, -1, -1):
        first, last, index = pieces[number]
        clear[number] &= all(start > last for other, start in starts.items() if other != index)
        starts[index] = first
    free = [False] * len(slots)
    for (_, _, index), is_clear in zip(pieces, clear, strict=True):
        free[index] |= is_clear
    return free


def _earliest_end(slots: Sequence[Slot], needs: Sequence[int], ordered: bool) -> bool:
    """Exact for hits: of all ways to serve the same slots, only the one that ends first can matter."""
    ends = {0: -1}
    most = min(MOST_STATES, 1 + MOST_STEPS // (1 + len(slots)))
    while ends:
        grown: dict[int, int] = {}
        for mask, end in ends.items():
            counts = list(needs)
            for index, slot in enumerate(slots):
                if mask >> index & 1:
                    counts[slot.group] -= 1
            if not any(count > 0 for count in counts):
                return True
            for index, slot in enumerate(slots):
                if mask >> index & 1 or (ordered and mask >> index) or counts[slot.group] <= 0:
                    continue
                at = bisect_right(slot.firsts, end)
                if at < len(slot.pieces):
                    key = mask | 1 << index
                    grown[key] = min(slot.ends[at], grown.get(key, slot.ends[at]))
        if len(grown) > most:
            grown = dict(sorted(grown.items(), key=lambda item: item[1])[:most])
        ends = grown
    return False


def chains(
    slots: Sequence[Slot], needs: Sequence[int], *, gap: int | None = None, ordered: bool = False
) -> Iterator[Piece]:
    """Every combination, as one piece each; of hits that give the same hull, one.

    `gap` is the most tokens that may lie between the nearest edges of neighbours; None: any number.
    """
    yield from _Search(tuple(slots), gap, ordered, all(slot.is_simple for slot in slots)).grow(
        0, tuple(needs), None, -1
    )


@dataclass(slots=True)
class _Search:
    """Depth first, left to right."""

    slots: tuple[Slot, ...]
    gap: int | None
    ordered: bool
    is_simple: bool
    seen: set[tuple[int, int, int]] = field(default_factory=set)
    steps: int = 0

    def grow(self, mask: int, needs: tuple[int, ...], chain: Piece | None, start: int) -> Iterator[Piece]:
        """All completions of `chain`, whose last piece starts at `start`."""
        if chain is not None and not any(needs):
            yield chain
            return
        for index, slot in enumerate(self.slots):
            if mask >> index & 1 or not needs[slot.group] or (self.ordered and mask >> index):
                continue
            left = tuple(need - (group == slot.group) for group, need in enumerate(needs))
            for piece in self._next(slot, chain, start):
                grown = piece if chain is None else _join(chain, piece)
                if self.is_simple and self._was_here((mask | 1 << index, grown.first, grown.last)):
                    continue
                self.steps += 1
                if self.steps > MOST_STEPS:
                    return
                yield from self.grow(mask | 1 << index, left, grown, piece.first)

    def _was_here(self, state: tuple[int, int, int]) -> bool:
        """Whether the same slots were served with the same hull before: what can follow is the same."""
        known = state in self.seen
        self.seen.add(state)
        return known

    def _next(self, slot: Slot, chain: Piece | None, start: int) -> Iterator[Piece]:
        """The pieces of a slot that may come next."""
        if chain is None:
            yield from slot.pieces
            return
        low = chain.last if self.is_simple or self.ordered else start
        high = len(slot.firsts) if self.gap is None else bisect_left(slot.firsts, chain.last + self.gap + 2)
        for piece in slot.pieces[bisect_right(slot.firsts, low) : high]:
            if self.is_simple or not _overlap(chain.hits, piece.hits):
                yield piece


def count_apart(hits: Iterable[Span]) -> int:
    """The most hits of which no two overlap."""
    count, end = 0, -1
    for first, last in sorted(hits, key=lambda hit: hit[1]):
        if first > end:
            count, end = count + 1, last
    return count


class Cluster(NamedTuple):
    """Hits that hang together, and how many of them do not overlap."""

    first: int
    last: int
    apart: int


def clusters(hits: Iterable[Span], gap: int) -> list[Cluster]:
    """Hits parted wherever more than `gap` tokens lie between the nearest edges of neighbours."""
    found: list[Cluster] = []
    chain: list[Span] = []
    end = -1
    for hit in sorted(hits):
        if chain and hit[0] - end - 1 > gap:
            found.append(Cluster(chain[0][0], end, count_apart(chain)))
            chain = []
        chain.append(hit)
        end = max(end, hit[1])
    return [*found, Cluster(chain[0][0], end, count_apart(chain))] if chain else found


def count_linked(clusters: Sequence[Cluster], hull: Span, gap: int) -> int:
    """How many hits hang together with a hull."""
    start = bisect_left(clusters, hull[0] - gap - 1, key=lambda cluster: cluster.last)
    reached = takewhile(lambda cluster: cluster.first <= hull[1] + gap + 1, islice(clusters, start, None))
    return sum(cluster.apart for cluster in reached)


def _join(chain: Piece, piece: Piece) -> Piece:
    return Piece(chain.first, max(chain.last, piece.last), chain.hits + piece.hits)


def _overlap(one: tuple[Found, ...], other: tuple[Found, ...]) -> bool:
    return any(a.first <= b.last and b.first <= a.last for a in one for b in other)
