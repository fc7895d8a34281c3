"""Read from an article the facts by which two tellings of one event agree and two events differ. Pure.

Numbers, days and names, in every language. A name is a word with a capital inside a sentence; where a script has no
capitals, a word of the headline that the text says too. Subjects are the names that stand in the headline or are said
twice. All but days come as hashes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.stories.hashing import MOST_LETTERS, Hasher, Hashes, are_among, in_order
from monitor.stories.lexicon import COMMON, FIRST, MONTHS, NUMBERS, WEEKDAYS
from monitor.text.fold import Folded, fold
from monitor.text.letters import Cut, codes, cut, is_digit

SHORT = 5
"""A text of fewer words says too little alone: its title's words are taken with it."""

LEAD = 20
"""Words of a text in which it says what happened."""

_LEAST_NAME = 3
_IDEOGRAPHS = 0x2E80
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

    `key` is the same for equal texts. `words` are those of title and text in order, `ordered` the same sorted,
    `title` and `text` those of each, `told` those of the text without a credit at its end, `lead` the first of these
    without a dateline. `numbers` leave out years and dates; `days` are weekdays (1 to 7) and dates (100 x month +
    day). `subjects` are what it is about, `names` the words with capitals in the lead, `themes` subjects and all
    names.
    """

    key: str
    words: Hashes
    ordered: Hashes
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
        self._telling = np.array(sorted(telling), np.uint64)
        self._nameless = telling.union(self._by_hash(dict.fromkeys(COMMON, True)))

    def _by_hash(self, words: Mapping[str, V]) -> dict[int, V]:
        return dict(zip(self.hasher.words(cut(" ".join(words))).tolist(), words.values(), strict=True))

    def read(self, title: str, text: str) -> Facts:
        """Fold an article, cut it into words and find its facts."""
        page = _Page.of(title, text, self.hasher)
        told = page.body[: page.told]
        lead = told[page.skipped :][:LEAD].tolist()
        capitals = Counter(page.body[page.have_capitals()].tolist())
        names = capitals.keys() - self._nameless
        in_title = frozenset(page.title.tolist())
        subjects = {name for name in names if capitals[name] > 1 or name in in_title}
        ordered = in_order(page.hashes)
        subjects.update(set(_again(page.title[page.have_no_case()], ordered)) - self._nameless)
        days, dated, counted = self._days_and_counts(page, ordered)
        return Facts(
            key=page.key,
            words=page.hashes,
            ordered=ordered,
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

    def _days_and_counts(self, page: _Page, ordered: Hashes) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """Weekdays and dates, the places of figures that are part of a date, and the numbers that are words."""
        days, dated, counted = set(), set(), set()
        found = self._telling[are_among(self._telling, ordered)] if len(ordered) else ordered
        places = are_among(page.hashes, found).nonzero()[0].tolist() if len(found) else []
        for place in places:
            word = int(page.hashes[place])
            if word in self._weekdays:
                days.add(self._weekdays[word])
            elif word in self._numbers:
                counted.add(_number(self._numbers[word], 0))
            else:
                follows = int(page.hashes[place + 1]) if place + 1 < len(page.hashes) else 0
                month = self._months[word][follows != self._first]
                for beside in (place - 1, place + 1):
                    figure = page.word(beside) if 0 <= beside < len(page.hashes) else ""
                    if figure.isdecimal() and len(figure) <= 2 and 1 <= int(figure) <= 31:
                        days.add(100 * month + int(figure))
                        dated.add(beside)
        return frozenset(days), frozenset(dated), frozenset(counted)

    def _figures(self, page: _Page, dated: frozenset[int]) -> Iterator[int]:
        """The numbers written in figures: 1,400 is 1400; neither years nor dates such as 24.11.2026."""
        for place in is_digit(page.words.letters[page.words.starts[: len(page.hashes)]]).nonzero()[0].tolist():
            whole, _, decimals = page.word(place).replace(",", "").replace(":", ".").partition(".")
            digits = whole + decimals
            if place in dated or not digits.isdecimal() or len(digits) > _LONGEST_FIGURE:
                continue
            if not decimals and len(whole) == 4 and _FIRST_YEAR <= int(whole) <= _LAST_YEAR:
                continue
            yield _number(int(digits), len(decimals))


def _number(digits: int, decimals: int) -> int:
    """One for each number, so that 64 and 6.4 are two."""
    return 16 * digits + decimals


def _again(hashes: Hashes, ordered: Hashes) -> list[int]:
    """Those of some hashes that come more than once among all, which are sorted."""
    nexts = ordered.searchsorted(hashes) + 1
    is_again = (ordered.take(nexts, mode="clip") == hashes) & (nexts < len(ordered))
    again: list[int] = hashes[is_again].tolist()
    return again


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """An article folded, cut and hashed as one: title, a NUL at `border`, text from word `first` on."""

    folded: Folded
    words: Cut
    hashes: Hashes
    border: int
    first: int

    @classmethod
    def of(cls, title: str, text: str, hasher: Hasher) -> _Page:
        folded = fold(f"{title}\0{text}")
        words = cut(folded.text)
        border = folded.text.index("\0")
        return cls(folded, words, hasher.words(words), border, int(words.starts.searchsorted(border)))

    @property
    def title(self) -> Hashes:
        return self.hashes[: self.first]

    @property
    def body(self) -> Hashes:
        return self.hashes[self.first :]

    def word(self, place: int) -> str:
        return self.folded.text[self.words.starts[place] : self.words.ends[place]]

    @property
    def key(self) -> str:
        """20 hexadecimal digits that texts of the same words share; those of a short text with its title's."""
        hashes = self.body if len(self.body) >= SHORT else self.hashes
        beyond = self.words.letters[MOST_LETTERS:].tobytes()  # nothing, but in an endless text
        return sha256(hashes.tobytes() + beyond).hexdigest()[:20] if len(hashes) else ""

    @property
    def told(self) -> int:
        """Words of the text before a short last paragraph or brackets at the end, which say who wrote or sells it."""
        count = len(self.words) - self.first
        credit = _CREDIT.search(self.folded.text, max(0, len(self.folded.text) - _LONGEST_CREDIT))
        if credit is None:
            return count
        before = int(self.words.starts.searchsorted(credit.start())) - self.first
        return before if 2 * before > count else count

    @property
    def skipped(self) -> int:
        """Words of a dateline, such as "SARVAN (Reuters) - "."""
        dash = self.folded.text.find(" - ", self.border, self.border + _DATELINE)
        return 0 if dash < 0 else int(self.words.starts.searchsorted(dash)) - self.first

    def have_capitals(self) -> NDArray[np.bool_]:
        """Which words of the text begin with a capital and stand inside a sentence."""
        found = np.zeros(len(self.hashes), bool)
        if len(found) and self.folded.cased != self.folded.text:
            cased, letters = codes(self.folded.cased), self.words.letters
            starts, after = self.words.starts[1 : len(found)], self.words.ends[: len(found) - 1]
            gap, mark = starts - after, letters[after]
            is_inside = (gap == 1) & (mark == _SPACE)
            is_inside |= (gap == 2) & _may_stand_before_a_name().take(mark, mode="clip")
            found[1:] = is_inside & (cased[starts] != letters[starts])
        return found[self.first :]

    def have_no_case(self) -> NDArray[np.bool_]:
        """Which words of the title may be names in a script without capitals."""
        starts = self.words.starts[: len(self.title)]
        letters = self.words.letters[starts]
        is_long = (self.words.ends[: len(starts)] - starts >= _LEAST_NAME) | (letters >= _IDEOGRAPHS)
        return _without_case().take(letters, mode="clip") & is_long


@cache
def _may_stand_before_a_name() -> NDArray[np.bool_]:
    """Which marks end no sentence, by code point; the last stands for all beyond."""
    return np.array([chr(code) in "%'),:;-" for code in range(128)])


@cache
def _without_case() -> NDArray[np.bool_]:
    """Which code points of the basic plane are letters without upper and lower case."""
    letters = map(chr, range(0x10000))
    return np.array([letter.isalpha() and letter.upper() == letter.lower() for letter in letters])
