"""Compact tables: what is remembered of tokens by their numbers, and rows of numbers of different lengths."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.text.numbering import Numbers

Ints: TypeAlias = NDArray[np.int64]

VALUE_BITS = 26
LEAST_BITS, MOST_BITS = 10, 20
"""A table has 2**10 places to begin with and at most 2**20, of 16 bytes each: 16 MiB, which a week of news fills."""

MOST_SPILLED = 1 << 17
"""Numbers kept beside the table because another stands in their place: 16 MiB."""

_VALUE = np.int64((1 << VALUE_BITS) - 1)


class Memo:
    """Remembers a value of `VALUE_BITS` bits for each of many numbers; forgets some when it is full.

    A place holds the high bits of a number and its value; the low bits say where it stands, there or right behind.
    Where both places are taken the number is kept beside the table: of three numbers with one place the first two
    stand in it, which mostly are the more frequent.
    """

    def __init__(self, most_bits: int = MOST_BITS) -> None:
        self._most_bits = most_bits
        self._spilled: dict[int, int] = {}
        self._make(min(LEAST_BITS, most_bits))

    def _make(self, bits: int) -> None:
        self._bits = bits
        self._count = 0
        self._mask = np.int64((1 << bits) - 1)
        self._table = np.zeros(1 << bits, np.int64)
        self._table[0] = ~_VALUE  # the number 0 is nobody's
        self._keys = np.zeros(1 << bits, np.int64)

    def get(self, numbers: Numbers) -> tuple[Ints, Ints]:
        """The value of each number, and the places in `numbers` of those it knows nothing of."""
        keys = numbers.view(np.int64)
        found = self._table.take(keys & self._mask)
        strange = ((found ^ keys) >> VALUE_BITS).nonzero()[0]
        if len(strange):
            own = keys.take(strange)
            behind = self._table.take((own + 1) & self._mask)
            found[strange] = behind
            strange = strange[((behind ^ own) >> VALUE_BITS != 0) | (own == 0)]
        found &= _VALUE
        if not len(strange) or not self._spilled:
            return found, strange
        spilled = list(map(self._spilled.get, keys.take(strange).tolist()))
        is_known = np.array([value is not None for value in spilled])
        found[strange[is_known]] = [value for value in spilled if value is not None]
        return found, strange[~is_known]

    def put_all(self, numbers: Numbers, values: Ints) -> None:
        """Remember the values of numbers that are not known, no two alike. 0 is never remembered."""
        while self._count + len(numbers) > 1 << self._bits >> 3 and self._bits < self._most_bits:
            self._grow()
        self._insert(numbers.view(np.int64), values)

    def _insert(self, keys: Ints, values: Ints) -> None:
        """Remember values of keys that are not known; where keys share places some are spilled."""
        for behind in (0, 1):
            at = (keys + behind) & self._mask
            is_free = (self._keys.take(at) == 0) & (keys != 0)
            self._keys[at[is_free]] = keys[is_free]
            is_free &= self._keys.take(at) == keys
            at, own = at[is_free], keys[is_free]
            self._table[at] = own & ~_VALUE | values[is_free]
            self._count += len(own)
            keys, values = keys[~is_free], values[~is_free]
        for key, value in zip(keys.tolist(), values.tolist(), strict=True):
            self._spill(key, value)

    def _spill(self, key: int, value: int) -> None:
        if len(self._spilled) >= MOST_SPILLED:
            self._spilled.clear()
        if key:
            self._spilled[key] = value

    def _grow(self) -> None:
        """Twice as many places, in which those that were spilled have another chance."""
        keys, values = self._keys, self._table & _VALUE
        known = keys.nonzero()[0]
        spilled, self._spilled = self._spilled, {}
        self._make(self._bits + 1)
        self._insert(keys.take(known), values.take(known))
        self._insert(np.fromiter(spilled.keys(), np.int64), np.fromiter(spilled.values(), np.int64))


class Numbered:
    """Where words stand in a row of words, by their numbers (`numbers_of`)."""

    def __init__(self, numbers: Numbers) -> None:
        self._order: Ints = numbers.argsort()
        self._numbers = numbers.take(self._order)

    def of(self, numbers: Numbers) -> tuple[Ints, Ints]:
        """Which of `numbers`, by place, are those of words, and where these stand."""
        if not len(self._numbers):
            return self._order, self._order
        at = self._numbers.searchsorted(numbers)
        there = (self._numbers.take(at, mode="clip") == numbers).nonzero()[0]
        return there, self._order.take(at.take(there))


class Rows:
    """Rows of small numbers behind each other in one array."""

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        numbers, ends = array("i"), array("q", [0])
        for row in rows:
            numbers.extend(row)
            ends.append(len(numbers))
        self._numbers, self._ends = memoryview(numbers), memoryview(ends)

    @classmethod
    def of(cls, numbers: memoryview, ends: memoryview) -> Rows:
        """Rows that lie in two arrays, as `arrays` gives them."""
        made = cls.__new__(cls)
        made._numbers, made._ends = numbers, ends
        return made

    @property
    def arrays(self) -> tuple[memoryview, memoryview]:
        """All numbers (32 bits), and where each row begins and the last ends (64 bits)."""
        return self._numbers, self._ends

    def row(self, row: int) -> Sequence[int]:
        """The numbers of one row."""
        return self._numbers[self._ends[row] : self._ends[row + 1]]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def all_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The numbers of some rows behind each other, and for each which of `rows` it is from."""
        return _all_of(self._numbers, self._ends, rows)


class Growing:
    """Rows of small numbers to which others are added."""

    def __init__(self) -> None:
        self._numbers, self._ends = array("i"), array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, row: Iterable[int]) -> None:
        """Add a row behind the last."""
        self._numbers.extend(row)
        self._ends.append(len(self._numbers))

    def extend(self, numbers: Ints, sizes: Ints) -> None:
        """Add rows of some sizes, whose numbers lie behind each other."""
        ends = sizes.cumsum() + self._ends[-1]
        self._numbers.frombytes(numbers.astype(np.int32).tobytes())
        self._ends.frombytes(ends.astype(np.int64).tobytes())

    def all_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The numbers of some rows behind each other, and for each which of `rows` it is from."""
        return _all_of(self._numbers, self._ends, rows)


def _all_of(numbers: array[int] | memoryview, ends: array[int] | memoryview, rows: Ints) -> tuple[Ints, Ints]:
    limits = np.frombuffer(ends, np.int64)
    starts = limits.take(rows)
    sizes = limits.take(rows + 1)
    sizes -= starts
    source = np.arange(len(rows)).repeat(sizes)
    if not len(source):
        return source, source
    starts -= sizes.cumsum()
    starts += sizes
    places = starts.take(source)
    places += np.arange(len(source))
    return np.frombuffer(numbers, np.int32).take(places).astype(np.int64), source
