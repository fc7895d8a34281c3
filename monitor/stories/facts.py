"""Read from an article the facts by which two tellings of one event agree and two events differ. Pure.

Numbers, days and names, in every language. A name is a word with a capital inside a sentence; where a script has no
capitals, a word of the headline that the text says too. Subjects are the names that stand in the headline or are said
twice. All but days come as hashes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.stories.hashing import MOST_LETTERS, Hasher, Hashes, are_first, in_order
from monitor.stories.lexicon import COMMON, FIRST, MONTHS, NUMBERS, WEEKDAYS
from monitor.text.fastfold import Letters, fold_letters
from monitor.text.fold import DO_CHASHMI
from monitor.text.letters import Codes, Cut, Places, cut, cut_letters, decode, is_digit

SHORT = 5
"""A text of fewer words says too little alone: its title's words are taken with it."""

LEAD = 20
"""Words of a text in which it says what happened."""

ROOM = 1 << 15
"""Letters of articles that are read as one, unless a single one has more."""

_LEAST_NAME = 3
_IDEOGRAPHS = 0x2E80
_LAST = 0xFFFF
_DATELINE = 60
_LONGEST_CREDIT = 120
_CREDIT = re.compile(r"(?:\n\n[^\n]*|\([^()\n]*\))\W*\Z")
_SPACE = ord(" ")
_LONGEST_FIGURE = 15
_FIRST_YEAR, _LAST_YEAR = 1900, 2099

V = TypeVar("V")


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What an article says.

    `key` is the same for equal texts. `words` are those of title and text in order, `distinct` the same sorted and
    once, `title` and `text` those of each, `told` those of the text without a credit at its end, `lead` the first of
    these without a dateline. `numbers` leave out years and dates; `days` are weekdays (1 to 7) and dates (100 x month
    + day). `subjects` are what it is about, `names` the words with capitals in the lead, `themes` subjects and all
    names.
    """

    key: str
    words: Hashes
    distinct: Hashes
    title: Hashes
    text: Hashes
    told: Hashes
    lead: Sequence[int]
    numbers: frozenset[int]
    days: frozenset[int]
    subjects: frozenset[int]
    names: frozenset[int]
    themes: frozenset[int]


class Reader:
    """Reads articles under one hasher; knows the hashes of the words that date and count."""

    def __init__(self, hasher: Hasher) -> None:
        self.hasher = hasher
        self._weekdays = self._by_hash(WEEKDAYS)
        self._months = self._by_hash(MONTHS)
        self._numbers = self._by_hash(NUMBERS)
        (self._first,) = self._by_hash({FIRST: True})
        telling = {*self._weekdays, *self._months, *self._numbers}
        self._may_tell = np.zeros(1 << 16, bool)  # by the low bits of a hash
        self._may_tell[[word & 0xFFFF for word in telling]] = True
        self._nameless = telling.union(self._by_hash(dict.fromkeys(COMMON, True)))

    def _by_hash(self, words: Mapping[str, V]) -> dict[int, V]:
        return dict(zip(self.hasher.words(cut(" ".join(words))).tolist(), words.values(), strict=True))

    def read(self, articles: Sequence[tuple[str, str]]) -> Iterator[Facts]:
        """Fold articles, each a title and a text, cut them into words and find their facts, several at once."""
        waiting: list[tuple[str, str]] = []
        size = 0
        for title, text in articles:
            if waiting and size + len(title) + len(text) > ROOM:
                yield from map(self._read, self._pages(waiting))
                waiting, size = [], 0
            waiting.append((title, text))
            size += len(title) + len(text)
        if waiting:
            yield from map(self._read, self._pages(waiting))

    def _pages(self, articles: Sequence[tuple[str, str]]) -> Iterator[_Page]:
        """Articles folded, cut and hashed as one, parted by NULs."""
        joined = "\0".join([field for article in articles for field in article])
        letters = fold_letters(joined)
        borders = (letters.folded == 0).nonzero()[0].tolist()
        if len(articles) == 1:
            del borders[1:]  # the others are in its text, or what seems so
        elif len(borders) != 2 * len(articles) - 1 or DO_CHASHMI in joined:  # which is read by the text around it
            for article in articles:
                yield from self._pages([article])
            return
        words = cut_letters(letters.folded)
        hashes = self.hasher.words(words)
        starts = words.starts[: len(hashes)]
        initials = letters.folded.take(starts)
        bounds = [-1, *borders, len(letters.folded)]
        firsts = [min(place, len(hashes)) for place in words.starts.searchsorted(bounds).tolist()]

        def parted(places: Places) -> list[list[tuple[int, int]]]:
            """The words at places, each with its hash: those of the first title, of its text, and so on."""
            if not len(places):
                return [[]] * (len(firsts) - 1)
            found = list(zip(places.tolist(), hashes.take(places).tolist(), strict=True))
            ends = [bisect_left(found, (first, 0)) for first in firsts]
            return [found[start:end] for start, end in pairwise(ends)]

        named = parted(_named(letters, words, starts))
        may_tell = self._may_tell.take(hashes.view(np.int64) & 0xFFFF)
        may_tell |= is_digit(initials)
        telling = parted(may_tell.nonzero()[0])
        for title in range(0, 2 * len(articles), 2):
            yield _Page(
                words=words,
                hashes=hashes,
                letters=(bounds[title] + 1, bounds[title + 1], bounds[title + 2]),
                opening=firsts[title],
                first=firsts[title + 1],
                last=firsts[title + 2],
                named=[word for _, word in named[title + 1]],
                initials=initials,
                telling=[*telling[title], *telling[title + 1]],
            )

    def _read(self, page: _Page) -> Facts:
        told = page.body[: page.told]
        lead = told[page.skipped :][:LEAD].tolist()
        capitals = Counter(page.named)
        names = {*capitals} - self._nameless
        in_title = page.title.tolist()
        subjects = {name for name in names if capitals[name] > 1 or name in in_title}
        ordered = in_order(page.whole)
        is_first = are_first(ordered)
        if len(uncased := page.uncased()):
            counts = ordered.searchsorted(uncased, side="right") - ordered.searchsorted(uncased)
            subjects |= {*uncased[counts > 1].tolist()} - self._nameless
        days, dated, counted = self._days_and_counts(page)
        return Facts(
            key=page.key,
            words=page.whole,
            distinct=ordered[is_first],
            title=page.title,
            text=page.body,
            told=told,
            lead=lead,
            numbers=frozenset(map(self.hasher.number, counted.union(self._figures(page, dated)))),
            days=days,
            subjects=frozenset(subjects),
            names=frozenset(names.intersection(lead)),
            themes=frozenset(names | subjects),
        )

    def _days_and_counts(self, page: _Page) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """Weekdays and dates, the places of figures that are part of a date, and the numbers that are words."""
        days, dated, counted = set(), set(), set()
        for place, word in page.telling:
            if word in self._weekdays:
                days.add(self._weekdays[word])
            elif word in self._numbers:
                counted.add(_number(self._numbers[word], 0))
            elif word in self._months:
                follows = int(page.hashes[place + 1]) if place + 1 < page.last else 0
                month = self._months[word][follows != self._first]
                for beside in (place - 1, place + 1):
                    figure = page.word(beside) if page.opening <= beside < page.last else ""
                    if figure.isdecimal() and len(figure) <= 2 and 1 <= int(figure) <= 31:
                        days.add(100 * month + int(figure))
                        dated.add(beside)
        return frozenset(days), frozenset(dated), frozenset(counted)

    def _figures(self, page: _Page, dated: frozenset[int]) -> Iterator[int]:
        """The numbers written in figures: 1,400 is 1400; neither years nor dates such as 24.11.2026."""
        for place, _ in page.telling:
            word = page.word(place)
            whole, _, decimals = word.replace(",", "").replace(":", ".").partition(".")
            digits = whole + decimals
            is_figure = "0" <= word[0] <= "9" and digits.isdecimal() and len(digits) <= _LONGEST_FIGURE
            if place in dated or not is_figure:
                continue
            if not decimals and len(whole) == 4 and _FIRST_YEAR <= int(whole) <= _LAST_YEAR:
                continue
            yield _number(int(digits), len(decimals))


def _number(digits: int, decimals: int) -> int:
    """One for each number, so that 64 and 6.4 are two."""
    return 16 * digits + decimals


def _named(letters: Letters, words: Cut, starts: Places) -> Places:
    """Which words begin with a capital and stand inside a sentence."""
    places = letters.are_capitals(starts).nonzero()[0]
    places = places[places > 0]
    if not len(places):
        return places
    after = words.ends[places - 1]
    gap, mark = starts[places] - after, words.letters[after]
    is_inside = (gap == 1) & (mark == _SPACE)
    is_inside |= (gap == 2) & _may_stand_before_a_name().take(mark, mode="clip")
    named: Places = places[is_inside]
    return named


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Page:
    """One of several articles that are folded, cut and hashed as one.

    `letters` are the places where it begins, where its title ends and where its text ends; `opening`, `first` and
    `last` the same in words. `named` are hashes of words of the text that may be names, `telling` are places of words
    that may date or count and of all that begin with a digit, each with its hash. `initials` begin all words.
    """

    words: Cut
    hashes: Hashes
    letters: tuple[int, int, int]
    opening: int
    first: int
    last: int
    named: list[int]
    initials: Codes
    telling: list[tuple[int, int]]

    @property
    def title(self) -> Hashes:
        return self.hashes[self.opening : self.first]

    @property
    def body(self) -> Hashes:
        return self.hashes[self.first : self.last]

    @property
    def whole(self) -> Hashes:
        return self.hashes[self.opening : self.last]

    def uncased(self) -> Hashes:
        """The words of the title that may be names in a script without capitals."""
        title = slice(self.opening, self.first)
        initials, lengths = self.initials[title], self.words.ends[title] - self.words.starts[title]
        may_be = (lengths >= _LEAST_NAME) | (initials >= _IDEOGRAPHS)
        may_be &= _without_case().take(initials, mode="clip")
        return self.title[may_be]

    def word(self, place: int) -> str:
        return decode(self.words.letters[self.words.starts[place] : self.words.ends[place]])

    @property
    def key(self) -> str:
        """20 hexadecimal digits that texts of the same words share; those of a short text with its title's."""
        hashes = self.body if len(self.body) >= SHORT else self.whole
        if not len(hashes):
            return ""
        known = sha256(hashes.tobytes())
        if len(self.words.letters) > MOST_LETTERS:  # an endless text
            known.update(self.words.letters[MOST_LETTERS:].tobytes())
        return known.hexdigest()[:20]

    @property
    def told(self) -> int:
        """Words of the text before a short last paragraph or brackets at the end, which say who wrote or sells it."""
        begin, _, end = self.letters
        count = self.last - self.first
        tail = decode(self.words.letters[max(begin, end - _LONGEST_CREDIT) : end])
        credit = _CREDIT.search(tail)
        if credit is None:
            return count
        before = int(self.words.starts.searchsorted(end - len(tail) + credit.start())) - self.first
        return before if 2 * before > count else count

    @property
    def skipped(self) -> int:
        """Words of a dateline, such as "SARVAN (Reuters) - "."""
        _, border, end = self.letters
        dash = decode(self.words.letters[border : min(border + _DATELINE, end)]).find(" - ")
        return 0 if dash < 0 else int(self.words.starts.searchsorted(border + dash)) - self.first


@cache
def _may_stand_before_a_name() -> NDArray[np.bool_]:
    """Which marks end no sentence, by code point; the last stands for all beyond."""
    return np.array([chr(code) in "%'),:;-" for code in range(128)])


@cache
def _without_case() -> NDArray[np.bool_]:
    """Which code points of the basic plane are letters without upper and lower case."""
    letters = map(chr, range(_LAST + 1))
    return np.array([letter.isalpha() and letter.upper() == letter.lower() for letter in letters])
