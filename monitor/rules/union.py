"""Put rules of several rulesets side by side in one, so that one lexicon reads an article for all of them. Pure.

Each rule judges as in its own ruleset. Its matches bear its own id and hash; within the union it has another name,
since two forms of one rule may be in it. What no rule looks for is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from monitor.rules.compiler import Compiled
from monitor.rules.engine import Ruleset
from monitor.rules.expression import Leaf, all_leaves
from monitor.rules.guards import rebuilt
from monitor.rules.ready import Rule
from monitor.rules.terms import Term


def union(rulesets: Iterable[Ruleset]) -> Ruleset:
    """One ruleset with all active rules of some; they are held against the same configured sources."""
    terms: dict[Term, int] = {}
    leaves: list[Leaf] = []
    rules: dict[str, Rule] = {}
    sources = None
    for number, one in enumerate(rulesets):
        sources = one.sources
        for layer in one.layers:
            moved: dict[int, Leaf] = {}
            for id, rule in layer.own:
                for leaf in all_leaves(rule.node):
                    if leaf.index not in moved:
                        numbers = {old: _number(layer.compiled.terms[old], terms) for old in leaf.terms}
                        moved[leaf.index] = replace(
                            leaf,
                            terms=tuple(numbers[old] for old in leaf.terms),
                            entities=tuple((numbers[old], entity) for old, entity in leaf.entities),
                            index=len(leaves),
                        )
                        leaves.append(moved[leaf.index])
                rules[f"{number} {id}"] = rule.wanting(rebuilt(rule.node, partial(_moved, moved)))
    matches = {name: rule.node for name, rule in rules.items()}
    return Ruleset(rules=rules, compiled=Compiled(tuple(terms), tuple(leaves), matches), sources=sources)


def _moved(moved: Mapping[int, Leaf], leaf: Leaf) -> Leaf:
    return moved[leaf.index]


def _number(term: Term, terms: dict[Term, int]) -> int:
    """The number of a term; those that must stand beside it get one too."""
    for other in term.needs.terms if term.needs is not None else ():
        terms.setdefault(other, len(terms))
    return terms.setdefault(term, len(terms))
