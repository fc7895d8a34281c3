"""German in word mode: a name takes the genitive s (Irans), or an apostrophe alone after s, ß, x and z.

The apostrophe at an edge is no part of a token, so only the s is read here. What is not a name takes it in another
mode; `lexicon_de` lists the nouns of the news that are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Ending, Grammar, Stem
from monitor.text.lexicon_de import COMMON_NOUNS, COMPOUND_TAILS, NO_GENITIVES

_GENITIVE: Mapping[str, Ending] = {
    **WHOLE,
    "s": Ending.PRONOUN,
    "'s": Ending.PRONOUN,
}
_HISSES = ("s", "ß", "x", "z")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SPELT_OUT = re.compile("(?<![aeiouyäöüq])(?:ae|oe|ue)(?!l$)")
"""An umlaut with an e, not the vowels of Steuer, Quelle or Michael."""


class German(Grammar):
    """A name takes the genitive; an umlaut is also written with an e."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the word itself; with the genitive s if it is a name or may be one."""
        takes = not word.endswith(_HISSES) and (name or not is_common(word))
        return (Stem(word if strict else loosen(word), _GENITIVE if takes else WHOLE),)

    def variants(self, word: str, *, alone: bool, exact: bool) -> tuple[str, ...]:
        """Return the word with ae, oe and ue for its umlauts, and with umlauts for them."""
        return tuple({umlauts_spelt_out(word), _SPELT_OUT.sub(lambda found: found[0][0], word)} - {word})


def umlauts_spelt_out(word: str) -> str:
    """Return a word with ae, oe and ue for its umlauts."""
    return word.translate(_UMLAUTS)


def is_common(word: str) -> bool:
    """Tell whether a word in lower case is no name: a noun of the news, a compound of one, or itself in s another."""
    return word in COMMON_NOUNS or word in NO_GENITIVES or word.endswith(COMPOUND_TAILS)
