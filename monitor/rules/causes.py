"""Say why one form of a rule matches an article and another does not: the term that one lacks, or the clause of it
that fails. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from monitor.model import Match
from monitor.rules.compiler import Compiled
from monitor.rules.explain import Explanation, Finding
from monitor.rules.expression import Node, all_leaves

MOST = 3
"""Causes named for one match."""

_BLOCKING = ("none", "nowhere")
_FILTERS = ("sources", "languages", "publishers", "from", "until")
_STEPS = ("within", "mentions", "points", "at_least")


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """What made the difference: a term as written (`kind` is "term"), or a clause that fails and what it fails by."""

    kind: str
    what: str

    def __str__(self) -> str:
        return self.what if self.kind == "term" else f"{self.kind}: {self.what}"


def terms_of(compiled: Compiled, node: Node) -> frozenset[str]:
    """The terms that a rule looks for or does not want, as written."""
    return frozenset(compiled.terms[number].text for leaf in all_leaves(node) for number in leaf.terms)


def by_terms(match: Match, other: Collection[str]) -> tuple[Cause, ...]:
    """The terms of a match that the other form of the rule, whose terms are given, does not know."""
    found = dict.fromkeys(span.term for span in match.spans if span.term not in other)
    return tuple(Cause("term", term) for term in found)[:MOST]


def by_clauses(explanation: Explanation) -> tuple[Cause, ...]:
    """What stands in the way of the other form, as its explanation says; nothing when it matches."""
    return tuple(dict.fromkeys(cause for finding in explanation.clauses for cause in _failing(finding)))[:MOST]


def _failing(finding: Finding) -> Iterator[Cause]:
    if finding.holds:
        return
    below = [cause for child in finding.children for cause in _failing(child)]
    if finding.kind in _BLOCKING:
        yield from (Cause(finding.kind, " ".join(hit.text.split())) for hit in finding.hits)
    elif finding.kind in _FILTERS:
        yield Cause(finding.kind, finding.note)
    elif below:
        yield from below
    elif finding.kind in _STEPS:
        yield Cause(finding.kind, finding.note or finding.label)
    else:
        yield Cause("missing", finding.label)
