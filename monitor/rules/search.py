"""What the tokens of articles can stand for: every hit of every term has a trace, but not every trace is a hit.

All articles of a sheet are looked at in a few steps over arrays; only what a rule may need of an article is looked at
one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.rules.meanings import Meanings
from monitor.rules.sides import ENTERS, FLAGS, Side
from monitor.rules.tables import Ints
from monitor.text.document import Document
from monitor.text.sheet import Sheet


class Traces(NamedTuple):
    """Where phrases may stand: by the tokens of their sheet, each with its entry and slot."""

    firsts: Ints
    lasts: Ints
    entries: Ints
    slots: Ints

    def take(self, which: Ints) -> Traces:
        """Some of them."""
        return Traces(*(column.take(which) for column in self))


class Reader(Protocol):
    """What reads tokens: a lexicon."""

    meanings: Meanings

    @property
    def entries(self) -> int:
        """How many entries there are."""

    def values(self, sheet: Sheet) -> Ints:
        """For each token the number of what it means, with flags in the low bits; 0 where it means nothing."""

    def patterns(self, document: Document) -> tuple[int, ...]:
        """The entries of patterns that occur."""


class Sweep:
    """What the tokens of all articles of one sheet can stand for."""

    def __init__(self, lexicon: Reader, documents: Sequence[Document]) -> None:
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
    def entering_phrases(self) -> Traces:
        """The phrases of several words that enter rules."""
        return self._phrases(self.lexicon.meanings.entering)

    @cached_property
    def other_phrases(self) -> Traces:
        """All other phrases of several words."""
        return self._phrases(self.lexicon.meanings.others)

    def _phrases(self, side: Side) -> Traces:
        """The traces of phrases of two or more words, which lie in one article whole."""
        values = self.values
        both = values[1:] >> 1
        both &= values[:-1]
        both &= side.left
        tokens = both.nonzero()[0]
        if not len(tokens):
            return Traces(tokens, tokens, tokens, tokens)
        placed, source = side.placed(values.take(tokens) >> FLAGS, values.take(tokens + 1) >> FLAGS)
        firsts, lasts = tokens.take(source) - placed[:, 1], tokens.take(source) + placed[:, 2]
        is_whole = (firsts >= 0) & (lasts < len(values))
        is_whole &= self.places.take(firsts, mode="clip") == self.places.take(lasts, mode="clip")
        return Traces(firsts[is_whole], lasts[is_whole], placed[is_whole, 0], placed[is_whole, 3])

    @cached_property
    def traces(self) -> tuple[Traces, list[int]]:
        """All traces, article by article, and where those of each begin and the last end."""
        single = (self._single(side) for side in (self.lexicon.meanings.entering, self.lexicon.meanings.others))
        found = Traces(*map(np.concatenate, zip(*single, self.entering_phrases, self.other_phrases, strict=True)))
        places = self.places.take(found.firsts)
        order = places.argsort(kind="stable")
        limits = places.take(order).searchsorted(np.arange(len(self.sheet.drawn) + 1)).tolist()
        return found.take(order), limits

    def _single(self, side: Side) -> Traces:
        """The traces of phrases of one word."""
        tokens = self.values.nonzero()[0]
        slots, source = side.plain.all_of(self.values.take(tokens) >> FLAGS)
        tokens = tokens.take(source[::2])
        return Traces(tokens, tokens, slots[::2], slots[1::2])

    def traces_of(self, entries: Ints) -> Traces:
        """The traces of some entries in all articles, in order."""
        traces, _ = self.traces
        self.is_wanted[entries] = True
        found = traces.take(self.is_wanted.take(traces.entries).nonzero()[0])
        self.is_wanted[entries] = False
        return found.take(np.lexsort((found.lasts, found.firsts)))

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
        """The traces of some entries by the article's own tokens: first, last, entry, slot. Phrases come behind."""
        traces, limits = self._sweep.traces
        start, end = limits[self.document.place : self.document.place + 2]
        is_wanted = self._sweep.is_wanted
        is_wanted[wanted] = True
        there = is_wanted.take(traces.entries[start:end]).nonzero()[0]
        is_wanted[wanted] = False
        there += start
        first = self._sweep.sheet.firsts[self.document.place]
        return zip(
            (traces.firsts.take(there) - first).tolist(),
            (traces.lasts.take(there) - first).tolist(),
            traces.entries.take(there).tolist(),
            traces.slots.take(there).tolist(),
            strict=True,
        )
