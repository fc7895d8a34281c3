"""Numbers of 64 bits for words, worked out for all words of a text at once: of tokens, and of any run of letters.

A token's is mixed from eight letters at a time, which costs a step for each token and not for each letter. That of a
run is a polynomial of its letters, so that those of all runs inside a token come out of one cumulative sum. Hardly
two words share a number, and nobody can prepare words that do: what it is made of is drawn anew in every process, so
a number means nothing outside of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.text.alphabet import SHARED, Codes, Points, code_folded

Numbers: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]

WINDOW = 1 << 17
"""Letters of which sums are worked out at once at most."""

LONGEST = 128
"""Letters of a token that has a number; that of a longer one is 0, which is nobody's."""


class Part(NamedTuple):
    """Tokens one behind the other, a sign behind each: their letters, where each starts and ends, and the sums that
    give runs of letters their numbers (`polynomials`). No more than `WINDOW` letters and signs.
    """

    letters: Codes
    sums: Numbers
    starts: Places
    ends: Places


_IS_SHARED = np.isin(np.arange(256), SHARED)
_WORD = 8
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], np.uint64)
"""By how many letters of a word of eight belong to a token, which bits of it do."""


def _numbers(count: int, chance: random.Random) -> Numbers:
    return np.array([chance.getrandbits(64) for _ in range(count)], np.uint64)


class _Multipliers:
    """What numbers are made of: drawn anew in every process, so that nobody can prepare tokens that collide."""

    def __init__(self) -> None:
        chance = random.SystemRandom()
        base = chance.getrandbits(64) | 1
        self.letters = _numbers(256, chance)
        self.mix = chance.getrandbits(64) | 1
        self.odd = _numbers(2, chance) | np.uint64(1)
        self.salts = _numbers(LONGEST // _WORD, chance)
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


def tokens_of(letters: Codes, starts: Places, ends: Places, points: Points | None) -> Numbers:
    """The number of each token, the same for equal tokens. `points` are given where letters may share a code."""
    words = eights(letters)
    lengths = ends - starts
    numbers = _mixed(words.take(starts) & _KEPT.take(lengths, mode="clip"), 0)
    longer = (lengths > _WORD).nonzero()[0]
    for done in range(_WORD, LONGEST, _WORD):
        if not len(longer):
            break
        own = lengths.take(longer) - done
        more = words[starts.take(longer) + done] & _KEPT.take(own, mode="clip")
        numbers[longer] ^= _mixed(more, done // _WORD)
        longer = longer[own > _WORD]
    if points is not None:
        numbers += _shared(letters, starts, ends, points)
    numbers[longer] = 0
    return numbers


def eights(letters: Codes) -> Numbers:
    """The eight letters from each place on as one number, the first in its lowest byte; one more for the end."""
    padded = np.zeros(len(letters) + _WORD, np.uint8)
    padded[: len(letters)] = letters
    return np.ndarray((len(letters) + 1,), "<u8", padded.data, strides=(1,))


def _mixed(words: Numbers, place: int) -> Numbers:
    """Words of eight letters so mixed that a change of any letter changes all of it, each place in its own way."""
    words += _BY.salts[place]
    words *= _BY.odd[0]
    words ^= words >> np.uint64(32)
    words *= _BY.odd[1]
    words ^= words >> np.uint64(29)
    return words


def _shared(letters: Codes, starts: Places, ends: Places, points: Points) -> Numbers:
    """What tells tokens apart whose letters share codes; 0 for tokens with none of those."""
    found = np.zeros(len(starts), np.uint64)
    places = _IS_SHARED.take(letters).nonzero()[0]
    owner = starts.searchsorted(places, "right") - 1
    inside = (owner >= 0) & (places < ends.take(owner, mode="clip"))
    places, owner = places[inside], owner[inside]
    at = np.minimum(places - starts.take(owner), WINDOW)
    if len(owner):
        first = np.append(True, owner[1:] != owner[:-1]).nonzero()[0]
        found[owner.take(first)] = np.add.reduceat(_BY.points(points.take(places)) * _BY.powers.take(at), first)
    return found


def numbers_of(words: Iterable[str]) -> Numbers:
    """The number that each of some folded words has as a run of letters; 0 for a giant."""
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
        shared = _IS_SHARED.take(letters).nonzero()[0]
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
