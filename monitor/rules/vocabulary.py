"""What a lexicon looks for: its terms once each, the words they are made of under their cores, and their phrases.

`build` makes it of terms; one in a compiled pack is read there (`packedwords`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from monitor.rules import translit
from monitor.rules.sides import Entered, Tables
from monitor.rules.wording import Mode, Term
from monitor.rules.words import Form, Phrase, Word, phrases
from monitor.text.grammar import Stem
from monitor.text.grammars import CUTS


class Slot(NamedTuple):
    """One phrase of an entry. `is_plain`: one word, which needs nothing but to be read so."""

    entry: int
    phrase: Phrase
    numbers: tuple[int, ...]
    is_plain: bool


class Entry(NamedTuple):
    """One term without its `not_part_of`, and the positions in the lexicon that ask for it."""

    term: Term
    asked: Sequence[tuple[int, tuple[int, ...]]]


Stems: TypeAlias = Mapping[str, Sequence[tuple[int, Stem]]]
"""By core the words that have it, by number, each with the stem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything by number: entries in the order of the terms, words, and slots. `cores` and `starts` are by script.

    `names` are Arabic words in Latin letters by skeleton, `strict` the stems of words that want every letter as it
    is written. `entering` are the phrases that enter rules.
    """

    entries: Sequence[Entry]
    entry_of: Sequence[int]
    words: Sequence[Word]
    cores: Mapping[str, Stems]
    starts: Mapping[str, Stems]
    lengths: Mapping[str, Sequence[int]]
    names: Mapping[str, Sequence[tuple[int, str]]]
    strict: Mapping[int, Stems]
    slots: Sequence[Slot]
    patterns: Sequence[tuple[int, Term]]
    entering: Tables
    others: Tables


def build(terms: Sequence[Term], entering: Collection[int]) -> Vocabulary:
    """The vocabulary of terms, of which those at the positions `entering` enter rules."""
    return _Building(terms, entering).vocabulary()


class _Building:
    def __init__(self, terms: Sequence[Term], entering: Collection[int]) -> None:
        self.entries: list[tuple[Term, list[tuple[int, tuple[int, ...]]]]] = []
        self.by_term: dict[Term, int] = {}
        self.entry_of = [self._enter(term) for term in terms]
        for place, term in enumerate(terms):
            parts = tuple(self._enter(part) for part in term.not_part_of)
            self.entries[self.entry_of[place]][1].append((place, parts))
        self.entering = {self.entry_of[term] for term in entering}
        self.numbers: dict[Word, int] = {}
        self.cores: dict[str, dict[str, list[tuple[int, Stem]]]] = {script: {} for script in CUTS}
        self.starts: dict[str, dict[str, list[tuple[int, Stem]]]] = {script: {} for script in CUTS}
        self.names: dict[str, list[tuple[int, str]]] = {}
        self.strict: dict[int, dict[str, list[tuple[int, Stem]]]] = {}

    def _enter(self, term: Term) -> int:
        """Return the number of a term's entry, the same for equal terms whatever they are no part of."""
        bare = term if not term.not_part_of and term.needs is None else replace(term, not_part_of=(), needs=None)
        number = self.by_term.setdefault(bare, len(self.entries))
        if number == len(self.entries):
            self.entries.append((bare, []))
        return number

    def vocabulary(self) -> Vocabulary:
        slots: list[Slot] = []
        patterns: list[tuple[int, Term]] = []
        use: Counter[int] = Counter()
        for entry, (term, _) in enumerate(self.entries):
            if term.mode is Mode.PATTERN:
                patterns.append((entry, term))
                continue
            for phrase in phrases(term):
                numbers = tuple(map(self._number, phrase.words))
                is_plain = len(numbers) == 1 and not phrase.cases[0] and numbers[0] not in self.strict
                slots.append(Slot(entry, phrase, numbers, is_plain))
                use.update(numbers)
        entered = Entered({}, {}, set(), set()), Entered({}, {}, set(), set())
        for number, slot in enumerate(slots):
            entered[slot.entry not in self.entering].add(slot.entry, number, slot.numbers, use, slot.phrase)
        return Vocabulary(
            entries=[Entry(*entry) for entry in self.entries],
            entry_of=self.entry_of,
            words=list(self.numbers),
            cores=self.cores,
            starts=self.starts,
            lengths={script: sorted({*map(len, starts)}) for script, starts in self.starts.items()},
            names=self.names,
            strict=self.strict,
            slots=slots,
            patterns=patterns,
            entering=Tables(*entered[0]),
            others=Tables(*entered[1]),
        )

    def _number(self, word: Word) -> int:
        """Return the number of a word; enter it under its stems when it is new."""
        known = self.numbers.get(word)
        if known is not None:
            return known
        number = self.numbers[word] = len(self.numbers)
        table = self.starts if word.form is Form.STARTS else self.cores
        for stem in word.stems():
            table[word.script].setdefault(stem.core, []).append((number, stem))
        if word.form is Form.LATIN:
            for key in translit.keys(word.text):
                self.names.setdefault(key, []).append((number, word.text))
        if word.strict:
            self.strict[number] = strict_stems(number, word)
        return number


def strict_stems(number: int, word: Word) -> dict[str, list[tuple[int, Stem]]]:
    """The stems of a word that wants every letter as it is written."""
    found: dict[str, list[tuple[int, Stem]]] = {}
    for stem in word.stems(strict=True):
        found.setdefault(stem.core, []).append((number, stem))
    return found
