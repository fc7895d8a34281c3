"""Judge simple rules for all articles of a sheet at once: of what they look for only what stands in a unit where all
of it may be.

The traces of a sheet are joined with what its candidate rules ask for, judged, and combined in a few steps over
arrays; what those do not decide is decided one by one. It finds exactly what `evaluate` finds in each article; a pair
of article and rule that is not as simple as that is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules.expression import Leaf, Unit
from monitor.rules.proximity import Found
from monitor.rules.search import Sweep, Traces
from monitor.rules.simple import Simple, judge
from monitor.rules.standing import Standing
from monitor.rules.tables import Ints
from monitor.text.original import Original, originals

MOST_TERMS = 1_000
"""Terms of a rule that is judged here."""

MOST_PARTS = 63
"""Leaves of a rule that is judged here."""

_UNIT_BITS, _TOKEN_BITS, _LEAF_BITS = 32, 32, 6
_FIRST, _LAST = -(1 << 62), 1 << 62
"""Further off than any place."""

Held: TypeAlias = Sequence[tuple[int, int, Original]]
"""The hits by which a rule holds, in order: leaf, term, place. None of them when it does not hold."""


class Asking(NamedTuple):
    """What a simple rule looks for: in three rows by term its entry, the term, and its leaf by place in `leaves`."""

    shape: Simple
    leaves: tuple[int, ...]
    terms: Ints
    words: int
    """How many words apart its two parts may be; -1 for a sentence or a paragraph."""


Pair: TypeAlias = tuple[int, Asking]
"""An article, by its place on the sheet, and what a rule looks for in it."""


class Rows(NamedTuple):
    """Pairs, by number, each with a trace of a term that its rule looks for, and the unit that the trace lies in; -1
    for none, where it reaches over its end.
    """

    pairs: Ints
    traces: Ints
    terms: Ints
    leaves: Ints
    units: Ints

    def take(self, which: Ints) -> Rows:
        """Some of them."""
        return Rows(*(column.take(which) for column in self))


def asking(shape: Simple, leaves: Mapping[int, Leaf], entries: Callable[[Ints], Ints | None]) -> Asking | None:
    """What a rule of this shape looks for; None where that is too much, or `entries` of its terms are nothing that
    can be judged so.
    """
    own = (*shape.parts, *shape.none)
    sizes = [len(leaves[leaf].terms) for leaf in own]
    if len(own) > MOST_PARTS or sum(sizes) > MOST_TERMS:
        return None
    terms = np.array([term for leaf in own for term in leaves[leaf].terms], np.int64)
    found = entries(terms)
    if found is None:
        return None
    words = shape.within.words if shape.within.unit is Unit.WORDS else -1
    return Asking(shape, own, np.stack((found, terms, np.arange(len(own)).repeat(sizes))), words)


def judge_all(
    sweep: Sweep, pairs: Sequence[Pair], standing: Callable[[Sweep, Traces], Standing]
) -> list[Held | None]:
    """By which hits each rule holds in its article; None where the general way must be gone."""
    if not pairs:
        return []
    traces, rows = _joined(sweep, pairs)
    parts = np.array([len(asked.shape.parts) for _, asked in pairs])
    found: list[Held | None] = [()] * len(pairs)
    left = {*rows.pairs[rows.units < 0].tolist()}
    rows = _together(rows, parts)
    wanted, own = np.unique(rows.traces, return_inverse=True)
    hits = standing(sweep, traces.take(wanted))
    rows = _together(rows._replace(traces=own).take(hits.stands.take(own).nonzero()[0]), parts)
    plain, others = _combined(rows, hits, pairs, parts)
    places = originals(sweep.documents, hits.ranges)
    for pair, some in _by_pair(plain):
        leaves = pairs[pair][1].leaves
        found[pair] = [(leaves[leaf], term, places[trace]) for _, trace, term, leaf, _ in some]
    for pair, some in _by_pair(others):
        found[pair] = _held(pairs[pair][1], list(some), hits, places)
    for pair in left:
        found[pair] = None
    return found


def _joined(sweep: Sweep, pairs: Sequence[Pair]) -> tuple[Traces, Rows]:
    """The traces of what is looked for, by article, entry and place; and the pairs that look for each."""
    asked = np.concatenate([own.terms for _, own in pairs], axis=1)
    sizes = [own.terms.shape[1] for _, own in pairs]
    traces, places = sweep.traces_of(asked[0])
    is_there = sweep.is_wanted
    is_there[traces.entries] = True
    there = is_there.take(asked[0]).nonzero()[0]
    is_there[traces.entries] = False
    own = np.arange(len(pairs)).repeat(sizes).take(there)
    keys = places * len(is_there) + traces.entries
    order = np.lexsort((traces.firsts, keys))
    keys, traces = keys.take(order), traces.take(order)
    wanted = np.array([place for place, _ in pairs]).take(own) * len(is_there) + asked[0].take(there)
    low = keys.searchsorted(wanted)
    counts = keys.searchsorted(wanted, "right") - low
    source = np.arange(len(there)).repeat(counts)
    which = np.arange(len(source)) + (low - counts.cumsum() + counts).take(source)
    own, there = own.take(source), there.take(source)
    units = sweep.sheet.units({place for place, _ in pairs})
    numbers = np.stack([_numbers(kind, traces) for kind in (units.paragraphs, units.sentences)])
    kinds = np.array([own.shape.within.unit is Unit.SENTENCE for _, own in pairs], np.int64)
    return traces, Rows(own, which, asked[1].take(there), asked[2].take(there), numbers[kinds.take(own), which])


def _numbers(units: Ints, traces: Traces) -> Ints:
    firsts = units.take(traces.firsts)
    return np.where(firsts == units.take(traces.lasts), firsts, -1)


def _together(rows: Rows, parts: Ints) -> Rows:
    """Those that lie in a unit with a row of each part of their pair."""
    keys = rows.pairs << _UNIT_BITS | rows.units
    is_part = (rows.leaves < parts.take(rows.pairs)) & (rows.units >= 0)
    in_each = np.unique(keys[is_part] << _LEAF_BITS | rows.leaves[is_part]) >> _LEAF_BITS
    full, counts = np.unique(in_each, return_counts=True)
    return rows.take(_among(keys, full[counts == parts.take(full >> _UNIT_BITS)]).nonzero()[0])


def _among(keys: Ints, some: Ints) -> NDArray[np.bool_]:
    """Which of `keys` are among some others, which are in order."""
    if not len(some):
        return np.zeros(len(keys), np.bool_)
    found: NDArray[np.bool_] = some.take(some.searchsorted(keys), mode="clip") == keys
    return found


def _combined(rows: Rows, hits: Standing, pairs: Sequence[Pair], parts: Ints) -> tuple[Rows, Rows]:
    """The rows by which pairs hold, in order; and all those of pairs that must be decided one by one: where hits
    overlap, or where of some words apart there are things that must not be there.
    """
    words = np.array([own.words for _, own in pairs])
    is_other = np.zeros(len(pairs), np.bool_)
    keys = rows.pairs << _UNIT_BITS | rows.units
    is_unwanted = rows.leaves >= parts.take(rows.pairs)
    kept = rows
    if is_unwanted.any():
        is_apart = words.take(rows.pairs) >= 0
        is_other[rows.pairs[is_unwanted & is_apart]] = True
        kept = rows.take((~_among(keys, np.unique(keys[is_unwanted])) | is_apart).nonzero()[0])
    firsts, lasts = hits.ranges.firsts.take(kept.traces), hits.ranges.lasts.take(kept.traces)
    order = np.lexsort((kept.terms, lasts, firsts, kept.pairs))
    kept, firsts, lasts = kept.take(order), firsts.take(order), lasts.take(order)
    reached = np.maximum.accumulate(kept.pairs << _TOKEN_BITS | lasts)[:-1]
    overlaps = reached >= (kept.pairs << _TOKEN_BITS | firsts)[1:]
    is_other[kept.pairs[1:][overlaps & (kept.leaves[1:] != kept.leaves[:-1])]] = True
    most = words.take(kept.pairs)
    is_near = (most < 0) | _has_near(kept, firsts, lasts, most)
    plain = (is_near & ~is_other.take(kept.pairs)).nonzero()[0]
    return kept.take(plain), rows.take(is_other.take(rows.pairs).nonzero()[0])


def _has_near(rows: Rows, firsts: Ints, lasts: Ints, most: Ints) -> NDArray[np.bool_]:
    """Of rows of pairs with two parts, in order, whether a hit of the other part, which overlaps none of them, is in
    reach: the one before that ends last, or the first one behind.
    """
    if not len(firsts):
        return firsts > 0
    is_new = (rows.pairs[1:] != rows.pairs[:-1]) | (rows.units[1:] != rows.units[:-1])
    unit = np.append(0, is_new.cumsum()) << _TOKEN_BITS
    found = np.zeros(len(firsts), np.bool_)
    for leaf in (0, 1):
        is_part, is_asking = rows.leaves == leaf, rows.leaves == 1 - leaf
        before = np.maximum.accumulate(np.where(is_part, unit | lasts, _FIRST))
        behind = np.minimum.accumulate(np.where(is_part, unit | firsts, _LAST)[::-1])[::-1]
        found |= is_asking & (((unit | firsts) - before - 1 <= most) | (behind - (unit | lasts) - 1 <= most))
    return found


def _by_pair(rows: Rows) -> Iterator[tuple[int, Iterator[tuple[int, ...]]]]:
    return groupby(zip(*(column.tolist() for column in rows), strict=True), itemgetter(0))


def _held(asking: Asking, rows: Iterable[tuple[int, ...]], hits: Standing, places: Sequence[Original]) -> Held | None:
    """By which hits a rule holds in an article, of those that are left of its terms."""
    shape, leaves = asking.shape, asking.leaves
    found: list[list[Found]] = [[] for _ in leaves]
    units: dict[int, int] = {}
    where: dict[Found, Original] = {}
    for _, trace, term, leaf, unit in rows:
        one = Found(hits.ranges.firsts.item(trace), hits.ranges.lasts.item(trace), term, leaves[leaf])
        found[leaf].append(one)
        units[one.first] = units[one.last] = unit
        where[one] = places[trace]
    parts, unwanted = found[: len(shape.parts)], found[len(shape.parts) :]
    held = judge(shape.within, parts, list(chain.from_iterable(unwanted)), units)
    return None if held is None else [(one.leaf, one.term, where[one]) for one in sorted(held)]
