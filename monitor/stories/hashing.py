"""Hash words, runs of words and pairs under a secret seed, many at once. Pure.

A word's hash is a polynomial over its letters modulo 2 ** 64, mixed; what is made of several hashes is as evenly
spread as they are. Without the seed nobody can make up texts whose hashes meet; with it the hashes are the same for
ever, so that they may be stored.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.text.letters import Cut

Hashes: TypeAlias = NDArray[np.uint64]

SEED_BYTES = 24
# Arrays of no dimension, which cost numpy less to work with than numbers or arrays of one.
_HALF, _FACTOR = np.array(32, np.uint64), np.array(0x9FB21C651E98DF25, np.uint64)
MOST_LETTERS = 1 << 18
"""Letters of a text that are looked at."""


class Hasher:
    """Hashes under one seed of 24 bytes."""

    def __init__(self, seed: bytes) -> None:
        base, step, salt = (
            int.from_bytes(seed[place : place + 8], "little") | 1 for place in range(0, SEED_BYTES, 8)
        )
        self._base = base
        self._step, self._salt = np.array(step, np.uint64), np.array(salt, np.uint64)
        self._powers = _powers(base)
        self._inverse = _powers(pow(base, -1, 1 << 64))

    def words(self, cut: Cut) -> Hashes:
        """The hash of each word that ends within the first 262,144 letters."""
        letters, starts, ends = cut.letters, cut.starts, cut.ends
        if len(letters) > MOST_LETTERS:
            letters = letters[:MOST_LETTERS]
            ends = ends[: ends.searchsorted(MOST_LETTERS, side="right")]
            starts = starts[: len(ends)]
        sums = np.zeros(len(letters) + 1, np.uint64)
        (letters * self._powers[: len(letters)]).cumsum(out=sums[1:])
        spread = sums.take(ends)
        spread -= sums.take(starts)
        spread *= self._inverse.take(starts)
        return self.mixed(spread)

    def number(self, number: int) -> int:
        """The hash of a whole number."""
        return (number + 1) * self._base % (1 << 64)

    def runs(self, words: Hashes) -> Hashes:
        """The hashes of every three words that follow one another; of fewer words, of all together."""
        if len(words) < 3:
            return self.whole(words)
        runs: Hashes = words[2:] * self._step
        runs += words[1:-1]
        runs *= self._step
        runs += words[:-2]
        return runs

    def whole(self, hashes: Hashes) -> Hashes:
        """One hash of all hashes, in whatever order they come; of none, none."""
        return hashes.sum(keepdims=True) if len(hashes) else hashes

    def pairs(self, hashes: Hashes) -> Hashes:
        """The hashes of all pairs of distinct hashes, in whatever order they come."""
        one, other = (hashes.take(places) for places in _pairs(len(hashes)))
        return one * other + one + other

    def mixed(self, hashes: Hashes) -> Hashes:
        """Spread hashes over the whole range, each to another."""
        spread = hashes + self._salt
        spread ^= spread >> _HALF
        spread *= _FACTOR
        spread ^= spread >> _HALF
        return spread


@cache
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of all pairs among so many."""
    one, other = np.triu_indices(count, 1)
    return one, other


def _powers(base: int) -> Hashes:
    factors = np.full(MOST_LETTERS, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


def distinct(hashes: Hashes) -> Hashes:
    """Sort hashes and leave out what comes again."""
    return once(in_order(hashes))


def in_order(hashes: Hashes) -> Hashes:
    """Sort hashes."""
    ordered = hashes.copy()
    ordered.sort()
    return ordered


def once(ordered: Hashes) -> Hashes:
    """Leave out what comes again among sorted hashes."""
    return ordered[are_first(ordered)]


def are_first(ordered: Hashes) -> NDArray[np.bool_]:
    """Which of sorted hashes are not the same as the one before."""
    is_first = np.empty(len(ordered), bool)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first
