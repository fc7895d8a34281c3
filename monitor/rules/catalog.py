"""The named things of all rule files: lists, entities and rules by id, in one namespace, with what they hold.

Reads what stands in lists and entities; says where an id is taken twice. Resolves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from monitor.errors import Level
from monitor.model import EntityCard
from monitor.rules import lists, translit
from monitor.rules.expression import Any as AnyOf
from monitor.rules.expression import Clause, Name, Node, Unit, Within, Word
from monitor.rules.faults import Faults, Path, shape
from monitor.rules.lists import Beside
from monitor.rules.marks import REFERENCE, TERM_KEYS, TermReader
from monitor.rules.query import Narrowing
from monitor.rules.reading import Reader
from monitor.rules.schema import EntitySpec, ListSpec, RuleFile, RuleSpec, TableSpec
from monitor.rules.terms import Mode, Term
from monitor.text.tokens import ARABIC_FIRST

_LATIN = re.compile("[A-Za-z]")
NO_FILES: Mapping[Path, Beside] = MappingProxyType({})

_KEYED = (
    ("forms", Mode.FORMS),
    ("words", Mode.WORD),
    ("exact", Mode.EXACT),
    ("starts", Mode.STARTS),
    ("patterns", Mode.PATTERN),
)


@dataclass(frozen=True, slots=True)
class TermList:
    """A list: its terms, and references to other lists and entities."""

    id: str
    title: str
    items: tuple[Word | Name, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """What the names of an entity count beside: terms and references, and how near."""

    items: tuple[Word | Name, ...]
    within: Within


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: what selects it, its names as terms, and what they need beside them."""

    id: str
    title: str
    kind: str
    countries: frozenset[str]
    tags: frozenset[str]
    names: tuple[Term, ...]
    needs: Company | None = None

    def card(self) -> EntityCard:
        """How it is named to readers: by its title, else by its first name, in their script where there is one."""
        spelt = [name for name in (self.title, *(term.text for term in self.names)) if name]
        arabic = next((name for name in spelt if ARABIC_FIRST.search(name)), spelt[0])
        latin = next((name for name in spelt if _LATIN.search(name) and not ARABIC_FIRST.search(name)), spelt[0])
        return EntityCard(title=spelt[0], arabic=arabic, latin=latin)

    def has(self, key: str, values: Iterable[str]) -> bool:
        """Whether one of `values` stands under `key` (id, kind, country, tag)."""
        own = {"id": {self.id}, "kind": {self.kind}, "country": self.countries, "tag": self.tags}[key]
        return not own.isdisjoint(values)


@dataclass(frozen=True, slots=True)
class Entry:
    """One id: what it names, in which file and where. `thing` is None when its own content is faulty; `names` are the
    references in a faulty match; `narrowings` the filters that the prefixes of a rule's query are.
    """

    sort: str  # list, entity, rule
    file: int
    path: Path
    thing: TermList | Entity | Node | None
    spec: RuleSpec | None = None
    names: tuple[Name, ...] = ()
    narrowings: tuple[Narrowing, ...] = ()


@dataclass(slots=True)
class Catalog:
    """Every id of every file. `faults` are kept per file, in the order of the files."""

    entries: MutableMapping[str, Entry] = field(default_factory=dict)
    is_partial: bool = False  # some entities could not be read

    def add(
        self,
        index: int,
        file: RuleFile,
        flow: frozenset[Path],
        faults: Mapping[int, Faults],
        files: Mapping[Path, Beside] = NO_FILES,
    ) -> None:
        """Read one file's entries. `files` are those it names, by the key that names each; a missing one is told."""
        mine = faults[index]
        terms = TermReader(mine, flow)
        for id, list_spec in file.lists.items():
            mine.about = f"list {id!r}: "
            items = None if list_spec is None else _list(id, list_spec, terms, faults, files)
            self._enter(id, Entry("list", index, ("lists", id), items), faults)
        for id, entity_spec in file.entities.items():
            mine.about = f"entity {id!r}: "
            entity = None if entity_spec is None else _entity(id, ("entities", id), entity_spec, terms)
            self.is_partial |= entity is None
            self._enter(id, Entry("entity", index, ("entities", id), entity), faults)
        for id, table in file.tables.items():
            mine.about = f"table {id!r}: "
            listed = None if table is None else self._table(id, table, index, faults, files)
            self.is_partial |= listed is None
            self._enter(id, Entry("list", index, ("entities_from", id), listed), faults)
        for id, rule_spec in file.rules.items():
            mine.about = f"rule {id!r}: "
            path = ("rules", id)
            node, reader = None, Reader(mine, terms)
            raw = file.data["rules"][id]
            if isinstance(raw, dict) and "match" in raw:
                node = reader.match(raw["match"], (*path, "match"))
            elif isinstance(raw, dict) and raw:
                mine.add(path, "it has no 'match'", at_key=True)
            names = tuple(reader.names) if node is None else ()
            self._enter(id, Entry("rule", index, path, node, rule_spec, names, tuple(reader.narrowings)), faults)
        mine.about = ""

    def _table(
        self, id: str, table: TableSpec, index: int, faults: Mapping[int, Faults], files: Mapping[Path, Beside]
    ) -> TermList | None:
        """The entities of a table, which is also a list of them; None when some could not be read."""
        path: Path = ("entities_from", id)
        mine = faults[index]
        for key in ("csv", "id", "names"):
            if not getattr(table, key) and not _errors(mine, (*path, key)):
                mine.add(path, f"it has no {key!r}", at_key=True)
        beside = files.get((*path, "csv"))
        if beside is None or _errors(mine, path):
            return None
        theirs = faults[beside.index]
        reader = TermReader(theirs, is_yaml=False)
        items = []
        for row in lists.rows(id, table, beside, mine, faults):
            theirs.about = f"entity {row.id!r}: "
            entity = _entity(row.id, row.path, row.spec, reader)
            theirs.about = ""
            self._enter(row.id, Entry("entity", beside.index, row.path, entity), faults)
            items.append(Name(row.id, row.path))
        is_whole = not any(fault.level is Level.ERROR for fault in theirs.items) and not _errors(mine, path)
        return TermList(id, "", tuple(items)) if is_whole else None

    def _enter(self, id: str, entry: Entry, faults: Mapping[int, Faults]) -> None:
        first = self.entries.setdefault(id, entry)
        if first is not entry:
            for one in (first, entry):
                faults[one.file].about = ""
                faults[one.file].add(
                    one.path, f"the id {id!r} is taken twice: ids are unique over all files", at_key=True
                )

    def entities(self) -> Iterable[Entity]:
        """Every entity without a fault."""
        return (entry.thing for entry in self.entries.values() if isinstance(entry.thing, Entity))


def _list(
    id: str, spec: ListSpec, reader: TermReader, faults: Mapping[int, Faults], files: Mapping[Path, Beside]
) -> TermList | None:
    path: Path = ("lists", id)
    guards = () if spec.not_part_of is None else reader.guards(spec.not_part_of, (*path, "not_part_of"))
    items: list[Word | Name] = []
    for key, mode in _KEYED:
        data = getattr(spec, key)
        if data is None:
            continue
        if isinstance(data, dict) and "file" in data:
            items += _filed(data, mode, (*path, key), reader, faults, files)
            continue
        for where, item in _each(data, (*path, key), reader.faults):
            term = reader.keyed(item, mode, where)
            if term is not None:
                items.append(Word(term, term.text, where))
    for where, item in _each(spec.terms, (*path, "terms"), reader.faults) if spec.terms is not None else ():
        one = _term_or_name(item, where, reader)
        if one is not None:
            items.append(one)
    if not items:
        if not _errors(reader.faults, path):
            reader.faults.add(
                path, "it holds no terms; write them under words, exact, starts, patterns or terms", at_key=True
            )
        return None
    whole = [_completed(item, guards, spec.lang) if isinstance(item, Word) else item for item in items]
    return TermList(id, spec.title, tuple(whole))


def _completed(item: Word, guards: tuple[Term, ...], lang: str) -> Word:
    """A term of a list with what the list says of all its terms."""
    term = item.term
    return replace(item, term=replace(term, lang=term.lang or lang, not_part_of=term.not_part_of + guards))


def _filed(
    data: Mapping[str, Any],
    mode: Mode,
    path: Path,
    reader: TermReader,
    faults: Mapping[int, Faults],
    files: Mapping[Path, Beside],
) -> Iterable[Word]:
    """The terms of a file. They stand where the file is named, since that is the place this list has."""
    reader.only(data, ("file",), path)
    beside = files.get((*path, "file"))
    if beside is None:
        if not _errors(reader.faults, (*path, "file")):
            reader.faults.add((*path, "file"), "expected the name of a file, one term a line")
        return
    theirs = TermReader(faults[beside.index], is_yaml=False)
    theirs.faults.about = reader.faults.about
    for where, text in lists.terms(beside, theirs.faults):
        term = theirs.keyed(text, mode, where)
        if term is not None:
            yield Word(term, term.text, (*path, "file"))


def _entity(id: str, path: Path, spec: EntitySpec, reader: TermReader) -> Entity | None:
    needs = None if spec.needs is None else _needs(spec.needs, (*path, "needs"), reader)
    guards = () if spec.not_part_of is None else reader.guards(spec.not_part_of, (*path, "not_part_of"))
    names = []
    for where, item in _each(spec.names, (*path, "names"), reader.faults) if spec.names is not None else ():
        term = _name(item, where, spec, reader)
        if term is not None:
            cased = spec.cased if term.cased is None else term.cased
            names.append(replace(term, cased=cased, not_part_of=term.not_part_of + guards))
    if not names or (spec.needs is not None and needs is None):
        if not _errors(reader.faults, path):
            reader.faults.add(path, "it has no names", at_key=True)
        return None
    countries = frozenset({spec.country, spec.place.country if spec.place else ""} - {""})
    tags, unique = frozenset(spec.tags), tuple(dict.fromkeys(names))
    return Entity(id, spec.title, spec.kind, countries, tags, unique, needs)


def _name(item: Any, path: Path, spec: EntitySpec, reader: TermReader) -> Term | None:
    """A name: without endings and, where it is long enough, also in Latin letters, unless it or its entity says
    otherwise.
    """
    given: Mapping[str, Any] = {}
    if isinstance(item, dict) and "term" in item:
        reader.only(item, TERM_KEYS, path)
        given, term = item, reader.spelt(item, path)
    else:
        term = reader.keyed(item, Mode.WORD, path)
    if term is None:
        return None
    if "name" not in given:
        term = replace(term, name=spec.name is not False)
    if "translit" not in given:
        asked = translit.is_long_enough(term.text) if spec.translit is None else spec.translit
        term = replace(term, translit=asked and term.mode is Mode.WORD and translit.is_arabic(term.text))
    return term


def _needs(data: Any, path: Path, reader: TermReader) -> Company | None:
    """`{any: [...], within: paragraph}`, which is read as the expression it looks like."""
    node = Reader(reader.faults, reader).node(data, path) if isinstance(data, dict) and "any" in data else None
    if node is None:
        if not _errors(reader.faults, path):
            reader.faults.add(path, _NEEDS)
        return None
    within = Within(Unit.PARAGRAPH)
    if isinstance(node, Clause):
        within = node.within or within
        node = node.parts[0] if node == Clause(node.parts[:1], node.within) else node
    items = node.children if isinstance(node, AnyOf) else ()
    found = tuple(item for item in items if isinstance(item, Word | Name))
    if len(found) < len(items) or not found:
        reader.faults.add(path, _NEEDS)
        return None
    return Company(found, within)


_NEEDS = "expected {any: [terms or $names], within: sentence, paragraph or N words}"


def _term_or_name(item: Any, path: Path, reader: TermReader) -> Word | Name | None:
    if isinstance(item, str) and (found := REFERENCE.fullmatch(item.strip())):
        return Name(found[1], path)
    if isinstance(item, dict) and "term" in item:
        reader.only(item, TERM_KEYS, path)
        term = reader.spelt(item, path)
    elif isinstance(item, str) and item.strip():
        term = reader.marked(item, path)
    else:
        reader.faults.add(path, "an empty item" if item == "" else f"expected a term, not {shape(item)}")
        return None
    return None if term is None else Word(term, term.text, path)


def _each(data: Any, path: Path, faults: Faults) -> Iterable[tuple[Path, Any]]:
    if isinstance(data, list):
        return [((*path, index), item) for index, item in enumerate(data)]
    if isinstance(data, str) and data:
        return [(path, data)]
    faults.add(path, "nothing stands here" if data == "" else f"expected a list of texts, not {shape(data)}")
    return []


def _errors(faults: Faults, path: Path) -> bool:
    """Whether the entry at `path` has an error already."""
    return any(fault.level is Level.ERROR and fault.path[: len(path)] == path for fault in faults.items)
