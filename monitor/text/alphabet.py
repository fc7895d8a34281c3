"""One byte for each letter and sign: the tables by which a text is scanned as an array.

Frequent letters have a code of their own; signs between words share one wherever `tokens` cannot tell them apart. A
letter that always folds alike is coded in one look-up, folding included. Every other (a mark that joins its letter, ß
and its like, scripts without codes) makes a text *odd*: it is folded as a string first, and letters without a code
are told apart by their code point. The tables decide nothing: they ask `fold` and `tokens` of each character when it
is first seen.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.text.fold import ZWNJ, fold
from monitor.text.tokens import ARABIC, CJK, MASK

Codes: TypeAlias = NDArray[np.uint8]
Points: TypeAlias = NDArray[np.int32]

FIRST_ARABIC, FIRST_OTHER = 32, 96
"""Codes below the first are signs between words, those between the two Arabic letters."""

ARABIC_ANY, OTHER_ANY, DIGIT_ANY, CJK_ANY = 95, 249, 250, 251
"""Letters that share a code."""

DELETED, INVISIBLE, ODD, UNSEEN = 252, 253, 254, 255
"""Codes that only a text as it came has. A highlight covers a deleted mark behind its letter, no invisible one."""

_ARABIC_LETTERS = "ءابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچژگٹڈڑںےڤڨڭټډړښځڅڼێۆڕڵۋۇۈۍ"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґўјљњћђџѓќѕәғқңөұүһҗ"
_OTHER_LETTERS = (
    f"0123456789abcdefghijklmnopqrstuvwxyzþðŋəħŧ{_CYRILLIC}"
    "אבגדהוזחטיךכלםמןנסעףפץצקרשתαβγδεζηθικλμνξοπρςστυφχψωάέήίόύώ"
)
_SIGNS = f" \n!؟.,'{MASK}\t@/:+-_{ZWNJ}<\"“)%"
SPACE, LINE, _, _, STOP, COMMA, APOSTROPHE, MASKED = range(8)
"""From LINE to STOP are the signs that may end a sentence."""


def _answers(sign: str) -> tuple[object, ...]:
    """What `tokens` asks of a sign between words: two signs that answer all alike share a code."""
    return (
        sign if sign in f" .,'\n{MASK}@/:+-_{ZWNJ}" else "",
        sign.isspace(),
        sign in '<>"«»،؛؟',
        sign in "\"'«»“”„‟‹›「」『』",
        sign in "!?…؟۔。",
        sign in ")]",
    )


_CODE_OF_SIGN = {_answers(sign): code for code, sign in enumerate(_SIGNS)}
_CODE_OF_LETTER = {
    **{letter: code for code, letter in enumerate(_ARABIC_LETTERS, FIRST_ARABIC)},
    **{letter: code for code, letter in enumerate(_OTHER_LETTERS, FIRST_OTHER)},
}
DIGITS = (_CODE_OF_LETTER["0"], _CODE_OF_LETTER["9"])
CYRILLIC = (_CODE_OF_LETTER[_CYRILLIC[0]], _CODE_OF_LETTER[_CYRILLIC[-1]])
"""The first and the last code of Cyrillic letters: an apostrophe between two of them is dropped."""

_LETTER = re.compile(f"([{ARABIC}])|((?=\\w)[{CJK}])|(\\d)|([^\\W_])")
SHARED = (ARABIC_ANY, CJK_ANY, DIGIT_ANY, OTHER_ANY)
_STANDS_FOR = {
    **dict(enumerate(_SIGNS)),
    **{code: letter for letter, code in _CODE_OF_LETTER.items()},
    **dict(zip(SHARED, "ٵ一०ʬ", strict=True)),
}
_TEXT = "".join(_STANDS_FOR.get(code, "%") for code in range(256))

_AROUND = ("x{}", "x{}x", "ب{}ب", "{} ٹ")
"""A character that folds in each of these as it does alone always does: not Σ, not ھ, not a mark that composes."""


def decode(codes: bytes) -> str:
    """Turn codes of a folded text back into text, with a stand-in where several characters share one."""
    return codecs.charmap_decode(codes, "strict", _TEXT)[0]


def code_folded(text: str) -> tuple[bytes, Points]:
    """Code a folded text; with its code points, which tell letters apart that share a code."""
    return _coded(text, _folded_table, _folded)


def code(text: str) -> bytes:
    """Code a text as it came, folding it in passing; what folding deletes is still there. Only good without ODD."""
    if text.isascii():
        return text.encode().translate(_ASCII)
    return _coded(text, _raw_table, _raw)[0]


def _coded(text: str, table: Codes, learn: Callable[[int], int]) -> tuple[bytes, Points]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)
    codes = table.take(points, mode="clip")
    if len(unseen := points[codes == UNSEEN]):
        for point in np.unique(unseen).tolist():
            table[point] = learn(point)
        codes = table.take(points, mode="clip")
    return codes.tobytes(), points


def _folded(point: int) -> int:
    """The code of a character of a folded text."""
    letter = chr(point)
    if letter in _CODE_OF_LETTER:
        return _CODE_OF_LETTER[letter]
    found = _LETTER.match(letter)
    if found is None:
        return _CODE_OF_SIGN[_answers(letter)]
    assert found.lastindex is not None
    return SHARED[found.lastindex - 1]


def _raw(point: int) -> int:
    """The code of a character of a text as it came."""
    letter = chr(point)
    one = fold(letter).text
    if (
        len(one) > 1
        or unicodedata.normalize("NFC", letter) != letter
        or any(fold(around.format(letter)).text != around.format(one) for around in _AROUND)
    ):
        return ODD
    if not one:
        if letter in _composing():
            return ODD
        return DELETED if fold(f"x{letter}").original(0, 1) == (0, 2) else INVISIBLE
    code = _folded(ord(one))
    return ODD if code in SHARED else code


@cache
def _composing() -> frozenset[str]:
    """The marks that become one with some letter."""
    pairs = (unicodedata.decomposition(chr(point)).split() for points in _COMPOSED for point in points)
    return frozenset(chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<"))


_COMPOSED = range(0xC0, 0x3100), range(0xFB1D, 0xFB50)
"""Where the letters lie that are made of one and a mark."""
_UNSEEN = bytes((UNSEEN,))
_raw_table = np.full(0x110000, UNSEEN, np.uint8)
_folded_table = np.full(0x110000, UNSEEN, np.uint8)
_ASCII = bytes(map(_raw, range(128))).ljust(256, _UNSEEN)
