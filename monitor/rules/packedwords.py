"""A vocabulary in a compiled pack: its arrays as they are, and a record for each term and word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from monitor.rules import records
from monitor.rules.packing import MOST_KEPT, Keyed, Packing, Parts
from monitor.rules.sides import Tables
from monitor.rules.spelling import Names
from monitor.rules.tables import Rows
from monitor.rules.verdicts import Clitics
from monitor.rules.vocabulary import (
    Entries,
    Shape,
    Slots,
    Vocabulary,
    names_under,
    stems_under,
    strict_stems,
)
from monitor.rules.wording import Term
from monitor.rules.words import Form, Word
from monitor.text.grammar import WHOLE, Ending, Prefixes
from monitor.text.grammars import CUTS


def pack(made: Vocabulary, into: Packing) -> None:
    """Write a vocabulary that was built."""
    into.records("entries", map(records.write, made.entries.terms))
    into.texts("entries/texts", (term.text for term in made.entries.terms))
    into.rows("asked", made.entries.asked)
    into.ints("entry-of", made.entry_of)
    sorts: dict[Word, int] = {}
    into.texts("words", (word.text for word in made.words))
    into.ints("words/sorts", (sorts.setdefault(replace(word, text=""), len(sorts)) for word in made.words))
    into.ints("words/sure", made.sure.tolist())
    into.records("words/alike", map(records.write, sorts))
    into.records("clitics", map(_written, made.clitics))
    for kind, tables in (("cores", made.cores), ("starts", made.starts)):
        for script, table in tables.items():
            _pack_keyed(into, f"{kind}/{script}", table.numbers)
    into.words("names/words", made.names)
    into.rows("names", made.spelt.under)
    into.rows("names/steps", made.spelt.steps)
    into.records("names/choices", map(list, made.spelt.choices))
    into.ints("strict", made.strict)
    into.ints("patterns", made.patterns)
    into.ints("slots/entries", made.slots.entries)
    into.ints("slots/shapes", made.slots.shapes)
    into.records("slots/kinds", ([*map(list, kind[:2]), kind[2]] for kind in made.slots.kinds))
    into.rows("slots/words", made.slots.numbers)
    for name, side in (("entering", made.entering), ("others", made.others)):
        into.grouped(f"{name}/of-word", side.of_word)
        into.grouped(f"{name}/of-pair", side.of_pair)
        into.ints(f"{name}/lefts", sorted(side.lefts))
        into.ints(f"{name}/rights", sorted(side.rights))


def _written(clitics: Clitics) -> list[object]:
    endings = None if clitics.endings is WHOLE else dict(clitics.endings)
    own = clitics.own_letters and dict(clitics.own_letters)
    return [endings, clitics.prefixes, clitics.has_article, own]


def _pack_keyed(into: Packing, name: str, table: Mapping[str, Sequence[int]]) -> None:
    into.words(f"{name}/words", table)
    into.rows(name, Rows(table.values()))


def unpacked(parts: Parts) -> Vocabulary:
    """The vocabulary that was written."""
    words = _Words(parts)
    clitics = list(parts.records("clitics", _clitics))
    strict = parts.ints("strict").tolist()
    kinds = [Shape(tuple(gaps), tuple(cases), smart) for gaps, cases, smart in parts.records("slots/kinds", list)]
    slots = Slots(
        parts.ints("slots/entries"),
        parts.ints("slots/shapes"),
        kinds,
        parts.rows("slots/words"),
        words,
        frozenset(strict),
    )
    return Vocabulary(
        entries=Entries(
            parts.records("entries", lambda data: records.read_as(Term, data)),
            parts.rows("asked"),
            parts.texts("entries/texts", most=0).__getitem__,
        ),
        entry_of=parts.ints("entry-of"),
        words=words,
        sure=np.array(parts.ints("words/sure"), np.bool_),
        latin=np.isin(parts.ints("words/sorts"), words.latin),
        clitics=clitics,
        cores={script: stems_under(_keyed(parts, f"cores/{script}"), clitics) for script in CUTS},
        starts={script: stems_under(_keyed(parts, f"starts/{script}"), clitics) for script in CUTS},
        under={script: parts.rows(f"cores/{script}") for script in CUTS},
        names=names_under(_keyed(parts, "names"), words),
        spelt=Names(parts.rows("names"), parts.rows("names/steps"), list(parts.records("names/choices", list))),
        strict={number: strict_stems(number, words[number]) for number in strict},
        slots=slots,
        patterns=parts.ints("patterns").tolist(),
        entering=_tables(parts, "entering"),
        others=_tables(parts, "others"),
    )


class _Words(Sequence[Word]):
    """Words, each made of its text and its sort when it is asked for."""

    def __init__(self, parts: Parts) -> None:
        texts, sorts = parts.texts("words", most=0), parts.ints("words/sorts")
        alike = parts.records("words/alike", lambda data: records.read_as(Word, data))

        @lru_cache(MOST_KEPT)
        def word(number: int) -> Word:
            like = alike[sorts[number]]
            more = like.alone, like.strict, like.sure, like.has_article, like.forms
            return Word(texts[number], like.form, like.lang, like.script, *more)

        self._count, self._word = len(texts), word
        self.latin = [sort for sort, like in enumerate(alike) if like.form is Form.LATIN]
        """The sorts of Arabic words in Latin letters."""

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        return self._word(number)


def _clitics(data: Any) -> Clitics:
    endings, prefixes, has_article, own = data
    kinds = WHOLE if endings is None else {ending: Ending(kind) for ending, kind in endings.items()}
    return Clitics(kinds, Prefixes(prefixes), has_article, own)


def _keyed(parts: Parts, name: str) -> Mapping[str, Sequence[int]]:
    rows = parts.rows(name)
    return Keyed(
        {word: number for number, word in enumerate(parts.words(f"{name}/words"))}, lambda _, at: rows.row(at), most=0
    )


def _tables(parts: Parts, name: str) -> Tables:
    return Tables(
        parts.grouped(f"{name}/of-word"),
        parts.grouped(f"{name}/of-pair"),
        frozenset(parts.ints(f"{name}/lefts")),
        frozenset(parts.ints(f"{name}/rights")),
    )
