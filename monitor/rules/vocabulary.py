"""What a lexicon looks for: its terms once each, the words they are made of under their cores, and their phrases.

All of it lies in arrays, made of terms by `build` or read from a compiled pack (`packedwords`). Of what stands under
a core only the words are kept: their stems follow from them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from monitor.rules import translit
from monitor.rules.packing import Keyed
from monitor.rules.sides import Entering, Tables
from monitor.rules.tables import Rows
from monitor.rules.wording import Mode, Term
from monitor.rules.words import Form, Phrase, Word, phrases
from monitor.text.grammar import Stem
from monitor.text.grammars import CUTS

MOST_KEPT = 50_000
"""Slots that are kept once they were asked for."""


class Slot(NamedTuple):
    """One phrase of an entry."""

    entry: int
    phrase: Phrase
    numbers: tuple[int, ...]


class Entry(NamedTuple):
    """One term without its `not_part_of`, and the positions in the lexicon that ask for it."""

    term: Term
    asked: Sequence[tuple[int, tuple[int, ...]]]


class Shape(NamedTuple):
    """What a phrase has beside its words."""

    gaps: tuple[str, ...]
    cases: tuple[str, ...]
    is_smart: bool


@dataclass(frozen=True, slots=True)
class Entries(Sequence[Entry]):
    """Entries by number. A row of `asked` is position, how many parts, the parts; and so on."""

    terms: Sequence[Term]
    asked: Rows

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, number: Any) -> Any:
        row, at = self.asked.row(number), 0
        asked = []
        while at < len(row):
            end = at + 2 + row[at + 1]
            asked.append((row[at], tuple(row[at + 2 : end])))
            at = end
        return Entry(self.terms[number], asked)


@dataclass(frozen=True, slots=True)
class Slots(Sequence[Slot]):
    """Slots by number: of each its entry, its shape by number, and its words."""

    entries: Sequence[int]
    shapes: Sequence[int]
    kinds: Sequence[Shape]
    numbers: Rows
    words: Sequence[Word]
    strict: Collection[int]
    known: dict[int, Slot] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, at: Any) -> Any:
        known = self.known.get(at)
        if known is None:
            if len(self.known) >= MOST_KEPT:
                self.known.clear()
            numbers = tuple(self.numbers.row(at))
            gaps, cases, is_smart = self.kinds[self.shapes[at]]
            phrase = Phrase(tuple(self.words[number] for number in numbers), gaps, cases, is_smart)
            known = self.known[at] = Slot(self.entries[at], phrase, numbers)
        return known


Stems: TypeAlias = Mapping[str, Sequence[tuple[int, Stem]]]
"""By core the words that have it, by number, each with the stem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything by number: entries in the order of the terms, words, and slots. `cores` and `starts` are by script.

    `names` are Arabic words in Latin letters by skeleton, `strict` the stems of words that want every letter as it
    is written. `entering` are the phrases that enter rules.
    """

    entries: Entries
    entry_of: Sequence[int]
    words: Sequence[Word]
    cores: Mapping[str, Keyed[Any, Sequence[tuple[int, Stem]]]]
    starts: Mapping[str, Keyed[Any, Sequence[tuple[int, Stem]]]]
    names: Keyed[Any, Sequence[tuple[int, str]]]
    strict: Mapping[int, Stems]
    slots: Slots
    patterns: Sequence[int]
    entering: Tables
    others: Tables

    @property
    def lengths(self) -> Mapping[str, Sequence[int]]:
        """By script how long beginnings are."""
        return {script: sorted({*map(len, starts)}) for script, starts in self.starts.items()}


def build(terms: Sequence[Term], entering: Collection[int]) -> Vocabulary:
    """The vocabulary of terms, of which those at the positions `entering` enter rules."""
    return _Building().vocabulary(terms, entering)


class _Building:
    def __init__(self) -> None:
        self.numbers: dict[Term, int] = {}
        self.words: dict[Word, int] = {}
        self.cores: dict[str, dict[str, list[int]]] = {script: {} for script in CUTS}
        self.starts: dict[str, dict[str, list[int]]] = {script: {} for script in CUTS}
        self.names: dict[str, list[int]] = {}
        self.strict: list[int] = []

    def vocabulary(self, terms: Sequence[Term], entering: Collection[int]) -> Vocabulary:
        entry_of = array("i", map(self._enter, terms))
        asked = self._asked(terms, entry_of)
        entries = Entries(list(self.numbers), asked)
        self.numbers = {}
        entered = {entry_of[term] for term in entering}
        of, shapes, numbers, ends = array("i"), array("i"), array("i"), array("q", [0])
        kinds: dict[Shape, int] = {}
        for entry, term in enumerate(entries.terms):
            for phrase in phrases(term) if term.mode is not Mode.PATTERN else ():
                numbers.extend(map(self._number, phrase.words))
                ends.append(len(numbers))
                of.append(entry)
                shapes.append(kinds.setdefault(Shape(phrase.gaps, phrase.cases, phrase.is_smart), len(kinds)))
        use, words = Counter(numbers), list(self.words)
        self.words = {}
        rows = Rows.of(memoryview(numbers), memoryview(ends))
        sides = Entering(), Entering()
        for slot, entry in enumerate(of):
            sides[entry not in entered].add(entry, slot, rows.row(slot), use, words)
        return Vocabulary(
            entries=entries,
            entry_of=entry_of,
            words=words,
            cores={script: stems_under(cores, words) for script, cores in self.cores.items()},
            starts={script: stems_under(starts, words) for script, starts in self.starts.items()},
            names=names_under(self.names, words),
            strict={number: strict_stems(number, words[number]) for number in self.strict},
            slots=Slots(of, shapes, list(kinds), rows, words, frozenset(self.strict)),
            patterns=[entry for entry, term in enumerate(entries.terms) if term.mode is Mode.PATTERN],
            entering=sides[0].tables(),
            others=sides[1].tables(),
        )

    def _enter(self, term: Term) -> int:
        """Return the number of a term's entry, the same for equal terms whatever they are no part of."""
        bare = term if not term.not_part_of and term.needs is None else replace(term, not_part_of=(), needs=None)
        return self.numbers.setdefault(bare, len(self.numbers))

    def _asked(self, terms: Sequence[Term], entry_of: Sequence[int]) -> Rows:
        parts = {
            place: [self._enter(part) for part in term.not_part_of]
            for place, term in enumerate(terms)
            if term.not_part_of
        }
        numbers, ends = array("i"), array("q", [0])
        for place in np.asarray(entry_of, np.int32).argsort(kind="stable").tolist():
            while len(ends) <= entry_of[place]:
                ends.append(len(numbers))
            own = parts.get(place, ())
            numbers.extend((place, len(own), *own))
        while len(ends) <= len(self.numbers):
            ends.append(len(numbers))
        return Rows.of(memoryview(numbers), memoryview(ends))

    def _number(self, word: Word) -> int:
        """Return the number of a word; enter it under its stems when it is new."""
        known = self.words.get(word)
        if known is not None:
            return known
        number = self.words[word] = len(self.words)
        table = self.starts if word.form is Form.STARTS else self.cores
        for core in dict.fromkeys(stem.core for stem in word.stems()):
            table[word.script].setdefault(core, []).append(number)
        if word.form is Form.LATIN:
            for key in dict.fromkeys(translit.keys(word.text)):
                self.names.setdefault(key, []).append(number)
        if word.strict:
            self.strict.append(number)
        return number


def stems_under(cores: Mapping[str, Sequence[int]], words: Sequence[Word]) -> Keyed[Any, Sequence[tuple[int, Stem]]]:
    """The words by core, each with its stems of that core."""

    def under(core: str, numbers: Sequence[int]) -> list[tuple[int, Stem]]:
        return [(number, stem) for number in numbers for stem in words[number].stems() if stem.core == core]

    return Keyed(cores, under)


def names_under(keys: Mapping[str, Sequence[int]], words: Sequence[Word]) -> Keyed[Any, Sequence[tuple[int, str]]]:
    """The Latin words by skeleton, each with its text."""
    return Keyed(keys, lambda _, numbers: [(number, words[number].text) for number in numbers])


def strict_stems(number: int, word: Word) -> dict[str, list[tuple[int, Stem]]]:
    """The stems of a word that wants every letter as it is written."""
    found: dict[str, list[tuple[int, Stem]]] = {}
    for stem in word.stems(strict=True):
        found.setdefault(stem.core, []).append((number, stem))
    return found
