"""Keep of a name's hits those beside what it needs (`needs`): an ambiguous name counts only in its company.

Beside is in the same sentence or paragraph of the same field, or at most so many words away in the same paragraph.
The company must be other words than the name itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from monitor.rules.phrases import Evidence
from monitor.rules.wording import Needs
from monitor.text.scan import Scan

Company = tuple[tuple[int, ...], Needs]
"""The numbers of the terms that a term needs one of, and how near."""


def beside(
    scan: Scan, hits: Mapping[int, Sequence[Evidence]], needs: Mapping[int, Company]
) -> Mapping[int, Sequence[Evidence]]:
    """Return the hits without those that stand alone. `needs` is by term number; other terms are as they were."""
    wanting = needs.keys() & hits.keys()
    if not wanting:
        return hits
    kept = dict(hits)
    for term in wanting:
        numbers, need = needs[term]
        company = _Company(scan, [hit for number in numbers for hit in hits.get(number, ())], need)
        own = [hit for hit in hits[term] if company.is_beside(hit)]
        if own:
            kept[term] = own
        else:
            del kept[term]
    return kept


class _Company:
    """Hits by the unit they begin in, in order: an article may hold thousands of them."""

    def __init__(self, scan: Scan, hits: Sequence[Evidence], needs: Needs) -> None:
        self._units = scan.units.sentences if needs.unit == "sentence" else scan.units.paragraphs
        self._most = needs.words if needs.unit == "words" else len(scan)
        self._firsts: dict[int, list[int]] = {}
        self._lasts: dict[int, list[int]] = {}
        for hit in hits:
            self._firsts.setdefault(self._units[hit.first], []).append(hit.first)
            self._lasts.setdefault(self._units[hit.first], []).append(hit.last)
        for some in (*self._firsts.values(), *self._lasts.values()):
            some.sort()

    def is_beside(self, hit: Evidence) -> bool:
        """Whether one of them is near a hit that it does not overlap."""
        unit = self._units[hit.first]
        firsts, lasts = self._firsts.get(unit, ()), self._lasts.get(unit, ())
        before, behind = bisect_left(lasts, hit.first), bisect_right(firsts, hit.last)
        return (before > 0 and hit.first - lasts[before - 1] - 1 <= self._most) or (
            behind < len(firsts) and firsts[behind] - hit.last - 1 <= self._most
        )
