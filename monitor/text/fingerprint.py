"""Compare texts by their folded words: the likeness of near-equal ones."""

from __future__ import annotations

from monitor.text.fold import fold
from monitor.text.tokens import tokenise

_SHINGLE = 3


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return [token.text for token in tokenise(fold(text))]


def jaccard(a: str, b: str) -> float:
    """Return the share of 3-word shingles that two texts have in common, 0 to 1 (shorter texts whole)."""
    one, other = _shingles(words(a)), _shingles(words(b))
    both = one | other
    return len(one & other) / len(both) if both else 1.0


def _shingles(found: list[str]) -> frozenset[tuple[str, ...]]:
    count = max(1, len(found) - _SHINGLE + 1) if found else 0
    return frozenset(tuple(found[place : place + _SHINGLE]) for place in range(count))
