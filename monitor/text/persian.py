"""Persian in word mode: the plural ها with what follows it, and the ی of the ezafe behind ا and و.

A suffix is written solid (موشکها), or behind ZWNJ or a space (موشک‌ها, موشک ها); then it is a token of its own, and
only inside a phrase must it be known (پایگاه‌های هوایی). Letters here are folded ones: ي for ی.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitor.text.fold import loosen
from monitor.text.grammar import WHOLE, Ending, Grammar, Stem

NO_ARABIC: Mapping[str, Ending] = {
    **dict.fromkeys(("هاي", "هايي"), Ending.AGREEMENT | Ending.CONSTRUCT),
    **dict.fromkeys(("هايم", "هايت", "هايش", "هايمان", "هايتان", "هايشان"), Ending.PRONOUN),
}
"""Plurals that look like no ending of Arabic."""
_PLURAL: Mapping[str, Ending] = {**NO_ARABIC, "ها": Ending.AGREEMENT | Ending.CONSTRUCT}
_AFTER_HEH: Mapping[str, Ending] = {"اي": Ending.AGREEMENT | Ending.CONSTRUCT}
_EZAFE: Mapping[str, Ending] = {"ي": Ending.CONSTRUCT}
ENDINGS = frozenset().union(_PLURAL, _AFTER_HEH, _EZAFE)
"""All that may follow a word, written solid."""
_APART = ("هاي", "هايي")
_APART_AFTER_HEH = ("ي", "اي")
_LEAST = 3
"""Letters of a word before a suffix written solid: تنها is no plural of تن."""
_NOT_PLURALS = frozenset(("منت", "انت", "اشت"))
"""With ها these are other words: "but", "end", "appetite"."""


class Persian(Grammar):
    """Plural, ezafe and possessor, solid or apart."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the stems of a word."""
        endings: Mapping[str, Ending] = {} if name else _solid(word)
        if len(word) >= _LEAST and word[-1] in "او":
            endings = {**endings, **_EZAFE}
        found = self.exact_stems(word, strict=strict)
        return (*found, Stem(found[0].core, endings)) if endings else found

    def exact_stems(self, word: str, *, strict: bool) -> tuple[Stem, ...]:
        """Return the word itself; its last ي also as ى, a key that many keyboards have instead."""
        return yeh_stems(word, strict=strict)

    def spellings(self, words: Sequence[str], *, bare: bool) -> Iterator[tuple[str, ...]]:
        """Yield a phrase with the suffix of one of its words, but the last, as a word of its own."""
        if bare:
            return
        for place, word in enumerate(words[:-1], 1):
            for suffix in _APART + (_APART_AFTER_HEH if word[-1] == "ه" else ()):
                yield (*words[:place], suffix, *words[place:])


def yeh_stems(word: str, *, strict: bool) -> tuple[Stem, ...]:
    """Return a word that takes nothing, with both spellings of a last ي."""
    core = word if strict else loosen(word)
    if core[-1] not in "يى" or strict:
        return (Stem(core, WHOLE),)
    last = core[-1]
    return tuple(Stem(core[:-1] + spelt, WHOLE) for spelt in (last, "ى" if last == "ي" else "ي"))


def _solid(word: str) -> Mapping[str, Ending]:
    """Return the plurals written onto a word: none onto short ones, and ای for the indefinite behind ه."""
    if len(word) < _LEAST or word in _NOT_PLURALS:
        return {}
    return {**_PLURAL, **_AFTER_HEH} if word[-1] == "ه" else _PLURAL
