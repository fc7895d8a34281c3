"""One article of a sheet: its tokens by number, and what few articles need, worked out when asked for.

That is words, sentences, places in the original. Positions of tokens count through both fields, the title's first.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from monitor.text.alphabet import DELETED, FIRST_ARABIC, INVISIBLE, MASKED, SPACE, decode
from monitor.text.drawing import BETWEEN, Fields
from monitor.text.fold import fold
from monitor.text.numbering import Places
from monitor.text.sheet import Sheet
from monitor.text.tokens import read_gap, read_stop, without_stops

_DELETED = bytes((DELETED, INVISIBLE))
_MARK, _MASKED = bytes((DELETED,)), bytes((MASKED,))
_SHORT = 16
_BLANK = bytes((SPACE,))


class Units:
    """For every token the sentence and the paragraph it stands in, 0 in the title and from 1 in the text."""

    def __init__(self, sheet: Sheet, place: int) -> None:
        """Of the article at a place of a sheet."""
        self._units = sheet.units((place,))
        self._sentence, self._paragraph = self._units.titles[place]
        self._own = slice(*sheet.firsts[place : place + 2])

    @cached_property
    def sentences(self) -> list[int]:
        """By token."""
        sentences: list[int] = (self._units.sentences[self._own] - self._sentence).tolist()
        return sentences

    @cached_property
    def paragraphs(self) -> list[int]:
        """By token."""
        paragraphs: list[int] = (self._units.paragraphs[self._own] - self._paragraph).tolist()
        return paragraphs


class Scan:
    """A scanned title and text. `starts` and `ends` of tokens are places in the two folded texts, joined."""

    def __init__(self, sheet: Sheet, place: int) -> None:
        """The article at a place of a sheet."""
        drawn = sheet.drawn[place]
        self.title, self.text, _ = drawn.fields
        self._text_base = 1 + len(self.title) + len(BETWEEN)
        self._raw, self._folded, self._joined = drawn.raw, drawn.folded, drawn.joined
        self.shift = 1 + drawn.titles + len(BETWEEN)
        self._sheet, self._place = sheet, place
        base, end = sheet.bounds[place : place + 2]
        self.first, self._last = sheet.firsts[place : place + 2]
        self.titles = sheet.texts[place] - self.first
        self._codes = sheet.codes[base:end]
        self.starts = sheet.starts[self.first : self._last] - base
        self.ends = sheet.ends[self.first : self._last] - base

    def __len__(self) -> int:
        return len(self.starts)

    # --- tokens ------------------------------------------------------------------------------------------

    def word(self, token: int) -> str:
        """The folded text of a token."""
        return without_stops(self._text(int(self.starts[token]), int(self.ends[token])))

    def written(self, start: int, end: int) -> str:
        """The original of a range from word to word in one field, where that says all there is to know of it; else
        nothing: where the article was folded as strings, or an address is blanked out there.
        """
        if self._folded is not None or self._codes.find(_MASKED, start, end) >= 0:
            return ""
        where = self._where
        return self._joined[start:end] if where is None else self._joined[where.item(start) : where.item(end - 1) + 1]

    def cased(self, start: int, end: int) -> str:
        """A range of the folded text in its own capitals."""
        if self._folded is None:
            return fold(self._raw_text(start, end)).cased
        field, base = self._field(start)
        return self._folded[field].cased[start - base : end - base]

    def raw(self, start: int, end: int) -> str:
        """The original of a range of the joined folded texts, not empty and in one field."""
        first, last = self.original(start, end)
        return (self.text if start >= self.shift else self.title)[first:last]

    def breaks(self, token: int) -> bool:
        """Whether a comma, stop, colon, bracket or line end parts a token, not the first, from the one before it."""
        gap = self._codes[self.ends.item(token - 1) : self.starts.item(token)]
        if gap == _BLANK:
            return False
        is_break, is_end, _ = _gap(gap) if len(gap) <= _SHORT else _any_gap(gap)
        if is_end is not None:
            return is_break
        return read_stop(decode(gap), self.word(token - 1), begins_low=False)[0]

    def gap(self, token: int) -> str:
        """What stands between a token and the one before it, folded. With a mask in it other signs are stand-ins."""
        start, end = int(self.ends[token - 1]), int(self.starts[token])
        codes = self._codes[start:end]
        if self._folded is None and start < end and MASKED not in codes:
            return fold(self._raw_text(start, end)).text
        return decode(codes) if MASKED in codes else self._text(start, end)

    @cached_property
    def units(self) -> Units:
        """The sentence and paragraph of every token."""
        return Units(self._sheet, self._place)

    def _text(self, start: int, end: int) -> str:
        return self._joined[start:end] if self._folded else decode(self._codes[start:end])

    # --- places ------------------------------------------------------------------------------------------

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Turn a range of the joined folded texts, not empty and in one field, into a range of that field."""
        field, base = self._field(start)
        if self._folded is not None:
            return self._folded[field].original(start - base, end - base)
        base = self._text_base if field else 1
        if self._where is None:
            return start - base, end - base
        last = self._kept(end - 1)
        has_mark = self._codes[end - 1] >= FIRST_ARABIC  # a stop owns no marks
        marked = self._raw.rfind(_MARK, last, self._kept(end)) + 1 if has_mark else 0
        return self._kept(start) - base, max(marked, last + 1) - base

    def _field(self, place: int) -> tuple[int, int]:
        """Which field a place lies in, and where that begins."""
        return (1, self.shift) if place >= self.shift else (0, 1)

    def _raw_text(self, start: int, end: int) -> str:
        """The original of a range in one field, or of what lies between two words."""
        return self._joined[self._kept(start) : self._kept(end - 1) + 1]

    def _kept(self, place: int) -> int:
        """Where a letter of the folded text stood in the joined texts as they came."""
        return place if self._where is None else self._where.item(place)

    @cached_property
    def _where(self) -> Places | None:
        if len(self._raw) == len(self._codes):
            return None
        return (np.frombuffer(self._raw, np.uint8) < DELETED).nonzero()[0]


def _any_gap(codes: bytes) -> tuple[bool, bool | None, bool]:
    return read_gap(decode(codes))


_gap = lru_cache(maxsize=4096)(_any_gap)


def scan(title: str, text: str, *, is_urdu: bool | None = None) -> Scan:
    """Scan one article by itself. `is_urdu` is as `fold` asks it."""
    return Scan(Sheet([Fields(title, text, is_urdu)]), 0)
