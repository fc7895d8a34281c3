"""What an article holds of what some rules look for: the exact hits of each leaf, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.model import Span
from monitor.rules.expression import Leaf
from monitor.rules.memo import Search, span
from monitor.rules.proximity import Found
from monitor.rules.wording import Term

MOST_LOOKED_UP = 64
"""Terms of a leaf that are looked up one by one; of a larger leaf those that occur are picked out."""


class Finds:
    """The hits of leaves in one document. Positions of tokens count through it, the title's before the text's."""

    def __init__(self, search: Search, leaves: Iterable[Leaf], terms: Sequence[Term]) -> None:
        """`terms` are the lexicon's, by number."""
        self.document = search.document
        self._leaves = {leaf.index: leaf for leaf in leaves}
        self._terms = terms
        self._hits = search.hits({term for leaf in self._leaves.values() for term in leaf.terms})
        self._found: dict[int, tuple[Found, ...]] = {}

    def get(self, leaf: int) -> tuple[Found, ...]:
        """The hits of a leaf, sorted."""
        found = self._found.get(leaf)
        if found is None:
            found = self._found[leaf] = self._of(leaf)
        return found

    def _of(self, leaf: int) -> tuple[Found, ...]:
        if leaf not in self._leaves:
            return ()
        terms = self._leaves[leaf].terms
        there = (
            [term for term in terms if term in self._hits]
            if len(terms) < MOST_LOOKED_UP
            else self._hits.keys() & terms
        )
        found = [Found(first, last, term, leaf) for term in there for first, last, _, _ in self._hits[term]]
        return tuple(sorted(found) if len(found) > 1 else found)

    def span(self, item: Found) -> Span:
        """Where a hit stands in the article."""
        one = next(one for one in self._hits[item.term] if one.first == item.first)
        return span(self.document.scan, one, self._terms[item.term].text)
