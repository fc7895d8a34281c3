"""Tell cheaply of most words nobody asked for that they are none of the lexicon's, before a grammar judges them.

Every grammar finds a word of a term as a run of letters inside the token (its core), behind one of few prefixes and
before one of few endings. So a token none of whose runs so placed is a core can mean nothing. It may still be an
Arabic name in Latin letters, which is looked up by its skeleton (`translit`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules import translit
from monitor.rules.tables import Ints
from monitor.text.alphabet import APOSTROPHE, FIRST_OTHER, code_folded, decode
from monitor.text.grammars import WRITTEN_BEHIND, WRITTEN_ONTO
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


Places: TypeAlias = list[tuple[int, int]]
"""Where cores may lie in a token, each from its first letter to behind its last."""


class _Runs(NamedTuple):
    """Runs of letters in tokens: of which token each is, by its place, and from where to where."""

    of: Ints
    first: Ints
    last: Ints


class Sieve:
    """The cores of a lexicon. `starts` are those behind which a token may go on as it likes."""

    def __init__(self, cores: Collection[str], starts: Collection[str], names: Collection[str] = ()) -> None:
        """`names` are the skeletons of names."""
        self._cores = Some(cores)
        self._starts = Some(starts) if starts else None
        self._lengths = np.array(sorted({*map(len, starts)}), np.int64)
        self._names = Some(names) if names else None

    def kept(self, sheet: Sheet, tokens: Ints) -> dict[int, Places | None]:
        """Which of `tokens` (ascending) may mean something, by their place there, and where a core may lie in them.

        None stands for anywhere: in those too long to say, and in U.S., whose core has no stops. No place at all:
        the token may be a name.
        """
        sums = sheet.sums()
        if sums is None:
            return dict.fromkeys(range(len(tokens)))
        whole = _Runs(np.arange(len(tokens)), sheet.starts.take(tokens), sheet.ends.take(tokens))
        is_open = whole.last - whole.first > LONGEST_SIEVED
        if sheet.initials:
            is_open |= np.isin(whole.first, sheet.initials)
        found: dict[int, Places | None] = {}
        if self._names is not None:
            found.update((place, []) for place in _names(sheet, tokens, self._names).tolist())
        found.update(dict.fromkeys(is_open.nonzero()[0].tolist()))
        if is_open.all():
            return found
        sieved = _Runs(*(own[~is_open] for own in whole))
        fronts = _behind_prefixes(sheet, sums, sieved)
        runs = _joined(fronts, _before_endings(sheet, sums, sieved))
        hits = self._cores.among(polynomials(sums, runs.first, runs.last))
        for of, first, last in zip(*(own.take(hits).tolist() for own in runs), strict=True):
            places = found.setdefault(of, [])
            assert places is not None
            begun = whole.first.item(of)
            places.append((first - begun, last - begun))
        if self._starts is not None:
            found.update(dict.fromkeys(self._begun(sums, fronts, self._starts)))
        return found

    def _begun(self, sums: Numbers, fronts: _Runs, starts: Some) -> list[int]:
        """Which tokens go on as one of `starts` behind a prefix."""
        own = np.arange(len(fronts.of)).repeat(len(self._lengths))
        first = fronts.first.take(own)
        last = first + np.tile(self._lengths, len(fronts.of))
        inside = (last <= fronts.last.take(own)).nonzero()[0]
        hits = starts.among(polynomials(sums, first.take(inside), last.take(inside)))
        found: list[int] = fronts.of.take(own.take(inside.take(hits))).tolist()
        return found


def _behind_prefixes(sheet: Sheet, sums: Numbers, tokens: _Runs) -> _Runs:
    """Tokens, whole and without each prefix that they begin with."""
    found = [tokens]
    own = np.arange(len(tokens.of))
    lengths = tokens.last - tokens.first
    for size, letters in enumerate(_IN_PREFIXES):
        own = own[letters.take(sheet.letters.take(tokens.first.take(own) + size)) & (lengths.take(own) > size + 1)]
        if not len(own):
            break
        first = tokens.first.take(own)
        there = own.take(_PREFIXES.among(polynomials(sums, first, first + size + 1)))
        found.append(_Runs(tokens.of.take(there), tokens.first.take(there) + size + 1, tokens.last.take(there)))
    return _Runs(*map(np.concatenate, zip(*found, strict=True)))


def _before_endings(sheet: Sheet, sums: Numbers, tokens: _Runs) -> _Runs:
    """Tokens, whole and without each ending that they may have: in Latin letters a last s, and what begins with an
    apostrophe.
    """
    found = [tokens]
    is_arabic = sheet.letters.take(tokens.first) < FIRST_OTHER
    own = is_arabic.nonzero()[0]
    lengths = tokens.last - tokens.first
    for size, letters in enumerate(_IN_ENDINGS):
        own = own[letters.take(sheet.letters.take(tokens.last.take(own) - size - 1)) & (lengths.take(own) > size + 1)]
        if not len(own):
            break
        last = tokens.last.take(own)
        there = own.take(_ENDINGS.among(polynomials(sums, last - size - 1, last)))
        found.append(_Runs(tokens.of.take(there), tokens.first.take(there), tokens.last.take(there) - size - 1))
    own = (~is_arabic & (sheet.letters.take(tokens.last - 1) == _S)).nonzero()[0]
    found.append(_Runs(tokens.of.take(own), tokens.first.take(own), tokens.last.take(own) - 1))
    signs = (sheet.letters == APOSTROPHE).nonzero()[0]
    own = tokens.first.searchsorted(signs, "right") - 1
    inside = (own >= 0) & (signs < tokens.last.take(own, mode="clip"))
    own, signs = own[inside], signs[inside]
    found.append(_Runs(tokens.of.take(own), tokens.first.take(own), signs))
    return _Runs(*map(np.concatenate, zip(*found, strict=True)))


def _joined(fronts: _Runs, backs: _Runs) -> _Runs:
    """All runs from the start of a front to the end of a back of the same token."""
    order = backs.of.argsort(kind="stable")
    ordered = backs.of.take(order)
    low, high = ordered.searchsorted(fronts.of), ordered.searchsorted(fronts.of, "right")
    counts = high - low
    own = np.arange(len(counts)).repeat(counts)
    back = order.take(np.arange(len(own)) + (low - counts.cumsum() + counts).take(own))
    first, last = fronts.first.take(own), backs.last.take(back)
    there = (first < last).nonzero()[0]
    return _Runs(fronts.of.take(own.take(there)), first.take(there), last.take(there))


def _letters_of(words: Collection[str]) -> list[NDArray[np.bool_]]:
    """For each place in words which letters stand there in any of them."""
    tables = [np.zeros(256, np.bool_) for _ in range(max(map(len, words)))]
    for word in words:
        for table, letter in zip(tables, code_folded(word)[0], strict=False):
            table[letter] = True
    return tables


_PREFIXES, _IN_PREFIXES = Some(WRITTEN_ONTO), _letters_of(WRITTEN_ONTO)
_ENDINGS, _IN_ENDINGS = Some(WRITTEN_BEHIND), _letters_of([ending[::-1] for ending in WRITTEN_BEHIND])


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
