"""French and Italian elision: a little word that loses its vowel is written onto the next one (l'attaque, dell'Iran).

`SURE` ones are written onto nothing but a word of their own; the others also begin names of other languages
(N'Djamena, M'Bappé), so only a French term loses them.
"""

from __future__ import annotations

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Grammar, Prefixes, Stem

SURE = frozenset(
    little + "'"
    for words in (
        "l d qu jusqu lorsqu puisqu quoiqu",
        "un all dall dell nell sull coll quell quest sant",
    )
    for little in words.split()
)
DOUBTFUL = frozenset(("n'", "s'", "m'", "t'", "j'", "c'"))
LONGEST = max(map(len, SURE))


class Elision(Grammar):
    """A word, a name too, may have an elided word before it."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the word itself, with what may be elided before it."""
        allowed = Prefixes.NONE | Prefixes.ARTICLE | Prefixes.PROCLITIC
        return (Stem(word if strict else loosen(word), WHOLE, allowed),)
