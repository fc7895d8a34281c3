"""Fold a text as an array of code points, without making strings of it: for fingerprints.

Gives the letters of `fold.fold` (tests compare the two). Nearly every letter is folded by itself into one; those come
from a table. A text with any other, such as one with marks, goes the way of `fold`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.text.fold import DO_CHASHMI, TRIGGERS, WIDER, fold
from monitor.text.letters import Codes, codes

_BASIC = 0x10000
_ODD = 0xFFFF
_FINAL = "\u03a3"  # the only letter whose small form depends on where in the word it stands
_QUOTE = ord("'")
_CYRILLIC, _CYRILLICS = 0x400, 0x130


class Letters(NamedTuple):
    """The letters of a folded text, and those of the text before they were lowered; these may not be folded yet where
    one letter becomes one. Code points, in 16 bits where all are of the basic plane.
    """

    folded: Codes
    written: Codes

    def are_capitals(self, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether the letters at some places were lowered."""
        written = self.written.take(places)
        if written.itemsize == 2:
            written = _tables().cased.take(written)
        capitals: NDArray[np.bool_] = written != self.folded.take(places)
        return capitals


class _Tables(NamedTuple):
    """What a code point of the basic plane becomes, `_ODD` where that needs more than the letter; and what it becomes
    but for being lowered, itself where that needs more.
    """

    folded: NDArray[np.uint16]
    cased: NDArray[np.uint16]


def fold_letters(text: str) -> Letters:
    """The letters of `fold(text)`."""
    written = codes(text)
    if written.itemsize == 2:
        folded = _tables().folded.take(written, mode="clip")  # which asks nothing of each index
        if folded.max(initial=0) < _ODD and not _has_apostrophe_to_drop(folded):
            return Letters(folded, written)
    whole = fold(text)
    return Letters(codes(whole.text), codes(whole.cased))


def _has_apostrophe_to_drop(folded: NDArray[np.uint16]) -> bool:
    """Whether an apostrophe stands between Cyrillic letters."""
    quotes = (folded == _QUOTE).nonzero()[0]
    if not len(quotes):
        return False
    before, after = (folded.take(quotes + step, mode="clip") - np.uint16(_CYRILLIC) for step in (-1, 1))
    return bool(((before < _CYRILLICS) & (after < _CYRILLICS)).any())


@cache
def _tables() -> _Tables:
    odd = {*TRIGGERS, *WIDER, DO_CHASHMI, _FINAL, chr(_ODD)} - {"'"}
    plain = [code for code in range(_BASIC) if chr(code) not in odd]
    whole = fold("".join(map(chr, plain)))
    folded, cased = np.full(_BASIC, _ODD, np.uint16), np.arange(_BASIC, dtype=np.uint16)
    folded[plain], cased[plain] = codes(whole.text), codes(whole.cased)
    return _Tables(folded, cased)
