"""Compare texts by their folded words: a key that equal texts share, and the likeness of near-equal ones."""

from __future__ import annotations

from hashlib import sha256

from monitor.text.fold import fold
from monitor.text.tokens import tokenise

SHORT = 5
"""A text of fewer words says too little alone: its key includes the title's words."""

_SHINGLE = 3


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return [token.text for token in tokenise(fold(text))]


def text_key(article_title: str, article_text: str) -> str:
    """Digest the words of an article's text, with the title's before them when the text is short.

    20 hexadecimal digits of SHA-256; empty for an article without words.
    """
    found = words(article_text)
    if len(found) < SHORT:
        found = words(article_title) + found
    return sha256(" ".join(found).encode()).hexdigest()[:20] if found else ""


def jaccard(a: str, b: str) -> float:
    """Return the share of 3-word shingles that two texts have in common, 0 to 1 (shorter texts whole)."""
    one, other = _shingles(words(a)), _shingles(words(b))
    both = one | other
    return len(one & other) / len(both) if both else 1.0


def _shingles(found: list[str]) -> frozenset[tuple[str, ...]]:
    count = max(1, len(found) - _SHINGLE + 1) if found else 0
    return frozenset(tuple(found[place : place + _SHINGLE]) for place in range(count))
