"""Which entities the terms of leaves stand for, in arrays: every match asks, and hardly ever twice of one leaf."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.rules.expression import Leaf
from monitor.rules.tables import Rows


@dataclass(frozen=True, slots=True)
class Named:
    """By leaf the terms that stand for entities there, in order, each followed by the number of one in `ids`."""

    rows: Rows
    ids: Sequence[str]

    @classmethod
    def of(cls, leaves: Iterable[Leaf]) -> Named:
        """Made of all leaves."""
        ids: dict[str, int] = {}
        numbers, ends = array("i"), array("q", [0])
        for leaf in leaves:
            for term, id in sorted(leaf.entities):
                numbers.extend((term, ids.setdefault(id, len(ids))))
            ends.append(len(numbers))
        return cls(Rows.of(memoryview(numbers), memoryview(ends)), list(ids))

    def by(self, leaf: int, term: int) -> Iterator[str]:
        """The entities that a term stands for in a leaf."""
        row = self.rows.row(leaf)
        terms, ids = row[::2], row[1::2]
        at = bisect_left(terms, term)
        while at < len(terms) and terms[at] == term:
            yield self.ids[ids[at]]
            at += 1
