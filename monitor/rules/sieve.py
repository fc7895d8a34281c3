"""Judge many new tokens at once: which words of the lexicon they stand for.

Every grammar finds a word of a term as a run of letters inside the token (its core), behind one of few prefixes and
before one of few endings. So a token none of whose runs so placed is a core can mean nothing, and for most others it
is enough what stems of that core may carry (`verdicts`). A token may still be an Arabic name in Latin letters
(`spelling`). What is cut in other ways is left to its grammar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.rules.spelling import Spellings
from monitor.rules.tables import Ints, Numbered
from monitor.rules.verdicts import (
    CERTAIN,
    DOUBTFUL,
    ENDINGS,
    LAM,
    LATIN,
    NEVER,
    PREFIXES,
    YEH,
    Sort,
    Verdict,
    Verdicts,
)
from monitor.rules.vocabulary import Vocabulary
from monitor.text import arabic
from monitor.text.alphabet import APOSTROPHE, FIRST_OTHER, code_folded, decode
from monitor.text.grammar import Reading
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
    """A token, by its place, that may be a word whose core lies from one letter to before another, in a cut of some
    sort.
    """

    of: int
    word: int
    start: int
    end: int
    sort: Sort


class _Judged(NamedTuple):
    """Words whose core a run is, by its place: the verdict on it there, and the sort of the cut."""

    words: Ints
    run: Ints
    verdict: Verdict
    clitics: Ints
    prefix: Ints
    ending: Ints
    core: Ints

    def take(self, which: Ints) -> _Judged:
        return _Judged._make(part.take(which) for part in self)

    @property
    def sorts(self) -> Iterator[Sort]:
        """The sort of each cut."""
        return zip(*(part.tolist() for part in self[3:]), strict=True)


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

    def readings(self, cut: Cut) -> Iterator[Reading]:
        """How a token that is cut so is read."""
        return self._verdicts.readings(cut.sort, cut.start, cut.end)

    def first_cuts(self, sheet: Sheet, tokens: Ints, words: Ints) -> dict[tuple[int, int], Cut]:
        """By token and word, of some tokens (ascending) that stand for words: the cut that their grammar comes to
        first. Not of all of them.
        """
        own = tokens[sheet.ends.take(tokens) - sheet.starts.take(tokens) <= LONGEST_SIEVED]
        own = np.unique(own[~np.isin(sheet.starts.take(own), sheet.initials)])
        found: dict[tuple[int, int], Cut] = {}
        for start in range(0, len(own), AT_ONCE):
            some = own[start : start + AT_ONCE]
            part = sheet.part(some)
            runs, _ = self._runs(part)
            judged = self._judged(part, runs)
            kept = ((judged.verdict != NEVER) & np.isin(judged.words, words)).nonzero()[0]
            first, last = runs.first.take(judged.run.take(kept)), runs.last.take(judged.run.take(kept))
            kept = kept.take(np.lexsort((-last, first)))
            for cut in _cuts(some, part, runs, judged.take(kept)):
                found.setdefault((cut.of, cut.word), cut)
        return found

    def _runs(self, part: Part) -> tuple[_Runs, NDArray[np.bool_]]:
        """The runs of tokens that are cores, and which of the tokens are cut otherwise: of those there are none."""
        nothing = np.zeros(len(part.starts), np.int64)
        whole = _Runs(np.arange(len(part.starts)), part.starts, part.ends, nothing, nothing)
        fronts = _behind_prefixes(part, whole)
        runs = _joined(fronts, _before_endings(part, whole))
        runs = runs.take(self._cores.among(polynomials(part.sums, runs.first, runs.last)))
        is_uncut = nothing > 0
        is_uncut[self._unlike(part, runs)] = True
        if self._starts is not None:
            is_uncut[self._begun(part.sums, fronts, self._starts)] = True
        return runs.take((~is_uncut.take(runs.of)).nonzero()[0]), is_uncut

    def _add(self, found: Kept, of: Ints, part: Part) -> None:
        """Add what the tokens of a part can mean."""
        runs, is_uncut = self._runs(part)
        found.uncut.extend(of[is_uncut].tolist())
        judged = self._judged(part, runs)
        certain = judged.take((judged.verdict == CERTAIN).nonzero()[0])
        found.of.append(of.take(runs.of.take(certain.run)))
        found.words.append(certain.words)
        found.doubtful.extend(_cuts(of, part, runs, judged.take((judged.verdict == DOUBTFUL).nonzero()[0])))
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

    def _judged(self, part: Part, runs: _Runs) -> _Judged:
        """The words that runs are the cores of."""
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
            words, cuts = pairs[::2], (pairs[1::2], runs.prefix.take(run), runs.ending.take(run), sort.take(run))
            verdict = self._verdicts.of(*cuts)
            verdict[(verdict == DOUBTFUL) & self._sure.take(words)] = CERTAIN
            found.append((words, run, verdict, *cuts))
        return _Judged(*map(np.concatenate, zip(*found, strict=True)))

    def _begun(self, sums: Numbers, fronts: _Runs, starts: Some) -> list[int]:
        """Which tokens go on as one of `starts` behind a prefix."""
        own = np.arange(len(fronts.of)).repeat(len(self._lengths))
        first = fronts.first.take(own)
        last = first + np.tile(self._lengths, len(fronts.of))
        inside = (last <= fronts.last.take(own)).nonzero()[0]
        hits = starts.among(polynomials(sums, first.take(inside), last.take(inside)))
        found: list[int] = fronts.of.take(own.take(inside.take(hits))).tolist()
        return found


def _cuts(of: Ints, part: Part, runs: _Runs, judged: _Judged) -> Iterator[Cut]:
    """Words that tokens may be, each as the cut that makes it one."""
    cuts = runs.take(judged.run)
    begun = part.starts.take(cuts.of)
    parts = of.take(cuts.of), judged.words, cuts.first - begun, cuts.last - begun
    return map(Cut, *(one.tolist() for one in parts), judged.sorts)


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
