"""Judge simple rules for all articles of a sheet at once: of what they look for only what stands in a unit where all
of it may be.

The traces of a sheet are joined with what its candidate rules ask for, judged, and combined in a few steps over
arrays; what those do not decide is decided one by one. It finds exactly what `evaluate` finds in each article; a pair
of article and rule that is not as simple as that is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules.expression import Node, Unit, Within, all_leaves
from monitor.rules.proximity import Found
from monitor.rules.search import Sweep, Traces
from monitor.rules.simple import judge, simple
from monitor.rules.standing import Standing
from monitor.rules.tables import Growing, Ints, Rows
from monitor.rules.vocabulary import Vocabulary
from monitor.text.original import Original, originals

MOST_TERMS = 1_000
"""Terms of a rule that is judged here."""

MOST_PARTS = 60
"""Parts of a rule that is judged here."""

_TOKEN_BITS = 32
_FIRST, _LAST = -(1 << 62), 1 << 62
"""Further off than any place."""

Held: TypeAlias = Sequence[tuple[int, int, Original]]
"""The hits by which a rule holds: leaf, term, place. None of them when it does not hold."""


class Asking(NamedTuple):
    """What a simple rule looks for."""

    row: int
    """Of `terms`: by term the term, its leaf, the part by place; what is unwanted is one more."""
    within: Within
    parts: int
    """How many parts must combine."""

    @property
    def words(self) -> int:
        """How many words apart its two parts may be; -1 for a sentence or a paragraph."""
        return self.within.words if self.within.unit is Unit.WORDS else -1


Pair: TypeAlias = tuple[int, Asking]
"""An article, by its place on the sheet, and what a rule looks for in it."""


class Wants(Protocol):
    """What rules look for that can be judged here."""

    @property
    def terms(self) -> Growing | Rows:
        """Rows of terms, to which askings refer."""

    def of(self, id: str, node: Callable[[], Node]) -> Asking | None:
        """What a rule looks for; None where that is too much or cannot be judged here. `node` reads it if need be."""


class Askings:
    """What rules look for, each worked out when it is asked for."""

    def __init__(self, vocabulary: Vocabulary, needing: Collection[int]) -> None:
        """`vocabulary` is that of the terms, some of them `needing` others near them."""
        self._vocabulary, self._needing = vocabulary, frozenset(needing)
        self._known: dict[str, Asking | None] = {}
        self.terms = Growing()

    def of(self, id: str, node: Callable[[], Node]) -> Asking | None:
        """What a rule looks for; None where that is too much or cannot be judged here."""
        if id not in self._known:
            self._known[id] = self._made(node)
        return self._known[id]

    def _made(self, node: Callable[[], Node]) -> Asking | None:
        shape = simple(whole := node())
        if shape is None or len(shape.parts) > MOST_PARTS:
            return None
        leaves = {leaf.index: leaf for leaf in all_leaves(whole)}
        own = [*enumerate(shape.parts), (len(shape.parts), shape.none)]
        rows = [(term, leaf, part) for part, some in own for leaf in some for term in leaves[leaf].terms]
        if len(rows) > MOST_TERMS:
            return None
        entry_of, is_special = self._vocabulary.entry_of, self._is_special
        if any(is_special[entry_of[term]] or term in self._needing for term, *_ in rows):
            return None
        self.terms.append(chain.from_iterable(rows))
        return Asking(len(self.terms) - 1, shape.within, len(shape.parts))

    @cached_property
    def _is_special(self) -> bytes:
        """By entry whether it is a pattern, or a term of it has a `not_part_of`: then a second number is not 0."""
        entries = self._vocabulary.entries
        found = np.zeros(len(entries), np.bool_)
        found[self._vocabulary.patterns] = True
        numbers, ends = map(np.asarray, entries.asked.arrays)
        if len(numbers) > 2 * len(self._vocabulary.entry_of):
            starts = ends[:-1].repeat(np.diff(ends))
            places = numbers.nonzero()[0]
            places = places[(places - starts.take(places)) % 2 == 1]
            found[ends.searchsorted(places, "right") - 1] = True
        return found.tobytes()


class Joined(NamedTuple):
    """Pairs, by number, each with a trace of a term that its rule looks for, and the unit that the trace lies in. In
    order by pair and place.
    """

    pairs: Ints
    traces: Ints
    terms: Ints
    leaves: Ints
    parts: Ints
    units: Ints

    def take(self, which: Ints) -> Joined:
        """Some of them."""
        return Joined(*(column.take(which) for column in self))


def judge_all(
    sweep: Sweep,
    pairs: Sequence[Pair],
    asked: Wants,
    entry_of: NDArray[np.int32],
    standing: Callable[[Sweep, Traces], Standing],
) -> list[Held | None]:
    """By which hits each rule holds in its article; None where the general way must be gone. `asked` is what made the
    pairs' askings, `entry_of` the entry of each term.
    """
    found: list[Held | None] = [()] * len(pairs)
    if not pairs:
        return found
    traces, rows, left = _joined(sweep, pairs, asked.terms, entry_of)
    counts = np.array([own.parts for _, own in pairs])
    rows = _together(rows, counts)
    is_wanted = np.zeros(len(traces.firsts), np.bool_)
    is_wanted[rows.traces] = True
    hits = standing(sweep, traces.take(is_wanted.nonzero()[0]))
    rows = rows._replace(traces=(is_wanted.cumsum() - 1).take(rows.traces))
    rows = _together(rows.take(hits.stands.take(rows.traces).nonzero()[0]), counts)
    plain, others = _combined(rows, hits, pairs, counts)
    places = originals(sweep.documents, hits.ranges)
    for pair, some in _by_pair(plain):
        found[pair] = [(leaf, term, places[trace]) for _, trace, term, leaf, _, _ in some]
    for pair, some in _by_pair(others):
        found[pair] = _held(pairs[pair][1], some, hits, places)
    for pair in left:
        found[pair] = None
    return found


def _joined(
    sweep: Sweep, pairs: Sequence[Pair], asked: Growing | Rows, entry_of: NDArray[np.int32]
) -> tuple[Traces, Joined, set[int]]:
    """The traces of what is looked for, in order; the pairs that look for each; and those to which a trace belongs
    that reaches over the end of a unit.
    """
    rows, own = asked.all_of(np.array([asking.row for _, asking in pairs]))
    own, (terms, leaves, parts) = own[::3], rows.reshape(-1, 3).T
    entries = entry_of.take(terms).astype(np.int64)
    traces = sweep.traces_of(entries)
    is_there = sweep.is_wanted
    is_there[traces.entries] = True
    there = is_there.take(entries).nonzero()[0]
    is_there[traces.entries] = False
    keys = sweep.places.take(traces.firsts) * len(is_there) + traces.entries
    order = keys.argsort(kind="stable")
    keys = keys.take(order)
    own = own.take(there)
    wanted = np.array([place for place, _ in pairs]).take(own) * len(is_there) + entries.take(there)
    low = keys.searchsorted(wanted)
    counts = keys.searchsorted(wanted, "right") - low
    source = np.arange(len(there)).repeat(counts)
    which = order.take(np.arange(len(source)) + (low - counts.cumsum() + counts).take(source))
    own, there = own.take(source), there.take(source)
    sheet_units = sweep.sheet.units({place for place, _ in pairs})
    numbers = np.stack([_numbers(kind, traces) for kind in (sheet_units.paragraphs, sheet_units.sentences)])
    kinds = np.array([asking.within.unit is Unit.SENTENCE for _, asking in pairs], np.int64)
    units = numbers[kinds.take(own), which]
    inside = (own << _TOKEN_BITS | which).argsort(kind="stable")
    left: set[int] = set()
    if len(units) and units.min() < 0:
        left.update(own[units < 0].tolist())
        inside = inside[units.take(inside) >= 0]
    there = there.take(inside)
    found = own.take(inside), which.take(inside), terms.take(there), leaves.take(there), parts.take(there)
    return traces, Joined(*found, units.take(inside)), left


def _numbers(units: Ints, traces: Traces) -> Ints:
    firsts = units.take(traces.firsts)
    return np.where(firsts == units.take(traces.lasts), firsts, -1)


def _begins(rows: Joined) -> Ints:
    """Where rows of another pair or another unit begin."""
    is_new = np.ones(len(rows.pairs), np.bool_)
    is_new[1:] = (rows.pairs[1:] != rows.pairs[:-1]) | (rows.units[1:] != rows.units[:-1])
    found: Ints = is_new.nonzero()[0]
    return found


def _together(rows: Joined, counts: Ints) -> Joined:
    """Those that lie in a unit with a row of each part of their pair."""
    if not len(rows.pairs):
        return rows
    begins = _begins(rows)
    seen = np.bitwise_or.reduceat(1 << rows.parts, begins)
    wanted = (1 << counts.take(rows.pairs.take(begins))) - 1
    is_full = (seen & wanted == wanted).repeat(np.diff(begins, append=len(rows.pairs)))
    return rows.take(is_full.nonzero()[0])


def _combined(rows: Joined, hits: Standing, pairs: Sequence[Pair], counts: Ints) -> tuple[Joined, Joined]:
    """The rows by which pairs hold; and all those of pairs that must be decided one by one: where hits overlap, or
    where of some words apart there are things that must not be there.
    """
    if not len(rows.pairs):
        return rows, rows
    most = np.array([own.words for _, own in pairs]).take(rows.pairs)
    is_other = np.zeros(len(pairs), np.bool_)
    is_unwanted = rows.parts == counts.take(rows.pairs)
    kept = rows
    if is_unwanted.any():
        is_other[rows.pairs[is_unwanted & (most >= 0)]] = True
        begins = _begins(rows)
        is_spoilt = np.logical_or.reduceat(is_unwanted, begins).repeat(np.diff(begins, append=len(rows.pairs)))
        left = (~is_spoilt | (most >= 0)).nonzero()[0]
        kept, most = rows.take(left), most.take(left)
    firsts, lasts = hits.ranges.firsts.take(kept.traces), hits.ranges.lasts.take(kept.traces)
    reached = np.maximum.accumulate(kept.pairs << _TOKEN_BITS | lasts)[:-1]
    overlaps = reached >= (kept.pairs << _TOKEN_BITS | firsts)[1:]
    is_other[kept.pairs[1:][overlaps & (kept.parts[1:] != kept.parts[:-1])]] = True
    plain = _is_near(kept, firsts, lasts, most) & ~is_other.take(kept.pairs)
    return kept.take(plain.nonzero()[0]), rows.take(is_other.take(rows.pairs).nonzero()[0])


def _is_near(rows: Joined, firsts: Ints, lasts: Ints, most: Ints) -> NDArray[np.bool_]:
    """Whether a hit of the other one of two parts, which overlaps no other, is in reach: the one before that ends
    last, or the first one behind. Always where no words are counted.
    """
    found = most < 0
    unit = np.zeros(len(firsts), np.int64)
    unit[_begins(rows)[1:]] = 1 << _TOKEN_BITS
    firsts, lasts = firsts + (unit := unit.cumsum()), lasts + unit
    for part in (0, 1):
        is_part, is_asking = rows.parts == part, rows.parts == 1 - part
        before = np.maximum.accumulate(np.where(is_part, lasts, _FIRST))
        behind = np.minimum.accumulate(np.where(is_part, firsts, _LAST)[::-1])[::-1]
        found |= is_asking & ((firsts - before - 1 <= most) | (behind - lasts - 1 <= most))
    return found


def _by_pair(rows: Joined) -> Iterator[tuple[int, Iterator[tuple[int, ...]]]]:
    return groupby(zip(*(column.tolist() for column in rows), strict=True), itemgetter(0))


def _held(asking: Asking, rows: Iterable[tuple[int, ...]], hits: Standing, places: Sequence[Original]) -> Held | None:
    """By which hits a rule holds in an article, of those that are left of its terms."""
    found: list[list[Found]] = [[] for _ in range(asking.parts + 1)]
    units: dict[int, int] = {}
    where: dict[Found, Original] = {}
    for _, trace, term, leaf, part, unit in rows:
        one = Found(hits.ranges.firsts.item(trace), hits.ranges.lasts.item(trace), term, leaf)
        found[part].append(one)
        units[one.first] = units[one.last] = unit
        where[one] = places[trace]
    held = judge(asking.within, found[:-1], found[-1], units)
    return None if held is None else [(one.leaf, one.term, where[one]) for one in sorted(held)]
