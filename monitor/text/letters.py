"""Cut a folded text into words as ranges of letters, without making a string of each: for fingerprints.

A word is a run of letters and digits; a stop, comma or colon between digits belongs to it (1,000 3.5 09:32). Arabic
letters and others part, and so does an apostrophe. Of Chinese and Japanese signs every two that stand together are a
word. Rules are matched on `tokens.py`, which knows more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.uint16] | NDArray[np.uint32]
Places: TypeAlias = NDArray[np.intp]

_LETTER, _SIGN, _ARABIC, _JOINT = 1, 2, 3, 8
_DIGIT = _LETTER | 4
_BASIC = 0x10000
_ARABIC_LETTERS = range(0x0620, 0x0900)
_SIGNS = (range(0x3041, 0x3100), range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The words of a folded text. Word n is `letters[starts[n]:ends[n]]`, code points where they stand in the text;
    words of signs overlap."""

    letters: Codes
    starts: Places
    ends: Places

    def __len__(self) -> int:
        return len(self.starts)


def codes(text: str) -> Codes:
    """The code points of a text, in 16 bits where all are of the basic plane."""
    short = text.encode("utf-16-le", "surrogatepass")
    if len(short) == 2 * len(text):
        return np.frombuffer(short, "<u2")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def decode(letters: Codes) -> str:
    """The text of code points."""
    return letters.tobytes().decode("utf-16-le" if letters.itemsize == 2 else "utf-32-le", "surrogatepass")


def cut(folded: str) -> Cut:
    """Cut a folded text into its words."""
    return cut_letters(codes(folded))


def cut_letters(letters: Codes) -> Cut:
    """Cut the letters of a folded text into its words."""
    kinds = np.zeros(len(letters) + 2, np.uint8)  # with nothing before and behind
    kinds[1:-1] = _kinds_of(letters)
    (joints,) = (kinds == _JOINT).nonzero()
    if len(joints):
        are_inside = kinds.take(joints - 1) & kinds.take(joints + 1) == _DIGIT
        if are_inside.any():
            kinds[joints[are_inside]] = _LETTER
    kinds &= 3  # a digit is a letter like others, any other joint is nothing
    (borders,) = (kinds[1:] != kinds[:-1]).nonzero()
    before, after = kinds.take(borders), kinds.take(borders + 1)
    starts, ends = borders[after > 0], borders[before > 0]
    if not (after == _SIGN).any():
        return Cut(letters, starts, ends)
    are_signs = kinds[1:-1] == _SIGN
    kept = ~are_signs[starts] | (ends - starts == 1)
    pairs = np.flatnonzero(are_signs[:-1] & are_signs[1:])
    starts, ends = np.append(starts[kept], pairs), np.append(ends[kept], pairs + 2)
    order = np.argsort(starts)
    return Cut(letters, starts[order], ends[order])


def is_digit(letters: Codes) -> NDArray[np.bool_]:
    """Which code points are the digits 0 to 9."""
    return letters - letters.dtype.type(ord("0")) < 10


def _kinds_of(letters: Codes) -> NDArray[np.uint8]:
    if letters.itemsize == 2:
        return _kinds().take(letters, mode="clip")
    kinds = _kinds().take(letters, mode="clip")
    far = letters >= _BASIC
    rare, places = np.unique(letters[far], return_inverse=True)
    kinds[far] = np.array([chr(code).isalnum() for code in rare.tolist()], np.uint8)[places]
    return kinds


@cache
def _kinds() -> NDArray[np.uint8]:
    """The kind of each code point of the basic plane; the last one, 0xFFFF, stands for all beyond."""
    kinds = np.array([chr(code).isalnum() for code in range(_BASIC)], np.uint8)
    for kind, letters in ((_ARABIC, _ARABIC_LETTERS), *((_SIGN, signs) for signs in _SIGNS)):
        kinds[letters.start : letters.stop] *= kind
    kinds[[ord(mark) for mark in ".,:"]] = _JOINT
    kinds[ord("0") : ord("9") + 1] = _DIGIT
    return kinds
