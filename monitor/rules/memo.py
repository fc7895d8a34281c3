"""Find the terms of a lexicon in a document: token -> words it may stand for -> phrases -> hits.

Each distinct token is judged once by the grammar of its script and remembered, so the cost of an article hardly
depends on the number of terms: only words that occur are touched, and a phrase is entered by its rarest word (the one
fewest phrases of the lexicon share; the longest of those). What is remembered is only ever added to or forgotten
whole, so threads may share a lexicon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from monitor.model import Span
from monitor.rules import dictionary, translit
from monitor.rules.patterns import PatternSet
from monitor.rules.phrases import Evidence, Sight, evidence
from monitor.rules.wording import Mode, Term
from monitor.rules.words import Form, Phrase, Word, phrases
from monitor.text.document import Document, Field, FieldName
from monitor.text.grammar import Ending, Prefixes, Reading, Stem
from monitor.text.grammars import CUTS, OTHER, script_of

REMEMBERED = 200_000
"""Distinct tokens a lexicon remembers before it starts afresh."""

LONGEST_REMEMBERED = 100
"""Letters of a token worth remembering: longer ones are noise and never come again."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Term number `term` at the tokens `first` to `last` (inclusive) of a field."""

    term: int
    field: FieldName
    first: int
    last: int


class _Sense(NamedTuple):
    """What a token can stand for: every word with its readings, and the phrases entered by one of them."""

    readings: Mapping[int, tuple[Reading, ...]]
    entries: tuple[tuple[int, Phrase, tuple[int, ...], int], ...]


class _Entry(NamedTuple):
    """One term without its `not_part_of`, and the positions in the lexicon that ask for it."""

    term: Term
    asked: list[tuple[int, tuple[int, ...]]]


class Lexicon:
    """Terms, numbered by position (duplicates allowed), ready to be found in documents."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._entries: list[_Entry] = []
        self._by_term: dict[Term, int] = {}
        self._parts: dict[int, tuple[int, ...]] = {}
        self._entry_of = [self._enter(term) for term in terms]
        for place, term in enumerate(terms):
            parts = tuple(self._enter(part) for part in term.not_part_of)
            self._entries[self._entry_of[place]].asked.append((place, parts))
        self._build()

    def hits(self, document: Document) -> Mapping[int, tuple[Hit, ...]]:
        """Return the hits of every term that occurs, title first, in order; a term's hits never overlap."""
        found: dict[int, list[Hit]] = {}
        for field in (document.title, document.text):
            seen = self._evidence(field)
            for entry, places in seen.items():
                for term, parts in self._entries[entry].asked:
                    kept = [one for one in places if not any(_swallows(seen.get(part, ()), one) for part in parts)]
                    if kept:
                        hits = found.setdefault(term, [])
                        hits += [Hit(term, field.name, one.first, one.last) for one in kept]
        return {term: tuple(hits) for term, hits in found.items()}

    def span(self, document: Document, hit: Hit) -> Span:
        """Return a hit's place in the original text of its field."""
        field = document.title if hit.field == "title" else document.text
        entry = self._entry_of[hit.term]
        one = next(one for one in self._of_entry(entry, field, hit) if (one.first, one.last) == (hit.first, hit.last))
        start, end = field.folded.original(field.tokens[hit.first].start, field.tokens[hit.last].end)
        core_start, core_end = field.folded.original(one.start, one.end)
        core = max(start, core_start), min(end, core_end)
        return Span(field=hit.field, start=start, end=end, term=self._entries[entry].term.text, core=core)

    # --- building ------------------------------------------------------------------------------------------

    def _enter(self, term: Term) -> int:
        """Return the number of a term's entry, the same for equal terms whatever they are no part of."""
        bare = replace(term, not_part_of=(), needs=None)
        if bare not in self._by_term:
            self._by_term[bare] = len(self._entries)
            self._entries.append(_Entry(bare, []))
        return self._by_term[bare]

    def _build(self) -> None:
        self._words: dict[Word, int] = {}
        self._word_list: list[Word] = []
        self._cores: dict[str, dict[str, list[tuple[int, Stem]]]] = {script: {} for script in CUTS}
        self._starts: dict[str, dict[str, list[tuple[int, Stem]]]] = {script: {} for script in CUTS}
        self._names: dict[str, list[tuple[int, str]]] = {}  # Arabic words in Latin letters, by skeleton
        self._strict: dict[int, dict[str, list[tuple[int, Stem]]]] = {}
        self._phrases_of: dict[int, list[tuple[Phrase, tuple[int, ...]]]] = {}
        self._anchored: dict[int, list[tuple[int, Phrase, tuple[int, ...], int]]] = defaultdict(list)
        self._memo: dict[str, _Sense | None] = {}
        patterns: list[tuple[int, Term]] = []
        use: Counter[int] = Counter()
        for entry, (term, _) in enumerate(self._entries):
            if term.mode is Mode.PATTERN:
                patterns.append((entry, term))
                continue
            numbered = [(phrase, tuple(map(self._number, phrase.words))) for phrase in phrases(term)]
            self._phrases_of[entry] = numbered
            use.update(number for _, numbers in numbered for number in numbers)
        for entry, numbered in self._phrases_of.items():
            for phrase, numbers in numbered:
                anchor = min(range(len(numbers)), key=lambda at: (use[numbers[at]], -len(phrase.words[at].text)))
                self._anchored[numbers[anchor]].append((entry, phrase, numbers, anchor))
        self._lengths = {script: sorted({*map(len, starts)}) for script, starts in self._starts.items()}
        self._patterns = PatternSet(patterns)

    def _number(self, word: Word) -> int:
        """Return the number of a word; enter it under its stems when it is new."""
        known = self._words.get(word)
        if known is not None:
            return known
        number = self._words[word] = len(self._word_list)
        self._word_list.append(word)
        table = self._starts if word.form is Form.STARTS else self._cores
        for stem in word.stems():
            table[word.script].setdefault(stem.core, []).append((number, stem))
        if word.form is Form.LATIN:
            for key in translit.keys(word.text):
                self._names.setdefault(key, []).append((number, word.text))
        if word.strict:
            strict = self._strict[number] = {}
            for stem in word.stems(strict=True):
                strict.setdefault(stem.core, []).append((number, stem))
        return number

    # --- judging tokens ------------------------------------------------------------------------------------

    def _sense(self, token: str) -> _Sense | None:
        """Judge a token, once."""
        if len(self._memo) >= REMEMBERED:
            self._memo.clear()
        script = script_of(token)
        found: dict[int, list[Reading]] = {}
        for number, reading in CUTS[script].readings(token, self._cores[script]):
            word = self._word_list[number]
            if word.sure or not reading.doubt or not dictionary.refutes(word.spelt(token, reading), token, reading):
                found.setdefault(number, []).append(reading)
        if self._names and script == OTHER:
            for number, reading in translit.readings(token, self._names):
                found.setdefault(number, []).append(reading)
        if self._starts[script]:
            for number, reading in self._beginnings(token, script):
                found.setdefault(number, []).append(reading)
        sense = None
        if found:
            readings = {number: tuple(ways) for number, ways in found.items()}
            sense = _Sense(readings, tuple(entry for number in found for entry in self._anchored.get(number, ())))
        if len(token) <= LONGEST_REMEMBERED:
            self._memo[token] = sense
        return sense

    def _beginnings(self, token: str, script: str) -> Iterator[tuple[int, Reading]]:
        """Yield the `starts` words that a token, or what follows its prefix, begins with."""
        for prefix, start, needed in CUTS[script].remainders(token):
            rest = token[start:]
            for size in self._lengths[script]:
                if size > len(rest):
                    break
                for number, stem in self._starts[script].get(rest[:size], ()):
                    if needed & stem.prefixes:
                        added = needed is Prefixes.ARTICLE and not stem.has_article
                        own = 2 if stem.has_article and prefix.endswith("ال") else 0
                        yield number, Reading(start - own, start + size, Ending.BARE, added, prefix)

    # --- judging fields ------------------------------------------------------------------------------------

    def _evidence(self, field: Field) -> dict[int, list[Evidence]]:
        """Return where each entry occurs in a field, in order and without overlap."""
        memo = self._memo
        found: dict[int, list[Evidence]] = {}
        sight = Sight(field, self._readings, self._strict)
        for place, token in enumerate(field.tokens):
            try:
                sense = memo[token.text]
            except KeyError:
                sense = self._sense(token.text)
            if sense is None:
                continue
            for entry, phrase, numbers, anchor in sense.entries:
                one = evidence(sight, phrase, numbers, place - anchor)
                if one is not None:
                    found.setdefault(entry, []).append(one)
        for entry, one in self._patterns.search(field):
            found.setdefault(entry, []).append(one)
        return {entry: _leftmost_longest(places) for entry, places in found.items()}

    def _of_entry(self, entry: int, field: Field, hit: Hit) -> list[Evidence]:
        """Return the evidence of one entry that may be a hit's."""
        if entry not in self._phrases_of:
            return [one for _, one in self._patterns.search(field, only=entry)]
        sight = Sight(field, self._readings, self._strict)
        found = (evidence(sight, phrase, numbers, hit.first) for phrase, numbers in self._phrases_of[entry])
        return [one for one in found if one is not None]

    def _readings(self, token: str, number: int) -> tuple[Reading, ...]:
        try:
            sense = self._memo[token]
        except KeyError:
            sense = self._sense(token)
        return sense.readings.get(number, ()) if sense else ()


def _leftmost_longest(places: list[Evidence]) -> list[Evidence]:
    """Sort, and keep of overlapping places the one that begins first, of those the longest."""
    if len(places) == 1:
        return places
    kept: list[Evidence] = []
    for one in sorted(places, key=lambda one: (one.first, -one.last, one.start, -one.end)):
        if not kept or one.first > kept[-1].last:
            kept.append(one)
    return kept


def _swallows(longer: Sequence[Evidence], one: Evidence) -> bool:
    """Tell whether `one` lies inside a longer place: more words, or more letters of the same words."""
    at = bisect_right(longer, one.first, key=lambda other: other.first) - 1
    if at < 0 or longer[at].last < one.last:
        return False
    other = longer[at]
    return (other.last - other.first, other.end - other.start) > (one.last - one.first, one.end - one.start)
