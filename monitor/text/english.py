"""English clitics: the possessive. `boss'` needs no rule, since an apostrophe at the edge is no part of a token."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.text.fold import loosen
from monitor.text.grammar import Ending, Grammar, Stem

POSSESSIVE: Mapping[str, Ending] = {
    "": Ending.BARE | Ending.DEFINITE,
    "'s": Ending.PRONOUN | Ending.DEFINITE,
}


class English(Grammar):
    """A word, a name too, takes 's."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the word itself, with the possessive."""
        return (Stem(word if strict else loosen(word), POSSESSIVE),)
