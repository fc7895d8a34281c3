"""A number of 64 bits for every run of letters: a polynomial of them, worked out for all runs of a text at once.

Hardly two words share a number, and nobody can prepare words that do: what it is made of is drawn anew in every
process, so a number means nothing outside of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.text.alphabet import SHARED, Codes, Points, code_folded

Numbers: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]

WINDOW = 1 << 16
"""Letters that are numbered at once at most."""


def _numbers(count: int, chance: random.Random) -> Numbers:
    return np.array([chance.getrandbits(64) for _ in range(count)], np.uint64)


class _Multipliers:
    """What numbers are made of: drawn anew in every process, so that nobody can prepare tokens that collide."""

    def __init__(self) -> None:
        chance = random.SystemRandom()
        base = chance.getrandbits(64) | 1
        self.letters = _numbers(256, chance)
        self.mix = chance.getrandbits(64) | 1
        self.powers = _powers(base)
        self.inverses = _powers(pow(base, -1, 1 << 64))

    def points(self, points: Points) -> Numbers:
        """The numbers of letters that share a code, by their code points."""
        mixed: Numbers = (points.astype(np.uint64) + self.letters[0]) * np.uint64(self.mix)
        mixed ^= mixed >> np.uint64(31)
        mixed *= self.letters[1]
        return mixed


def _powers(base: int) -> Numbers:
    factors = np.full(WINDOW + 1, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


_BY = _Multipliers()


def numbers_of(words: Iterable[str]) -> Numbers:
    """The number that each of some folded words has as a token or as a run of letters in one; 0 for a giant."""
    found: list[Numbers] = []
    some: list[str] = []
    room = WINDOW
    for word in words:
        if len(word) + 1 > room:
            found.append(_numbers_of(some))
            some, room = [], WINDOW
        some.append(word if len(word) < WINDOW else "")
        room -= len(some[-1]) + 1
    return np.concatenate((*found, _numbers_of(some)))


def _numbers_of(words: Sequence[str]) -> Numbers:
    codes, points = code_folded(" ".join(words))
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = (lengths + 1).cumsum() - lengths - 1
    return polynomials(sums_of(values_of(np.frombuffer(codes, np.uint8), points)), starts, starts + lengths)


def values_of(letters: Codes, points: Points | None) -> Numbers:
    """The value of each letter. `points` are given where letters may share a code."""
    values = _BY.letters.take(letters, mode="clip")
    if points is not None:
        shared = np.isin(letters, SHARED).nonzero()[0]
        values[shared] = _BY.points(points[shared])
    return values


def sums_of(values: Numbers) -> Numbers:
    """The sums of all letters before each, every letter by its place. The values are lost."""
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.multiply(values, _BY.powers[: len(values)], out=values)
    np.add.accumulate(values, out=sums[1:])
    return sums


def polynomials(sums: Numbers, starts: Places, ends: Places) -> Numbers:
    """The numbers of runs of letters, by where they start and end in the letters of `sums`."""
    numbers = sums.take(ends)
    numbers -= sums.take(starts)
    numbers *= _BY.inverses.take(starts)
    return numbers
