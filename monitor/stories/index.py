"""Find what shares keys with a fingerprint: of each key a list of who has it, newest last, in one sorted array. Pure.

Answers depend on what was added, never on when the array was put in order: an index loaded from the store finds the
same as one that was added to. Of a key that very many share only the newest are looked at, so that no flood of texts
that are alike makes a search slow.
"""

from __future__ import annotations

from collections import defaultdict
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
_BACK = np.arange(1, NEWEST + 1)
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
        recent = [self._newest_of(key) for key in keys.tolist()]
        counts = np.array([len(numbers) for numbers in recent], np.intp)
        older, shared = self._older(keys, NEWEST - counts)
        counts += shared.sum(axis=1)
        numbers = np.concatenate((older[shared], np.array([n for some in recent for n in some], np.uint64)))
        if not len(numbers):
            return []
        weights = _WEIGHT // np.maximum(counts, 1)
        of_each = np.concatenate((np.repeat(weights, shared.sum(axis=1)), np.repeat(weights, [*map(len, recent)])))
        found, places = np.unique(numbers, return_inverse=True)
        order = np.lexsort((found, np.bincount(places, of_each)))[::-1]
        return [*map(int, found[order[:MOST_FOUND]])]

    def _newest_of(self, key: int) -> list[int]:
        """The newest numbers under a key that are not yet sorted in."""
        recent = self._recent.get(key)
        return [number for number in recent[-NEWEST:] if number >= self._oldest] if recent else []

    def _older(self, keys: Values, most: NDArray[np.intp]) -> tuple[Entries, NDArray[np.bool_]]:
        """For each key the last numbers sorted in that might be under it, and which of them are, so many at most."""
        wanted = keys.astype(np.uint64)[:, None]
        if not len(self._sorted):
            return wanted, np.zeros(wanted.shape, bool)
        places = self._sorted.searchsorted(wanted << _SHIFT | _LOW, side="right") - _BACK
        entries = self._sorted.take(places, mode="clip")
        numbers = entries & _LOW
        is_under = (entries >> _SHIFT == wanted) & (places >= 0)
        return numbers, is_under & (numbers >= self._oldest) & (most[:, None] >= _BACK)
