"""Which traces are hits, for many at once: where phrases stand, and where their cores lie.

Of a phrase of one word what is written decides, unless it wants capitals or every letter: that is judged once for
each token and remembered by the token's number. All else is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules.phrases import Evidence, leftmost_longest
from monitor.rules.search import Sweep, Traces
from monitor.rules.tables import Ints, Memo
from monitor.text.document import Document
from monitor.text.original import Ranges

MOST_BITS = 18
"""What is remembered takes at most 2**18 places, 4 MiB."""

LONGEST_REMEMBERED = 100
"""Letters of a word that is remembered."""

_BITS = 8
_LOW = (1 << _BITS) - 1
_SPREAD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)

Judge: TypeAlias = Callable[[Document, int, int, int], Evidence | None]
"""Where a phrase stands in a document, by its first and last token there, and its slot."""


class Standing(NamedTuple):
    """Of traces whether each is a hit, and where it stands and its core lies on the sheet."""

    stands: NDArray[np.bool_]
    ranges: Ranges


class Judging:
    """Judges traces, and remembers."""

    def __init__(self, judge: Judge, is_plain: Callable[[int], bool]) -> None:
        """`is_plain` says of a slot whether it is of one word of which what is written decides."""
        self._judge, self._is_plain = judge, is_plain
        self._memo = Memo(MOST_BITS)

    def standing(self, sweep: Sweep, traces: Traces) -> Standing:
        """Which traces, in order by article, entry and place, are hits; of those of one entry that overlap only the
        first and longest.
        """
        sheet, places = sweep.sheet, sweep.places.take(traces.firsts)
        begins = sheet.starts.take(traces.firsts)
        sizes = sheet.ends.take(traces.firsts) - begins
        keys = sheet.numbers.take(traces.firsts) ^ (
            traces.slots.view(np.uint64) * _SPREAD[0] + sizes.view(np.uint64) * _SPREAD[1]
        )
        values, unknown = self._memo.get(keys)
        stands, starts, ends = values & 1 == 1, begins + (values >> _BITS + 1), begins + (values >> 1 & _LOW)
        stands[unknown] = False
        new: dict[int, int] = {}
        for at in unknown.tolist():
            place, slot, begin = places.item(at), traces.slots.item(at), begins.item(at)
            first, base = sheet.firsts[place], sheet.bounds[place]
            document = sweep.documents[place]
            one = self._judge(document, traces.firsts.item(at) - first, traces.lasts.item(at) - first, slot)
            if one is not None:
                stands[at], starts[at], ends[at] = True, one.start + base, one.end + base
            if (
                self._is_plain(slot)
                and 0 < sizes.item(at) <= LONGEST_REMEMBERED
                and sheet.numbers.item(traces.firsts.item(at))
            ):
                begin -= base
                new[keys.item(at)] = 0 if one is None else (one.start - begin << _BITS | one.end - begin) << 1 | 1
        if new:
            self._memo.put_all(np.fromiter(new, np.uint64, len(new)), np.fromiter(new.values(), np.int64, len(new)))
        ranges = Ranges(traces.firsts, traces.lasts, starts, ends)
        return Standing(_without_overlaps(stands, ranges, places, traces.entries), ranges)


def _without_overlaps(stands: NDArray[np.bool_], ranges: Ranges, places: Ints, entries: Ints) -> NDArray[np.bool_]:
    """Of hits of one entry in one article that overlap, only the first and longest."""
    own = stands.nonzero()[0]
    firsts, lasts, entries, places = (column.take(own) for column in (*ranges[:2], entries, places))
    overlaps = (entries[1:] == entries[:-1]) & (places[1:] == places[:-1]) & (firsts[1:] <= lasts[:-1])
    touched = {*zip(places[1:][overlaps].tolist(), entries[1:][overlaps].tolist(), strict=True)}
    hits: dict[tuple[int, int], dict[Evidence, int]] = {}
    for at, *key in zip(own.tolist(), places.tolist(), entries.tolist(), strict=True) if touched else ():
        if (where := (key[0], key[1])) in touched:
            one = Evidence(*(column.item(at) for column in ranges))
            stands[at] = hits.setdefault(where, {}).setdefault(one, at) == at
    for some in hits.values():
        stands[[some[one] for one in some.keys() - {*leftmost_longest(some)}]] = False
    return stands
