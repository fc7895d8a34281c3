"""Tell cheaply of most words nobody asked for that they are none of the lexicon's, before a grammar judges them.

Every grammar finds a word of a term as a run of letters inside the token (its core), behind one of few prefixes, and
in Latin letters before one of few endings. So a token none of whose runs so placed is a core can mean nothing. It may
still be an Arabic name in Latin letters, which is looked up by its skeleton (`translit`).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from monitor.rules import translit
from monitor.rules.tables import Ints
from monitor.text.alphabet import APOSTROPHE, FIRST_OTHER, code_folded, decode
from monitor.text.grammars import WRITTEN_ONTO
from monitor.text.numbering import Numbers, numbers_of, polynomials, sums_of, values_of
from monitor.text.sheet import Sheet

LONGEST_SIEVED = 16
"""Letters up to which a token's runs are tried."""

_PLACES_A_WORD = 16
_S = code_folded("s")[0][0]


class Some:
    """A set of numbers of words; it may take others for one of them, never the reverse."""

    def __init__(self, words: Collection[str]) -> None:
        numbers = numbers_of(words)
        bits = max(10, (len(numbers) * _PLACES_A_WORD).bit_length())
        self._shift = np.uint64(64 - bits)
        self._mask = np.uint64((1 << bits) - 1)
        self._high = np.zeros(1 << bits, np.bool_)
        self._low = np.zeros(1 << bits, np.bool_)
        self._high[numbers >> self._shift] = True
        self._low[numbers & self._mask] = True

    def among(self, numbers: Numbers) -> Ints:
        """The places of those numbers that are in the set."""
        hits: Ints = self._high.take((numbers >> self._shift).view(np.int64)).nonzero()[0]
        return hits[self._low.take((numbers.take(hits) & self._mask).view(np.int64))]


class Sieve:
    """The cores of a lexicon. `starts` are those behind which a token may go on as it likes."""

    def __init__(self, cores: Collection[str], starts: Collection[str], names: Collection[str] = ()) -> None:
        """`names` are the skeletons of names."""
        self._cores, self._starts = Some(cores), Some(starts)
        self._names = Some(names) if names else None

    def kept(self, sheet: Sheet, tokens: Ints) -> Ints:
        """Which of `tokens` may mean something, by their place there: also those too long to say, and U.S., whose
        core has no stops.
        """
        lengths = sheet.ends.take(tokens) - sheet.starts.take(tokens)
        kept = lengths > LONGEST_SIEVED
        if sheet.initials:
            kept |= np.isin(sheet.starts.take(tokens), sheet.initials)
        rest = (~kept).nonzero()[0]
        runs = sheet.runs(tokens.take(rest))
        if runs is None:
            return np.arange(len(tokens))
        sums, source, first, last = runs
        numbers = polynomials(sums, first, last)
        own = tokens.take(rest)
        for cores, goes_on in ((self._cores, False), (self._starts, True)):
            hits = cores.among(numbers)
            whose = source.take(hits)
            begun = sheet.starts.take(own.take(whose))
            ended = sheet.ends.take(own.take(whose))
            is_placed = begun == first.take(hits)
            behind = (~is_placed).nonzero()[0]
            before = polynomials(sums, begun.take(behind), first.take(hits.take(behind)))
            is_placed[behind.take(_PREFIXES.among(before))] = True
            if not goes_on:
                is_placed &= _may_end(sheet, begun, last.take(hits), ended)
            kept[rest.take(whose[is_placed])] = True
        if self._names is not None:
            rest = (~kept).nonzero()[0]
            kept[rest.take(_names(sheet, tokens.take(rest), self._names))] = True
        found: Ints = kept.nonzero()[0]
        return found


_PREFIXES = Some(WRITTEN_ONTO)


def _may_end(sheet: Sheet, begun: Ints, core: Ints, ended: Ints) -> NDArray[np.bool_]:
    """Whether a core may end where it does: in Latin letters at the token's end, an apostrophe or a last s."""
    behind = sheet.letters.take(core)
    found: NDArray[np.bool_] = (core == ended) | (behind == APOSTROPHE) | ((behind == _S) & (core + 1 == ended))
    found |= sheet.letters.take(begun) < FIRST_OTHER
    return found


def _names(sheet: Sheet, tokens: Ints, names: Some) -> Ints:
    """Which of `tokens` have the skeleton of a name, by their place there (`translit.skeleton`)."""
    starts, ends = sheet.starts.take(tokens), sheet.ends.take(tokens)
    own = ((sheet.letters.take(starts) >= FIRST_OTHER) & (ends - starts <= translit.LONGEST + 2)).nonzero()[0]
    starts, ends = starts.take(own), ends.take(own)
    short = (sheet.letters.take(ends - 2) == APOSTROPHE) & (sheet.letters.take(ends - 1) == _S) & (ends - starts > 2)
    own = np.concatenate((own, own[short]))
    starts, ends = np.concatenate((starts, starts[short])), np.concatenate((ends, ends[short] - 2))
    if not len(own):
        return own
    sizes = ends - starts + 2
    limits = sizes.cumsum()
    source = np.arange(len(own)).repeat(sizes)
    at = np.arange(len(source)) - (limits - sizes).take(source)
    letters = sheet.letters.take(starts.take(source) + at - 1)
    bones = _BONES.take(letters)
    firsts, lasts = limits - sizes, limits - 1
    bones[firsts] = bones[lasts] = 0
    left = bones.nonzero()[0]
    doubled = (bones.take(left[1:]) == bones.take(left[:-1])) & (source.take(left[1:]) == source.take(left[:-1]))
    bones[left[1:][doubled]] = 0
    bones[firsts] = _STARTS.take(sheet.letters.take(starts))
    bones[lasts] = _ENDS.take(sheet.letters.take(ends - 1))
    left = bones.nonzero()[0]
    counts = np.bincount(source.take(left), minlength=len(own))
    limits = counts.cumsum()
    sums = sums_of(values_of(bones.take(left), None))
    found: Ints = own.take(names.among(polynomials(sums, limits - counts, limits)))
    return found


def _table(changed: dict[int, str | None], kept: bool) -> NDArray[np.uint8]:
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
