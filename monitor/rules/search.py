"""What the tokens of articles can stand for: every hit of every term has a trace, but not every trace is a hit.

All articles of a sheet are looked at in a few steps over arrays; only what a rule may need of an article is looked at
one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.rules.sides import ENTERS, FLAGS, Side
from monitor.rules.tables import Growing, Ints
from monitor.text.document import Document
from monitor.text.sheet import Sheet


class Trace(NamedTuple):
    """Where a phrase may stand, by the tokens of its sheet."""

    first: int
    last: int
    entry: int
    slot: int


class Meanings(Protocol):
    """What a lexicon tells of tokens."""

    entering: Side
    others: Side
    words_of: list[tuple[int, ...]]
    plain: Growing

    @property
    def entries(self) -> int:
        """How many entries there are."""

    def values(self, sheet: Sheet) -> Ints:
        """For each token the number of what it means, with flags in the low bits; 0 where it means nothing."""

    def patterns(self, document: Document) -> tuple[int, ...]:
        """The entries of patterns that occur."""


class Sweep:
    """What the tokens of all articles of one sheet can stand for."""

    def __init__(self, lexicon: Meanings, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.sheet = documents[0].sheet
        self.lexicon = lexicon
        self.values = lexicon.values(self.sheet)
        self.patterns = {place: found for place, one in enumerate(documents) if (found := lexicon.patterns(one))}

    @cached_property
    def places(self) -> Ints:
        """The article, by place, that each token lies in."""
        return np.arange(len(self.sheet.drawn)).repeat(np.diff(self.sheet.firsts))

    @cached_property
    def entering(self) -> Ints:
        """The tokens that enter rules by themselves."""
        return (self.values & ENTERS).nonzero()[0]

    @cached_property
    def entering_phrases(self) -> list[Trace]:
        """The phrases of several words that enter rules."""
        return self._phrases(self.lexicon.entering)

    @cached_property
    def other_phrases(self) -> list[Trace]:
        """All other phrases of several words."""
        return self._phrases(self.lexicon.others)

    def _phrases(self, side: Side) -> list[Trace]:
        """The traces of phrases of two or more words, which lie in one article whole."""
        values, firsts = self.values, self.sheet.firsts
        both = values[1:] >> 1
        both &= values[:-1]
        both &= side.left
        tokens = both.nonzero()[0]
        if not len(tokens):
            return []
        pairs = side.pairs(values.take(tokens) >> FLAGS, values.take(tokens + 1) >> FLAGS, self.lexicon.words_of)
        there = pairs.nonzero()[0]
        found: list[Trace] = []
        for token, pair in zip(tokens.take(there).tolist(), pairs.take(there).tolist(), strict=True):
            at = bisect_right(firsts, token)
            for entry, before, behind, slot in side.placed[pair]:
                if firsts[at - 1] <= token - before and token + behind < firsts[at]:
                    found.append(Trace(token - before, token + behind, entry, slot))
        return found

    @cached_property
    def plain(self) -> tuple[Ints, Ints, Ints, list[int]]:
        """The traces of single words: tokens, entries and slots, in the order of the sheet; where articles begin."""
        tokens = self.values.nonzero()[0]
        slots, source = self.lexicon.plain.all_of(self.values.take(tokens) >> FLAGS)
        tokens = tokens.take(source[::2])
        return tokens, slots[::2], slots[1::2], tokens.searchsorted(self.sheet.firsts).tolist()

    @cached_property
    def phrases_of(self) -> dict[int, list[Trace]]:
        """All phrases of several words, by the place of their article."""
        found: dict[int, list[Trace]] = {}
        for one in (*self.entering_phrases, *self.other_phrases):
            found.setdefault(self.places.item(one.first), []).append(one)
        return found

    @cached_property
    def is_wanted(self) -> NDArray[np.bool_]:
        """Room to mark entries in; False but while it is used."""
        return np.zeros(self.lexicon.entries, np.bool_)

    def search(self, document: Document) -> Search:
        """The traces of one article."""
        return Search(self, document)


class Search:
    """What the tokens of one article can stand for."""

    def __init__(self, sweep: Sweep, document: Document) -> None:
        self.document = document
        self.patterns = sweep.patterns.get(document.place, ())
        self._sweep = sweep

    def traces(self, wanted: Ints) -> Iterator[tuple[int, int, int, int]]:
        """The traces of some entries by the article's own tokens, as `Trace` has them: in its order but for phrases,
        which come first.
        """
        place = self.document.place
        is_wanted = self._sweep.is_wanted
        is_wanted[wanted] = True
        phrases = [one for one in self._sweep.phrases_of.get(place, ()) if is_wanted[one.entry]]
        tokens, entries, slots, limits = self._sweep.plain
        start, end = limits[place : place + 2]
        there = is_wanted.take(entries[start:end]).nonzero()[0]
        is_wanted[wanted] = False
        first = self._sweep.sheet.firsts[place]
        for one in phrases:
            yield one.first - first, one.last - first, one.entry, one.slot
        there += start
        own = (tokens.take(there) - first).tolist()
        yield from zip(own, own, entries.take(there).tolist(), slots.take(there).tolist(), strict=True)
