"""Which entities the terms of leaves stand for, in arrays: every match asks, and hardly ever twice of one leaf."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from monitor.rules.expression import Leaf
from monitor.rules.packing import MOST_KEPT
from monitor.rules.tables import Rows


class Named:
    """By leaf the terms that stand for entities there, in order, each followed by the number of one in `ids`."""

    def __init__(self, rows: Rows, ids: Sequence[str]) -> None:
        self.rows, self.ids = rows, ids
        self.by = lru_cache(MOST_KEPT)(lambda leaf, term: tuple(_by(rows.row(leaf), ids, term)))
        """The entities that a term stands for in a leaf."""

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


def _by(row: Sequence[int], ids: Sequence[str], term: int) -> Iterator[str]:
    terms, numbers = row[::2], row[1::2]
    at = bisect_left(terms, term)
    while at < len(terms) and terms[at] == term:
        yield ids[numbers[at]]
        at += 1
