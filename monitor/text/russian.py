"""Russian and Ukrainian in word mode: case endings are inflection, which is another mode's.

Only a name in Latin letters takes its case behind an apostrophe (YouTube'а, Google'ом), as no other language does.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Ending, Grammar, Stem

_CASES = "а у ом ем е ы и і ов ів ам ами ах я ю ям ями ях ой ою ей ею ові"
CASES: Mapping[str, Ending] = dict.fromkeys(("'" + case for case in _CASES.split()), Ending.PRONOUN)
_ENDINGS: Mapping[str, Ending] = {**WHOLE, **CASES}


class Russian(Grammar):
    """A word takes nothing but a case behind an apostrophe."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the word itself, with the cases of a Latin name."""
        return (Stem(word if strict else loosen(word), _ENDINGS),)
