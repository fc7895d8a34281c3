"""Which traces are hits, for many at once: where phrases stand, and where their cores lie.

Of a phrase of one word what is written decides, unless it wants capitals or every letter: that is judged once for
each token and remembered by the token's number. All else is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules.phrases import Evidence, leftmost_longest
from monitor.rules.search import Sweep, Traces
from monitor.rules.tables import Ints, Memo
from monitor.text.document import Document
from monitor.text.fold import fold
from monitor.text.original import Ranges
from monitor.text.sheet import Sheet

BITS = 18
"""What is remembered takes 2**18 places, 2 MiB."""

LONGEST_REMEMBERED = 100
"""Letters of a word that is remembered."""

_STANDS, _CAPITAL, _FLAGS = 1, 2, 2
_BITS = 8
_LOW = (1 << _BITS) - 1
_PLACE_BITS = 32
_SPREAD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


class Kind(Enum):
    """Of a phrase what decides besides the letters of its one word, if it is of one."""

    PLAIN = 0
    CAPITAL = 1
    OTHER = 2


Judge: TypeAlias = Callable[[Document, int, int, int, Kind], Evidence | None]
"""Where a phrase stands in a document, by its first and last token there, its slot, and the kind of that;
`CAPITAL` is judged as if the first letter were one.
"""

Place: TypeAlias = tuple[int, int]
"""Where a core lies, by the letters of its token."""

Cores: TypeAlias = Callable[[Sheet, Ints, Sequence[int]], Sequence[Place | None]]
"""Where the cores of phrases of one word lie in tokens, by slot; None where that is to be judged."""


class Standing(NamedTuple):
    """Of traces whether each is a hit, and where it stands and its core lies on the sheet."""

    stands: NDArray[np.bool_]
    ranges: Ranges


class Judging:
    """Judges traces, and remembers."""

    def __init__(self, judge: Judge, kind: Callable[[int], Kind], cores: Cores) -> None:
        """`kind` is that of a slot, `cores` says of plain ones what can be said of many at once."""
        self._judge, self._kind, self._cores = judge, kind, cores
        self._memo = Memo(BITS)

    def standing(self, sweep: Sweep, traces: Traces) -> Standing:
        """Which traces, in order, are hits; of those of one entry that overlap only the first and longest."""
        sheet = sweep.sheet
        begins = sheet.starts.take(traces.firsts)
        sizes = sheet.ends.take(traces.firsts) - begins
        keys = sheet.numbers.take(traces.firsts) ^ (
            traces.slots.view(np.uint64) * _SPREAD[0] + sizes.view(np.uint64) * _SPREAD[1]
        )
        values, unknown = self._memo.get(keys)
        stands, starts, ends = (
            values & _STANDS > 0,
            begins + (values >> _BITS + _FLAGS),
            begins + (values >> _FLAGS & _LOW),
        )
        stands[unknown] = False
        new: dict[int, int] = {}
        for at, kind, core in self._judged(sweep, traces.take(unknown)):
            at = unknown.item(at)
            token = traces.firsts.item(at)
            value = kind is Kind.CAPITAL and _CAPITAL
            if core is not None:
                stands[at], starts[at], ends[at] = True, begins.item(at) + core[0], begins.item(at) + core[1]
                value |= (core[0] << _BITS | core[1]) << _FLAGS | _STANDS
            values[at] = value
            if kind is not Kind.OTHER and sizes.item(at) <= LONGEST_REMEMBERED and sheet.numbers.item(token):
                new[keys.item(at)] = value
        if new:
            self._memo.put_all(np.fromiter(new, np.uint64, len(new)), np.fromiter(new.values(), np.int64, len(new)))
        asked = (stands & (values & _CAPITAL > 0)).nonzero()[0]
        stands[asked] = [_has_capital(sweep, token) for token in traces.firsts.take(asked).tolist()]
        ranges = Ranges(traces.firsts, traces.lasts, starts, ends)
        return Standing(_without_overlaps(stands, ranges, sweep.places, traces.entries), ranges)

    def _judged(self, sweep: Sweep, traces: Traces) -> Iterator[tuple[int, Kind, Place | None]]:
        """Traces, by place, each with its kind, and where its core lies if it is a hit."""
        sheet, kinds = sweep.sheet, [self._kind(slot) for slot in traces.slots.tolist()]
        plain = [at for at, kind in enumerate(kinds) if kind is Kind.PLAIN]
        some = traces.take(np.array(plain, np.int64))
        cores = dict(zip(plain, self._cores(sheet, some.firsts, some.slots.tolist()), strict=True)) if plain else {}
        for at, (token, last, _, slot) in enumerate(zip(*(column.tolist() for column in traces), strict=True)):
            core = cores.get(at)
            if core is None:
                place = sweep.places.item(token)
                first, base = sheet.firsts[place], sheet.starts.item(token) - sheet.bounds[place]
                one = self._judge(sweep.documents[place], token - first, last - first, slot, kinds[at])
                core = None if one is None else (one.start - base, one.end - base)
            yield at, kinds[at], core


def _has_capital(sweep: Sweep, token: int) -> bool:
    """Whether a token begins with a capital."""
    sheet, place = sweep.sheet, sweep.places.item(token)
    drawn, start = sheet.drawn[place], sheet.starts.item(token)
    if drawn.folded is None:
        where, bases = sheet.kept
        return _is_capital(drawn.joined[where.item(start) - bases[place]])
    start -= sheet.bounds[place]
    return sweep.documents[place].scan.cased(start, start + 1).isupper()


@lru_cache(maxsize=4096)
def _is_capital(letter: str) -> bool:
    return fold(letter).cased.isupper()


def _without_overlaps(stands: NDArray[np.bool_], ranges: Ranges, places: Ints, entries: Ints) -> NDArray[np.bool_]:
    """Of hits of one entry in one article that overlap, only the first and longest."""
    own = stands.nonzero()[0]
    keys = places.take(ranges.firsts.take(own)) << _PLACE_BITS | entries.take(own)
    order = keys.argsort(kind="stable")
    keys, own = keys.take(order), own.take(order)
    overlaps = (keys[1:] == keys[:-1]) & (ranges.firsts.take(own[1:]) <= ranges.lasts.take(own[:-1]))
    for key in np.unique(keys[1:][overlaps]).tolist():
        hits: dict[Evidence, int] = {}
        for at in own[keys == key].tolist():
            hits.setdefault(Evidence(*(column.item(at) for column in ranges)), at)
        stands[own[keys == key]] = False
        stands[[hits[one] for one in leftmost_longest(hits)]] = True
    return stands
