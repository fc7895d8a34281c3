"""Which guards of rules no example notices: each is taken out by itself, and all examples are judged again.

A guard is what keeps matches away: a child of `none` or `nowhere`, `within`, `ordered`, `fields`, a phrase of
`not_part_of`, `needs`, negative points, `cased`, a filter. One of a list or entity counts as noticed when an example
of any rule notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from monitor.rules.catalog import Catalog, Entity, Entry, TermList
from monitor.rules.compiler import Compiled
from monitor.rules.engine import Ruleset
from monitor.rules.expression import Clause, Leaf, Node, Points, Word, label, words
from monitor.rules.faults import Path
from monitor.rules.filters import Filters
from monitor.rules.memo import Lexicon
from monitor.rules.ready import Rule
from monitor.rules.terms import Term
from monitor.rules.written import written_in
from monitor.text.document import prepare


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard: its key (none, within, cased ...), what stands there, the id it belongs to, and where it stands."""

    key: str
    what: str
    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules whose examples were judged without a guard, and whether one of these came out otherwise."""

    rules: tuple[str, ...]
    is_noticed: bool


def guards(
    ruleset: Ruleset, catalog: Catalog, data: Sequence[Mapping[str, Any]], only: str | None = None
) -> Mapping[Guard, Verdict]:
    """Every guard of the active rules that have examples, or of the rule `only`; `data` is what each file holds."""
    rules = {id: rule for id, rule in ruleset.rules.items() if rule.examples and only in (None, id)}
    trial = _Trial(ruleset, rules)
    for id, rule in rules.items():
        for guard, node in _without(rule.node, (*catalog.entries[id].path, "match")):
            trial.add(guard, id, rule.wanting(node))
        for key, what, bare in _unfiltered(rule.filters):
            guard = Guard(key, what, id, (*catalog.entries[id].path, key))
            trial.add(guard, id, replace(rule, filters=bare))
    for id, entry in catalog.entries.items():
        for guard, sign, change in _of_terms(id, entry, data[entry.file]):
            trial.change(guard, sign, change)
    noticed = trial.noticed()
    return {guard: Verdict(tuple(ids), guard in noticed) for guard, ids in trial.tried.items()}


class _Trial:
    """Rules with a guard taken out, side by side in one ruleset, so that one lexicon reads the examples of all."""

    def __init__(self, ruleset: Ruleset, rules: Mapping[str, Rule]) -> None:
        self.tried: dict[Guard, dict[str, None]] = {}
        self._ruleset = ruleset
        self._rules = rules
        self._terms = {term: number for number, term in enumerate(ruleset.compiled.terms)}
        self._leaves = list(ruleset.compiled.leaves)
        self._bare: dict[str, list[tuple[Guard, Rule, Term | None]]] = {id: [] for id in rules}

    def add(self, guard: Guard, id: str, rule: Rule, sign: Term | None = None) -> None:
        """A rule without a guard; only examples that hold the term `sign` can notice."""
        self.tried.setdefault(guard, {})[id] = None
        self._bare[id].append((guard, rule, sign))

    def change(self, guard: Guard, sign: Term | None, change: Callable[[Term], Term]) -> None:
        """Every rule that looks for terms which a guard changes, with the terms as they are without it."""
        terms = self._ruleset.compiled.terms
        swapped = {number: changed for number, term in enumerate(terms) if (changed := change(term)) != term}

        def swap(leaf: Leaf) -> Leaf:
            if swapped.keys().isdisjoint(leaf.terms):
                return leaf
            numbers = {number: self._number(changed) for number, changed in swapped.items()}
            self._leaves.append(
                replace(
                    leaf,
                    terms=tuple(numbers.get(number, number) for number in leaf.terms),
                    entities=tuple((numbers.get(number, number), entity) for number, entity in leaf.entities),
                    index=len(self._leaves),
                )
            )
            return self._leaves[-1]

        for id, rule in self._rules.items() if swapped else ():
            node = rebuilt(rule.node, swap)
            if node != rule.node:
                self.add(guard, id, rule.wanting(node), sign)

    def noticed(self) -> frozenset[Guard]:
        """The guards without which an example of some rule comes out otherwise."""
        compiled = Compiled(tuple(self._terms), tuple(self._leaves), {})
        ruleset = replace(self._ruleset, compiled=compiled, lookup=None)
        signs = list(dict.fromkeys(sign for bare in self._bare.values() for _, _, sign in bare if sign))
        lexicon = Lexicon(signs)
        found: set[Guard] = set()
        for id, rule in self._rules.items():
            for example in rule.examples:
                there = {None, *(signs[number] for number in lexicon.hits(prepare(example.article)))}
                left = [(guard, bare) for guard, bare, sign in self._bare[id] if sign in there and guard not in found]
                # a miss that stays one may have another reason now; that counts where it named this very guard
                for expected, bare in (
                    (example, [one for one in left if one[0].key == example.because]),
                    (replace(example, because=""), [one for one in left if one[0].key != example.because]),
                ):
                    results = ruleset.judge(expected, (rule for _, rule in bare)) if bare else ()
                    found.update(guard for (guard, _), result in zip(bare, results, strict=True) if not result.holds)
        return frozenset(found)

    def _number(self, term: Term) -> int:
        return self._terms.setdefault(term, len(self._terms))


# --- what is taken out -----------------------------------------------------------------------------------


def _without(node: Any, path: Path) -> Iterator[tuple[Guard, Node]]:
    """The node without each guard that stands in it. `path` is that of the clause around it: a query has but one."""
    if isinstance(node, Clause):
        path = node.path or path
        if node.within is not None:
            bare = replace(node, within=None, ordered=False, parts=(*node.parts, *node.also), also=())
            yield _of(path, "within", str(node.within)), bare
        if node.ordered:
            yield _of(path, "ordered", "true"), replace(node, ordered=False)
        if node.fields:
            yield _of(path, "fields", ", ".join(node.fields)), replace(node, fields=())
        for key in ("none", "nowhere"):
            children = getattr(node, key)
            for index, child in enumerate(children):
                rest = {key: children[:index] + children[index + 1 :]}
                yield _of(path, key, label(child), index), replace(node, **rest)
    for name, children in _tuples(node):
        for index, child in enumerate(children):
            around = children[:index], children[index + 1 :]
            points, inner = child if isinstance(node, Points) else (1, child)
            if points < 0:
                yield _of(path, "points", f"{points} {label(inner)}"), replace(node, **{name: around[0] + around[1]})
            for guard, changed in _without(inner, path):
                one = (points, changed) if isinstance(node, Points) else changed
                yield guard, replace(node, **{name: (*around[0], one, *around[1])})


def _of(path: Path, key: str, what: str, *index: int) -> Guard:
    return Guard(key, what, str(path[1]), (*path, key, *index))


def _unfiltered(filters: Filters) -> Iterator[tuple[str, str, Filters]]:
    """Each filter that is set, in words, and the filters without it."""
    bare = Filters()
    for key in ("sources", "languages", "publishers"):
        if wanted := getattr(filters, key):
            yield key, "; ".join(map(str, wanted)), replace(filters, **{key: getattr(bare, key)})
    if filters.starts is not None:
        yield "from", f"{filters.starts:%Y-%m-%d %H:%M} UTC", replace(filters, starts=None)
    if filters.ends is not None:
        yield "until", f"{filters.ends:%Y-%m-%d %H:%M} UTC", replace(filters, ends=None)


def _of_terms(
    id: str, entry: Entry, data: Mapping[str, Any]
) -> Iterator[tuple[Guard, Term | None, Callable[[Term], Term]]]:
    """The guards in the terms of an entry: each with the term that is its sign, and what a term is without it."""
    own = dict.fromkeys(_terms(entry.thing))
    written = tuple(written_in(entry, data))
    for sign in dict.fromkeys(sign for term in own for sign in term.not_part_of):
        path = next((one.path for one in written if one.text == sign.text and "not_part_of" in one.path), entry.path)
        yield Guard("not_part_of", sign.text, id, path), sign, _among(frozenset(own), partial(_unguarded, sign))
    if isinstance(entry.thing, Entity) and (needs := entry.thing.needs) is not None:
        what = f"{', '.join(map(label, needs.items))} within {needs.within}"
        yield Guard("needs", what, id, (*entry.path, "needs")), None, _among(frozenset(own), _alone)
    cased = frozenset(term for term in own if term.cased)
    if cased:
        texts = {term.text for term in cased}
        path = next((one.path for one in written if one.text in texts), entry.path)
        yield Guard("cased", "true", id, path), None, _among(cased, _uncased)


def _terms(thing: TermList | Entity | Node | None) -> Iterator[Term]:
    """The terms that an entry itself holds, those of other entries that it names left out."""
    if isinstance(thing, TermList):
        yield from (item.term for item in thing.items if isinstance(item, Word))
    elif isinstance(thing, Entity):
        yield from thing.names
    else:
        assert thing is not None  # nothing is faulty in rules that run
        yield from (word.term for word in words(thing))


def _among(own: frozenset[Term], change: Callable[[Term], Term]) -> Callable[[Term], Term]:
    # what a name needs is written at its entity, and with the name only when all names are resolved
    return lambda term: change(term) if replace(term, needs=None) in own else term


def _alone(term: Term) -> Term:
    return replace(term, needs=None)


def _uncased(term: Term) -> Term:
    return replace(term, cased=None)


def _unguarded(sign: Term, term: Term) -> Term:
    return replace(term, not_part_of=tuple(one for one in term.not_part_of if one != sign))


def _tuples(node: Node) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The fields of a node that hold nodes, wanted and unwanted; those of Points have their points before them."""
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, tuple) and value and isinstance(value[0], (Node, tuple)) and item.name != "entities":
            yield item.name, value


def rebuilt(node: Any, swap: Callable[[Leaf], Leaf]) -> Node:
    """A node with other leaves."""
    if isinstance(node, Leaf):
        return swap(node)
    changed: dict[str, tuple[Any, ...]] = {}
    for name, children in _tuples(node):
        if isinstance(node, Points):
            changed[name] = tuple((points, rebuilt(child, swap)) for points, child in children)
        else:
            changed[name] = tuple(rebuilt(child, swap) for child in children)
    made: Node = replace(node, **changed)
    return made
