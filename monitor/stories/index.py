"""Find what shares keys with a fingerprint: of each key a list of who has it, newest last, in one sorted array. Pure.

Answers depend on what was added, never on when the array was put in order: an index loaded from the store finds the
same as one that was added to. Of a key that very many share only the newest are looked at, so that no flood of texts
that are alike makes a search slow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.stories.fingerprint import Values

Entries: TypeAlias = NDArray[np.uint64]

NEWEST = 32
"""How many of those that share a key are looked at."""

MOST_FOUND = 16
"""How many a search finds at most."""

MERGED_AT = 32_768
"""Entries that are kept apart before they are sorted in."""

_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_NONE: list[int] = []
_WEIGHT = 1 << 20  # of a key that one other has; whole numbers add up to the same in every order


class Index:
    """Numbers under 2 ** 32, added in rising order, by their keys."""

    def __init__(self) -> None:
        self._sorted: Entries = np.zeros(0, np.uint64)  # key << 32 | number
        self._recent: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting = 0
        self._oldest = 0

    def add(self, number: int, keys: Values) -> None:
        """Enter a number, higher than all before, under each of its keys."""
        for key in keys.tolist():
            self._recent[key].append(number)
        self._waiting += len(keys)
        if self._waiting >= MERGED_AT:
            recent = [(key, number) for key, numbers in self._recent.items() for number in numbers]
            self._recent.clear()
            self._waiting = 0
            pairs = np.array(recent, np.uint64)
            self._merge(pairs[:, 0] << _SHIFT | pairs[:, 1])

    def load(self, numbers: NDArray[np.uint64], keys: Values) -> None:
        """The same as adding each number under the key that stands beside it, all before any that is added."""
        self._merge(keys.astype(np.uint64) << _SHIFT | numbers)

    def _merge(self, entries: Entries) -> None:
        entries = np.sort(entries)
        kept = self._sorted[self._sorted & _LOW >= self._oldest]
        self._sorted = np.insert(kept, kept.searchsorted(entries), entries)

    def forget_before(self, number: int) -> None:
        """Find no number under this one any more."""
        self._oldest = max(self._oldest, number)

    def find(self, keys: Values) -> list[int]:
        """Up to sixteen numbers that share keys: first those that share the most that few others have."""
        return self.find_each([keys])[0]

    def find_each(self, some: Sequence[Values]) -> list[list[int]]:
        """What `find` finds for each."""
        ranges = self._ranges(np.concatenate(some)) if some else {}
        return [self._found(keys, ranges) for keys in some]

    def _found(self, keys: Values, ranges: Mapping[int, list[int]]) -> list[int]:
        scores: dict[int, int] = {}
        recent, oldest = self._recent, self._oldest
        for key in keys.tolist():
            newest = ranges.get(key, _NONE)
            if key in recent:
                newest = (newest + recent[key][-NEWEST:])[-NEWEST:]
            if not newest:
                continue
            if newest[0] < oldest:
                newest = [number for number in newest if number >= oldest]
            weight = _WEIGHT // max(1, len(newest))
            for number in newest:
                scores[number] = scores.get(number, 0) + weight
        best = sorted(zip(scores.values(), scores, strict=True), reverse=True)
        return [number for _, number in best[:MOST_FOUND]]

    def _ranges(self, keys: Values) -> dict[int, list[int]]:
        """Of each key that has any, the newest numbers that were sorted in."""
        if not len(self._sorted):
            return {}
        keys = np.sort(keys)  # in order they are looked up faster
        wanted = keys.astype(np.uint64) << _SHIFT
        firsts = self._sorted.searchsorted(wanted)
        there = (self._sorted.take(firsts, mode="clip") >> _SHIFT == keys).nonzero()[0]
        if not len(there):
            return {}
        firsts, keys = firsts[there], keys[there]
        lasts = self._sorted.searchsorted(wanted[there] | _LOW, side="right")
        firsts = np.maximum(firsts, lasts - NEWEST)
        counts = lasts - firsts
        ends = counts.cumsum()
        places = np.arange(ends[-1]) + (lasts - ends).repeat(counts)
        numbers = (self._sorted.take(places) & _LOW).tolist()
        ranges = zip(keys.tolist(), (ends - counts).tolist(), ends.tolist(), strict=True)
        return {key: numbers[first:last] for key, first, last in ranges}
