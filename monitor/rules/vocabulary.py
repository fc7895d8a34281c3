"""What a lexicon looks for: its terms once each, the words they are made of under their cores, and their phrases.

All of it lies in arrays, made of terms by `build` or read from a compiled pack (`packedwords`). Of the stems under a
core only the word is kept, and which of the few sorts of clitics it may carry.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.rules import translit
from monitor.rules.packing import Keyed
from monitor.rules.sides import Entering, Tables
from monitor.rules.spelling import Names
from monitor.rules.tables import Rows
from monitor.rules.verdicts import Clitics
from monitor.rules.wording import Mode, Term
from monitor.rules.words import Form, Phrase, Word, phrases
from monitor.text.grammar import WHOLE, Stem
from monitor.text.grammars import CUTS


class Slot(NamedTuple):
    """One phrase of an entry."""

    entry: int
    phrase: Phrase
    numbers: tuple[int, ...]


class Shape(NamedTuple):
    """What a phrase has beside its words."""

    gaps: tuple[str, ...]
    cases: tuple[str, ...]
    is_smart: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """Terms without their `not_part_of`, by number. A row of `asked` is a position in the lexicon that asks for one,
    how many parts, the parts; and so on. `text` says how an entry was written.
    """

    terms: Sequence[Term]
    asked: Rows
    text: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.terms)

    def parts(self, number: int) -> dict[int, tuple[int, ...]]:
        """By position that asks for an entry the entries of what it must be no part of, if there are any."""
        row, at = self.asked.row(number), 0
        found = {}
        while at < len(row):
            end = at + 2 + row[at + 1]
            if row[at + 1]:
                found[row[at]] = tuple(row[at + 2 : end])
            at = end
        return found


@dataclass(frozen=True, slots=True)
class Slots(Sequence[Slot]):
    """Slots by number: of each its entry, its shape by number, and its words."""

    entries: Sequence[int]
    shapes: Sequence[int]
    kinds: Sequence[Shape]
    numbers: Rows
    words: Sequence[Word]
    strict: Collection[int]

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, at: Any) -> Any:
        numbers = tuple(self.numbers.row(at))
        gaps, cases, is_smart = self.kinds[self.shapes[at]]
        phrase = Phrase(tuple(self.words[number] for number in numbers), gaps, cases, is_smart)
        return Slot(self.entries[at], phrase, numbers)

    def only_word(self, at: int) -> int | None:
        """The word of a phrase of one, of which nothing but its letters and a capital counts; None for any other."""
        numbers = self.numbers.row(at)
        if len(numbers) > 1 or numbers[0] in self.strict or any(self.kinds[self.shapes[at]].cases):
            return None
        return numbers[0]


Stems: TypeAlias = Mapping[str, Sequence[tuple[int, Stem]]]
"""By core the words that have it, by number, each with the stem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything by number: entries in the order of the terms, words, slots, and the sorts of `clitics`. `cores` and
    `starts` are by script; `under` has the rows of cores, in their order: word, clitics, and so on. `sure` says of
    which words no dictionary is asked, `latin` which are Arabic words in Latin letters.

    `names` are Arabic words in Latin letters by skeleton, `spelt` the same in arrays; `strict` the stems of words
    that want every letter as it is written. `entering` are the phrases that enter rules.
    """

    entries: Entries
    entry_of: Sequence[int]
    words: Sequence[Word]
    sure: NDArray[np.bool_]
    latin: NDArray[np.bool_]
    clitics: Sequence[Clitics]
    cores: Mapping[str, Keyed[Any, Sequence[tuple[int, Stem]]]]
    starts: Mapping[str, Keyed[Any, Sequence[tuple[int, Stem]]]]
    under: Mapping[str, Rows]
    names: Keyed[Any, Sequence[tuple[int, str]]]
    spelt: Names
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
        self.clitics = _Sorts()
        self.cores: dict[str, dict[str, list[int]]] = {script: {} for script in CUTS}
        self.starts: dict[str, dict[str, list[int]]] = {script: {} for script in CUTS}
        self.names: dict[str, list[int]] = {}
        self.choices: dict[tuple[str, ...], int] = {}
        self.steps, self.step_ends = array("i"), array("q", [0])
        self.strict: list[int] = []

    def vocabulary(self, terms: Sequence[Term], entering: Collection[int]) -> Vocabulary:
        entry_of = array("i", map(self._enter, terms))
        asked = self._asked(terms, entry_of)
        own = list(self.numbers)
        entries = Entries(own, asked, lambda number: own[number].text)
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
            sure=np.array([word.sure for word in words], np.bool_),
            latin=np.array([word.form is Form.LATIN for word in words], np.bool_),
            clitics=self.clitics.found,
            cores={script: stems_under(cores, self.clitics.found) for script, cores in self.cores.items()},
            starts={script: stems_under(starts, self.clitics.found) for script, starts in self.starts.items()},
            under={script: Rows(cores.values()) for script, cores in self.cores.items()},
            names=names_under(self.names, words),
            spelt=Names(
                Rows(self.names.values()),
                Rows.of(memoryview(self.steps), memoryview(self.step_ends)),
                [*self.choices],
            ),
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
        for stem in word.stems():
            table[word.script].setdefault(stem.core, []).extend((number, self.clitics.number(stem)))
        if word.form is Form.LATIN:
            for key in dict.fromkeys(translit.keys(word.text)):
                self.names.setdefault(key, []).append(number)
            self.steps.extend(self.choices.setdefault(one, len(self.choices)) for one in translit.ways(word.text))
        self.step_ends.append(len(self.steps))
        if word.strict:
            self.strict.append(number)
        return number


class _Sorts:
    """The sorts of clitics that stems have, by number."""

    def __init__(self) -> None:
        self.found: list[Clitics] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._seen: dict[tuple[object, ...], tuple[int, Stem]] = {}

    def number(self, stem: Stem) -> int:
        """The number of what a stem has beside its core."""
        rest = stem.prefixes, stem.has_article
        seen = self._seen.get(same := (id(stem.endings), id(stem.own_letters), *rest))
        if seen is None:
            own = stem.own_letters and frozenset(stem.own_letters.items())
            key = stem.endings is WHOLE, frozenset(stem.endings.items()), own, *rest
            number = self._numbers.setdefault(key, len(self.found))
            if number == len(self.found):
                self.found.append(Clitics(stem.endings, *rest, stem.own_letters))
            seen = self._seen[same] = number, stem  # kept, so that its mappings keep their identity
        return seen[0]


def stems_under(
    cores: Mapping[str, Sequence[int]], clitics: Sequence[Clitics]
) -> Keyed[Any, Sequence[tuple[int, Stem]]]:
    """The words by core, each with its stems of that core. A row of `cores` is word, clitics; and so on."""

    def under(core: str, row: Sequence[int]) -> list[tuple[int, Stem]]:
        numbers = iter(row)
        return [(number, Stem(core, *clitics[next(numbers)])) for number in numbers]

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
