"""What is worth a warning though nothing is wrong. Today: a term that its own list holds twice."""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.rules.catalog import Catalog, TermList
from monitor.rules.expression import Word
from monitor.rules.faults import Faults
from monitor.rules.terms import Mode, Term
from monitor.text.fold import folded

_SEPARATORS = re.compile(r"[\s_-]+")


def lint(catalog: Catalog, faults: Mapping[int, Faults]) -> None:
    """Add warnings to the faults of the files they concern."""
    for id, entry in catalog.entries.items():
        if isinstance(entry.thing, TermList):
            _repeated(id, entry.thing, faults[entry.file])


def _repeated(id: str, terms: TermList, faults: Faults) -> None:
    seen: dict[tuple[object, ...], Word] = {}
    for item in terms.items:
        if isinstance(item, Word):
            first = seen.setdefault(_key(item.term), item)
            if first is not item:
                what = "spelling variants count as one" if first.label != item.label else "once is enough"
                faults.warn(item.path, f"list {id!r}: {item.label!r} finds the same as {first.label!r}; {what}")


def _key(term: Term) -> tuple[object, ...]:
    """Terms of one list with the same key find the same. Capitals matter where they decide (US, us)."""
    plain = term.mode is not Mode.PATTERN and not term.strict and not term.text.isupper()
    return (
        term.mode,
        term.lang,
        term.cased,
        term.name,
        _SEPARATORS.sub(" ", folded(term.text)) if plain else term.text,
    )
