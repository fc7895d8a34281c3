"""Find the terms of a lexicon in a document: token -> words it may stand for -> phrases -> hits.

Each distinct token is judged once by the grammar of its script and remembered by its number, so the cost of an
article hardly depends on the number of terms: only tokens that can stand for a word are looked at again, and a phrase
is entered by two words side by side (those that fewest phrases of the lexicon share; the longest of those). `search`
tells in passing which terms may stand where; `hits` decides. What is remembered is bounded and changes as a lexicon
reads, so one thread at a time may use it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from monitor.model import Span
from monitor.rules import dictionary, translit
from monitor.rules.meanings import Meanings
from monitor.rules.packing import MOST_KEPT
from monitor.rules.patterns import PatternSet
from monitor.rules.phrases import Evidence, Sight, evidence, leftmost_longest
from monitor.rules.search import Search, Sweep, Traces
from monitor.rules.sieve import Cut, Sieve
from monitor.rules.standing import Judging, Kind, Standing
from monitor.rules.tables import BITS, Ints, Memo
from monitor.rules.vocabulary import Vocabulary, build
from monitor.rules.wording import Term
from monitor.rules.words import Form
from monitor.text.document import Document, FieldName
from monitor.text.grammar import Ending, Prefixes, Reading
from monitor.text.grammars import CUTS, OTHER, script_of
from monitor.text.original import original
from monitor.text.sheet import Sheet

REMEMBERED = 4_000
"""Readings of tokens, and phrases as they were written, that a lexicon remembers before it starts afresh."""

LONGEST_REMEMBERED = 100
"""Letters of a token worth remembering: longer ones are noise and never come again."""

FEW, BITS_OF_FEW = 500, 19
"""Entries of a small lexicon, what a few rules that changed bring mostly, and the bits of its table, of 4 MiB: of
300,000 distinct tokens it forgets some, which cost 30 us an article where 100 rules looked for 1,079 terms.
"""

MOST_MEANINGS = 1 << 20
"""Sets of words that tokens stand for, before all that is remembered of tokens is forgotten."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Term number `term` at the tokens `first` to `last` (inclusive) of a field. `core` is its place in the scan."""

    term: int
    field: FieldName
    first: int
    last: int
    core: tuple[int, int] = attribute(default=(0, 0), compare=False, repr=False)


_Place: TypeAlias = tuple[str, int, int]
"""Where a phrase may stand: what is written there, the length of its first word, the slot."""

_UNKNOWN = (-1, -1)

Readings = Mapping[int, tuple[Reading, ...]]


class Asked(NamedTuple):
    """What to look for to find some terms: entries, some perhaps twice; and by entry the terms, each with the entries
    of what it is no part of.
    """

    entries: Ints
    terms: Mapping[int, Sequence[tuple[int, tuple[int, ...]]]]


class Lexicon:
    """Terms, numbered by position (duplicates allowed), ready to be found in documents."""

    def __init__(
        self, terms: Sequence[Term], entering: Collection[int] = (), vocabulary: Vocabulary | None = None
    ) -> None:
        """`entering` are the terms by which rules are entered, `vocabulary` what both come to where it is there."""
        self.vocabulary = made = build(terms, entering) if vocabulary is None else vocabulary
        self._entries, self._entry_of = entries, entry_of = made.entries, made.entry_of
        self.text = lru_cache(MOST_KEPT)(lambda term: entries.text(entry_of[term]))
        """A term as the analyst wrote it."""
        self.entries_of = np.asarray(made.entry_of, np.int32)
        """Of each term its entry."""
        self._word_list, self._slots = made.words, made.slots
        self._cores, self._starts, self._lengths = made.cores, made.starts, made.lengths
        self._names, self._strict = made.names, made.strict
        self._is_sure, self._is_latin = made.sure, made.latin
        self._sieve = Sieve(made)
        self._patterns = PatternSet([(entry, made.entries.terms[entry]) for entry in made.patterns])
        self._has_patterns = bool(made.patterns)
        self._judging = Judging(self._judge, self._kind, self._cores_of)
        self.meanings = Meanings(made.entering, made.others)
        self._forget()

    def entry(self, term: int) -> int:
        """The number under which a term is found; equal terms share it, whatever they are no part of."""
        return self._entry_of[term]

    @property
    def entries(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def hits(self, document: Document) -> Mapping[int, tuple[Hit, ...]]:
        """Return the hits of every term that occurs, title first, in order; a term's hits never overlap."""
        return {
            term: tuple(_hit(document, term, one) for one in places) for term, places in self.places(document).items()
        }

    def places(
        self, document: Document, *, search: Search | None = None, only: Sequence[Asked] | None = None
    ) -> Mapping[int, Sequence[Evidence]]:
        """The same as places of the document's scan.

        `search` is that of the document; `only` asks for some terms (`asked`).
        """
        search = Sweep(self, [document]).search(document) if search is None else search
        if only is None:
            only = (self.asked(range(len(self._entry_of))),)
        if not only:
            return {}
        entries = only[0].entries if len(only) == 1 else np.concatenate([one.entries for one in only])
        seen = self._evidence(search, entries)
        found: dict[int, Sequence[Evidence]] = {}
        for one in only:
            for entry in one.terms.keys() & seen.keys():
                for term, parts in one.terms[entry]:
                    places = seen[entry]
                    if parts:
                        places = [
                            one for one in places if not any(_swallows(seen.get(part, ()), one) for part in parts)
                        ]
                    if places:
                        found[term] = places
        return found

    def asked(self, terms: Collection[int]) -> Asked:
        """What to look for to find some terms."""
        wanted: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        guards: list[int] = []
        for term in terms:
            wanted.setdefault(self._entry_of[term], []).append((term, ()))
        for entry, own in wanted.items():
            if parts := self._entries.parts(entry):
                wanted[entry] = [(term, parts.get(term, ())) for term, _ in own]
                guards += [part for _, some in wanted[entry] for part in some]
        return Asked(np.array([*wanted, *guards], np.int64), wanted)

    def span(self, document: Document, hit: Hit) -> Span:
        """Return a hit's place in the original text of its field."""
        shift = 0 if hit.field == "title" else document.scan.titles
        place = Evidence(hit.first + shift, hit.last + shift, *hit.core)
        in_text, start, end, core = original(document.scan, *place)
        return span(in_text, start, end, self.text(hit.term), core)

    # --- judging tokens ------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Begin with nothing remembered of tokens."""
        self._memo = Memo(BITS if len(self._entries) > FEW else BITS_OF_FEW)
        self._known: dict[tuple[str, int], tuple[Reading, ...]] = {}
        self._stood: dict[_Place, tuple[int, int] | None] = {}
        self.meanings.forget()

    def values(self, sheet: Sheet) -> Ints:
        """For each token the number of what it means, with flags in the low bits; 0 where it means nothing."""
        if len(self.meanings) > MOST_MEANINGS:
            self._forget()  # before a sheet, which must not mix old meanings with new
        values, unknown = self._memo.get(sheet.numbers)
        if len(unknown):
            self._learn(sheet, values, unknown)
        return values

    def _learn(self, sheet: Sheet, values: Ints, unknown: Ints) -> None:
        """Judge tokens that are not remembered, and remember them."""
        numbers = sheet.numbers.take(unknown)
        giants = unknown[numbers == 0]  # no two are alike
        values[giants] = self.meanings.values(self._read(sheet.word(token)) for token in giants.tolist())
        unknown = unknown[numbers != 0]
        numbers, first, own = np.unique(sheet.numbers.take(unknown), return_index=True, return_inverse=True)
        order = first.argsort()
        tokens = unknown.take(first.take(order))
        new = np.zeros(len(tokens), np.int64)
        judged = self._judged_together(sheet, tokens)
        new[order.take([*judged])] = self.meanings.values(judged.values())
        self._memo.put_all(numbers, new)
        values[unknown] = new.take(own)

    def _judged_together(self, sheet: Sheet, tokens: Ints) -> dict[int, Collection[int]]:
        """The words that `tokens` (ascending) can stand for, by place, of those that can."""
        kept = self._sieve.kept(sheet, tokens)
        found: dict[int, set[int]] = {}
        for place, word in zip(np.concatenate(kept.of).tolist(), np.concatenate(kept.words).tolist(), strict=True):
            found.setdefault(place, set()).add(word)
        for cut in kept.doubtful:
            own = found.setdefault(cut.of, set())
            if cut.word not in own and self._stands(sheet.word(tokens.item(cut.of)), cut):
                own.add(cut.word)
        for place in kept.uncut:
            found.setdefault(place, set()).update(self._cut(sheet.word(tokens.item(place))))
        return {**found, **{place: self._read(sheet.word(tokens.item(place))) for place in kept.open}}

    def _stands(self, token: str, cut: Cut) -> bool:
        """Tell whether a doubtful cut of a token is no accident."""
        return any(not self._is_accident(cut.word, token, reading) for reading in self._sieve.readings(cut))

    def _is_accident(self, number: int, token: str, reading: Reading) -> bool:
        """Tell whether a token read as a word is another word, says the dictionary."""
        if not reading.doubt or (word := self._word_list[number]).sure:
            return False
        return dictionary.refutes(word.spelt(token, reading), token, reading)

    def _read(self, token: str) -> Readings:
        """Judge a token: every word it can stand for, with its readings."""
        names = translit.readings(token, self._names) if self._names and script_of(token) == OTHER else ()
        found: dict[int, tuple[Reading, ...]] = {}
        for number, reading in names:
            found[number] = (*found.get(number, ()), reading)
        return {**self._cut(token), **found}

    def _cut(self, token: str, only: int | None = None) -> Readings:
        """Judge a token by the grammar of its script: every word it can stand for but names in Latin letters, or
        `only` one.
        """
        script = script_of(token)
        found: dict[int, list[Reading]] = {}
        for number, reading in CUTS[script].readings(token, self._cores[script]):
            if only in (None, number) and not self._is_accident(number, token, reading):
                found.setdefault(number, []).append(reading)
        if self._starts[script]:
            for number, reading in self._beginnings(token, script):
                found.setdefault(number, []).append(reading)
        return {number: tuple(ways) for number, ways in found.items()}

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

    def _readings_as(self, token: str, number: int) -> tuple[Reading, ...]:
        """The readings of a token as one word."""
        if (word := self._word_list[number]).form is Form.LATIN:
            return tuple(translit.readings_as(token, word.text))
        return self._cut(token, number).get(number, ())

    def _readings(self, token: str, number: int) -> tuple[Reading, ...]:
        """The same, remembered."""
        known = self._known.get((token, number))
        if known is None:
            known = self._readings_as(token, number)
            if len(token) <= LONGEST_REMEMBERED:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[token, number] = known
        return known

    # --- judging documents ---------------------------------------------------------------------------------

    def patterns(self, document: Document) -> tuple[int, ...]:
        """The entries of patterns that occur."""
        if not self._has_patterns:
            return ()
        fields = (document.title, document.text)
        return tuple({entry for field in fields for entry, _ in self._patterns.search(field)})

    def _evidence(self, search: Search, wanted: Ints) -> dict[int, list[Evidence]]:
        """Return where each entry occurs in a document, in order and without overlap."""
        document = search.document
        sight = self.sight(document)
        found: dict[int, list[Evidence]] = {}
        for first, last, entry, slot in search.traces(wanted):
            one = self.stands(sight, first, last, slot)
            if one is not None:
                found.setdefault(entry, []).append(one)
        if search.patterns and not set(wanted.tolist()).isdisjoint(search.patterns):
            for field, token, base in ((document.title, 0, 1), (document.text, sight.scan.titles, sight.scan.shift)):
                for entry, one in self._patterns.search(field):
                    moved = Evidence(one.first + token, one.last + token, one.start + base, one.end + base)
                    found.setdefault(entry, []).append(moved)
        return {entry: places if len(places) == 1 else leftmost_longest(places) for entry, places in found.items()}

    def standing(self, sweep: Sweep, traces: Traces) -> Standing:
        """Which traces of a sheet are hits (`standing.Judging`)."""
        return self._judging.standing(sweep, traces)

    def _judge(self, document: Document, first: int, last: int, slot: int, kind: Kind) -> Evidence | None:
        sight = self.sight(document)
        if kind is Kind.OTHER:
            return self.stands(sight, first, last, slot)
        # what comes of it is remembered, so what it is made of need not be
        once = replace(sight, readings=self._readings_as, any_case=kind is Kind.CAPITAL)
        _, phrase, numbers = self._slots[slot]
        return evidence(once, phrase, numbers, first)

    def _kind(self, slot: int) -> Kind:
        """What decides of a slot."""
        word = self._slots.only_word(slot)
        return Kind.OTHER if word is None else Kind.CAPITAL if self._is_latin[word] else Kind.PLAIN

    def _cores_of(self, sheet: Sheet, tokens: Ints, slots: Sequence[int]) -> list[tuple[int, int] | None]:
        """Where the cores of phrases of one word lie in tokens (ascending) that can stand for them; None where only
        the grammar tells.
        """
        words = [self._slots.numbers.row(slot)[0] for slot in slots]
        cuts = self._sieve.first_cuts(sheet, tokens, np.array(words, np.int64))
        return [
            None if (cut := cuts.get(pair)) is None else self._core_of(cut)
            for pair in zip(tokens.tolist(), words, strict=True)
        ]

    def _core_of(self, cut: Cut) -> tuple[int, int] | None:
        first = next(self._sieve.readings(cut))
        return (first.start, first.end) if not first.doubt or self._is_sure[cut.word] else None

    def sight(self, document: Document) -> Sight:
        """A document as its phrases are judged."""
        return Sight(document.scan, self._readings, self._strict)

    def stands(self, sight: Sight, first: int, last: int, slot: int) -> Evidence | None:
        """Where a trace's phrase stands, by the document's own tokens; None when it does not."""
        scan = sight.scan
        start, end = scan.starts.item(first), scan.ends.item(first)
        # where the first word ends tells apart 1,000 as one word and as two, which what stands before it decides
        place = scan.written(start, end if first == last else scan.ends.item(last)), end - start, slot
        known = self._stood.get(place, _UNKNOWN)
        if known is _UNKNOWN:
            known = self._judged(sight, slot, first, place)
        return None if known is None else Evidence(first, last, start + known[0], start + known[1])

    def _judged(self, sight: Sight, slot: int, first: int, place: _Place) -> tuple[int, int] | None:
        """Where the core of a phrase lies that may begin at a token, counted from there; None when it does not stand.

        That is remembered where what is written there decides it.
        """
        _, phrase, numbers = self._slots[slot]
        one = evidence(sight, phrase, numbers, first)
        start = sight.scan.starts.item(first)
        found = None if one is None else (one.start - start, one.end - start)
        if not phrase.is_smart and 0 < len(place[0]) <= LONGEST_REMEMBERED:
            if len(self._stood) >= REMEMBERED:
                self._stood.clear()
            self._stood[place] = found
        return found


def span(in_text: bool, start: int, end: int, term: str, core: tuple[int, int]) -> Span:
    """A hit of a term as evidence."""
    return Span(field="text" if in_text else "title", start=start, end=end, term=term, core=core)


def _hit(document: Document, term: int, one: Evidence) -> Hit:
    titles = document.scan.titles
    field: FieldName = "title" if one.first < titles else "text"
    shift = 0 if field == "title" else titles
    return Hit(term, field, one.first - shift, one.last - shift, (one.start, one.end))


def _swallows(longer: Sequence[Evidence], one: Evidence) -> bool:
    """Tell whether `one` lies inside a longer place: more words, or more letters of the same words."""
    at = bisect_right(longer, one.first, key=lambda other: other.first) - 1
    if at < 0 or longer[at].last < one.last:
        return False
    other = longer[at]
    return (other.last - other.first, other.end - other.start) > (one.last - one.first, one.end - one.start)
