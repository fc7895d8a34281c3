"""Keep of a name's hits those beside what it needs (`needs`): an ambiguous name counts only in its company.

Beside is in the same sentence or paragraph of the same field, or at most so many words away in the same paragraph.
The company must be other words than the name itself.
"""

from __future__ import annotations

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
        company = [hit for number in needs[term][0] for hit in hits.get(number, ())]
        own = [hit for hit in hits[term] if any(_is_beside(scan, hit, one, needs[term][1]) for one in company)]
        if own:
            kept[term] = own
        else:
            del kept[term]
    return kept


def _is_beside(scan: Scan, hit: Evidence, one: Evidence, needs: Needs) -> bool:
    gap = max(hit.first - one.last, one.first - hit.last) - 1
    if gap < 0:
        return False
    units = scan.units.sentences if needs.unit == "sentence" else scan.units.paragraphs
    return units[hit.first] == units[one.first] and (needs.unit != "words" or gap <= needs.words)
