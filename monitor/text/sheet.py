"""Titles and texts of several articles in one array of letters, cut into tokens at once.

Gives the tokens that `tokens.tokenise` finds in the folded texts (tests compare the two), without touching them one
by one: letters become bytes in one look-up, edges are where the class of a letter changes, and the numbers of all
tokens come out of one cumulative sum. Several articles at once cost less than each by itself, since a step over an
array costs about as much before it begins as for a thousand letters. What few articles need is `scan`'s.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.text.abbreviations import ABBREVIATIONS
from monitor.text.alphabet import (
    APOSTROPHE,
    CJK_ANY,
    COMMA,
    DELETED,
    DIGIT_ANY,
    DIGITS,
    FIRST_ARABIC,
    FIRST_OTHER,
    LINE,
    SPACE,
    STOP,
    Codes,
    Points,
    code,
    code_folded,
    decode,
)
from monitor.text.drawing import BETWEEN, Fields, draw
from monitor.text.fold import fold
from monitor.text.numbering import Numbers, Part, Places, sums_of, tokens_of, values_of
from monitor.text.tokens import read_gap, read_stop, without_stops

ROOM = 1 << 17
"""Letters of one sheet, unless a single article has more."""

_JOINTS = APOSTROPHE - STOP + 1
_JOINED = 4
_ENDS = STOP - LINE + 1
_SOME = b"[\\x%02x-\\xff]" % FIRST_ARABIC
_DIGIT = b"[\\x%02x-\\x%02x]" % DIGITS
_LETTER = b"(?!%b|\\x%02x)%b" % (_DIGIT, DIGIT_ANY, _SOME)
_NUMBER = re.compile(b"%b+(?:[\\x%02x\\x%02x]%b+)+(?!%b)" % (_DIGIT, STOP, COMMA, _DIGIT, _SOME))
_INITIALS = re.compile(b"%b(?:\\x%02x%b)+(?!%b)\\x%02x?" % (_LETTER, STOP, _LETTER, _SOME, STOP))


class Units(NamedTuple):
    """For every token the sentence and the paragraph it stands in, counted through the sheet.

    Every article has one of each for its title, empty or not, and at least one of each for its text.
    """

    sentences: Places
    paragraphs: Places
    titles: list[tuple[int, int]]
    """The sentence and the paragraph of each article's title."""


class Sheet:
    """Articles in one array. `starts` and `ends` of tokens are places in it; `bounds` says where articles begin in
    letters, `firsts` in tokens, each with the end of the last.
    """

    def __init__(self, articles: Sequence[Fields]) -> None:
        joined = [f"\n{title}{BETWEEN}{text}\n" for title, text, _ in articles]
        raw = code("".join(joined))
        places = pairwise(accumulate(map(len, joined), initial=0))
        drawn = [draw(one, own, raw[a:b]) for one, own, (a, b) in zip(articles, joined, places, strict=True)]
        self.drawn = [one for one, _, _ in drawn]
        self.codes = b"".join([codes for _, codes, _ in drawn])
        self.bounds = list(accumulate([len(codes) for _, codes, _ in drawn], initial=0))
        points = None
        if any(own is not None for _, _, own in drawn):
            points = np.concatenate(
                [np.zeros(len(codes), np.int32) if own is None else own for _, codes, own in drawn]
            )
        self._cut_up: set[int] = set()
        self._cut(points)
        self.firsts: list[int] = self.starts.searchsorted(self.bounds).tolist()
        texts = [start + 1 + one.titles + len(BETWEEN) for start, one in zip(self.bounds, self.drawn, strict=False)]
        self.texts: list[int] = self.starts.searchsorted(texts).tolist()

    # --- cutting -----------------------------------------------------------------------------------------

    def _cut(self, points: Points | None) -> None:
        """Find the tokens. `points` are given where letters may share a code."""
        codes = self.codes
        self.letters = letters = np.frombuffer(codes, np.uint8)
        is_letter = letters >= FIRST_ARABIC
        kinds = is_letter.view(np.uint8) + (letters >= FIRST_OTHER).view(np.uint8)
        if points is not None:
            kinds[letters == CJK_ANY] = 3
        joints = letters - np.uint8(STOP) < _JOINTS
        joints[1:] &= is_letter[:-1]
        joints[:-1] &= is_letter[1:]
        places = joints.nonzero()[0]
        self.initials = _join(codes, kinds, places.tolist()) if len(places) else []
        changes = kinds[1:] != kinds[:-1]
        if points is not None:
            changes |= kinds[1:] == 3
        self.starts: Places = (changes & (kinds[1:] > 0)).nonzero()[0]
        self.starts += 1
        self.ends: Places = (changes & (kinds[:-1] > 0)).nonzero()[0]
        self.ends += 1
        self._points = points
        self.numbers = tokens_of(letters, self.starts, self.ends, points)

    def part(self, tokens: Places) -> Part:
        """Some tokens, one at least, by themselves."""
        starts, ends = self.starts.take(tokens), self.ends.take(tokens)
        sizes = ends - starts + 1
        limits = sizes.cumsum()
        places = np.arange(limits[-1]) + (starts + sizes - limits).repeat(sizes)
        letters = self.letters.take(places)
        letters[limits - 1] = SPACE
        points = None if self._points is None else self._points.take(places)
        return Part(letters, sums_of(values_of(letters, points)), limits - sizes, limits - 1)

    @cached_property
    def kept(self) -> tuple[Places, list[int]]:
        """Where each letter stood in the joined fields as they came, of all articles in one row; and where those of
        each article begin. Of an article that was folded as strings it says nothing.
        """
        sizes = np.diff(self.bounds).tolist()
        parts = [one.raw if one.folded is None else bytes(size) for one, size in zip(self.drawn, sizes, strict=True)]
        bases = list(accumulate(map(len, parts), initial=0))
        if bases[-1] == len(self.codes):
            return np.arange(len(self.codes)), bases[:-1]
        return (np.frombuffer(b"".join(parts), np.uint8) < DELETED).nonzero()[0], bases[:-1]

    # --- tokens ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.starts)

    def word(self, token: int) -> str:
        """The folded text of a token."""
        start, end = self.starts.item(token), self.ends.item(token)
        place = bisect_right(self.bounds, start) - 1
        drawn, base = self.drawn[place], self.bounds[place]
        if drawn.folded is None:
            return without_stops(decode(self.codes[start:end]))
        return without_stops(drawn.joined[start - base : end - base])

    def units(self, places: Collection[int]) -> Units:
        """The sentence and paragraph of every token, good for the articles at some places."""
        if not self._cut_up.issuperset(places):
            self._cut_up.update(places)
            self._units = self._units_of(self._cut_up)
        return self._units

    def _units_of(self, places: Set[int]) -> Units:
        letters, starts, ends, count = self.letters, self.starts, self.ends, len(self.starts)
        # every title and every text begins a sentence, though it may have no token
        fields = np.array([place for pair in zip(self.firsts, self.texts, strict=False) for place in pair])
        signs = (letters - np.uint8(LINE) < _ENDS).nonzero()[0]
        if len(places) < len(self.drawn):
            is_asked = np.isin(np.arange(len(self.drawn)), list(places))
            signs = signs[is_asked.take(np.array(self.bounds).searchsorted(signs, "right") - 1)]
        behind = starts.searchsorted(signs)
        behind = behind[np.append(behind[1:] != behind[:-1], True)[: len(behind)]]
        field = fields.searchsorted(behind, "right")
        behind = behind[(field % 2 == 0) & (fields.take(field - 1) != behind) & (behind < count)]
        before = ends.take(behind - 1)
        gaps = self._gaps(before, starts.take(behind))
        is_end, is_blank = gaps & _IS_END != 0, gaps & _IS_BLANK != 0
        asked = (gaps == _ASK).nonzero()[0]
        if len(asked):
            is_end[asked] = self._ended(behind.take(asked))
        begun, is_blank = behind[is_end], is_blank[is_end]
        order = np.concatenate((fields, begun)).argsort(kind="stable")
        firsts = np.append(np.concatenate((fields, begun)).take(order), count)
        steps = np.concatenate((np.ones(len(fields), np.bool_), is_blank)).take(order)
        steps[0] = False
        sizes = np.diff(firsts)
        paragraphs = steps.cumsum()
        titles = (order < len(fields)).nonzero()[0][::2]
        return Units(
            np.arange(len(sizes)).repeat(sizes),
            paragraphs.repeat(sizes),
            list(zip(titles.tolist(), paragraphs.take(titles).tolist(), strict=True)),
        )

    def _gaps(self, starts: Places, ends: Places) -> Places:
        """What the signs between words say (`_read`); those of most gaps fit into one number, which is remembered."""
        sizes = ends - starts
        numbers = np.zeros(len(starts), np.int64)
        for place in range(min(_SHORT, int(sizes.max(initial=0)))):
            letters = self.letters.take(starts + place, mode="clip").astype(np.int64)
            letters[place >= sizes] = 0xFF
            numbers = numbers << 8 | letters
        numbers |= np.minimum(sizes, _SHORT + 1) << (8 * _SHORT)
        found: list[int | None] = list(map(_READ.get, numbers.tolist()))
        if None in found:  # a longer gap, or a new one
            for at, known in enumerate(found):
                if known is None:
                    found[at] = answer = _read(self.codes[starts[at] : ends[at]])
                    if sizes[at] <= _SHORT and len(_READ) < _MOST_READ:
                        _READ[numbers.item(at)] = answer
        return np.array(found, np.int64)

    def _ended(self, tokens: Places) -> NDArray[np.bool_]:
        """Whether a stop before each of some tokens ends a sentence: not before a small letter, nor behind an
        abbreviation or a single letter.
        """
        before, places = self.starts.take(tokens - 1), self.starts.take(tokens)
        lengths, numbers = self.ends.take(tokens - 1) - before, self.numbers.take(tokens - 1)
        is_short = (lengths == 1) | (_SHORTENED.take(_SHORTENED.searchsorted(numbers), mode="clip") == numbers)
        if self.initials:
            is_short |= np.isin(before, self.initials)
        ended = np.ones(len(tokens), np.bool_)
        for at in is_short.nonzero()[0].tolist():
            ended[at] = read_stop(". ", self.word(tokens.item(at) - 1), begins_low=False)[1]
        begun = (ended & (self.letters.take(places) >= FIRST_OTHER)).nonzero()[0]
        low = list(map(is_low, self._written(places.take(begun).tolist())))
        ended[begun[low]] = False
        return ended

    def _written(self, places: list[int]) -> Iterator[str]:
        """The letters at some places of texts, in order, each in its own capitals."""
        text, base, end = "", 0, 0
        where: Places | None = None
        for place in places:
            if place >= end:
                at = bisect_right(self.bounds, place) - 1
                drawn, base, end = self.drawn[at], *self.bounds[at : at + 2]
                text, where = drawn.joined, None
                if drawn.folded is not None:
                    text, base = drawn.folded[1].cased, base + 1 + drawn.titles + len(BETWEEN)
                elif len(drawn.raw) != end - base:
                    where = (np.frombuffer(drawn.raw, np.uint8) < DELETED).nonzero()[0]
            yield text[place - base if where is None else where.item(place - base)]


def sheets(articles: Iterable[Fields]) -> Iterator[Sheet]:
    """Scan articles in their order, several at once while they are short."""
    waiting: list[Fields] = []
    size = 0
    for fields in articles:
        letters = len(fields.title) + len(fields.text)
        if waiting and size + letters > ROOM:
            yield Sheet(waiting)
            waiting, size = [], 0
        waiting.append(fields)
        size += letters
    if waiting:
        yield Sheet(waiting)


@lru_cache(maxsize=4096)
def is_low(letter: str) -> bool:
    """Whether a letter, folded but for its case, is written small."""
    return fold(letter).cased.islower()


def _numbers_of(words: Sequence[str]) -> Numbers:
    """The numbers that words have as tokens."""
    codes, _ = code_folded(" ".join(words))
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = (lengths + 1).cumsum() - lengths - 1
    return tokens_of(np.frombuffer(codes, np.uint8), starts, starts + lengths, None)


_SHORTENED = np.sort(_numbers_of(sorted(ABBREVIATIONS)))

_IS_END, _IS_BLANK, _ASK = 1, 2, 4
_SHORT = 4
_MOST_READ = 1 << 14
_READ: dict[int, int] = {}
"""What gaps of up to `_SHORT` signs say, by their size and their signs."""


def _read(codes: bytes) -> int:
    """What the signs between two words say: that a sentence ends, a paragraph too; or that words must be asked."""
    _, is_end, is_blank = read_gap(decode(codes))
    return _ASK if is_end is None else is_end * _IS_END | is_blank * _IS_BLANK


def _join(codes: bytes, kinds: Codes, joints: list[int]) -> list[int]:
    """Let signs between letters join a token (don't, 1,000, U.S.) as `tokens.TOKEN` does: give them a kind.

    Returns where the tokens with stops begin.
    """
    done, joined, initials = 0, -1, []
    for place in joints:
        if place < done:
            continue
        before = codes[place - 1]
        if codes[place] == APOSTROPHE:
            if (
                before >= FIRST_OTHER
                and codes[place + 1] >= FIRST_OTHER
                and CJK_ANY not in (before, codes[place + 1])
            ):
                kinds[place] = 2
                joined = place
            continue
        start = place - 1
        if DIGITS[0] <= before <= DIGITS[1]:
            while DIGITS[0] <= codes[start - 1] <= DIGITS[1]:
                start -= 1
            is_inside = start - 1 == joined or FIRST_OTHER <= codes[start - 1] != CJK_ANY
            found, kind = None if is_inside else _NUMBER.match(codes, start), 2
        else:
            is_inside = start - 1 == joined or codes[start - 1] >= FIRST_ARABIC
            found, kind = None if is_inside else _INITIALS.match(codes, start), _JOINED
        if found is not None:
            kinds[start : found.end()] = kind
            done = found.end() + 1
            if kind == _JOINED:
                initials.append(start)
    return initials
