"""From the catalog of all files to rules ready to run: names resolved, cycles refused, one lexicon for all terms,
and for each rule the leaves of which an article must hold one before the rule is tried at all.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from monitor.errors import did_you_mean
from monitor.rules.beside import Company
from monitor.rules.catalog import Catalog, Entity, Entry, TermList
from monitor.rules.cost import MOST_DEPTH, Cost, measure
from monitor.rules.expression import (
    All,
    Any,
    AtLeast,
    Clause,
    Leaf,
    Name,
    Node,
    Pick,
    Points,
    Word,
    children_of,
    is_mixed,
    parted,
)
from monitor.rules.faults import Faults, Path
from monitor.rules.reading import SELECTORS
from monitor.rules.terms import Term
from monitor.rules.wording import Needs

NO_NAME = ": no list, entity or rule has this id. To look for the word itself leave out the '$'"

MOST_HINTS = 100
"""Unknown names that are told what they may have been: a missing file leaves thousands."""

Member = tuple[Term, str]  # a term, and the entity it stands for or ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """All matches of a set of rules over one list of terms."""

    terms: Sequence[Term]
    leaves: Sequence[Leaf]
    matches: Mapping[str, Node]
    _plain_leaves: dict[int, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    def company(self) -> Mapping[int, Company]:
        """For each term that needs others beside it the numbers of those."""
        needing = {number: term.needs for number, term in enumerate(self.terms) if term.needs is not None}
        others = {other for needs in needing.values() for other in needs.terms}
        numbers = {term: number for number, term in enumerate(self.terms) if term in others} if others else {}
        return {number: (tuple(numbers[other] for other in needs.terms), needs) for number, needs in needing.items()}

    def digest(self, id: str, filters: object) -> str:
        """16 hex digits that change when what the rule matches changes, and only then."""
        canonical = json.dumps([self._plain(self.matches[id]), filters], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def forget(self) -> None:
        """Forget what digests are made of; another one makes it again."""
        self._plain_leaves.clear()

    def _plain(self, node: Node) -> object:
        match node:
            case Leaf():
                if node.index not in self._plain_leaves:
                    self._plain_leaves[node.index] = self._plain_leaf(node)
                return self._plain_leaves[node.index]
            case Clause() if node == Clause(node.parts[:1], is_query=True):
                return self._plain(node.parts[0])
            case Clause():
                some = ((*node.parts, *node.also), node.none, node.nowhere)
                lists = [[self._plain(child) for child in nodes] for nodes in some]
                more = [node.mentions] if node.mentions else []
                return ["clause", str(node.within or ""), node.ordered, sorted(node.fields), *lists, *more]
            case Points():
                return ["points", node.count, [[points, self._plain(child)] for points, child in node.items]]
            case AtLeast():
                return ["at_least", node.count, [self._plain(child) for child in node.children]]
            case _:
                return [type(node).__name__.lower(), [self._plain(child) for child in children_of(node)]]

    def _plain_leaf(self, leaf: Leaf) -> object:
        entities = dict.fromkeys(id for _, id in leaf.entities)
        return ["leaf", sorted(_plain_term(self.terms[term]) for term in leaf.terms), sorted(entities)]


def _plain_term(term: Term) -> str:
    """A term as text: only what differs from the default, so that a new option changes no rule's digest."""
    given = {item.name: getattr(term, item.name) for item in fields(term)}
    plain = {item.name: given[item.name] for item in fields(term) if given[item.name] != item.default}
    plain["not_part_of"] = sorted(map(_plain_term, term.not_part_of))
    if term.needs is not None:
        plain["needs"] = [*sorted(map(_plain_term, term.needs.terms)), term.needs.unit, term.needs.words]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def compile_rules(
    catalog: Catalog, wanted: Sequence[str], faults: Mapping[int, Faults], changed: Iterable[str] | None = None
) -> Compiled:
    """Resolve the matches of the rules in `wanted`; faults of names and cycles go to the files they stand in.

    Every entry is resolved, so that a fault in a rule that is off or in a list nobody uses is found too; where the
    others are known to be without a fault, only the `changed` ones.
    """
    resolver = _Resolver(catalog, faults)
    for id in catalog.entries if changed is None else changed:
        entry = catalog.entries[id]
        if entry.sort == "rule":
            resolver.rule(id)
        elif isinstance(entry.thing, (TermList, Entity)):
            resolver.members(id)
    matches = {id: node for id in wanted if (node := resolver.done.get(id)) is not None}
    return resolver.lexicon(matches)


def members_of(catalog: Catalog, id: str) -> tuple[Member, ...]:
    """The terms of a list or an entity without faults, with those of what it names."""
    return tuple(_Resolver(catalog, defaultdict(Faults)).members(id) or ())


@dataclass(slots=True)
class _Resolver:
    """Turns names into leaves. Each entry is resolved once; `open` is the way to the one at hand."""

    catalog: Catalog
    faults: Mapping[int, Faults]
    done: dict[str, Node | None] = field(default_factory=dict)
    lists: dict[str, dict[Member, None] | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    numbers: dict[Term, int] = field(default_factory=dict)
    costs: dict[int, tuple[Node, Cost]] = field(default_factory=dict)
    depth: int = 0
    unknown: int = 0
    shared: dict[tuple[str, tuple[int, ...], tuple[tuple[int, str], ...]], Leaf] = field(default_factory=dict)

    def rule(self, id: str) -> Node | None:
        """The match of a rule, None when it or something it names is faulty."""
        if id not in self.done:
            entry = self.catalog.entries[id]
            self.open.append(id)
            thing = entry.thing
            assert not isinstance(thing, (TermList, Entity))
            for name in entry.names:
                self._entry(name)
            node = None if thing is None else self.node(thing)
            if node is not None and (problem := measure(node, self.costs).problem()):
                self._fault((*entry.path, "match"), problem)
                node = None
            self.done[id] = node
            self.open.pop()
        return self.done[id]

    def members(self, id: str) -> dict[Member, None] | None:
        """The terms of a list or entity, with those of the lists and entities it names, in written order."""
        if id in self.lists:
            return self.lists[id]
        thing = self.catalog.entries[id].thing
        found: dict[Member, None] | None = {}
        self.open.append(id)
        if isinstance(thing, Entity):
            found = self._named(thing)
        elif isinstance(thing, TermList):
            for item in thing.items:
                more = {(item.term, ""): None} if isinstance(item, Word) else self._listed(item)
                if found is None or more is None:
                    found = None
                else:
                    found.update(more)
        else:
            found = None
        self.open.pop()
        self.lists[id] = found
        return found

    def _named(self, entity: Entity) -> dict[Member, None] | None:
        """The names of an entity, each with what it needs beside it."""
        if entity.needs is None:
            return {(term, entity.id): None for term in entity.names}
        company: dict[Term, None] = {}
        for item in entity.needs.items:
            more = {(item.term, ""): None} if isinstance(item, Word) else self._listed(item)
            if more is None:
                return None
            company.update((term, None) for term, _ in more)
        needs = Needs(tuple(company), entity.needs.within.unit.value, entity.needs.within.words)
        return {(replace(term, needs=needs), entity.id): None for term in entity.names}

    def _listed(self, name: Name) -> dict[Member, None] | None:
        entry = self._entry(name)
        if entry is None:
            return None
        if entry.sort == "rule":
            self._fault(name.path, f"a list takes lists and entities; {'$' + name.name!r} is a rule")
            return None
        return self.members(name.name)

    def node(self, node: Node) -> Node | None:
        """A node with its names resolved, None when one of them is faulty."""
        self.depth += 1
        found = self._resolved(node)
        self.depth -= 1
        return found

    def _resolved(self, node: Node) -> Node | None:
        match node:
            case Word():
                return self._leaf(node.label, {(node.term, ""): None})
            case Name():
                return self._name(node)
            case Pick():
                chosen = self._chosen(node)
                named = [self.members(entity.id) for entity in chosen]
                members = {member: None for some in named if some is not None for member in some}
                return None if not chosen or None in named else self._leaf(str(node), members)
            case All():
                children = self._all(node.children)
                return None if children is None else All(children)
            case Any():
                children = self._all(node.children)
                return None if children is None else Any(children)
            case AtLeast():
                children = self._spread(node) if node.spread else self._all(node.children)
                return None if children is None else AtLeast(node.count, children)
            case Points():
                children = self._all([child for _, child in node.items])
                weights = [points for points, _ in node.items]
                return None if children is None else Points(node.count, tuple(zip(weights, children, strict=True)))
            case _:
                assert isinstance(node, Clause)
                return self._clause(node)

    def _clause(self, node: Clause) -> Node | None:
        parts, none, nowhere = self._all(node.parts), self._all(node.none), self._all(node.nowhere)
        if parts is None or none is None or nowhere is None:
            return None
        whole = replace(node, parts=parts, none=none, nowhere=nowhere)
        if node.within is None:
            return whole
        whole = parted(whole)
        path = (*node.path, "within")
        if not whole.parts:
            self._fault(path, "'within' needs something beside it whose hits it can combine: points give none")
        elif any(map(is_mixed, whole.parts)):
            self._fault(path, "'within' combines hits, and points give none: they cannot stand in 'any' or 'of' here")
        else:
            return whole
        return None

    def _all(self, nodes: Sequence[Node]) -> tuple[Node, ...] | None:
        resolved = [self.node(node) for node in nodes]
        return None if None in resolved else tuple(node for node in resolved if node is not None)

    def _name(self, name: Name) -> Node | None:
        entry = self._entry(name)
        if entry is None:
            return None
        if entry.sort == "rule":
            return self.rule(name.name)
        members = self.members(name.name)
        return None if members is None else self._leaf(f"${name.name}", members)

    def _entry(self, name: Name) -> Entry | None:
        """What a reference names, None with a fault when nothing or the way leads back to itself."""
        entry = self.catalog.entries.get(name.name)
        if entry is None:
            self.unknown += 1
            hint = ""
            if self.unknown <= MOST_HINTS:
                hint = did_you_mean(name.name, self.catalog.entries).replace("'", "'$", 1) or NO_NAME
            self._fault(name.path, f"unknown name {'$' + name.name!r}{hint}", missing=name.name)
        elif name.name in self.open:
            way = " -> ".join(f"${id}" for id in (*self.open[self.open.index(name.name) :], name.name))
            self._fault(name.path, f"a circle of references: {way}")
            return None
        elif self.depth > MOST_DEPTH or len(self.open) > MOST_DEPTH:
            self._fault(
                name.path, f"references lead more than {MOST_DEPTH} deep: ${self.open[0]} -> ... -> ${name.name}"
            )
            return None
        return entry

    def _chosen(self, pick: Pick) -> list[Entity]:
        """The entities that a selection means; none with a fault."""
        entities = list(self.catalog.entities())
        chosen = [entity for entity in entities if all(entity.has(key, values) for key, values in pick.wanted)]
        if self.catalog.is_partial:  # that is told already; what is missing may be meant here
            return chosen
        for key, values in pick.wanted:
            for value in values:
                if not any(entity.has(key, [value]) for entity in entities):
                    known = {known for entity in entities for known in _values(entity, key)}
                    hint = did_you_mean(value, known)
                    self._fault(pick.path, f"no entity has the {key} {value!r}{hint}", missing=f"{key}={value}")
                    return []
        if not chosen:
            self._fault(pick.path, f"no entity has all of: {pick}")
        return chosen

    def _spread(self, node: AtLeast) -> tuple[Node, ...] | None:
        """The distinct terms of a list, or the distinct entities, as children of their own."""
        (only,) = node.children
        members: dict[Member, None] | None
        if isinstance(only, Pick):
            named = [self.members(entity.id) for entity in self._chosen(only)]
            members = {member: None for some in named if some is not None for member in some} or None
        else:
            assert isinstance(only, Name)
            members = self._listed(only)
        if members is None:
            return None
        things: dict[str, dict[Member, None]] = {}
        for term, entity in members:
            things.setdefault(f"${entity}" if entity else repr(term), {})[term, entity] = None
        if len(things) < node.count:
            self._fault(node.path, f"at_least {node.count} of {len(things)} can never hold")
            return None
        return tuple(
            self._leaf(label if label.startswith("$") else next(iter(some))[0].text, some)
            for label, some in things.items()
        )

    def _fault(self, path: Path, message: str, *, missing: str = "") -> None:
        """Note a fault where the entry at hand stands."""
        entry = self.catalog.entries[self.open[-1]]
        faults = self.faults[entry.file]
        faults.about = f"{entry.sort} {self.open[-1]!r}: "
        faults.add(path, message, missing=missing)
        faults.about = ""

    def _leaf(self, label: str, members: Mapping[Member, None]) -> Leaf:
        terms = tuple(dict.fromkeys(self.numbers.setdefault(term, len(self.numbers)) for term, _ in members))
        for term, _ in members:
            for other in term.needs.terms if term.needs is not None else ():
                self.numbers.setdefault(other, len(self.numbers))
        entities = tuple((self.numbers[term], entity) for term, entity in members if entity)
        key = (label, terms, entities)
        return self.shared.setdefault(key, Leaf(label, terms, entities, len(self.shared)))

    def lexicon(self, matches: Mapping[str, Node]) -> Compiled:
        """What was resolved. Terms of entries that no match uses are left out of it by having no leaf."""
        return Compiled(tuple(self.numbers), tuple(self.shared.values()), matches)


def provided_by(entry: Entry, id: str) -> frozenset[str]:
    """What an entry is referred to by: its id, and `kind=base` and the like where it is an entity."""
    entity = entry.thing
    if not isinstance(entity, Entity):
        return frozenset({id})
    return frozenset({id, *(f"{key}={value}" for key in SELECTORS for value in _values(entity, key))})


def _values(entity: Entity, key: str) -> frozenset[str]:
    return {
        "id": frozenset({entity.id}),
        "kind": frozenset({entity.kind}),
        "country": entity.countries,
        "tag": entity.tags,
    }[key]
