"""Judge many new tokens at once: which words of the lexicon they stand for.

Every grammar finds a word of a term as a run of letters inside the token (its core), behind one of few prefixes and
before one of few endings. So a token none of whose runs so placed is a core can mean nothing, and for most others it
is enough what stems of that core may carry (`verdicts`). A token may still be an Arabic name in Latin letters
(`spelling`). What is cut in other ways is left to its grammar.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.rules.spelling import Spellings
from monitor.rules.tables import Ints, Numbered
from monitor.rules.verdicts import CERTAIN, DOUBTFUL, ENDINGS, LAM, LATIN, PREFIXES, YEH, Verdict, Verdicts
from monitor.rules.vocabulary import Vocabulary
from monitor.text import arabic
from monitor.text.alphabet import APOSTROPHE, FIRST_OTHER, code_folded, decode
from monitor.text.grammars import ARABIC, OTHER, script_of
from monitor.text.numbering import WINDOW, Numbers, Part, numbers_of, polynomials
from monitor.text.sheet import Sheet

LONGEST_SIEVED = 16
"""Letters up to which a token's runs are tried."""

AT_ONCE = WINDOW // (LONGEST_SIEVED + 1)
"""Tokens that are judged in one step."""

_PLACES_A_WORD = 16
_S = code_folded("s")[0][0]
_NONE: Ints = np.zeros(0, np.int64)


class Some:
    """A set of numbers of words; it may take others for one of them, never the reverse."""

    def __init__(self, numbers: Numbers) -> None:
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


class _Runs(NamedTuple):
    """Runs of letters in tokens: of which token each is, by its place, and from where to where; and the numbers of
    the prefix before it and the ending behind it.
    """

    of: Ints
    first: Ints
    last: Ints
    prefix: Ints
    ending: Ints

    def take(self, which: Ints) -> _Runs:
        return _Runs(*(part.take(which) for part in self))


class Cut(NamedTuple):
    """A token, by its place, that may be a word whose core lies from one letter to before another."""

    of: int
    word: int
    start: int
    end: int


class Kept(NamedTuple):
    """What tokens, by their places, can mean.

    `of` and `words` are, part by part, tokens and words that they stand for; `doubtful` ones wait for a dictionary.
    Of those that are `uncut` only names in Latin letters are said. Of those that are `open` nothing is: some too long
    to say, and U.S., whose core has no stops.
    """

    of: list[Ints]
    words: list[Ints]
    doubtful: list[Cut]
    uncut: list[int]
    open: list[int]


class Sieve:
    """The cores of a lexicon, and its names. What `starts` a token may go on as it likes."""

    def __init__(self, made: Vocabulary) -> None:
        tables = {script: (table, made.under[script]) for script, table in made.cores.items()}
        numbers = [numbers_of(table) for table, _ in tables.values()]
        self._cores = Some(np.concatenate(numbers))
        (arabic_cores, self._arabic), (other_cores, self._other) = tables[ARABIC], tables[OTHER]
        self._of_arabic, self._of_other = Numbered(numbers_of(arabic_cores)), Numbered(numbers_of(other_cores))
        starts = {core for cores in made.starts.values() for core in cores}
        self._starts = Some(numbers_of(starts)) if starts else None
        self._lengths = np.array(sorted({*map(len, starts)}), np.int64)
        self._names = Spellings(made.names, made.spelt) if made.names else None
        self._verdicts = Verdicts(made.clitics)
        self._sure = made.sure

    def kept(self, sheet: Sheet, tokens: Ints) -> Kept:
        """What `tokens` (ascending) can mean."""
        starts = sheet.starts.take(tokens)
        is_open = sheet.ends.take(tokens) - starts > LONGEST_SIEVED
        if sheet.initials:
            is_open |= np.isin(starts, sheet.initials)
        own = (~is_open).nonzero()[0]
        found = Kept([_NONE], [_NONE], [], [], is_open.nonzero()[0].tolist())
        for start in range(0, len(own), AT_ONCE):
            some = own[start : start + AT_ONCE]
            self._add(found, some, sheet.part(tokens.take(some)))
        return found

    def _add(self, found: Kept, of: Ints, part: Part) -> None:
        """Add what the tokens of a part can mean."""
        nothing = np.zeros(len(of), np.int64)
        whole = _Runs(np.arange(len(of)), part.starts, part.ends, nothing, nothing)
        fronts = _behind_prefixes(part, whole)
        runs = _joined(fronts, _before_endings(part, whole))
        runs = runs.take(self._cores.among(polynomials(part.sums, runs.first, runs.last)))
        is_uncut = nothing > 0
        is_uncut[self._unlike(part, runs)] = True
        if self._starts is not None:
            is_uncut[self._begun(part.sums, fronts, self._starts)] = True
        found.uncut.extend(of[is_uncut].tolist())
        runs = runs.take((~is_uncut.take(runs.of)).nonzero()[0])
        words, run, verdict = self._judged(part, runs)
        certain, doubtful = (verdict == CERTAIN).nonzero()[0], (verdict == DOUBTFUL).nonzero()[0]
        found.of.append(of.take(runs.of.take(run.take(certain))))
        found.words.append(words.take(certain))
        cuts = runs.take(run.take(doubtful))
        begun = part.starts.take(cuts.of)
        parts = of.take(cuts.of), words.take(doubtful), cuts.first - begun, cuts.last - begun
        found.doubtful.extend(map(Cut, *(one.tolist() for one in parts)))
        if self._names is not None:
            named, names = self._names.found(part)
            found.of.append(of.take(named))
            found.words.append(names)

    def _unlike(self, part: Part, runs: _Runs) -> Ints:
        """Which tokens that have a core are cut in other ways than by prefix and ending alone."""
        starts, ends = part.starts.take(runs.of), part.ends.take(runs.of)
        is_other = _IS_CUT_OTHERWISE.take(part.letters.take(starts))
        signs = (part.letters == APOSTROPHE).cumsum()
        is_other |= signs.take(starts) != signs.take(ends)
        may_be = (runs.ending > 0).nonzero()[0]
        rests = polynomials(part.sums, runs.first.take(may_be), ends.take(may_be))
        is_other[may_be[_OWN_WORDS.among(rests)]] = True
        unlike: Ints = runs.of[is_other]
        return unlike

    def _judged(self, part: Part, runs: _Runs) -> tuple[Ints, Ints, Verdict]:
        """The words that runs are the cores of, of which run each is, and the verdict on it there."""
        numbers = polynomials(part.sums, runs.first, runs.last)
        firsts, lasts = part.letters.take(runs.first), part.letters.take(runs.last - 1)
        is_arabic = firsts < FIRST_OTHER
        sorts = (firsts == _LAM) * LAM | ((lasts == _YEHS[0]) | (lasts == _YEHS[1])) * YEH
        found = []
        for own, places, rows, sort in (
            (is_arabic.nonzero()[0], self._of_arabic, self._arabic, sorts),
            ((~is_arabic).nonzero()[0], self._of_other, self._other, np.full(len(firsts), LATIN)),
        ):
            there, row = places.of(numbers.take(own))
            pairs, source = rows.all_of(row)
            run = own.take(there.take(source[::2]))
            words, clitics = pairs[::2], pairs[1::2]
            verdict = self._verdicts.of(clitics, runs.prefix.take(run), runs.ending.take(run), sort.take(run))
            verdict[(verdict == DOUBTFUL) & self._sure.take(words)] = CERTAIN
            found.append((words, run, verdict))
        words, run, verdict = map(np.concatenate, zip(*found, strict=True))
        return words, run, verdict

    def _begun(self, sums: Numbers, fronts: _Runs, starts: Some) -> list[int]:
        """Which tokens go on as one of `starts` behind a prefix."""
        own = np.arange(len(fronts.of)).repeat(len(self._lengths))
        first = fronts.first.take(own)
        last = first + np.tile(self._lengths, len(fronts.of))
        inside = (last <= fronts.last.take(own)).nonzero()[0]
        hits = starts.among(polynomials(sums, first.take(inside), last.take(inside)))
        found: list[int] = fronts.of.take(own.take(inside.take(hits))).tolist()
        return found


def _behind_prefixes(part: Part, tokens: _Runs) -> _Runs:
    """Tokens, whole and without each prefix that they begin with."""
    found = [tokens]
    own = np.arange(len(tokens.of))
    lengths = tokens.last - tokens.first
    for size, letters in enumerate(_IN_PREFIXES, 1):
        own = own[letters.take(part.letters.take(tokens.first.take(own) + size - 1)) & (lengths.take(own) > size)]
        if not len(own):
            break
        first = tokens.first.take(own)
        there, numbers = _PREFIXES.of(polynomials(part.sums, first, first + size))
        some = tokens.take(own.take(there))
        found.append(some._replace(first=some.first + size, prefix=numbers))
    return _Runs(*map(np.concatenate, zip(*found, strict=True)))


def _before_endings(part: Part, tokens: _Runs) -> _Runs:
    """Tokens, whole and without each ending that they may have: in Latin letters a last s, and what begins with an
    apostrophe, which has no number.
    """
    found = [tokens]
    is_arabic = part.letters.take(tokens.first) < FIRST_OTHER
    own = is_arabic.nonzero()[0]
    lengths = tokens.last - tokens.first
    for size, letters in enumerate(_IN_ENDINGS, 1):
        own = own[letters.take(part.letters.take(tokens.last.take(own) - size)) & (lengths.take(own) > size)]
        if not len(own):
            break
        last = tokens.last.take(own)
        there, numbers = _ENDINGS.of(polynomials(part.sums, last - size, last))
        some = tokens.take(own.take(there))
        found.append(some._replace(last=some.last - size, ending=numbers))
    some = tokens.take((~is_arabic & (part.letters.take(tokens.last - 1) == _S)).nonzero()[0])
    found.append(some._replace(last=some.last - 1, ending=np.ones(len(some.of), np.int64)))
    signs = (part.letters == APOSTROPHE).nonzero()[0]
    own = tokens.first.searchsorted(signs, "right") - 1
    inside = (own >= 0) & (signs < tokens.last.take(own, mode="clip"))
    found.append(tokens.take(own[inside])._replace(last=signs[inside]))
    return _Runs(*map(np.concatenate, zip(*found, strict=True)))


def _joined(fronts: _Runs, backs: _Runs) -> _Runs:
    """All runs from the start of a front to the end of a back of the same token."""
    order = backs.of.argsort(kind="stable")
    ordered = backs.of.take(order)
    low, high = ordered.searchsorted(fronts.of), ordered.searchsorted(fronts.of, "right")
    counts = high - low
    own = np.arange(len(counts)).repeat(counts)
    back = order.take(np.arange(len(own)) + (low - counts.cumsum() + counts).take(own))
    there = (fronts.first.take(own) < backs.last.take(back)).nonzero()[0]
    front, back = fronts.take(own.take(there)), backs.take(back.take(there))
    return front._replace(last=back.last, ending=back.ending)


def _letters_of(words: Collection[str]) -> list[NDArray[np.bool_]]:
    """For each place in words which letters stand there in any of them."""
    tables = [np.zeros(256, np.bool_) for _ in range(max(map(len, words)))]
    for word in words:
        for table, letter in zip(tables, code_folded(word)[0], strict=False):
            table[letter] = True
    return tables


_PREFIXES, _IN_PREFIXES = Numbered(numbers_of(PREFIXES)), _letters_of(PREFIXES)
_ENDINGS, _IN_ENDINGS = (
    Numbered(numbers_of(ENDINGS)),
    _letters_of([ending[::-1] for ending in ENDINGS if ending != "s"]),
)
_OWN_WORDS = Some(numbers_of(arabic.OWN_WORDS))
_LAM, *_YEHS = code_folded("ليى")[0]
_IS_CUT_OTHERWISE = np.array([script_of(decode(bytes((code,)))) not in (ARABIC, OTHER) for code in range(256)])
