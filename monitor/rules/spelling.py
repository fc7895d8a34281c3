"""Tell of many Latin tokens at once which Arabic names they spell: `translit.is_spelling` over arrays.

Names that share a skeleton are many, and hardly one in twenty is spelt by the token that asks for them. What their
letters may be in Latin (`translit.ways`) lies in arrays: few choices make up all names, and few ways all choices. All
pairs of a token and a name take each step together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.rules import translit
from monitor.rules.tables import Ints, Numbered, Rows
from monitor.text.alphabet import APOSTROPHE, FIRST_OTHER, Codes, code_folded, decode
from monitor.text.numbering import Numbers, Part, eights, numbers_of, polynomials, sums_of, values_of

LONGEST = 8
"""Letters of a way at most."""

_POSSESSIVE = "'s"

_NEVER, _EMPTY = 0, 1
"""Numbers of ways: what no letters are, and that of no letters."""


@dataclass(frozen=True, slots=True)
class Names:
    """Words to be found in Latin letters: by skeleton, in the order of those, the words by number; and by word the
    choices, by number, that it is a row of, none for a word that is not looked for.
    """

    under: Rows
    steps: Rows
    choices: Sequence[Sequence[str]]


class Spellings:
    """Names, and what their letters may be in Latin."""

    def __init__(self, skeletons: Collection[str], names: Names) -> None:
        self._skeletons = Numbered(numbers_of(skeletons))
        self._names = names
        numbers = {"": _EMPTY}
        for choice in names.choices:
            for way in choice:
                numbers.setdefault(way, len(numbers) + 1)
        self._of_size = [_of_size(numbers, size) for size in range(1, 1 + max(map(len, numbers)))]
        self._count = len(numbers) + 1
        fits = np.zeros((len(names.choices) + 1, self._count), np.bool_)
        fits[0, _EMPTY] = True  # behind its last step a name goes on with nothing
        for place, choice in enumerate(names.choices, 1):
            fits[place, [numbers[way] for way in choice]] = True
        self._fits = fits.ravel()
        self._least, self._most = (self._lengths(of) for of in (min, max))

    def _lengths(self, of: Callable[[Iterable[int]], int]) -> NDArray[np.int32]:
        """How many letters each name has at least, or at most."""
        names = self._names
        choices = np.array([of(map(len, choice)) for choice in names.choices], np.int64)
        steps, ends = map(np.asarray, names.steps.arrays)
        return np.diff(np.append(0, choices.take(steps).cumsum()).take(ends)).astype(np.int32)

    def found(self, part: Part) -> tuple[Ints, Ints]:
        """The names that tokens spell (`translit.readings`): of which token, by place, and the word."""
        of = (part.letters.take(part.starts) >= FIRST_OTHER).nonzero()[0]
        starts, ends = part.starts.take(of), part.ends.take(of)
        is_short = (part.letters.take(ends - 2) == APOSTROPHE) & (part.letters.take(ends - 1) == _S)
        is_short &= ends - starts > len(_POSSESSIVE)
        of = np.concatenate((of, of[is_short]))
        starts = np.concatenate((starts, starts[is_short]))
        ends = np.concatenate((ends, ends[is_short] - len(_POSSESSIVE)))
        there, rows = self._skeletons.of(_skeletons(part, starts, ends))
        words, source = self._names.under.all_of(rows)
        letters, firsts, sizes = _plain(part, starts.take(there), ends.take(there))
        lengths = sizes.take(source)
        fits = ((self._least.take(words) <= lengths) & (lengths <= self._most.take(words))).nonzero()[0]
        words, source = words.take(fits), source.take(fits)
        spelt = self.spelt(letters, firsts.take(source), lengths.take(fits), words)
        return of.take(there.take(source.take(spelt))), words.take(spelt)

    def spelt(self, letters: Codes, starts: Ints, sizes: Ints, words: Ints) -> Ints:
        """Which pairs of a token and a word are a spelling, by place.

        The letters of each pair's token, without apostrophes, start somewhere in `letters`, where at least one sign
        that is no letter follows each token.
        """
        width = int(sizes.max(initial=0)) + 1
        base = np.arange(len(words)) * width
        steps, ways = self._steps(words), self._ways(letters)
        reached = np.zeros(len(words) * width, np.bool_)
        places = base
        for step in steps:
            own = places // width
            at = places - base.take(own) + starts.take(own)
            which, size = self._fits.take(step.take(own)[:, None] + ways.take(at, 0)).nonzero()
            reached[places] = False
            reached[places.take(which) + size] = True
            places = reached.nonzero()[0]
        own = places // width
        found: Ints = own[places - base.take(own) == sizes.take(own)]
        return found

    def _steps(self, words: Ints) -> Ints:
        """The steps of words, the first of all, the second, and so on; each as where its choice lies in `_fits`."""
        choices, source = self._names.steps.all_of(words)
        counts = np.bincount(source, minlength=len(words))
        at = np.arange(len(source)) - (counts.cumsum() - counts).take(source)
        found = np.zeros((int(counts.max(initial=0)), len(words)), np.int64)
        found[at, source] = (choices + 1) * self._count
        return found

    def _ways(self, letters: Codes) -> Ints:
        """For each place in letters the way of no letters there, that of one, and so on, by number."""
        found = np.zeros((len(letters), 1 + len(self._of_size)), np.int64)
        found[:, 0] = _EMPTY
        words = eights(letters)[:-1]
        for size, (kept, codes, numbers) in enumerate(self._of_size, 1):
            own = words & kept
            at = codes.searchsorted(own)
            there = (codes.take(at, mode="clip") == own).nonzero()[0] if len(codes) else at[:0]
            found[there, size] = numbers.take(at.take(there))
        return found


def _skeletons(part: Part, starts: Ints, ends: Ints) -> Numbers:
    """The numbers of the skeletons of tokens (`translit.skeleton`)."""
    source, letters, firsts, lasts = _around(part, starts, ends)
    bones = _BONES.take(letters)
    bones[firsts] = bones[lasts] = 0
    left = bones.nonzero()[0]
    doubled = (bones.take(left[1:]) == bones.take(left[:-1])) & (source.take(left[1:]) == source.take(left[:-1]))
    bones[left[1:][doubled]] = 0
    bones[firsts] = _STARTS.take(part.letters.take(starts))
    bones[lasts] = _ENDS.take(part.letters.take(ends - 1))
    left = bones.nonzero()[0]
    counts = np.bincount(source.take(left), minlength=len(starts))
    limits = counts.cumsum()
    return polynomials(sums_of(values_of(bones.take(left), None)), limits - counts, limits)


def _plain(part: Part, starts: Ints, ends: Ints) -> tuple[Codes, Ints, Ints]:
    """The letters of tokens without apostrophes, each behind and before a sign; where they start, and how many."""
    source, letters, firsts, lasts = _around(part, starts, ends)
    letters[firsts] = letters[lasts] = 0
    left = (letters != APOSTROPHE).nonzero()[0]
    counts = np.bincount(source.take(left), minlength=len(starts))
    return letters.take(left), counts.cumsum() - counts + 1, counts - 2


def _around(part: Part, starts: Ints, ends: Ints) -> tuple[Ints, Codes, Ints, Ints]:
    """The letters of tokens with a place before and one behind each, and of which token each is; and those places."""
    sizes = ends - starts + 2
    limits = sizes.cumsum()
    source = np.arange(len(starts)).repeat(sizes)
    at = np.arange(len(source)) - (limits - sizes).take(source)
    return source, part.letters.take(starts.take(source) + at - 1), limits - sizes, limits - 1


def _table(changed: dict[int, str | None], kept: bool) -> Codes:
    """By the code of a letter that of what stands for it, 0 for nothing; `kept`: others stand for themselves."""
    table = np.arange(256, dtype=np.uint8) if kept else np.zeros(256, np.uint8)
    for code in range(FIRST_OTHER, 256):
        letter = ord(decode(bytes((code,))))
        if letter in changed:
            other = changed[letter]
            table[code] = code_folded(other)[0][0] if other else 0
    table[APOSTROPHE] = 0
    return table


_BONES = _table(dict(translit.BONES), kept=True)
_STARTS = _table({ord(letter): other for letter, other in translit.START.items()}, kept=False)
_ENDS = _table({ord(letter): other for letter, other in translit.END.items()}, kept=False)
_S = code_folded("s")[0][0]


def _of_size(numbers: dict[str, int], size: int) -> tuple[np.uint64, NDArray[np.uint64], Ints]:
    """The ways of some letters: the bits of a word of eight letters that they take, those of each, and its number."""
    ways = [way for way in numbers if len(way) == size]
    codes = np.array([_word(way) for way in ways], np.uint64)
    order = codes.argsort()
    return np.uint64((1 << 8 * size) - 1), codes[order], np.array([numbers[way] for way in ways], np.int64)[order]


def _word(way: str) -> int:
    if len(way) > LONGEST:
        raise ValueError(f"no way of writing a letter has more than {LONGEST} letters: {way!r}")
    return int.from_bytes(code_folded(way)[0], "little")
