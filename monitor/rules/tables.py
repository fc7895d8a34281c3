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
BITS = 21
"""A table has 2**21 places of 8 bytes each, 16 MiB."""

PLACES = 4
"""Places that a number may stand in. With two, of 140,000 distinct tokens of 2,000 articles one in two articles was
judged again each time.
"""

_VALUE = np.int64((1 << VALUE_BITS) - 1)
_NOBODY = ~_VALUE
"""What stands in the first place, where no number may: the number 0 would seem to be in an empty one."""


class Memo:
    """Remembers a value of `VALUE_BITS` bits for each of many numbers; where it is full, the newest.

    A place holds the high bits of a number and its value; the low bits say where it stands, there or
    shortly behind.
    All places are there from the start: what it takes of memory does not grow for a year.
    """

    def __init__(self, bits: int = BITS) -> None:
        self._mask = np.int64((1 << bits) - 1)
        self._table = np.zeros(1 << bits, np.int64)
        self._table[0] = _NOBODY

    def get(self, numbers: Numbers) -> tuple[Ints, Ints]:
        """The value of each number, and the places in `numbers` of those it knows nothing of."""
        keys = numbers.view(np.int64)
        found = self._table.take(keys & self._mask)
        strange = ((found ^ keys) >> VALUE_BITS).nonzero()[0]
        for step in range(1, PLACES):
            if not len(strange):
                break
            own = keys.take(strange)
            there = self._table.take((own + step) & self._mask)
            found[strange] = there
            strange = strange[((there ^ own) >> VALUE_BITS != 0) | (own == 0)]
        found &= _VALUE
        return found, strange

    def put_all(self, numbers: Numbers, values: Ints) -> None:
        """Remember the values of numbers that are not known. 0 is never remembered, and of two with one place one."""
        keys = numbers.view(np.int64)
        at = keys & self._mask
        for step in range(PLACES - 1, -1, -1):
            there = (keys + step) & self._mask
            at = np.where(self._table.take(there) == 0, there, at)
        self._table[at] = keys & ~_VALUE | values
        self._table[0] = _NOBODY


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

    @property
    def rows(self) -> Rows:
        """Those that are there now."""
        return Rows.of(memoryview(self._numbers), memoryview(self._ends))

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
