"""A whole ruleset in a compiled pack, and the catalog it was made of: what a start reads instead of the files.

Nothing is read but ids and numbers until an article, or a change of the rules, asks for more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from monitor.model import EntityCard, RuleCard
from monitor.rules import packedwords, records
from monitor.rules.abreast import Asking, Askings
from monitor.rules.beside import Company
from monitor.rules.catalog import Catalog, Entity, Entry
from monitor.rules.compiler import Compiled
from monitor.rules.engine import Ruleset, Told
from monitor.rules.examples import Example
from monitor.rules.expression import Leaf, Name, Node, Pick, Unit, Within
from monitor.rules.filters import Filters
from monitor.rules.index import Index
from monitor.rules.memo import Lexicon
from monitor.rules.named import Named
from monitor.rules.packing import MOST_KEPT, Keyed, Packing, Parts, View
from monitor.rules.ready import Lookup, Rule
from monitor.rules.tables import Rows
from monitor.rules.wording import Needs, Term

SORTS = ("list", "entity", "rule")

MOST_CARDS = 50_000
"""Cards of rules that are kept: a start and every reload go through all of them."""

_UNITS = tuple(Unit)
_NONE = (0, 0, 0, 0)
"""What is written of a rule that is not simple."""


def pack(ruleset: Ruleset, into: Packing) -> None:
    """Write rules, with the way in which they are found."""
    _pack_rules(ruleset, into)
    _pack_compiled(ruleset.compiled, into)
    _pack_askings(ruleset, into)
    packedwords.pack(ruleset.found_by.lexicon.vocabulary, into)
    ruleset.found_by.index.pack(into)


def _pack_rules(ruleset: Ruleset, into: Packing) -> None:
    cards: dict[RuleCard, int] = {}
    filters: dict[Filters, int] = {}
    into.words("rules/ids", ruleset.rules)
    blank = (replace(card, id="", hash="", title="") for card in ruleset.cards.values())
    alike = [cards.setdefault(card, len(cards)) for card in blank]
    some = zip(alike, ruleset.cards.values(), strict=True)
    into.records("cards", ([number, card.hash, card.title] for number, card in some))
    into.records("cards/alike", map(records.write, cards))
    into.ints("filters", (filters.setdefault(rule.filters, len(filters)) for rule in ruleset.rules.values()))
    into.records("filters/alike", map(records.write, filters))
    into.records("rules", (records.write(rule.node) for rule in ruleset.rules.values()))
    into.records("rules/examples", (records.write(rule.examples) for rule in ruleset.rules.values()))
    into.records("inactive", ([id, reason] for id, reason in ruleset.inactive.items()))


def _pack_askings(ruleset: Ruleset, into: Packing) -> None:
    """Write what simple rules look for: by rule the row of its terms, the unit, the words and how many parts."""
    made = Askings(ruleset.found_by.lexicon.vocabulary, ruleset.found_by.company)
    found = [made.of(id, _reader(rule)) for id, rule in ruleset.rules.items()]
    into.rows("askings/terms", made.terms.rows)
    into.ints("askings", chain.from_iterable(map(_kind, found)))


def _reader(rule: Rule) -> Callable[[], Node]:
    return lambda: rule.node


def _kind(asking: Asking | None) -> tuple[int, ...]:
    if asking is None:
        return _NONE
    return asking.row, _UNITS.index(asking.within.unit), asking.within.words, asking.parts


def _pack_compiled(compiled: Compiled, into: Packing) -> None:
    into.records("terms", map(records.write, compiled.terms))
    into.records("leaves", map(records.write, compiled.leaves))
    named = Named.of(compiled.leaves)
    into.rows("named", named.rows)
    into.words("named/ids", named.ids)
    company = compiled.company()
    into.records("company", ([term, others, records.write(needs)] for term, (others, needs) in company.items()))


def pack_catalog(catalog: Catalog, cards: Mapping[str, RuleCard], files: Sequence[int], into: Packing) -> None:
    """Write what rules were made of, which has no faults.

    `cards` has also the rules that are not active; `files` are other numbers for the files of the catalog.
    """
    numbers = {id: number for number, id in enumerate(catalog.entries)}
    entries = catalog.entries.values()
    into.words("catalog/ids", numbers)
    into.ints("catalog/sorts", (SORTS.index(entry.sort) for entry in entries))
    into.ints("catalog/files", (files[entry.file] for entry in entries))
    into.records("catalog/things", (records.write(entry.thing) for entry in entries))
    refers = (named(entry.thing, cards.get(id)) for id, entry in catalog.entries.items())
    into.rows("catalog/names", Rows([numbers[name] for name in names] for names in refers))
    into.ints("catalog/picks", (number for number, entry in enumerate(entries) if any(picks(entry.thing))))


def named(thing: object, card: RuleCard | None = None) -> dict[str, None]:
    """The ids that a thing of the catalog refers to, and those of lists that a rule's matches are grouped by."""
    found = {one.name: None for one in _inside(thing) if isinstance(one, Name)}
    for key in card.alert.group_by if card is not None else ():
        if key.startswith("$"):
            found[key[1:]] = None
    return found


def picks(thing: object) -> Iterator[Pick]:
    """The selections of entities in a thing of the catalog."""
    return (one for one in _inside(thing) if isinstance(one, Pick))


def _inside(thing: object) -> Iterator[object]:
    """A thing and everything in it down to names; nothing refers to anything inside a term."""
    if isinstance(thing, tuple):
        for part in thing:
            yield from _inside(part)
    elif is_dataclass(thing) and not isinstance(thing, Term):
        yield thing
        for one in fields(thing):
            yield from _inside(getattr(thing, one.name))


class _Body(NamedTuple):
    """A rule's tree and examples, each read when it is asked for."""

    nodes: Sequence[Node]
    all_examples: Sequence[tuple[Example, ...]]
    number: int

    @property
    def node(self) -> Node:
        return self.nodes[self.number]

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.all_examples[self.number]


class _Askings:
    """What simple rules look for, as it was written."""

    def __init__(self, parts: Parts, numbers: Mapping[str, int]) -> None:
        """`numbers` are those of rules by id."""
        self._kinds, self._numbers = parts.ints("askings"), numbers
        self._within = lru_cache(MOST_KEPT)(lambda unit, words: Within(_UNITS[unit], words))
        self.terms = parts.rows("askings/terms")

    def of(self, id: str, node: Callable[[], Node]) -> Asking | None:
        """What a rule looks for; None where it cannot be judged with others at once."""
        at = len(_NONE) * self._numbers[id]
        row, unit, words, count = self._kinds[at : at + len(_NONE)]
        return Asking(row, self._within(unit, words), count) if count else None


class PackedRules:
    """What was written, read where it is asked for. Raises ValueError for what `pack` did not write."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ids = parts.words("catalog/ids")
        self.ids: Mapping[str, int] = {id: number for number, id in enumerate(self._ids)}
        self.files: Sequence[int] = parts.ints("catalog/files")
        self._sorts = parts.ints("catalog/sorts")
        self._things = parts.records("catalog/things", records.read, most=0)
        self._names = parts.rows("catalog/names")

    @cached_property
    def ruleset(self) -> Ruleset:
        """The rules, without what belongs to one configuration."""
        parts = self._parts
        numbers = {id: number for number, id in enumerate(parts.words("rules/ids"))}
        nodes, examples = parts.records("rules", records.read), parts.records("rules/examples", records.read)
        alike = parts.records("filters/alike", lambda data: records.read_as(Filters, data))
        filters = parts.ints("filters")
        told = self._told(numbers, filters, alike)

        def rule(id: str, number: int) -> Rule:
            body = _Body(nodes, examples, number)
            return Rule(card=told.cards[id], body=body, filters=alike[filters[number]])

        rules = Keyed(numbers, rule)
        compiled = Compiled(
            parts.records("terms", lambda data: records.read_as(Term, data)),
            parts.records("leaves", lambda data: records.read_as(Leaf, data)),
            View(numbers, lambda id: rules[id].node),
        )
        lexicon = Lexicon((), (), packedwords.unpacked(parts))
        return Ruleset(
            rules=rules,
            compiled=compiled,
            inactive=dict(parts.records("inactive", tuple)),
            entities=self._cards(),
            lookup=Lookup(lexicon, Index.unpacked(parts, lexicon), self._company(), _Askings(parts, numbers)),
            told=told,
        )

    def _told(self, numbers: Mapping[str, int], filters: Sequence[int], alike: Sequence[Filters]) -> Told:
        cards = self._parts.records("cards", list, most=0)
        blank = self._parts.records("cards/alike", lambda data: records.read_as(RuleCard, data))

        def card(id: str, number: int) -> RuleCard:
            kind, digest, title = cards[number]
            made: RuleCard = replace(blank[kind], id=id, hash=digest, title=title)
            return made

        ending = {number: moment for number, one in enumerate(alike) if (moment := one.ends) is not None}
        ends: dict[str, datetime] = {}
        if ending:
            ends = {id: ending[filters[at]] for id, at in numbers.items() if filters[at] in ending}
        named = Named(self._parts.rows("named"), self._parts.words("named/ids"))
        return Told(Keyed(numbers, card, most=MOST_CARDS), ends, named)

    def _company(self) -> dict[int, Company]:
        return {
            term: (tuple(others), records.read_as(Needs, needs))
            for term, others, needs in self._parts.records("company", list)
        }

    def _cards(self) -> Mapping[str, EntityCard]:
        entity = SORTS.index("entity")
        ids = {id: number for id, number in self.ids.items() if self._sorts[number] == entity}
        return Keyed(ids, lambda _, number: self._entity(number).card())

    def _entity(self, number: int) -> Entity:
        thing = self._things[number]
        assert isinstance(thing, Entity)
        return thing

    # --- the catalog -------------------------------------------------------------------------------------

    def entry(self, id: str) -> Entry:
        """What an id names. Its place in the file is not kept."""
        number = self.ids[id]
        return Entry(SORTS[self._sorts[number]], self.files[number], (), self._things[number])

    def sort(self, id: str) -> str:
        """Whether an id names a list, an entity or a rule."""
        return SORTS[self._sorts[self.ids[id]]]

    def names(self, id: str) -> list[str]:
        """What an entry refers to."""
        return [self._ids[number] for number in self._names.row(self.ids[id])]

    @property
    def picking(self) -> list[str]:
        """The entries that select entities."""
        return [self._ids[number] for number in self._parts.ints("catalog/picks")]

    def standing_in(self, files: Collection[int]) -> list[str]:
        """The ids that stand in some files."""
        there = np.isin(np.asarray(self.files, np.int32), list(files))
        return [self._ids[number] for number in there.nonzero()[0].tolist()]

    def without(self, ids: Collection[str]) -> dict[str, None]:
        """All other ids, in their order."""
        return dict.fromkeys(id for id in self._ids if id not in ids)

    def dependents(self, ids: Iterable[str]) -> list[str]:
        """Some ids and everything that refers to them, directly or not, in the order of the catalog."""
        numbers, ends = self._names.arrays
        named = np.asarray(numbers, np.int32)
        starts = np.asarray(ends, np.int64)
        naming = np.repeat(np.arange(len(self._ids)), starts[1:] - starts[:-1])
        found = np.zeros(len(self._ids), np.bool_)
        found[[self.ids[id] for id in ids]] = True
        count = -1
        while count != (count := int(found.sum())):
            found[naming[found[named]]] = True
        return [self._ids[number] for number in found.nonzero()[0].tolist()]
