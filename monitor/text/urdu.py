"""Urdu in word mode: the izafat that is written as ئے behind ا and و (دنیائے). All else is inflection."""

from __future__ import annotations

from monitor.text.fold import loosen
from monitor.text.grammar import Ending, Grammar, Stem
from monitor.text.persian import yeh_stems

_IZAFAT = "ئ\u06d2", "ء\u06d2"
ENDINGS = frozenset(_IZAFAT)
"""The izafat, with its hamza as written and folded."""


class Urdu(Grammar):
    """Izafat; the last ی of a word also as ى."""

    def stems(self, word: str, *, strict: bool, name: bool, alone: bool) -> tuple[Stem, ...]:
        """Return the stems of a word."""
        written, folded = _IZAFAT
        izafat = written if strict else folded
        found = self.exact_stems(word, strict=strict)
        if word[-1] in "او" and len(word) > 2:
            found += (Stem(word if strict else loosen(word), {izafat: Ending.CONSTRUCT}),)
        return found

    def exact_stems(self, word: str, *, strict: bool) -> tuple[Stem, ...]:
        """Return the word itself, in both spellings of its last letter."""
        return yeh_stems(word, strict=strict)
