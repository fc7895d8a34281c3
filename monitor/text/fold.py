"""Fold a text so that spellings nobody tells apart become one, and remember where every letter came from.

Two parts (MATCHING 1): A always, on both sides; B unless `strict`. What a term may also accept (ة for ه, ى for ي)
is never folded here: that is the grammar's. Folding changes lengths only where a trigger is present, so the offset
map is a sparse list of edits and most texts have none.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from monitor.text.chinese import SIMPLIFIED
from monitor.text.letters import codes

ZWNJ = "\u200c"
DO_CHASHMI = "\u06be"
TELLING_URDU = "ٹڈڑںےۓ"
"""Letters by which a text is taken for Urdu, where ھ is a letter of its own."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\u02bb\u02bd-\u02bf"  # the signs of ayin and hamza
)
_SPACES = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_ARABIC_MARKS = (
    "\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u08ca-\u08e1\u08e3-\u08ff\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"  # presentation forms of bare marks
)
_HEBREW_POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
_LATIN_MARKS = "\u0300-\u034e\u0350-\u036f"
_COMPATIBLE = "\ufb00-\ufb06\ufb1d-\ufb4f\ufb50-\ufdf9\ufdfc-\ufdff\ufe80-\ufefc\uff01-\uffef\U0001d400-\U0001d7ff"

_MARKS = _INVISIBLE + _ARABIC_MARKS + _HEBREW_POINTS + _LATIN_MARKS
_TRIGGER = re.compile(f"[{_MARKS}{_COMPATIBLE}]")
_RUN = re.compile(f"[{_MARKS}{_COMPATIBLE}][{_MARKS}{_COMPATIBLE}]*")  # begins with a set, which is quick to find
_BLOCK = re.compile(f"\\w?[{_MARKS}]+|[{_COMPATIBLE}]")
_DELETED = re.compile(f"[{_INVISIBLE}{_ARABIC_MARKS}{_HEBREW_POINTS}]+")
_LATIN_MARK = re.compile(f"[{_LATIN_MARKS}]+")
_TOWER = 32
"""Marks on one letter that are read; the rest go, since sorting them costs the square of their number."""
_TRAILING = "".join(letter for letter in map(chr, range(0x10000)) if re.match(f"[{_INVISIBLE}]", letter))


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


# One letter for one letter, always.
_ALWAYS = {
    "\u06cc": "ي",
    "\u06d0": "ي",
    "\u06a9": "ك",
    **dict.fromkeys("\u06c1\u06c0\u06c2\u06d5", "ه"),
    "\u06d3": "\u06d2",
    "\u06c3": "ة",
    "\u0671": "ا",
    "\u05f4": '"',
    "\u066b": ".",
    "\u066c": ",",
    **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},
    **dict.fromkeys("\u2018\u2019\u02bc`\u00b4\u2032\u201b\u05f3", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u05be\u00b7\u2027\u30fb", "-"),
    **dict.fromkeys(map(chr, _SPACES), " "),
    "\u0130": "i",  # the only letter whose lower case is longer than itself
}
_LOOSE = {
    **SIMPLIFIED,
    **{code: _bare(code) for code in map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))},
    **_ALWAYS,
    **dict.fromkeys("أإآ", "ا"),
    **dict.fromkeys("ؤئ", "ء"),
    "ё": "е",
    "Ё": "Е",
    "\u0131": "i",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}

_LONG = 250
"""Letters of a text from which an array of them is faster than a set."""

_TRANSLATED = {False: str.maketrans(_LOOSE), True: str.maketrans(_ALWAYS)}
_MANY = 100
"""From this many different letters on, as in traditional Chinese, one translation costs less than replacing each."""

# Letters that become two, and the apostrophe inside a Ukrainian word.
_WIDE = re.compile("[ßẞœŒæÆ']")
WIDER = {"ß": "ss", "ẞ": "SS", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "'": ""}
_CYRILLIC = frozenset(map(chr, range(0x400, 0x530)))
_MAY_WIDEN = (_CYRILLIC | WIDER.keys()) - {"'"}
TRIGGERS = frozenset(
    chr(code) for code in (*range(0xA0, 0x10000), *range(0x1D400, 0x1D800)) if _TRIGGER.match(chr(code))
)
"""Letters that may fold together with those beside them, or into several."""


@dataclass(frozen=True, slots=True)
class _Edits:
    """One pass's changes of length: where each lies in the pass's output and in its input, sorted."""

    out_starts: tuple[int, ...]
    out_ends: tuple[int, ...]
    in_starts: tuple[int, ...]
    in_ends: tuple[int, ...]

    def start(self, place: int) -> int:
        """Map the start of a range; a place inside an edit widens to the whole edit."""
        at = bisect_right(self.out_starts, place) - 1
        if at < 0:
            return place
        if place < self.out_ends[at]:
            return self.in_starts[at]
        return self.in_ends[at] + place - self.out_ends[at]

    def end(self, place: int) -> int:
        """Map the end of a range: what was deleted right after it stays outside."""
        at = bisect_left(self.out_starts, place) - 1
        if at < 0:
            return place
        if place <= self.out_ends[at]:
            return self.in_ends[at]
        return self.in_ends[at] + place - self.out_ends[at]


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows its original.

    `cased` is `text` before its letters were lowered, of the same length; both are indexed by the same offsets.
    """

    raw: str
    text: str
    cased: str
    _passes: tuple[_Edits, ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Turn a half-open range of the folded text into the range of the original that it came from."""
        for edits in reversed(self._passes):
            start, end = edits.start(start), edits.end(end)
        return start, max(start, end)


def fold(text: str, *, strict: bool = False, is_urdu: bool | None = None) -> Folded:
    """Fold `text`: part A always, part B unless `strict`. Never raises; folding twice changes nothing.

    `is_urdu` says whether ھ is a letter of its own; None: by the telling letters of `text`.
    """
    if text.isascii():
        cased = text.replace("`", "'")
        return Folded(text, cased.lower(), cased)
    passes: list[_Edits] = []
    cased = text
    # The set of letters costs less than one search for each of the two hundred that may need folding.
    present = _letters(text)
    if not present.isdisjoint(TRIGGERS):
        cased, edits = _edit(cased, _blocks(cased, strict))
        passes.append(edits)
        present = _letters(cased)
    table = _ALWAYS if strict else _LOOSE
    strange = present & table.keys()
    if len(strange) < _MANY:
        for letter in strange:
            cased = cased.replace(letter, table[letter])
    else:
        cased = cased.translate(_TRANSLATED[strict])
    if is_urdu is None:
        is_urdu = not present.isdisjoint(TELLING_URDU)
    if DO_CHASHMI in present and not is_urdu:
        cased = cased.replace(DO_CHASHMI, "ه")
    if not strict and not present.isdisjoint(_MAY_WIDEN):
        cased, edits = _edit(cased, _wide(cased))
        passes.append(edits)
    return Folded(text, cased.lower(), cased, tuple(passes))


def _letters(text: str) -> set[str]:
    """The letters of a text; of a long one found without making a string of each."""
    if len(text) <= _LONG:
        return set(text)
    found = codes(text)
    if found.itemsize > 2:
        return set(map(chr, np.unique(found).tolist()))
    is_there = np.zeros(0x10000, bool)
    is_there[found] = True
    return set(map(chr, is_there.nonzero()[0].tolist()))


def reads_as_urdu(title: str, text: str, language: str = "") -> bool:
    """Tell whether ھ is a letter of its own in an article: short titles seldom show it, their text does."""
    if DO_CHASHMI not in title and DO_CHASHMI not in text:
        return False  # it makes no difference
    return language == "ur" or not set(TELLING_URDU).isdisjoint(title + text)


def folded(text: str) -> str:
    """Return only the folded string, for keys and search columns."""
    return fold(text).text


def loosen(word: str) -> str:
    """Return the rest of the folding of a word that was folded strictly before; a ھ still there is Urdu's."""
    return fold(word, is_urdu=True).text


def _blocks(text: str, strict: bool) -> Iterator[tuple[int, int, str]]:
    """Letters with their marks, and compatibility letters, each with what it becomes."""
    for run in _RUN.finditer(text):
        for found in _BLOCK.finditer(text, max(run.start() - 1, 0), run.end()):
            yield *found.span(), _block(found[0], strict)


def _wide(text: str) -> Iterator[tuple[int, int, str]]:
    """Letters that become two, and apostrophes between Cyrillic letters, each with what it becomes."""
    for found in _WIDE.finditer(text):
        at, letter = found.start(), found[0]
        if letter != "'" or (text[at - 1 : at] in _CYRILLIC and text[at + 1 : at + 2] in _CYRILLIC):
            yield at, at + 1, WIDER[letter]


def _block(block: str, strict: bool) -> str:
    """Fold a letter with its marks, or one compatibility letter."""
    trimmed = _DELETED.sub("", unicodedata.normalize("NFC", block[:_TOWER]))
    if _TRIGGER.search(trimmed):
        trimmed = _DELETED.sub("", unicodedata.normalize("NFKC", trimmed))
    # Here, not with the other letters: a mark behind it may join the plain i.
    trimmed = unicodedata.normalize("NFC", trimmed.replace("\u0130", "i"))
    return trimmed if strict else _LATIN_MARK.sub("", trimmed)


def _edit(text: str, changes: Iterable[tuple[int, int, str]]) -> tuple[str, _Edits]:
    """Replace some ranges, in order; record those of which that alters the length."""
    pieces: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    done = size = 0
    for start, end, after in changes:
        pieces += (text[done:start], after)
        size += start - done
        if len(after) != end - start:
            # An invisible mark behind the letter is nobody's: a highlight ends before it.
            inner = start + len(text[start:end].rstrip(_TRAILING)) if after else end
            if after:
                edits.append((size, size + len(after), start, inner))
            if inner < end or not after:
                edits.append((size + len(after), size + len(after), inner, end))
        size += len(after)
        done = end
    pieces.append(text[done:])
    columns = tuple(zip(*edits, strict=True)) or ((), (), (), ())
    return "".join(pieces), _Edits(*columns)
