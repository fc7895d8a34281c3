"""A vocabulary in a compiled pack: its arrays as they are, and a record for each term and word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.rules import records
from monitor.rules.packing import Keyed, Packing, Parts
from monitor.rules.sides import Tables
from monitor.rules.tables import Rows
from monitor.rules.vocabulary import Entries, Shape, Slots, Vocabulary, names_under, stems_under, strict_stems
from monitor.rules.wording import Term
from monitor.rules.words import Word
from monitor.text.grammars import CUTS


def pack(made: Vocabulary, into: Packing) -> None:
    """Write a vocabulary that was built."""
    into.records("entries", map(records.write, made.entries.terms))
    into.rows("asked", made.entries.asked)
    into.ints("entry-of", made.entry_of)
    into.records("words", map(records.write, made.words))
    for kind, tables in (("cores", made.cores), ("starts", made.starts)):
        for script, table in tables.items():
            _pack_keyed(into, f"{kind}/{script}", table.numbers)
    _pack_keyed(into, "names", made.names.numbers)
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


def _pack_keyed(into: Packing, name: str, table: Mapping[str, Sequence[int]]) -> None:
    into.words(f"{name}/words", table)
    into.rows(name, Rows(table.values()))


def unpacked(parts: Parts) -> Vocabulary:
    """The vocabulary that was written."""
    words = parts.records("words", lambda data: records.read_as(Word, data))
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
        entries=Entries(parts.records("entries", lambda data: records.read_as(Term, data)), parts.rows("asked")),
        entry_of=parts.ints("entry-of"),
        words=words,
        cores={script: stems_under(_keyed(parts, f"cores/{script}"), words) for script in CUTS},
        starts={script: stems_under(_keyed(parts, f"starts/{script}"), words) for script in CUTS},
        names=names_under(_keyed(parts, "names"), words),
        strict={number: strict_stems(number, words[number]) for number in strict},
        slots=slots,
        patterns=parts.ints("patterns").tolist(),
        entering=_tables(parts, "entering"),
        others=_tables(parts, "others"),
    )


def _keyed(parts: Parts, name: str) -> Mapping[str, Sequence[int]]:
    rows = parts.rows(name)
    return Keyed(
        {word: number for number, word in enumerate(parts.words(f"{name}/words"))}, lambda _, at: rows.row(at)
    )


def _tables(parts: Parts, name: str) -> Tables:
    return Tables(
        parts.grouped(f"{name}/of-word", 2),
        parts.grouped(f"{name}/of-pair", 4),
        frozenset(parts.ints(f"{name}/lefts")),
        frozenset(parts.ints(f"{name}/rights")),
    )
