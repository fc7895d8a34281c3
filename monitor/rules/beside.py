"""Keep of a name's hits those beside what it needs (`needs`): an ambiguous name counts only in its company.

Beside is in the same sentence or paragraph of the same field, or at most so many words away in the same paragraph.
The company must be other words than the name itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.rules.memo import Hit
from monitor.rules.wording import Needs
from monitor.text.document import Document

Company = tuple[tuple[int, ...], Needs]
"""The numbers of the terms that a term needs one of, and how near."""


def beside(
    document: Document, hits: Mapping[int, Sequence[Hit]], needs: Mapping[int, Company]
) -> Mapping[int, Sequence[Hit]]:
    """Return the hits without those that stand alone. `needs` is by term number; other terms are as they were."""
    wanting = needs.keys() & hits.keys()
    if not wanting:
        return hits
    kept = dict(hits)
    for term in wanting:
        company = [hit for number in needs[term][0] for hit in hits.get(number, ())]
        own = tuple(
            hit for hit in hits[term] if any(_is_beside(document, hit, one, needs[term][1]) for one in company)
        )
        if own:
            kept[term] = own
        else:
            del kept[term]
    return kept


def _is_beside(document: Document, hit: Hit, one: Hit, needs: Needs) -> bool:
    gap = max(hit.first - one.last, one.first - hit.last) - 1
    if hit.field != one.field or gap < 0:
        return False
    tokens = (document.title if hit.field == "title" else document.text).tokens
    here, there = tokens[hit.first], tokens[one.first]
    if needs.unit == "sentence":
        return here.sentence == there.sentence
    return here.paragraph == there.paragraph and (needs.unit == "paragraph" or gap <= needs.words)
