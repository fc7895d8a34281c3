"""Which traces are hits, for many at once: where phrases stand, and where their cores lie.

Of a phrase of one word what is written decides, unless it wants capitals or every letter: that is judged once for
each token and remembered by the token's number. All else is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable
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


class Standing(NamedTuple):
    """Of traces whether each is a hit, and where it stands and its core lies on the sheet."""

    stands: NDArray[np.bool_]
    ranges: Ranges


class Judging:
    """Judges traces, and remembers."""

    def __init__(self, judge: Judge, kind: Callable[[int], Kind]) -> None:
        """`kind` is that of a slot."""
        self._judge, self._kind = judge, kind
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
        for at in unknown.tolist():
            token, slot, begin = traces.firsts.item(at), traces.slots.item(at), begins.item(at)
            place, kind = sweep.places.item(token), self._kind(slot)
            first, base = sheet.firsts[place], sheet.bounds[place]
            last = traces.lasts.item(at) - first
            one = self._judge(sweep.documents[place], token - first, last, slot, kind)
            value = kind is Kind.CAPITAL and _CAPITAL
            if one is not None:
                stands[at], starts[at], ends[at] = True, one.start + base, one.end + base
                value |= (starts.item(at) - begin << _BITS | ends.item(at) - begin) << _FLAGS | _STANDS
            values[at] = value
            if kind is not Kind.OTHER and sizes.item(at) <= LONGEST_REMEMBERED and sheet.numbers.item(token):
                new[keys.item(at)] = value
        if new:
            self._memo.put_all(np.fromiter(new, np.uint64, len(new)), np.fromiter(new.values(), np.int64, len(new)))
        asked = (stands & (values & _CAPITAL > 0)).nonzero()[0]
        stands[asked] = [_has_capital(sweep, token) for token in traces.firsts.take(asked).tolist()]
        ranges = Ranges(traces.firsts, traces.lasts, starts, ends)
        return Standing(_without_overlaps(stands, ranges, sweep.places, traces.entries), ranges)


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
