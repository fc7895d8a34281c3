"""Clauses that can never hold, and clauses that change nothing, as they show in a rule without any article.

Judges the tree as it was written, names and all. Claims only what follows from the words themselves: a term holds
another when its words contain the other's, side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from monitor.rules.catalog import Catalog, Entity, TermList
from monitor.rules.expression import (
    All,
    Any,
    AtLeast,
    Clause,
    Name,
    Node,
    Pick,
    Unit,
    Word,
    children_of,
    is_condition,
    is_negative,
    label,
)
from monitor.rules.faults import Path
from monitor.rules.terms import Mode, Term
from monitor.text.fold import fold
from monitor.text.tokens import tokenise

Places = frozenset[str]
EVERYWHERE: Places = frozenset(("title", "lead", "rest"))
_FIELDS: Mapping[str, Places] = {
    "title": frozenset(("title",)),
    "lead": frozenset(("lead",)),
    "body": frozenset(("lead", "rest")),
}
_REACH = (Mode.EXACT, Mode.WORD, Mode.FORMS)
MOST_PAIRS = 1_000
"""Pairs of terms that are compared for one clause; larger lists differ anyway."""

Remark = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class _Need:
    """Something of which a hit must be there: any of these terms, in one of these places of the article."""

    terms: tuple[Term, ...]
    places: Places
    label: str


Known = dict[str, tuple[Term, ...]]
"""The terms behind names and selections that were asked for before."""


def futile(node: Node, path: Path, catalog: Catalog, known: Known) -> Iterator[Remark]:
    """Every such clause of a rule's match, which stands at `path`, each with its place and what to do. `known` is
    kept from rule to rule of one catalog.
    """
    yield from _Reading(catalog, (), known).judge(node, path, EVERYWHERE, ())


@dataclass(frozen=True, slots=True)
class _Reading:
    """Judges clauses against what else must hold beside them."""

    catalog: Catalog
    open: tuple[str, ...]
    _terms: Known

    def judge(
        self, node: Node, path: Path, places: Places, needs: Sequence[_Need], *, is_joined: bool = False
    ) -> Iterator[Remark]:
        """A node that looks in `places` beside `needs`; `is_joined`: its children combine by a `within`. `path` is
        that of the mapping around it: a clause of a query has none of its own.
        """
        if isinstance(node, Clause):
            yield from self._clause(node, node.path or path, places, needs)
            return
        children = children_of(node)
        if not is_joined:
            yield from _twice(children)
        beside = [need for child in children for need in self.needs(child, places)] if isinstance(node, All) else []
        for child in children:
            yield from self.judge(child, path, places, (*needs, *beside))

    def _clause(self, node: Clause, path: Path, places: Places, needs: Sequence[_Need]) -> Iterator[Remark]:
        inner = places & _places(node.fields)
        if not inner:
            yield (*path, "fields"), "'fields' leaves nothing of those around it: this can never hold"
            return
        own = [need for part in node.parts for need in self.needs(part, inner)]
        if node.within is None:
            yield from self._blocked("none", node.none, path, _places(node.fields), (*needs, *own))
        else:
            yield from self._within(node, (*path, "within"), inner)
            yield from self._blocked("none", node.none, path, _shared([need.places for need in own], inner), own)
        yield from self._blocked("nowhere", node.nowhere, path, EVERYWHERE, (*needs, *own))
        for part in node.parts:
            yield from self.judge(part, path, inner, (*needs, *own), is_joined=node.within is not None)

    # --- within ------------------------------------------------------------------------------------------

    def _within(self, node: Clause, path: Path, places: Places) -> Iterator[Remark]:
        wanted = [child for part in node.parts for child in (part.children if isinstance(part, All) else (part,))]
        conjuncts = [child for child in wanted if not is_condition(child)]
        if len(wanted) == 1 and not (node.none or node.mentions) and self._is_single(wanted[0]):
            yield path, "'within' has only one thing to look for and nothing to bring together; leave it out"
            return
        if not _shared([self._where(child, places) for child in conjuncts], places):
            yield path, "'within' never reaches from one field or paragraph to another: this can never hold"
            return
        for one, other in combinations(conjuncts, 2):
            if message := self._overlap(node, one, other):
                yield path, message

    def _overlap(self, node: Clause, one: Node, other: Node) -> str:
        first, second = self._set(one), self._set(other)
        if not first or not second or len(first) * len(second) > MOST_PAIRS:
            return ""
        if not all(_holds(a, b) or _holds(b, a) for a in first for b in second):
            return ""
        labels = f"{label(one)!r} and {label(other)!r}"
        assert node.within is not None
        beside = " right beside it" if node.within.unit is Unit.WORDS and not node.within.words else ""
        return (
            f"{labels} hit the same words, and overlapping hits never combine: a second hit{beside} is needed. "
            "Leave one of them out"
        )

    def _is_single(self, node: Node) -> bool:
        """Whether a node is satisfied by one hit."""
        if isinstance(node, Any):
            return all(map(self._is_single, node.children))
        if isinstance(node, Name) and self._rule(node) is not None:
            return False
        return isinstance(node, (Word, Name, Pick))

    def _where(self, node: Node, places: Places) -> Places:
        """Where the hits of a node may lie."""
        if isinstance(node, Clause):
            inner = places & _places(node.fields)
            return _shared([self._where(part, inner) for part in node.parts if not is_negative(part)], inner)
        if isinstance(node, (Any, AtLeast)):
            return frozenset().union(*(self._where(child, places) for child in node.children))
        if isinstance(node, All):
            kept = [self._where(child, places) for child in node.children if not is_negative(child)]
            return _shared(kept, places)
        return places

    # --- none and nowhere --------------------------------------------------------------------------------

    def _blocked(
        self, key: str, nodes: Sequence[Node], path: Path, places: Places, needs: Sequence[_Need]
    ) -> Iterator[Remark]:
        for node in nodes:
            if isinstance(node, Clause) and node.fields and not places & _places(node.fields):
                yield (
                    (*(node.path or path), "fields"),
                    f"'{key}' looks only where its clause does not: it takes nothing away. 'nowhere' beside the "
                    "clause looks in the whole article",
                )
            for need in needs:
                if self._fires(node, places, need):
                    yield (
                        _path(node),
                        f"{key} {label(node)!r} takes away every hit of {need.label!r}, which must be there: this "
                        "can never hold",
                    )
                    break

    def _fires(self, node: Node, places: Places, need: _Need) -> bool:
        """Whether every hit of a need is a hit of what is excluded."""
        if isinstance(node, Clause):
            if node.none or node.nowhere or len(node.parts) != 1:
                return False
            return self._fires(node.parts[0], places & _places(node.fields), need)
        if isinstance(node, All):
            return len(node.children) == 1 and self._fires(node.children[0], places, need)
        if not need.places <= places:
            return False
        excluded = self._set(node)
        if not excluded or len(excluded) * len(need.terms) > MOST_PAIRS * 10:
            return False
        return all(any(_holds(term, other) for other in excluded) for term in need.terms)

    def needs(self, node: Node, places: Places) -> Iterator[_Need]:
        """What must be there for a node to hold."""
        if isinstance(node, Clause):
            inner = places & _places(node.fields)
            for part in node.parts:
                yield from self.needs(part, inner)
        elif isinstance(node, All) or (isinstance(node, AtLeast) and node.count == len(node.children)):
            for child in node.children:
                yield from self.needs(child, places)
        elif (rule := self._rule(node)) is not None:
            yield from _Reading(self.catalog, (*self.open, label(node)), self._terms).needs(rule, places)
        elif terms := self._set(node):
            yield _Need(terms, places, label(node))

    # --- names -------------------------------------------------------------------------------------------

    def _set(self, node: Node) -> tuple[Term, ...]:
        """The terms of which a hit is enough for a node to hold; () when more is needed or it is not known."""
        match node:
            case Word():
                return (node.term,)
            case Name():
                return self._named(node.name)
            case Pick():
                return self._picked(node)
            case Any():
                sets = [self._set(child) for child in node.children]
                return tuple(term for each in sets for term in each) if all(sets) else ()
            case _:
                return ()

    def _picked(self, pick: Pick) -> tuple[Term, ...]:
        if str(pick) not in self._terms:
            entities = [one for one in self.catalog.entities() if all(one.has(*wanted) for wanted in pick.wanted)]
            self._terms[str(pick)] = tuple(term for entity in entities for term in entity.names)
        return self._terms[str(pick)]

    def _named(self, name: str) -> tuple[Term, ...]:
        if name not in self._terms:
            self._terms[name] = ()  # a circle ends here
            entry = self.catalog.entries.get(name)
            thing = None if entry is None else entry.thing
            if isinstance(thing, Entity):
                self._terms[name] = thing.names
            elif isinstance(thing, TermList):
                parts = [(item.term,) if isinstance(item, Word) else self._named(item.name) for item in thing.items]
                self._terms[name] = tuple(term for part in parts for term in part)
        return self._terms[name]

    def _rule(self, node: Node) -> Node | None:
        """The match that a reference stands for, None for anything else."""
        if not isinstance(node, Name) or f"${node.name}" in self.open:
            return None
        entry = self.catalog.entries.get(node.name)
        thing = None if entry is None or entry.sort != "rule" else entry.thing
        assert not isinstance(thing, (TermList, Entity))
        return thing


def _twice(nodes: Sequence[Node]) -> Iterator[Remark]:
    """What stands twice among alternatives or conjuncts."""
    seen: set[object] = set()
    for node in nodes:
        key = node.name if isinstance(node, Name) else node.term if isinstance(node, Word) else None
        if key is not None and key in seen:
            yield _path(node), f"{label(node)!r} stands twice here; once is enough"
        seen.add(key)


def _places(fields: Iterable[str]) -> Places:
    return frozenset().union(*(_FIELDS[name] for name in fields)) if fields else EVERYWHERE


def _shared(each: Sequence[Places], places: Places) -> Places:
    for one in each:
        places &= one
    return places


def _path(node: Node) -> Path:
    """Where a node stands, or the first thing in it."""
    if isinstance(node, (Word, Name, Pick)) or (isinstance(node, Clause) and node.path):
        return node.path
    return _path(children_of(node)[0])


@lru_cache(maxsize=100_000)
def _words(term: Term) -> tuple[str, ...]:
    return tuple(token.text for token in tokenise(fold(term.text), one_unit=True))


def _holds(term: Term, other: Term) -> bool:
    """Whether every hit of a term holds a hit of another, as far as their words tell."""
    if not set(other.not_part_of) <= set(term.not_part_of):
        return False
    if term.text == other.text and (term.mode, term.lang) == (other.mode, other.lang):
        return _is_cased(other) <= _is_cased(term) and other.name <= term.name
    if Mode.PATTERN in (term.mode, other.mode) or Mode.STARTS in (term.mode, other.mode):
        return False
    if _REACH.index(other.mode) < _REACH.index(term.mode) or other.name > term.name:
        return False
    if _is_cased(other) and other.text not in term.text:
        return False
    mine, its = _words(term), _words(other)
    return any(mine[at : at + len(its)] == its for at in range(len(mine) - len(its) + 1))


def _is_cased(term: Term) -> bool:
    """Whether capitals decide: as wished, or by smart case."""
    return bool(term.cased) or (term.cased is None and any(word.isupper() for word in term.text.split()))
